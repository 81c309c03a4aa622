"""One line through the whole cluster: a record on its topic becomes a row of a view, by real processes, broker and database."""

from pathlib import Path

import pytest

from tests.hub.cities import city_items
from tests.runtimes.cluster.processes import Cluster, running
from tests.services.postgres import PostgresServer


@pytest.fixture
def cluster(tmp_path: Path, kafka: str, postgres: PostgresServer) -> Cluster:
    """A cluster whose views stand in a database of their own."""
    return Cluster(tmp_path, kafka, postgres.create(), views=postgres.create(), prefix=f"{tmp_path.name}.")


def test_a_record_on_its_topic_becomes_a_row_of_a_view(cluster: Cluster) -> None:
    items = city_items(12, 5)
    with running(cluster):
        cluster.make_topics()
        cluster.start("worker")
        assert cluster.produce(items) == len(items)
        cluster.wait_for("the cases", lambda: len(cluster.hub.list_cases(everything=True)) > 0)

        cluster.wait_for("all records to be taken", lambda: cluster.taken() == len(items))
        cluster.wait_for("all events to be relayed", lambda: cluster.relayed() == cluster.heads())
        cluster.wait_for("all events to be folded", cluster.is_folded)
        assert cluster.stop() == [0], cluster.logs()
        sources = {source.key for case in cluster.hub.list_cases(everything=True) for source in case.sources}
        assert {item.record.key_base or item.record.key for item in items if item.record is not None} >= sources
        assert [each.agrees for each in cluster.hub.projector.verify()] == [True] * len(
            cluster.hub.projector.projections
        )

"""The doctor names the partition that stands still, how much waits in it and what to do; and it is not taken in by a burst."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka.errors import KafkaTimeoutError

from santiao.runtimes.doctor.bus import examine_bus
from santiao.runtimes.doctor.finding import Finding
from santiao.runtimes.kafka.offsets import EndOffsets
from santiao.runtimes.kafka.topics import unreachable
from tests.hub.cities import city_items
from tests.runtimes.cluster.processes import Cluster, running
from tests.services.postgres import PostgresServer


@pytest.fixture
def cluster(tmp_path: Path, kafka: str, postgres: PostgresServer) -> Iterator[Cluster]:
    with running(Cluster(tmp_path, kafka, postgres.create(), prefix=f"{tmp_path.name}.")) as made:
        yield made


def findings(cluster: Cluster) -> dict[str, Finding]:
    """What the doctor finds about the bus, by what it looked at."""
    ends = EndOffsets(cluster.settings.kafka, cluster.names.records)
    try:
        found = examine_bus(cluster.hub.database, cluster.names.records, cluster.names.events, ends)
        return {each.what: each for each in found}
    finally:
        ends.close()


def test_topics_that_are_missing_are_told_with_the_command_that_makes_them(cluster: Cluster) -> None:
    (found,) = findings(cluster).values()
    assert not found.is_good
    assert cluster.names.records in found.why
    assert "santiao topics create" in found.mend


def test_brokers_that_do_not_answer_are_told(cluster: Cluster) -> None:
    def silent() -> dict[int, int]:
        raise unreachable(KafkaTimeoutError())

    (found,) = examine_bus(cluster.hub.database, cluster.names.records, cluster.names.events, silent)
    assert (found.what, found.is_good) == ("kafka", False)
    assert "SANTIAO_KAFKA" in found.mend


def test_a_partition_that_nobody_reads_and_a_relay_that_does_not_run(cluster: Cluster) -> None:
    items = city_items(6, 5)
    cluster.make_topics()
    assert all(each.is_good for each in findings(cluster).values())
    assert cluster.produce(items) == len(items)
    waiting = findings(cluster)[f"partition {cluster.names.records}/{3403 % cluster.partitions}"]
    assert not waiting.is_good
    assert waiting.why == f"{len(items)} messages wait and none is taken; none ever was"
    assert "--only receive" in waiting.mend

    cluster.start("worker", "--only", "receive")
    cluster.wait_for("all records to be taken", lambda: cluster.taken() == len(items))
    told = findings(cluster)
    assert told["partitions of records"].is_good
    relay = told["relay of shard 3403"]
    assert not relay.is_good
    assert f"{cluster.heads()[3403]} events are not published" in relay.why
    assert "--only relay" in relay.mend

    cluster.start("worker", "--only", "relay")
    cluster.wait_for("all events to be relayed", lambda: cluster.relayed() == cluster.heads())
    assert all(each.is_good for each in findings(cluster).values())


def test_what_moves_between_two_looks_is_no_fault(cluster: Cluster) -> None:
    items = city_items(6, 5)
    cluster.make_topics()
    cluster.produce(items)
    worker: list[object] = []

    def work(_seconds: float) -> None:
        """Between the looks the worker gets going."""
        if not worker:
            worker.append(cluster.start("worker", "--only", "receive"))
            cluster.wait_for("something to be taken", lambda: cluster.taken() > 0)

    ends = EndOffsets(cluster.settings.kafka, cluster.names.records)
    told = list(examine_bus(cluster.hub.database, cluster.names.records, cluster.names.events, ends, pause=work))
    ends.close()
    assert told[0].what == "partitions of records"
    assert told[0].is_good

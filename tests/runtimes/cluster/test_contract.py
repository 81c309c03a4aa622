"""The cluster runtime keeps the contract of runtimes, while workers come and go."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from santiao.domain.errors import InvalidRecord
from santiao.domain.messages import Delivered
from tests.chaos.aftermath import read
from tests.runtimes.cluster.processes import Cluster, running
from tests.runtimes.contract import RuntimeContract, RuntimeUnderTest
from tests.services.postgres import PostgresServer


class Clustered:
    """Two receiving workers, one that projects, one that relays; disturbed, one is killed and one told to end, and others come."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.hub = cluster.hub
        self.home = cluster.home
        for role in ("receive", "receive", "project", "relay"):
            cluster.start("worker", "--only", role)

    def deliver(self, items: Sequence[Delivered]) -> None:
        self.cluster.produce(items)

    def disturb(self) -> None:
        self.cluster.wait_for("some records to be taken", lambda: self.cluster.taken() > 0)
        self.cluster.processes[0].kill()
        self.cluster.start("worker", "--only", "receive")
        self.cluster.processes[1].terminate()
        self.cluster.start("worker", "--only", "receive")

    def settle(self) -> None:
        cluster = self.cluster
        cluster.wait_for("every record to be taken", lambda: cluster.taken() == cluster.ends())
        cluster.wait_for("every event to be relayed", lambda: cluster.relayed() == cluster.heads())
        cluster.wait_for("every event to be folded", cluster.is_folded)

    def recorded(self) -> Iterator[Delivered]:
        for message in read(self.cluster, self.cluster.names.records):
            (opened,) = self.cluster.form.open([(message.value, message.headers)])
            assert not isinstance(opened, InvalidRecord)
            yield opened


class TestCluster(RuntimeContract):
    """The contract, on Kafka, Faust and PostgreSQL."""

    @pytest.fixture
    def runtime(self, tmp_path: Path, kafka: str, postgres: PostgresServer) -> Iterator[RuntimeUnderTest]:
        home = tmp_path / "home"
        made = Cluster(
            home, kafka, postgres.create(), views=postgres.create(), prefix=f"{tmp_path.name}.", partitions=6
        )
        with running(made) as cluster:
            cluster.make_topics()
            yield Clustered(cluster)

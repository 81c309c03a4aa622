"""A cluster for a test: topics under a prefix of its own, databases of its own, and real `santiao` processes on them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from santiao.bootstrap import Hub
from santiao.domain.errors import Conflict, StoreFailure
from santiao.domain.messages import Delivered
from santiao.runtimes.kafka.offsets import EndOffsets
from santiao.runtimes.kafka.producing import Producer
from santiao.runtimes.kafka.record_form import RecordForm
from santiao.runtimes.kafka.relay import read_relayed
from santiao.runtimes.kafka.topics import TopicKeeper, TopicNames, partition_of, plan_topics
from santiao.schemas.single_object import SingleObjectCodec
from santiao.settings import Settings
from santiao.store.resources import resource_dir

_START = "from santiao.cli import main; main()"
_PATIENCE_SECONDS = 180.0


class Cluster:
    """Settings, topics, and the processes started on them."""

    def __init__(
        self,
        home: Path,
        kafka: str,
        store: str,
        *,
        views: str = "",
        keys: str = "",
        prefix: str = "",
        partitions: int = 3,
        **further: Any,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.patience_seconds = _PATIENCE_SECONDS
        self.partitions = partitions
        self.names = TopicNames(prefix)
        self.settings = Settings(
            home=home,
            store_url=store,
            views_url=views,
            keys_url=keys,
            kafka=kafka,
            topic_prefix=prefix,
            metrics_port=0,
            stop_seconds=20.0,
            **further,
        )
        self.processes: list[subprocess.Popen[bytes]] = []
        self.hub = Hub(self.settings)
        self.hub.projector.prepare()
        self.form = RecordForm(SingleObjectCodec(resource_dir("schemas")), self.hub.keys)
        self._producer: Producer | None = None
        self._ends: EndOffsets | None = None

    def make_topics(self, replication: int = 1) -> None:
        """The three topics."""
        keeper = TopicKeeper(self.settings.kafka)
        keeper.ensure(plan_topics(self.names, self.partitions, replication))
        keeper.close()

    @property
    def environment(self) -> dict[str, str]:
        """What a process of this cluster is told."""
        told = {name: str(value) for name, value in vars_of(self.settings).items()}
        return {**os.environ, **told}

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start `santiao` with these words; its log goes to a file in the home."""
        with (self.home / f"process-{len(self.processes)}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", _START, *words], env=self.environment, stdout=log, stderr=log, cwd=self.home
            )
        self.processes.append(process)
        return process

    def produce(self, items: Sequence[Delivered], *, chunk: int = 500) -> int:
        """Send items to the topic of records as a connector does; how many messages."""
        producer = self.producer()
        sent = 0
        for start in range(0, len(items), chunk):
            for each in self.form.seal(items[start : start + chunk]):
                partition = partition_of(each.shard, self.partitions)
                producer.send(self.names.records, partition, each.key, each.value, each.headers)
            sent += producer.confirm()
        return sent

    def producer(self) -> Producer:
        """What sends as a connector does."""
        if self._producer is None:
            self._producer = Producer(self.settings.kafka, "test")
        return self._producer

    def offsets(self) -> dict[int, int]:
        """Where the hub stands on the topic of records."""
        query = "SELECT partition, next_offset FROM offsets WHERE topic = %s"
        with self.hub.database.readable() as connection:
            rows = connection.exec_driver_sql(query, (self.names.records,))
            return {row.partition: row.next_offset for row in rows}

    def ends(self) -> int:
        """How many messages stand on the topic of records."""
        if self._ends is None:
            self._ends = EndOffsets(self.settings.kafka, self.names.records)
        return sum(self._ends().values())

    def taken(self) -> int:
        """How many messages of the topic of records the hub has consumed."""
        return sum(self.offsets().values())

    def heads(self) -> dict[int, int]:
        """The last position of every shard."""
        with self.hub.database.readable() as connection:
            return self.hub.engine.log.shards(connection)

    def relayed(self) -> dict[int, int]:
        """The last position of every shard that is on the topic of events."""
        return read_relayed(self.hub.database, self.names.events)

    def is_folded(self) -> bool:
        """Whether every view stands at the log's end."""
        heads = self.heads()
        return all(state.positions == heads for state in self.hub.projector.states())

    def wait_for(self, what: str, is_so: Callable[[], object]) -> None:
        """Wait until it is so; with the processes' logs where it does not become so."""
        until = time.monotonic() + self.patience_seconds
        while time.monotonic() < until:
            with contextlib.suppress(StoreFailure, Conflict):
                if is_so():
                    return
            time.sleep(0.05)
        raise AssertionError(f"waited in vain for {what}\n{self.logs()}")

    def logs(self) -> str:
        """The ends of all processes' logs."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-4000:]}"
            for path in sorted(self.home.glob("process-*.log"))
        )

    def logs_of(self, message: str) -> int:
        """How often a message stands in all processes' logs."""
        return sum(path.read_text(errors="replace").count(message) for path in self.home.glob("process-*.log"))

    def stop(self) -> list[int]:
        """SIGTERM to all that still run; their exit statuses."""
        for process in self.processes:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGCONT)
                    process.terminate()
        return [process.wait(60) for process in self.processes]

    def close(self) -> None:
        """Stop everything that is left."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        if self._producer is not None:
            self._producer.close()
        if self._ends is not None:
            self._ends.close()
        self.hub.close()


def vars_of(settings: Settings) -> dict[str, object]:
    """The settings that a process reads from its environment."""
    return {
        "SANTIAO_HOME": settings.home,
        "SANTIAO_STORE_URL": settings.store_url,
        "SANTIAO_VIEWS_URL": settings.views_url,
        "SANTIAO_KEYS_URL": settings.keys_url,
        "SANTIAO_KAFKA": settings.kafka,
        "SANTIAO_TOPIC_PREFIX": settings.topic_prefix,
        "SANTIAO_PORT": settings.port,
        "SANTIAO_SOURCES": " ".join(f"{name}={address}" for name, address in settings.sources.items()),
        "SANTIAO_METRICS_PORT": settings.metrics_port,
    }


@contextlib.contextmanager
def running(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster, stopped whatever happens."""
    try:
        yield cluster
    finally:
        cluster.close()

"""A real Apache Kafka on loopback: one broker for a run of tests, or a cluster of several that a test may kill one by one.

Found in this order: `SANTIAO_KAFKA` (bootstrap servers of a cluster on which topics may be made), else KRaft brokers of this
machine's own JDK from the Maven artifacts that `tools/components.py` brings. Every test makes topics under a prefix of its own.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.services.component import missing
from tools.components import KAFKA_JARS, has_kafka

MEND = "python -m tools.components (needs a JDK of 17 or later and Maven), or set SANTIAO_KAFKA"
_CLUSTER_ID = "c2FudGlhby10ZXN0cy0xMg"
_START_SECONDS = 60.0


class Broker:
    """One node, controller and broker in one; its data stays when it is killed, so that it can come back."""

    def __init__(self, number: int, port: int, controllers: Sequence[int], folder: Path) -> None:
        self.number = number
        self.address = f"127.0.0.1:{port}"
        self.folder = folder
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        voters = ",".join(f"{node}@127.0.0.1:{each}" for node, each in enumerate(controllers, start=1))
        replicas = min(3, len(controllers))
        folder.mkdir(parents=True)
        lines = {
            "process.roles": "broker,controller",
            "node.id": number,
            "controller.quorum.voters": voters,
            "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controllers[number - 1]}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": folder / "log",
            "num.partitions": 1,
            "offsets.topic.replication.factor": replicas,
            "offsets.topic.num.partitions": 3,
            "default.replication.factor": replicas,
            "auto.create.topics.enable": "false",
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            "broker.session.timeout.ms": 6000,
            "controlled.shutdown.enable": "true",
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": 1,
            "log.cleaner.enable": "false",
        }
        self._settings = folder / "server.properties"
        self._settings.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        (folder / "log4j.properties").write_text(
            "log4j.rootLogger=WARN, out\nlog4j.appender.out=org.apache.log4j.ConsoleAppender\n"
            "log4j.appender.out.layout=org.apache.log4j.PatternLayout\nlog4j.appender.out.layout.ConversionPattern=%d %p %m %c%n\n"
        )
        self._run("kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", str(self._settings))

    def _command(self, *arguments: str) -> list[str]:
        logs = f"-Dlog4j.configuration=file:{self.folder / 'log4j.properties'}"
        memory = ("-Xms96m", "-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        return ["java", *memory, logs, "-cp", f"{KAFKA_JARS}/*", *arguments]

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(self._command(*arguments), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{arguments[0]}: {done.stderr[-2000:]}")

    def start(self) -> None:
        """Start the node; `wait` tells when it answers."""
        with (self.folder / "out.log").open("ab") as out:
            self._process = subprocess.Popen(
                self._command("kafka.Kafka", str(self._settings)),
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Return once the node takes connections."""
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 1):
                return
            time.sleep(0.1)
        told = (self.folder / "out.log").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"broker {self.number} did not start: {told}")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the running node."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """`kill -9`; what it had not written is lost with it."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        if self._process is not None:
            self._process.wait()
            self._process = None


class KafkaCluster:
    """Brokers that know each other, started together."""

    def __init__(self, size: int, folder: Path) -> None:
        ports = _free_ports(2 * size)
        self.brokers = [Broker(n + 1, ports[n], ports[size:], folder / f"broker-{n + 1}") for n in range(size)]

    @property
    def bootstrap(self) -> str:
        """Bootstrap servers, comma between."""
        return ",".join(broker.address for broker in self.brokers)

    def start(self) -> None:
        for broker in self.brokers:
            broker.start()
        for broker in self.brokers:
            broker.wait()

    def stop(self) -> None:
        for broker in self.brokers:
            broker.kill()


def _free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def require_kafka() -> None:
    """End the test loudly when no broker can be run here."""
    if shutil.which("java") is None:
        missing("Kafka", "there is no Java on the PATH", MEND)
    if not has_kafka():
        missing("Kafka", f"its artifacts are not in {KAFKA_JARS}", MEND)


@contextlib.contextmanager
def running_cluster(size: int) -> Iterator[KafkaCluster]:
    """A cluster of one's own; loudly missing where none can be run."""
    require_kafka()
    with tempfile.TemporaryDirectory(prefix="santiao-kafka-") as folder:
        cluster = KafkaCluster(size, Path(folder))
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """Bootstrap servers of a Kafka that serves the whole run of this test process."""
    given = os.environ.get("SANTIAO_KAFKA")
    if given:
        yield given
        return
    with running_cluster(1) as cluster:
        yield cluster.bootstrap

"""Through Kafka and Faust: the rate of a backlog, from produced to queryable, and back to work after a kill. Real broker, real workers."""

import itertools
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.cluster.postgres import PostgresFigures
from bench.figures import Beside, Figure, at_least, at_most, told
from bench.intake import delivered
from bench.workshop import Tell
from santiao.domain.messages import Delivered
from santiao.hub.prepare import record_message_id
from santiao.runtimes.kafka.producing import Producer
from santiao.runtimes.kafka.topics import partition_of
from santiao.simulation.canonical import canonical_stream
from santiao.simulation.settings import SimulationSettings
from santiao.store import intake
from santiao.store.log import split_id
from tests.runtimes.cluster.processes import Cluster, running
from tests.services.postgres import PostgresServer

OF_DIRECT, P50_MS, P99_MS, RESTART_SECONDS = 0.8, 30.0, 150.0, 15.0
RATE = 200
_LOOK_SECONDS = 0.005


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """Where a record's time goes: the core (the hub's own CPU) and SQL as measured without Kafka; Faust and the forms are the rest."""

    faust_and_forms: float
    core: float
    sql: float


class KafkaFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A backlog's rate against intake without Kafka; milliseconds from produced to queryable; seconds from a kill to the next step."""

    records: int
    of_direct: Figure
    records_per_s: Figure
    shares: Shares
    p50: Figure
    p99: Figure
    restart: Figure


def measure_kafka(
    server: PostgresServer, brokers: str, direct: PostgresFigures, records: int, tell: Tell
) -> KafkaFigures:
    """Take a backlog of so many records, then records at an even rate, then one worker's death."""
    stream = canonical_stream(SimulationSettings(disputes=max(50, records), seed=1))
    items = [delivered(record) for record in itertools.islice(stream, records)]
    later = [delivered(record) for record in itertools.islice(stream, 10 * RATE)]
    with _cluster(server, brokers) as cluster:
        tell(f"  a backlog of {records:,} records through an empty agent, then through a worker")
        cluster.produce(items)
        empty = _empty_agent(brokers, cluster.names.records, len(items))
        spent, taken = _drain(cluster, len(items))
        tell("  a worker is killed")
        restart = _restart(cluster, later[: 2 * RATE], len(items))
        tell(f"  {RATE} records a second, from produced to queryable")
        waits = _freshness(cluster, later[2 * RATE :])
    rate = taken / spent
    of_direct = rate / direct.records_per_s.value
    return KafkaFigures(
        records=len(items),
        of_direct=at_least(of_direct, OF_DIRECT, "of intake without Kafka", Beside(1.0, "PostgreSQL intake, this run")),
        records_per_s=told(rate, "records/s", Beside(len(items) / empty, "plain Faust through an empty agent")),
        shares=Shares(
            faust_and_forms=round(max(0.0, 1 - of_direct), 3),
            core=round(min(1.0, of_direct) * direct.cpu_share, 3),
            sql=round(min(1.0, of_direct) * (1 - direct.cpu_share), 3),
        ),
        p50=at_most(1000 * statistics.median(waits), P50_MS, "ms"),
        p99=at_most(1000 * statistics.quantiles(waits, n=100)[98], P99_MS, "ms"),
        restart=at_most(restart, RESTART_SECONDS, "s"),
    )


@contextmanager
def _cluster(server: PostgresServer, brokers: str) -> Iterator[Cluster]:
    store = server.create()
    with tempfile.TemporaryDirectory(prefix="santiao-bench-") as folder:
        home = Path(folder)
        with running(Cluster(home, brokers, store, prefix=f"{home.name}.")) as cluster:
            cluster.make_topics()
            yield cluster
    server.drop(store)


def _empty_agent(brokers: str, topic: str, messages: int) -> float:
    command = [sys.executable, "-m", "bench.cluster.empty_agent", brokers, topic, str(messages)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _drain(cluster: Cluster, messages: int) -> tuple[float, int]:
    """Seconds from the first commit to the last, and how many messages came after the first."""
    cluster.start("worker", "--only", "receive")
    cluster.wait_for("the first batch", lambda: cluster.taken() > 0)
    began, first = time.perf_counter(), cluster.taken()
    while cluster.taken() < messages:
        time.sleep(_LOOK_SECONDS)
    return time.perf_counter() - began, messages - first


def _restart(cluster: Cluster, items: Sequence[Delivered], before: int) -> float:
    """Kill the only worker while records wait; seconds until its successor has taken some."""
    (worker,) = cluster.processes
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    cluster.produce(items)
    began = time.perf_counter()
    cluster.start("worker")
    cluster.wait_for("the successor", lambda: cluster.taken() > before)
    spent = time.perf_counter() - began
    cluster.wait_for("all records", lambda: cluster.taken() == before + len(items))
    cluster.wait_for("all views", cluster.is_folded)
    return spent


def _freshness(cluster: Cluster, items: Sequence[Delivered]) -> list[float]:
    """Produce at an even rate and look how far every view is; seconds for each record that told something."""
    before = cluster.taken()
    messages = cluster.form.seal(items)  # an agency's record is there, sealed, before its time comes
    producer = Producer(cluster.settings.kafka, "bench")
    produced: dict[bytes, float] = {}
    reached: list[tuple[float, int]] = []
    began = time.perf_counter()
    for number, (item, each) in enumerate(zip(items, messages, strict=True)):
        due = began + number / RATE
        while (now := time.perf_counter()) < due:
            reached.append((now, _position_of_views(cluster)))
            time.sleep(max(0.0, min(_LOOK_SECONDS, due - time.perf_counter())))
        assert item.record is not None
        produced[record_message_id(item.record)] = due
        partition = partition_of(each.shard, cluster.partitions)
        producer.send(cluster.names.records, partition, each.key, each.value, each.headers)
    producer.confirm()
    producer.close()
    while cluster.taken() < before + len(items) or not cluster.is_folded():
        reached.append((time.perf_counter(), _position_of_views(cluster)))
        time.sleep(_LOOK_SECONDS)
    reached.append((time.perf_counter(), _position_of_views(cluster)))
    with cluster.hub.database.readable() as connection:
        taken = intake.read_inbox(cluster.hub.database, connection, produced)
    wanted = sorted((split_id(row.event_id)[1], produced[name]) for name, row in taken.items())
    waits, looks = [], iter(reached)
    at, position = next(looks)
    for place, due in wanted:
        while position < place:
            at, position = next(looks)
        waits.append(max(0.0, at - due))
    return waits


def _position_of_views(cluster: Cluster) -> int:
    """How far the slowest view has folded the one shard that is written."""
    return min(min(state.positions.values(), default=0) for state in cluster.hub.projector.states())

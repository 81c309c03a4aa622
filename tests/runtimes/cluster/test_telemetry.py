"""What a cluster tells of itself: figures on every process's port, and one trace of a record through three processes."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from confluent_kafka import Consumer, TopicPartition

from santiao.bootstrap.cluster import Assembly
from santiao.runtimes.kafka.worker import WorkerRole
from santiao.telemetry.figures import Figures
from santiao.telemetry.standing import Part, Stuck
from santiao.telemetry.store_figures import StoreFigures
from santiao.telemetry.trace_ids import read_traceparent
from tests.hub.cities import city_items
from tests.runtimes.cluster.processes import Cluster, running
from tests.services.postgres import PostgresServer
from tests.telemetry.collector import Collected, attributes, collecting

ROLES = ("receive", "project", "relay")


class WatchedCluster(Cluster):
    """A cluster of which every process has a port of its own and sends its traces to a collector."""

    collected: Collected
    ports: dict[str, int]
    _port = 0

    @property
    def environment(self) -> dict[str, str]:
        told = {"SANTIAO_TRACES": self.collected.url, "SANTIAO_TRACES_RATIO": "1", "SANTIAO_HOST": "127.0.0.1"}
        return {**super().environment, **told, "SANTIAO_METRICS_PORT": str(self._port)}

    def start_watched(self, role: str) -> None:
        """Start a role on a free port, and wait until it says that it is ready: on a busy machine all at once take longer."""
        self._port = self.ports[role] = free_port()
        self.start("worker", "--only", role)
        self.wait_for(f"{role} to be ready", lambda: self.is_ready(role))

    def ask(self, role: str, path: str) -> httpx.Response | None:
        """Ask a process; nothing while it does not listen yet."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.ports[role]}{path}", timeout=10)
        except httpx.TransportError:
            return None

    def figures(self, role: str) -> str:
        """What a worker tells, or the store, as an API tells it."""
        if role == "store":
            figures = Figures()
            figures.watch(StoreFigures(self.hub.database, self.hub.projector, self.hub.engine.clock.now))
            return figures.render().decode()
        answer = self.ask(role, "/metrics")
        return answer.text if answer is not None else ""

    def is_ready(self, role: str) -> bool:
        answer = self.ask(role, "/health/ready")
        return answer is not None and answer.status_code == 200


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def cluster(tmp_path: Path, kafka: str, postgres: PostgresServer) -> Iterator[WatchedCluster]:
    made = WatchedCluster(tmp_path, kafka, postgres.create(), views=postgres.create(), prefix=f"{tmp_path.name}.")
    with collecting() as collected, running(made):
        made.collected, made.ports = collected, {}
        yield made


def test_figures_and_one_trace_through_all_processes(cluster: WatchedCluster) -> None:
    items = city_items(12, 5)
    cluster.make_topics()
    for role in ROLES:
        cluster.start_watched(role)
    assert cluster.produce(items) == len(items)
    cluster.wait_for("all records to be taken", lambda: cluster.taken() == len(items))
    cluster.wait_for("all events to be relayed", lambda: cluster.relayed() == cluster.heads())
    cluster.wait_for("all events to be folded", cluster.is_folded)
    topic, events = cluster.names.records, sum(cluster.heads().values())
    cluster.wait_for(
        "the watchdog to have looked again",
        lambda: (
            f'santiao_partition_next_offset{{partition="1",topic="{topic}"}} {len(items)}.0'
            in cluster.figures("receive")
        ),
    )
    cluster.wait_for(
        "the projecting worker's watchdog to have looked",
        lambda: f'topic="{cluster.names.events}"}} 0.0' in cluster.figures("project"),
    )
    for role, lines in {
        "receive": (
            f'santiao_partition_lag_records{{partition="1",topic="{topic}"}} 0.0',
            "santiao_batch_seconds_count",
            'santiao_info{role="receive"',
        ),
        "relay": ("santiao_relayed_events_total", 'santiao_info{role="relay"'),
        "project": ('santiao_folded_events_total{view="case_overview"}', f'topic="{cluster.names.events}"}} 0.0'),
        "store": (
            'santiao_relay_lag_events{shard="3403"} 0.0',
            f'santiao_events_total{{shard="3403"}} {events}.0',
            'santiao_view_lag_events{view="case_overview"} 0.0',
        ),
    }.items():
        text = cluster.figures(role)
        for line in lines:
            assert line in text, (role, line, text)
        assert "process_resident_memory_bytes" in text
        assert not [line for line in text.splitlines() if line.startswith("santiao_stuck{")]
    headers = first_headers(cluster)
    assert cluster.stop() == [0] * len(ROLES), cluster.logs()
    judge_traces(cluster, headers["ce_traceparent"])


def test_a_view_that_stands_still_is_named_by_its_worker(cluster: WatchedCluster, tmp_path: Path) -> None:
    cluster.make_topics()
    assembly = Assembly(cluster.hub, cluster.settings, tmp_path)
    worker = assembly.build([WorkerRole.PROJECT])
    cluster.hub.projector.stalled["timeline"] = "KeyError"
    assert Stuck(Part.VIEW, "timeline", "KeyError") in worker.standing().stuck
    assembly.close()


def judge_traces(cluster: WatchedCluster, traceparent: str) -> None:
    """The first event's trace leads through three processes, and the message on the bus names it."""
    told = read_traceparent(traceparent)
    assert told is not None
    spans = [span for span in cluster.collected.spans() if span.trace_id == told[0].to_bytes(16)]
    # A record that came twice has a second `take`, below the first.
    by_name = {span.name: span for span in spans if span.name != "take" or not span.parent_span_id}
    assert set(by_name) == {"take", "publish", "fold"}
    assert by_name["take"].span_id == told[1].to_bytes(8) == by_name["publish"].parent_span_id
    assert attributes(by_name["take"])["messaging.destination.name"] == cluster.names.records
    sent = b"".join(cluster.collected.bodies)
    assert not [item.where for item in city_items(12, 5) if item.raw and item.raw in sent]


def first_headers(cluster: WatchedCluster) -> dict[str, str]:
    """The headers of the first event on its topic."""
    consumer = Consumer(
        {"bootstrap.servers": cluster.settings.kafka, "group.id": "reader", "enable.auto.commit": False}
    )
    try:
        consumer.assign([TopicPartition(cluster.names.events, 3403 % cluster.partitions, 0)])
        message: Any = consumer.poll(30)
        assert message is not None
        return {name: value.decode() for name, value in message.headers()}
    finally:
        consumer.close()

"""The cluster runtime built: topics, workers by role, the API by itself, connectors as their own process.

A worker that consumes runs one pump; roles that are loops share a process. Several at once are several processes under one parent.
"""

import logging
import os
import socket
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from santiao.bootstrap.hub import Hub, machine_time, open_hub
from santiao.bootstrap.serving import listen_for_signals
from santiao.bootstrap.telemetry import Telemetry, open_telemetry
from santiao.domain.errors import Rejection
from santiao.runtimes.embedded.clockwork import Clockwork, Feed
from santiao.runtimes.embedded.loops import Loop
from santiao.runtimes.embedded.replies import ReplyReader
from santiao.runtimes.embedded.upkeep import Upkeep
from santiao.runtimes.kafka.event_form import EventForm
from santiao.runtimes.kafka.feeds import ReportedFeeds, TopicFeed
from santiao.runtimes.kafka.letters import LetterSender
from santiao.runtimes.kafka.limits import FailureLimits, TooManyFailures
from santiao.runtimes.kafka.offsets import EndOffsets
from santiao.runtimes.kafka.processes import STOPPED_BY_LIMIT, ChildPlan, run_processes, stop_with_parent
from santiao.runtimes.kafka.producing import Producer
from santiao.runtimes.kafka.projecting import EventsProjector
from santiao.runtimes.kafka.pump import Pump, PumpSettings, Take
from santiao.runtimes.kafka.receiving import Message, RecordsReceiver
from santiao.runtimes.kafka.record_form import RecordForm
from santiao.runtimes.kafka.relay import Relay, read_relayed
from santiao.runtimes.kafka.topics import TopicKeeper, TopicNames, TopicReport, partition_of, plan_topics
from santiao.runtimes.kafka.watchdog import Held, Watchdog, Watched, begin_anew
from santiao.runtimes.kafka.worker import PUMPED, Worker, WorkerRole
from santiao.schemas.single_object import SingleObjectCodec
from santiao.settings import Settings, load_settings
from santiao.store.resources import resource_dir
from santiao.telemetry.logs import configure_logs
from santiao.telemetry.standing import Part, Stuck

logger = logging.getLogger(__name__)
FAILED = 1
_FEED_PATIENCE_SECONDS = 300.0


def kafka_of(settings: Settings) -> str:
    """Bootstrap servers.

    Raises:
        Rejection: none are set.
    """
    if not settings.kafka:
        raise Rejection(
            "settings.kafka",
            "this command needs Kafka: set SANTIAO_KAFKA to its bootstrap servers, as in SANTIAO_KAFKA=kafka-1:9092,kafka-2:9092",
            "此命令需要 Kafka，请将 SANTIAO_KAFKA 设为其地址",
        )
    return settings.kafka


def create_topics(partitions: int, replication: int, retention_days: int) -> list[TopicReport]:
    """Make missing topics and tell where the others differ.

    Raises:
        StoreFailure: Kafka does not answer.
    """
    settings = load_settings()
    keeper = TopicKeeper(kafka_of(settings))
    try:
        plans = plan_topics(TopicNames(settings.topic_prefix), partitions, replication, retention_days=retention_days)
        return keeper.ensure(plans)
    finally:
        keeper.close()


def run_worker(roles: Sequence[str]) -> int:
    """Run these roles, or all, until SIGTERM or SIGINT; the exit status.

    Raises:
        Rejection: Kafka or a store that several processes can share is not set.
    """
    settings = load_settings()
    kafka_of(settings)
    wanted = [WorkerRole(role) for role in roles] or list(WorkerRole)
    groups = [[role] for role in wanted if role in PUMPED]
    loops = [role for role in wanted if role not in PUMPED]
    groups += [loops] if loops else []
    stop = threading.Event()
    listen_for_signals(stop)
    if len(groups) > 1:
        configure_logs(settings.log_level, form=settings.log_format)
        children = [
            ChildPlan(
                ["worker", *(word for role in group for word in ("--only", role.value))],
                {"SANTIAO_METRICS_PORT": str(settings.metrics_port and settings.metrics_port + number)},
            )
            for number, group in enumerate(groups)
        ]
        return run_processes(children, stop, settings.stop_seconds)
    stop_with_parent(stop)
    with (
        open_telemetry(settings, "+".join(groups[0])) as telemetry,
        open_hub(settings, telemetry.observer) as hub,
        tempfile.TemporaryDirectory(prefix="santiao-worker-") as folder,
    ):
        telemetry.read_from(hub.engine.log)
        return _work(Assembly(hub, settings, Path(folder)), groups[0], stop, telemetry)


def _work(assembly: "Assembly", roles: Sequence[WorkerRole], stop: threading.Event, telemetry: Telemetry) -> int:
    worker = assembly.build(roles)
    port = telemetry.open_port(assembly.settings, worker.standing)
    worker.start()
    logger.info("the worker runs", extra={"roles": [str(role) for role in roles]})
    failure = worker.wait(stop)
    is_in_time = worker.stop(assembly.settings.stop_seconds)
    assembly.close()
    port.close()
    if failure is not None:
        return STOPPED_BY_LIMIT if isinstance(failure, TooManyFailures) else FAILED
    return 0 if is_in_time else FAILED


class _Closing(NamedTuple):
    relays: list[Relay]
    producers: list[Producer]


class Assembly:
    """Builds what a worker is made of over a hub."""

    def __init__(self, hub: Hub, settings: Settings, folder: Path) -> None:
        self.hub = hub
        self.settings = settings
        self.kafka = kafka_of(settings)
        self.names = TopicNames(settings.topic_prefix)
        self.folder = folder
        self.codec = SingleObjectCodec(resource_dir("schemas"))
        self._open = _Closing([], [])

    def build(self, roles: Sequence[WorkerRole]) -> Worker:
        """A worker of these roles, of which one at most has a pump."""
        loops = [loop for role in roles for loop in self._loops(role)]
        if WorkerRole.RECEIVE in roles:
            pump, watched = self.receive_pump()
        elif WorkerRole.PROJECT in roles:
            pump, watched = self.project_pump()
        else:
            return Worker(None, loops, self.hub.bell)
        watchdog = Watchdog(watched, stall_seconds=self.settings.stall_seconds)
        stalled = self._stalled_views if WorkerRole.PROJECT in roles else tuple
        return Worker(pump, loops, self.hub.bell, watchdog, stalled)

    def _stalled_views(self) -> list[Stuck]:
        """Views that cannot fold an event; the others go on."""
        return [Stuck(Part.VIEW, name, cause) for name, cause in sorted(self.hub.projector.stalled.items())]

    def receive_pump(self) -> tuple[Pump, Watched]:
        """Records to the hub; progress is the store's next offset."""
        topic = self.names.records
        receiver = RecordsReceiver(
            self.hub.receiver,
            RecordForm(self.codec, self.hub.keys),
            topic,
            LetterSender(self._producer("letters"), self.names.letters, topic),
            FailureLimits(),
        )
        pump = self._pump(WorkerRole.RECEIVE, topic, receiver.take)
        ends = EndOffsets(self.kafka, topic)

        def look() -> list[Held]:
            return [Held(topic, number, receiver.next_offset(number), end) for number, end in ends().items()]

        def read_again(held: Held) -> None:
            pump.reread(held.partition, held.reached)

        return pump, self._watched(pump, look, read_again)

    def project_pump(self) -> tuple[Pump, Watched]:
        """Events to the views; progress is the views' positions, and what waits is what was relayed."""
        topic, hub = self.names.events, self.hub
        projecting = EventsProjector(hub.projector, EventForm(self.codec))
        partitions = self._partitions(topic)

        def take(_partition: int, messages: Sequence[Message]) -> None:
            projecting.take(messages)

        pump = self._pump(WorkerRole.PROJECT, topic, take)

        def look() -> list[Held]:
            relayed = read_relayed(hub.database, topic)
            views = [each.positions for each in hub.projector.states() if each.name not in hub.projector.stalled]
            return [
                Held(
                    topic,
                    partition_of(shard, partitions),
                    min(each.get(shard, 0) for each in views),
                    end,
                    f"shard.{shard}",
                )
                for shard, end in relayed.items()
                if views
            ]

        def fold_from_log(held: Held) -> None:
            projecting.fold_from_log(int(held.name.removeprefix("shard.")))

        return pump, self._watched(pump, look, fold_from_log)

    def _watched(self, pump: Pump, look: Callable[[], list[Held]], remedy: Callable[[Held], None]) -> Watched:
        return Watched(
            look=look,
            is_mine=lambda partition: partition in pump.assignment() or not pump.assignment(),
            waits_for=lambda: pump.failing,
            remedy=remedy,
            restart=lambda: begin_anew(pump.stop),
        )

    def _pump(self, role: WorkerRole, topic: str, take: Take) -> Pump:
        told = PumpSettings(
            group=f"{self.settings.topic_prefix}santiao-{role}",
            bootstrap=self.kafka,
            topic=topic,
            folder=self.folder,
        )
        return Pump(told, take)

    def _partitions(self, topic: str) -> int:
        keeper = TopicKeeper(self.kafka)
        try:
            return keeper.partitions(topic)
        finally:
            keeper.close()

    def _loops(self, role: WorkerRole) -> list[Loop]:
        if role is WorkerRole.RELAY:
            relay = self.relay()
            return [Loop(name="relay", turn=relay.turn, pause_seconds=0.01)]
        if role is WorkerRole.TIMERS:
            return [Loop(name="timers", turn=self._clockwork().turn)]
        if role is WorkerRole.DELIVER:
            hub = self.hub
            replies = ReplyReader(hub.feedback_folder, hub.answers)
            upkeep = Upkeep(hub.databases, hub.database, hub.engine.clock.now, hub.erasing.keep_ledger)
            return [
                Loop(name="delivery", turn=lambda: hub.courier.deliver_due().delivered > 0, stall_seconds=300.0),
                Loop(name="replies", turn=replies.turn, pause_seconds=2.0),
                Loop(name="upkeep", turn=upkeep.turn, pause_seconds=5.0),
            ]
        return []

    def relay(self) -> Relay:
        """Events to their topic."""
        owner = f"{socket.gethostname()}:{os.getpid()}:{machine_time().timestamp()}"
        relay = Relay(
            self.hub.engine,
            EventForm(self.codec, self.settings.traces_ratio if self.settings.traces else 0.0),
            self._producer("relay"),
            self.names.events,
            self._partitions(self.names.events),
            owner,
        )
        self._open.relays.append(relay)
        return relay

    def _clockwork(self) -> Clockwork:
        hub = self.hub
        ends = EndOffsets(self.kafka, self.names.records)
        feeds: list[Feed] = [
            TopicFeed(hub.database, self.names.records, ends),
            ReportedFeeds(hub.database, patience_seconds=_FEED_PATIENCE_SECONDS),
        ]
        return Clockwork(hub.timers, hub.intake, feeds, hub.engine.clock.now)

    def _producer(self, name: str) -> Producer:
        producer = Producer(self.kafka, f"santiao-{name}")
        self._open.producers.append(producer)
        return producer

    def close(self) -> None:
        """Let go of leases and connections."""
        for relay in self._open.relays:
            relay.close()
        for producer in self._open.producers:
            producer.close()

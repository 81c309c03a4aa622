"""`santiao connect`: agencies asked live by a process of its own, their records onto the topic; one process asks a feed, by a lease."""

import os
import socket
import threading
from collections.abc import Callable, Sequence

from santiao.bootstrap.cluster import kafka_of
from santiao.bootstrap.hub import Hub, machine_time, open_hub
from santiao.bootstrap.serving import listen_for_signals
from santiao.bootstrap.telemetry import open_telemetry
from santiao.domain.errors import Rejection
from santiao.runtimes.embedded.feeds import FeedPoller
from santiao.runtimes.embedded.loops import Loop
from santiao.runtimes.kafka.offsets import EndOffsets
from santiao.runtimes.kafka.producing import Producer
from santiao.runtimes.kafka.record_form import RecordForm
from santiao.runtimes.kafka.sending import Bus, SendingIntake
from santiao.runtimes.kafka.topics import TopicKeeper, TopicNames
from santiao.runtimes.kafka.worker import Worker
from santiao.schemas.single_object import SingleObjectCodec
from santiao.settings import Settings, load_settings
from santiao.store.leases import drop_lease, take_lease
from santiao.store.resources import resource_dir

_LEASE_SECONDS = 60.0
_POLL_STALL_SECONDS = 900.0


def run_connect(names: Sequence[str]) -> int:
    """Ask these connectors' agencies (or all that have a source set) until SIGTERM or SIGINT; the exit status.

    Raises:
        Rejection: Kafka is not set, or a connector has no source.
    """
    settings = load_settings()
    kafka = kafka_of(settings)
    wanted = list(names) or sorted(settings.sources)
    without = [name for name in wanted if name not in settings.sources]
    if without or not wanted:
        raise Rejection(
            "connect.no_source",
            f"no source is set for {', '.join(without) or 'any connector'}; set SANTIAO_SOURCES=name=address",
            "未设置来源地址，请设置 SANTIAO_SOURCES=名称=地址",
        )
    stop = threading.Event()
    listen_for_signals(stop)
    with open_telemetry(settings, "connect") as telemetry, open_hub(settings, telemetry.observer) as hub:
        telemetry.read_from(hub.engine.log)
        producer = Producer(kafka, "santiao-connect")
        intake = SendingIntake(hub.engine, hub.receiver, hub.connectors, build_bus(hub, settings, producer))
        worker = Worker(None, [], hub.bell)
        pollers = [
            FeedPoller(
                hub.connectors[name],
                settings.sources[name],
                intake,
                every_seconds=settings.poll_seconds,
                clock=machine_time,
                stopping=worker.supervisor.stopping,
            )
            for name in wanted
        ]
        leases = [
            _Lease(hub, f"feed:{poller.connector.name}:{poller.connector.declaration.feed}") for poller in pollers
        ]
        worker.add(
            *(
                Loop(
                    name=f"feed:{poller.connector.name}",
                    turn=lease.guard(poller.turn),
                    stall_seconds=_POLL_STALL_SECONDS,
                )
                for poller, lease in zip(pollers, leases, strict=True)
            )
        )
        port = telemetry.open_port(settings, worker.standing)
        worker.start()
        worker.wait(stop)
        is_in_time = worker.stop(settings.stop_seconds)
        for lease in leases:
            lease.drop()
        producer.close()
        port.close()
    return 0 if is_in_time else 1


def build_bus(hub: Hub, settings: Settings, producer: Producer) -> Bus:
    """The topic of records as a producer sees it."""
    kafka, names = kafka_of(settings), TopicNames(settings.topic_prefix)
    keeper = TopicKeeper(kafka)
    partitions = keeper.partitions(names.records)
    keeper.close()
    form = RecordForm(SingleObjectCodec(resource_dir("schemas")), hub.keys)
    return Bus(producer, form, names.records, partitions, EndOffsets(kafka, names.records))


class _Lease:
    """Who asks a feed. A second process stands by and takes over when the first is gone."""

    def __init__(self, hub: Hub, name: str) -> None:
        self._database = hub.database
        self._name = name
        self._owner = f"{socket.gethostname()}:{os.getpid()}"

    def guard(self, turn: Callable[[], bool]) -> Callable[[], bool]:
        """The turn, where this process holds the lease."""

        def guarded() -> bool:
            with self._database.writable() as connection:
                if not take_lease(self._database, connection, self._name, self._owner, seconds=_LEASE_SECONDS):
                    return False
            return turn()

        return guarded

    def drop(self) -> None:
        with self._database.writable() as connection:
            drop_lease(connection, self._name, self._owner)

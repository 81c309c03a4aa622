"""A storm: workers, brokers and the database die by a schedule drawn from a seed, while records keep coming.

The schedule is printed before it begins, so that a storm can be had again. One broker is down at a time, and the next only when the one
before is back in sync: more is more than replication promises to bear.
"""

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from santiao.domain.errors import StoreFailure
from santiao.runtimes.kafka.offsets import EndOffsets
from santiao.runtimes.kafka.topics import partition_of
from tests.chaos.cities import Sending
from tests.runtimes.cluster.processes import Cluster
from tests.services.kafka import KafkaCluster
from tests.services.postgres import PostgresServer

RECEIVE, PROJECT, RELAY = ("--only", "receive"), ("--only", "project"), ("--only", "relay", "--only", "deliver")
CREW = (RECEIVE, RECEIVE, PROJECT, PROJECT, RELAY, RELAY)
SESSION_SECONDS = 10.0
_CHUNK = 25


class Blow(NamedTuple):
    """Something that happens, so many seconds after the storm began."""

    at: float
    what: str
    target: int


def draw(seed: int, seconds: float, every: float, *, can_crash_database: bool) -> list[Blow]:
    """A schedule: each kind in turn, targets by chance."""
    chance = random.Random(seed)
    kinds = ["kill", "stop", "term", "kill_broker", "cut", "kill", "freeze_broker", "stop", "time_out"]
    if can_crash_database:
        kinds.insert(5, "crash_database")
    blows, at, number, broker = [], every, 0, 0
    while at < seconds:
        what = kinds[number % len(kinds)]
        target = chance.randrange(len(CREW))
        if what.endswith("broker"):
            target, broker = broker % 3, broker + 1
        blows.append(Blow(round(at, 1), what, target))
        at += every * (0.7 + 0.6 * chance.random())
        number += 1
    return blows


class Weather(NamedTuple):
    """What a storm came to."""

    blows: int
    sent: int
    longest_standstill: float
    rebalances: int


class Storm:
    """A cluster, what is sent to it, and what befalls it."""

    def __init__(self, cluster: Cluster, brokers: KafkaCluster, postgres: PostgresServer) -> None:
        self.cluster = cluster
        self.brokers = brokers
        self.postgres = postgres
        self.sent = 0
        self._crew: list[subprocess.Popen[bytes]] = []
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._stopping = threading.Event()
        self._standstill = 0.0

    def rage(self, sendings: Sequence[Sending], blows: Sequence[Blow], rate: float) -> Weather:
        """Send everything at `rate` a second while the blows fall; return when all was sent and everything stands again."""
        for blow in blows:
            sys.stderr.write(f"storm: {blow.at:6.1f} s  {blow.what} {blow.target}\n")
        self._crew = [self.cluster.start("worker", *words) for words in CREW]
        sender = threading.Thread(target=self._send, args=(sendings, rate), name="sender")
        watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        sender.start()
        watcher.start()
        began = time.monotonic()
        for blow in blows:
            self._wait_until(began + blow.at)
            getattr(self, f"_{blow.what}")(blow.target)
        while sender.is_alive() or self._later:
            self._wait_until(time.monotonic() + 0.2)
        sender.join()
        self._settle()
        self._stopping.set()
        rebalances = self.cluster.logs_of("partitions assigned")
        return Weather(len(blows), self.sent, round(self._standstill, 1), rebalances)

    def _settle(self) -> None:
        cluster = self.cluster
        ends = EndOffsets(cluster.settings.kafka, cluster.names.records)
        end = sum(ends().values())
        cluster.wait_for("every record to be taken", lambda: self._is_alive() and cluster.taken() == end)
        cluster.wait_for("every event to be relayed", lambda: self._is_alive() and cluster.relayed() == cluster.heads())
        cluster.wait_for("every event to be folded", lambda: self._is_alive() and cluster.is_folded())
        ends.close()

    def _is_alive(self) -> bool:
        """Begin workers anew that ended, as whoever runs them would."""
        for place, process in enumerate(self._crew):
            if process.poll() is not None:
                self._begin(place)
        return True

    def _send(self, sendings: Sequence[Sending], rate: float) -> None:
        began = time.monotonic()
        for start in range(0, len(sendings), _CHUNK):
            chunk = sendings[start : start + _CHUNK]
            while True:
                try:
                    self._send_chunk(chunk)
                    break
                except StoreFailure:
                    time.sleep(0.5)  # as a connector does: everything since the last confirmation again
            self.sent += len(chunk)
            time.sleep(max(0.0, began + self.sent / rate - time.monotonic()))

    def _send_chunk(self, chunk: Sequence[Sending]) -> None:
        producer = self.cluster.producer()
        sealed = self.cluster.form.seal([each.item for each in chunk])
        for sending, each in zip(chunk, sealed, strict=True):
            partition = partition_of(each.shard, self.cluster.partitions)
            value = each.value[:40] if sending.bytes_are_bad else each.value
            producer.send(self.cluster.names.records, partition, each.key, value, each.headers)
        producer.confirm()

    def _watch(self) -> None:
        """How long a partition stands still with messages waiting, while brokers and database answer."""
        ends = EndOffsets(self.cluster.settings.kafka, self.cluster.names.records)
        since: dict[int, tuple[int, float]] = {}
        while not self._stopping.wait(0.5):
            try:
                reached, end, now = self.cluster.offsets(), ends(), time.monotonic()
            except StoreFailure:
                since.clear()
                continue
            for partition, limit in end.items():
                here = reached.get(partition, 0)
                known = since.get(partition)
                if known is None or known[0] != here or here >= limit:
                    since[partition] = (here, now)
                self._standstill = max(self._standstill, now - since[partition][1])

    def _wait_until(self, moment: float) -> None:
        while time.monotonic() < moment:
            due = [each for each in self._later if each[0] <= time.monotonic()]
            self._later = [each for each in self._later if each not in due]
            for _, act in due:
                act()
            time.sleep(0.1)

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self._later.append((time.monotonic() + seconds, act))

    def _begin(self, place: int) -> None:
        self._crew[place] = self.cluster.start("worker", *CREW[place])

    def _kill(self, place: int) -> None:
        self._crew[place].kill()
        self._after(1.0, lambda: self._begin(place))

    def _term(self, place: int) -> None:
        self._crew[place].send_signal(signal.SIGTERM)
        self._after(3.0, lambda: self._begin_when_ended(place))

    def _begin_when_ended(self, place: int) -> None:
        if self._crew[place].poll() is None:
            self._after(1.0, lambda: self._begin_when_ended(place))
        else:
            self._begin(place)

    def _stop(self, place: int) -> None:
        """Stopped for longer than the session, then awake again: a zombie, which believes that nothing happened."""
        process = self._crew[place]
        process.send_signal(signal.SIGSTOP)
        self._after(SESSION_SECONDS * 1.5, lambda: process.send_signal(signal.SIGCONT))

    def _kill_broker(self, number: int) -> None:
        broker = self.brokers.brokers[number]
        broker.kill()
        self._after(4.0, broker.start)

    def _freeze_broker(self, number: int) -> None:
        broker = self.brokers.brokers[number]
        broker.signal(signal.SIGSTOP)
        self._after(5.0, lambda: broker.signal(signal.SIGCONT))

    def _cut(self, _target: int) -> None:
        self.postgres.cut_connections()

    def _crash_database(self, _target: int) -> None:
        self.postgres.crash()

    def _time_out(self, _target: int) -> None:
        """For a while every statement has hardly any time."""
        self.postgres.limit_statements(self.cluster.settings.store_url, 3)
        self.postgres.cut_connections()
        self._after(4.0, self._no_time_out)

    def _no_time_out(self) -> None:
        self.postgres.limit_statements(self.cluster.settings.store_url, 0)
        self.postgres.cut_connections()

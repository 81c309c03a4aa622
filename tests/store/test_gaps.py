"""The gap test: eight writers whose commits are delayed and rolled back; a reader by position skips nothing and reorders nothing.

PostgreSQL gives out sequence numbers before it commits, so a reader that trusts them passes over what commits late. Here a writer takes the
shard's lock before it counts, so "position > n" is complete whenever it is read. `SANTIAO_GAP_EVENTS` sets how many events are written.
"""

import os
import random
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from santiao.bootstrap import Hub
from santiao.domain.decisions import Step
from santiao.domain.events import Meta
from santiao.domain.events.cases import SourceJoined
from santiao.settings import Settings
from santiao.store import shelf_rows
from santiao.store.shelf import Shelf

WRITERS, SHARDS = 8, (3401, 3403)
EVENTS = int(os.environ.get("SANTIAO_GAP_EVENTS", "40000"))
RUN = 200
_NOW = datetime(2026, 3, 2, tzinfo=UTC)


class GivenUp(Exception):
    """A writer that changes its mind after everything is written, before the commit."""


class Writers:
    """Eight threads, each with connections of its own."""

    def __init__(self, hub: Hub, events: int) -> None:
        self.hub = hub
        self.written = 0
        self.rolled_back = 0
        self.failures: list[BaseException] = []
        self._events = events
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    @property
    def are_at_work(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _write(self, writer: int) -> None:
        chance = random.Random(writer)
        try:
            while self.written < self._events:
                try:
                    number = self._write_run(writer, chance)
                except GivenUp:
                    with self._lock:
                        self.rolled_back += 1
                    continue
                with self._lock:
                    self.written += number
        except BaseException as failure:  # noqa: BLE001 - told by the test's own thread
            self.failures.append(failure)

    def _write_run(self, writer: int, chance: random.Random) -> int:
        size = chance.randint(1, 2 * RUN)
        with self.hub.database.writable() as connection:
            shelf = Shelf(self.hub.database, connection, chance.choice(SHARDS))
            events = tuple(
                (
                    Meta(
                        id=os.urandom(16),
                        shard=shelf.shard,
                        position=shelf.position + place,
                        case_id="",
                        occurred_at=_NOW,
                        received_at=_NOW,
                        recorded_at=_NOW,
                        cause=writer.to_bytes(16, "big"),
                        correlation=writer.to_bytes(16, "big"),
                        actor=f"writer-{writer}",
                    ),
                    SourceJoined(source_id=str(shelf.position + place)),
                )
                for place in range(1, size + 1)
            )
            shelf.settle(Step(events, (), (), (), (), ()))
            shelf_rows.write(shelf, "")
            if chance.random() < 0.3:
                time.sleep(chance.random() * 0.01)
            if chance.random() < 0.2:
                raise GivenUp
        return size


def test_a_reader_by_position_skips_nothing_and_reorders_nothing(tmp_path: Path, postgres_url: str) -> None:
    hub = Hub(Settings(home=tmp_path, store_url=postgres_url))
    writers = Writers(hub, EVENTS)
    reached = dict.fromkeys(SHARDS, 0)
    reads = 0
    writers.start()
    is_last = False
    while not is_last:
        is_last = not writers.are_at_work
        for shard in SHARDS:
            with hub.database.readable() as connection:
                entries = hub.engine.log.read(connection, shard, reached[shard], limit=1000)
            for meta, event in entries:
                assert meta.position == reached[shard] + 1
                assert isinstance(event, SourceJoined)
                assert event.source_id == str(meta.position)
                reached[shard] = meta.position
            reads += 1
            is_last = is_last and not entries
    writers.join()
    assert writers.failures == []
    assert sum(reached.values()) == writers.written >= EVENTS
    assert writers.rolled_back > 0
    assert reads > len(SHARDS)
    hub.close()

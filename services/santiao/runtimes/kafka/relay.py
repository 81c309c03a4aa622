"""The relay: committed events from the log to `santiao.case-events`, each shard's in order.

The rules kept here: one process relays at a time, by a lease; how far it came is moved by compare-and-set after the brokers have
acknowledged, so that a relay that dies sends a stretch again and never leaves one out. Behind what could not be sent, nothing is sent.
"""

import logging
import time
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.engine import Connection

from santiao.domain.errors import Conflict
from santiao.domain.messages import Offset
from santiao.hub.engine import Engine
from santiao.runtimes.kafka.event_form import EventForm
from santiao.runtimes.kafka.producing import Producer
from santiao.runtimes.kafka.topics import partition_of
from santiao.store.database import Database
from santiao.store.leases import drop_lease, take_lease
from santiao.store.offsets import move_offset
from santiao.store.tables import offsets

logger = logging.getLogger(__name__)
RUN = 500
_LEASE_SECONDS = 15.0
_RENEW_SECONDS = 4.0


class _Stretch(NamedTuple):
    shard: int
    after: int
    until: int


class Relay:
    """Relays one log to one topic."""

    def __init__(
        self, engine: Engine, form: EventForm, producer: Producer, topic: str, partitions: int, owner: str
    ) -> None:
        self._engine = engine
        self._form = form
        self._producer = producer
        self._topic = topic
        self._partitions = partitions
        self._owner = owner
        self._lease = f"relay:{topic}"
        self._mark = _mark_of(topic)
        self._is_owner = False
        self._renew_at = float("-inf")
        self._acknowledged: Sequence[_Stretch] = ()
        self.sent = 0

    def turn(self) -> bool:
        """Send a run of each shard; True when more waits.

        Raises:
            StoreFailure: the store or the brokers failed; it is sent again.
            Conflict: another relay went on from where this one stood.
        """
        if not self._holds_lease():
            self._acknowledged = ()
            return False
        if self._acknowledged:
            # The brokers have these; only the store did not answer then. Sending them again would help nobody.
            self._move(self._acknowledged)
        stretches = self.waiting()
        if not stretches:
            return False
        began = time.perf_counter()
        for stretch in stretches:
            self._send(stretch)
        self.sent += self._producer.confirm()
        self._acknowledged = tuple(stretches)
        self._move(self._acknowledged)
        seconds = time.perf_counter() - began
        for stretch in stretches:
            self._engine.observer.relayed(stretch.shard, stretch.after, stretch.until, seconds)
        return any(stretch.until - stretch.after >= RUN for stretch in stretches)

    def _move(self, stretches: Sequence[_Stretch]) -> None:
        """Write down how far the topic holds the log.

        Raises:
            Conflict: another relay went on from where this one stood; whatever this one knew is forgotten.
        """
        database = self._engine.database
        try:
            with database.writable() as connection:
                for stretch in stretches:
                    offset = Offset(self._mark, stretch.shard, stretch.after, stretch.until)
                    move_offset(database, connection, offset, self._engine.clock.now())
        except Conflict:
            self._acknowledged = ()
            raise
        self._acknowledged = ()

    def waiting(self) -> list[_Stretch]:
        """The next run of each shard that has events not yet relayed."""
        log, database = self._engine.log, self._engine.database
        with database.readable() as connection:
            heads = log.shards(connection)
            relayed = read_relayed_by(connection, self._topic)
        found = ((shard, relayed.get(shard, 0), head) for shard, head in heads.items())
        return [_Stretch(shard, after, min(head, after + RUN)) for shard, after, head in found if after < head]

    def behind(self) -> int:
        """How many events are not yet relayed, up to a run of each shard."""
        return sum(stretch.until - stretch.after for stretch in self.waiting())

    def close(self) -> None:
        """Give the lease back."""
        with self._engine.database.writable() as connection:
            drop_lease(connection, self._lease, self._owner)
        self._producer.close()

    def _send(self, stretch: _Stretch) -> None:
        log, partition = self._engine.log, partition_of(stretch.shard, self._partitions)
        with self._engine.database.readable() as connection:
            rows = log.read(connection, stretch.shard, stretch.after, limit=RUN, until=stretch.until)
        for meta, event in rows:
            message = self._form.encode(meta, event)
            self._producer.send(self._topic, partition, message.key, message.value, message.headers)

    def _holds_lease(self) -> bool:
        began = time.monotonic()
        if began < self._renew_at:
            return True
        database = self._engine.database
        with database.writable() as connection:
            is_held = take_lease(database, connection, self._lease, self._owner, seconds=_LEASE_SECONDS)
        if is_held and not self._is_owner:
            logger.info("this process relays events", extra={"topic": self._topic})
        if not is_held and self._is_owner:
            logger.warning("another process relays events now", extra={"topic": self._topic})
        self._is_owner = is_held
        self._renew_at = began + _RENEW_SECONDS if is_held else float("-inf")
        return is_held


def read_relayed(database: Database, topic: str) -> dict[int, int]:
    """The last position of each shard that is on the topic."""
    with database.readable() as connection:
        return read_relayed_by(connection, topic)


def read_relayed_by(connection: Connection, topic: str) -> dict[int, int]:
    """The same, within a read that is under way."""
    columns = offsets.select().with_only_columns(offsets.c.partition, offsets.c.next_offset)
    rows = connection.execute(columns.where(offsets.c.topic == _mark_of(topic)))
    return {row.partition: row.next_offset for row in rows}


def _mark_of(topic: str) -> str:
    """What the relay's own progress stands under among the offsets: by shard, the last position sent."""
    return f"{topic}:relayed"

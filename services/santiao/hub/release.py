"""Deciding parked records again (重放): after a mend, source by source, in order, each source in one transaction.

The rules kept here: a record that raises again stays parked with its new cause, and so do the later ones of its source; others are not
touched. Nothing is counted as received again, and no watermark moves: the records were acknowledged when they came.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy.engine import Connection

from santiao.domain.advance import advance_record
from santiao.domain.decisions import Draft, Occasion
from santiao.domain.errors import Conflict, StoreFailure
from santiao.domain.ids import MessageId
from santiao.hub.engine import Engine
from santiao.hub.erase import Eraser, Erasure, list_erasures, sealed_off_late
from santiao.hub.linking import LinkShelf
from santiao.hub.standing_policy import policy_in
from santiao.store import intake, shelf_rows, tables
from santiao.store.log import from_millis, global_id
from santiao.store.parking import Parked, read_parked, release
from santiao.store.shelf import Shelf

logger = logging.getLogger(__name__)


class Released(msgspec.Struct, frozen=True):
    """What a release came to: records decided, and records that stay parked."""

    decided: int = 0
    left: int = 0


class Releaser:
    """Releases parked records of a hub."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._eraser = Eraser(engine)

    def parked(self) -> list[Parked]:
        """Everything that is parked, source by source, in the order in which it is decided."""
        with self.engine.database.readable() as connection:
            return in_order(read_parked(connection))

    def release(self, sources: Sequence[str], progress: Callable[[int], None] = lambda _n: None) -> Released:
        """Decide what these sources have parked.

        Raises:
            StoreFailure: the store failed; what was released before stands.
        """
        decided = left = 0
        for name in sources:
            done = self._release(name)
            decided += done.decided
            left += done.left
            progress(done.decided + done.left)
        return Released(decided, left)

    def _release(self, name: str) -> Released:
        """Decide a source's records; what is told of one that is sealed off is not kept."""
        doomed: list[Erasure] = []
        released = self._decide_all(name, doomed)
        for erasure in doomed:
            self._eraser.destroy(erasure)
        return released

    def _decide_all(self, name: str, doomed: list[Erasure]) -> Released:
        """Decide a source's records one after the other, until one raises."""
        decided = 0
        while True:
            with self.engine.database.writable() as connection:
                waiting = in_order(read_parked(connection, name))
                if not waiting:
                    break
                first = waiting[0]
                try:
                    doomed += self._decide(connection, first)
                except (StoreFailure, Conflict):
                    raise
                except Exception as error:  # noqa: BLE001 - whatever a step raises, its record stays parked
                    failure = type(error).__name__
                else:
                    decided += 1
                    continue
            # The transaction above only read: a step that raises has written nothing.
            self._note(first, f"{failure} in its step")
            return Released(decided, len(waiting))
        self.engine.committed()
        return Released(decided, 0)

    def _note(self, parked: Parked, cause: str) -> None:
        logger.error(
            "a parked record raised again", extra={"connector": parked.record.connector, "place": parked.record.where}
        )
        table = tables.parked
        with self.engine.database.writable() as connection:
            connection.execute(table.update().where(table.c.message_id == parked.message_id).values(cause=cause))

    def _decide(self, connection: Connection, parked: Parked) -> list[Erasure]:
        engine, record = self.engine, parked.record
        known = intake.read_inbox(engine.database, connection, [parked.message_id])
        shelf = Shelf(engine.database, connection, record.shard)
        policy = policy_in(engine, connection, record.shard)
        linker = LinkShelf(shelf, policy.linking)
        linker.prefetch([record.prepared])
        received = from_millis(record.received_ms)
        occasion = Occasion(
            message_id=MessageId(parked.message_id),
            shard=record.shard,
            occurred_at=from_millis(record.occurred_ms),
            received_at=received,
            recorded_at=engine.now(received),
            actor=record.connector,
            mapping=record.mapping,
            first_position=shelf.position + 1,
        )
        draft = Draft(shelf, occasion)
        is_repeat = parked.message_id in known
        outcome = advance_record(draft, record.prepared, linker, policy, is_repeat=is_repeat)
        step = draft.step()
        shelf.settle(step)
        if outcome.is_news:
            shelf.remember_mentions(record.prepared)
        doomed = sealed_off_late(shelf)
        list_erasures(engine.database, connection, doomed, occasion.recorded_at)
        linker.write()
        shelf_rows.write(shelf, engine.fingerprint)
        if outcome.is_news:
            self._write_inbox(connection, shelf, parked, occasion.first_position + max(0, len(step.events) - 1))
        release(connection, parked.message_id)
        return doomed

    def _write_inbox(self, connection: Connection, shelf: Shelf, parked: Parked, position: int) -> None:
        record = parked.record
        file = shelf.source(record.prepared.source_id)
        is_blocked = bool(file and file.hits)
        row = (
            shelf.source_pks[record.prepared.source_id],
            global_id(record.shard, position),
            int(is_blocked),
            record.received_ms,
        )
        intake.write_inbox(self.engine.database, connection, {parked.message_id: row})
        intake.add_counts(self.engine.database, connection, Counter({f"{record.connector}|blocked": int(is_blocked)}))


def in_order(parked: Sequence[Parked]) -> list[Parked]:
    """By source, and within it as it arrived; what arrived in one delivery, by the source's own order."""
    return sorted(
        parked,
        key=lambda each: (
            each.record.shard,
            each.record.prepared.source_id,
            each.record.received_ms,
            each.record.occurred_ms,
            each.record.prepared.at.source_version,
            each.message_id,
        ),
    )

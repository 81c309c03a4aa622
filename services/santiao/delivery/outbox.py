"""The outbox in SQL: rows claimed under a lease by one statement, settled, put off, buried and replayed.

The rules kept here: a row is claimed by a single UPDATE under the write lock, so that two couriers never hold it; per case and agency
rows leave in the order in which they were owed; a settlement counts only while its claim stands (attempt and lease are the fence).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from santiao.delivery.contract import Claimed
from santiao.domain.events.cases import FeedbackOwed
from santiao.store.database import Database
from santiao.store.delivery_tables import batch_rows, batches
from santiao.store.log import to_millis
from santiao.store.tables import outbox

decode_owed = msgspec.msgpack.Decoder(FeedbackOwed).decode
OPEN = ("due", "claimed")

_CLAIM = """
WITH later AS (
  SELECT case_pk, MIN(id) AS first FROM outbox
  WHERE state IN ('due', 'claimed') AND next_ms > :now AND destination = :destination GROUP BY case_pk
)
UPDATE outbox SET state = 'claimed', attempts = attempts + 1, next_ms = :lease
WHERE id IN (
  SELECT o.id FROM outbox o
  WHERE o.state IN ('due', 'claimed') AND o.next_ms <= :now AND o.destination = :destination AND o.kind LIKE 'feedback.%'
    AND NOT EXISTS (SELECT 1 FROM later l WHERE l.case_pk = o.case_pk AND l.first < o.id)
  ORDER BY o.id LIMIT :rows {skip_locked}
)
RETURNING id, kind, case_pk, attempts, data
"""


class Outbox:
    """The outbox of a hub. Times are the machine's: a lease has nothing to do with what a replay's clock says."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._claim = sa.text(_CLAIM.format(skip_locked="" if database.is_sqlite else "FOR UPDATE SKIP LOCKED"))

    def destinations(self, now: datetime) -> list[str]:
        """Agencies for which something is due."""
        due = outbox.c.state.in_(OPEN) & (outbox.c.next_ms <= to_millis(now)) & outbox.c.kind.like("feedback.%")
        with self.database.readable() as connection:
            return sorted(connection.execute(sa.select(outbox.c.destination).where(due).distinct()).scalars())

    def next_due(self) -> int | None:
        """When the next row is due, in milliseconds."""
        with self.database.readable() as connection:
            found = connection.execute(
                sa.select(sa.func.min(outbox.c.next_ms)).where(outbox.c.state.in_(OPEN))
            ).scalar()
        return int(found) if found is not None else None

    def claim(self, destination: str, now: datetime, *, lease: timedelta, rows: int) -> list[Claimed]:
        """Take rows of an agency under a lease, in the order in which they were owed; with them the batch each belongs to."""
        values: dict[str, Any] = {
            "now": to_millis(now),
            "lease": to_millis(now + lease),
            "destination": destination,
            "rows": rows,
        }
        with self.database.writable() as connection:
            found = sorted(tuple(row) for row in connection.execute(self._claim, values))
            named = self._batches_of(connection, destination, found, now)
        return [
            Claimed(
                id=row_id,
                destination=destination,
                kind=kind,
                case_pk=case_pk,
                attempts=attempts,
                lease_ms=values["lease"],
                batch=named[row_id],
                owed=decode_owed(data),
            )
            for row_id, kind, case_pk, attempts, data in found
        ]

    def _batches_of(
        self, connection: Connection, destination: str, found: Sequence[Sequence[Any]], now: datetime
    ) -> dict[int, str]:
        """The batches these rows went into before, and one new batch for the rest."""
        ids = [row[0] for row in found]
        named = dict(self.database.select_in(connection, batch_rows, ("outbox_id", "batch"), "outbox_id", ids))
        fresh = [row for row in found if row[0] not in named]
        if fresh:
            begins_so = batches.c.batch.like(f"FB\\_{fresh[0][0]}\\_%", escape="\\")
            number = connection.execute(sa.select(sa.func.count()).select_from(batches).where(begins_so)).scalar_one()
            batch = f"FB_{fresh[0][0]}_{number + 1}"
            self.database.insert(connection, batches, [(batch, destination, len(fresh), to_millis(now), None)])
            rows = [(row[0], batch, destination, decode_owed(row[4]).key, None, None, None) for row in fresh]
            self.database.insert(connection, batch_rows, rows)
            named.update({row[0]: batch for row in fresh})
        return named

    def settle(self, claimed: Sequence[Claimed], now: datetime) -> int:
        """These rows were handed over; how many of them were still ours to say so."""
        with self.database.writable() as connection:
            settled = sum(self._move(connection, each, state="delivered", next_ms=0, cause=None) for each in claimed)
            names = {each.batch for each in claimed}
            connection.execute(batches.update().where(batches.c.batch.in_(names)).values(delivered_ms=to_millis(now)))
        return settled

    def put_off(self, claimed: Sequence[Claimed], until: datetime, cause: str) -> None:
        """These rows could not be handed over; they are due again later."""
        with self.database.writable() as connection:
            for each in claimed:
                self._move(connection, each, state="due", next_ms=to_millis(until), cause=cause)

    def bury(self, claimed: Sequence[Claimed], cause: str) -> None:
        """These rows are given up: dead letters with their cause, until somebody replays them."""
        with self.database.writable() as connection:
            for each in claimed:
                self._move(connection, each, state="dead", next_ms=0, cause=cause)

    def _move(self, connection: Connection, claimed: Claimed, **values: Any) -> int:
        still_ours = (
            (outbox.c.id == claimed.id)
            & (outbox.c.state == "claimed")
            & (outbox.c.attempts == claimed.attempts)
            & (outbox.c.next_ms == claimed.lease_ms)
        )
        return connection.execute(outbox.update().where(still_ours).values(**values)).rowcount

    def revive(self, ids: Iterable[int]) -> int:
        """Make dead rows due again, in a batch of their own and counted anew; others are not touched. How many."""
        revived = 0
        with self.database.writable() as connection:
            for row_id in ids:
                is_dead = (outbox.c.id == row_id) & (outbox.c.state == "dead")
                moved = connection.execute(
                    outbox.update().where(is_dead).values(state="due", attempts=0, next_ms=0, cause=None)
                ).rowcount
                if moved:
                    connection.execute(batch_rows.delete().where(batch_rows.c.outbox_id == row_id))
                revived += moved
        return revived

"""Firing timers: due rows, oldest first, those of a shard in one transaction.

A timer fires only when its shard has consumed all that was received before it was due, so that an answer which came in time is never
overtaken by its own time-out. One that raises is left out of its transaction, waits longer each time, and does not starve the others.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.engine import Connection

from santiao.domain.advance import advance_timer
from santiao.domain.deciders.clocks import NEVER
from santiao.domain.decisions import Draft, Occasion
from santiao.domain.ids import derive_message_id
from santiao.domain.policy import Policy
from santiao.hub.engine import Engine
from santiao.hub.standing_policy import policy_in
from santiao.store import shelf_rows, tables
from santiao.store.log import from_millis, to_millis
from santiao.store.shelf import Shelf

logger = logging.getLogger(__name__)
_LONGEST_WAIT = 10
"""Doublings of a minute after which a timer that keeps raising waits no longer."""


class _Timer(NamedTuple):
    """A row, in the order of the table's columns."""

    id: str
    shard: int
    due_ms: int
    case_pk: int
    kind: str
    about: str
    attempts: int


class TimerKeeper:
    """Fires the hub's timers."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def fire_due(self, *, until: datetime | None = None, limit: int = 200) -> int:
        """Fire timers due at `until` (default now) or before, `limit` at most; how many fired."""
        moment = until or self.engine.clock.now()
        return self._fire_all(tables.timers.c.due_ms <= to_millis(moment), moment, limit)

    def firm_up(self) -> int:
        """Compute provisional deadlines again where a calendar has come since; how many were looked at. Called at start."""
        return self._fire_all(tables.timers.c.due_ms == to_millis(NEVER), self.engine.clock.now(), None)

    def next_due(self) -> datetime | None:
        """When the next timer is due."""
        with self.engine.database.readable() as connection:
            row = connection.execute(select(tables.timers.c.due_ms).order_by(tables.timers.c.due_ms).limit(1)).first()
        return from_millis(row[0]) if row else None

    def _fire_all(self, condition: Any, moment: datetime, limit: int | None) -> int:
        timers = tables.timers
        query = select(timers.c.shard, timers.c.id).where(condition).order_by(timers.c.due_ms, timers.c.id).limit(limit)
        by_shard: dict[int, list[str]] = {}
        with self.engine.database.readable() as connection:
            for shard, name in connection.execute(query):
                by_shard.setdefault(shard, []).append(name)
        return sum(self._fire_shard(shard, names, moment) for shard, names in sorted(by_shard.items()))

    def _fire_shard(self, shard: int, names: Sequence[str], moment: datetime) -> int:
        fired: list[tuple[str]] = []
        messages: list[bytes] = []
        began = time.perf_counter()
        with self.engine.database.writable() as connection:
            shelf = Shelf(self.engine.database, connection, shard)
            policy = policy_in(self.engine, connection, shard)
            for row in self._still_due(connection, names):
                if row.id in shelf.timers:
                    continue  # an earlier one of this transaction set it anew or took it back
                message = self._fire(shelf, policy, row, moment)
                if message is not None:
                    fired.append((row.id,))
                    messages.append(message)
                else:
                    self._put_off(connection, row)
            planned = [timer for timer in fired if timer[0] not in shelf.timers]
            self.engine.database.execute_many(
                connection,
                "DELETE FROM timers WHERE id = ? AND due_ms <> ?",
                [(name, to_millis(NEVER)) for (name,) in planned],
            )
            shelf_rows.write(shelf, self.engine.fingerprint)
        self.engine.committed()
        self.engine.observer.fired(shard, messages, time.perf_counter() - began)
        return len(fired)

    def _still_due(self, connection: Connection, names: Sequence[str]) -> list[_Timer]:
        """The rows as they stand under the lock, in the order they were due."""
        rows = self.engine.database.select_in(connection, tables.timers, _Timer._fields, "id", names)
        return sorted(map(_Timer._make, rows), key=lambda timer: (timer.due_ms, timer.id))

    def _fire(self, shelf: Shelf, policy: Policy, row: _Timer, moment: datetime) -> bytes | None:
        """The message that it was; None when it raised."""
        waits = row.due_ms == to_millis(NEVER)
        due = moment if waits else from_millis(row.due_ms)
        cause = self.engine.policy.rulebook.version if waits else str(row.due_ms)
        occasion = Occasion(
            message_id=derive_message_id("timer", row.id, cause),
            shard=shelf.shard,
            occurred_at=due,
            received_at=max(due, moment),
            recorded_at=max(due, moment, self.engine.clock.now()),
            actor="clock",
            first_position=shelf.position + 1,
        )
        draft = Draft(shelf, occasion)
        try:
            case_id = shelf.living_case(row.case_pk)
            if case_id is not None:
                advance_timer(draft, case_id, row.kind, row.about, policy)
        except Exception:
            logger.exception("timer %s raised; it is tried again later", row.id)
            return None
        shelf.settle(draft.step())
        return occasion.message_id

    def _put_off(self, connection: Connection, row: _Timer) -> None:
        later = from_millis(row.due_ms) + timedelta(minutes=2 ** min(_LONGEST_WAIT, row.attempts))
        connection.execute(
            tables.timers.update()
            .where(tables.timers.c.id == row.id)
            .values(due_ms=to_millis(later), attempts=row.attempts + 1)
        )

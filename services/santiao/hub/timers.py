"""Firing timers: due rows, oldest first, one transaction each.

A timer fires only when its shard has consumed all that was received before it was due, so that an answer which came in time is never
overtaken by its own time-out. One that raises waits longer each time and does not starve the others.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import select

from santiao.domain.advance import advance_timer
from santiao.domain.deciders.clocks import NEVER
from santiao.domain.decisions import Draft, Occasion
from santiao.domain.ids import derive_message_id
from santiao.hub.engine import Engine
from santiao.store import shelf_rows, tables
from santiao.store.log import from_millis, to_millis
from santiao.store.shelf import Shelf

logger = logging.getLogger(__name__)


class TimerKeeper:
    """Fires the hub's timers."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def fire_due(self, *, until: datetime | None = None, limit: int = 200) -> int:
        """Fire timers due at `until` (default now) or before; how many fired."""
        moment = until or self.engine.clock.now()
        with self.engine.database.readable() as connection:
            due = connection.execute(
                select(tables.timers.c.id)
                .where(tables.timers.c.due_ms <= to_millis(moment))
                .order_by(tables.timers.c.due_ms, tables.timers.c.id)
                .limit(limit)
            ).scalars()
            names = list(due)
        return sum(self._fire(name, moment) for name in names)

    def firm_up(self) -> int:
        """Compute provisional deadlines again where a calendar has come since; how many were looked at. Called at start."""
        with self.engine.database.readable() as connection:
            query = select(tables.timers.c.id).where(tables.timers.c.due_ms == to_millis(NEVER))
            names = list(connection.execute(query.order_by(tables.timers.c.id)).scalars())
        return sum(self._fire(name, self.engine.clock.now()) for name in names)

    def next_due(self) -> datetime | None:
        """When the next timer is due."""
        with self.engine.database.readable() as connection:
            row = connection.execute(select(tables.timers.c.due_ms).order_by(tables.timers.c.due_ms).limit(1)).first()
        return from_millis(row[0]) if row else None

    def _fire(self, name: str, moment: datetime) -> bool:
        engine = self.engine
        try:
            with engine.database.writable() as connection:
                row = connection.execute(tables.timers.select().where(tables.timers.c.id == name)).first()
                if row is None:
                    return False
                shelf = Shelf(engine.database, connection, row.shard)
                case_id = shelf.living_case(row.case_pk)
                waits = row.due_ms == to_millis(NEVER)
                due = moment if waits else from_millis(row.due_ms)
                cause = engine.policy.rulebook.version if waits else str(row.due_ms)
                occasion = Occasion(
                    message_id=derive_message_id("timer", row.id, cause),
                    shard=row.shard,
                    occurred_at=due,
                    received_at=max(due, moment),
                    recorded_at=max(due, moment),
                    actor="clock",
                    first_position=shelf.position + 1,
                )
                draft = Draft(shelf, occasion)
                if case_id is not None:
                    advance_timer(draft, case_id, row.kind, row.about, engine.policy)
                if not waits:
                    connection.execute(tables.timers.delete().where(tables.timers.c.id == name))
                shelf.settle(draft.step())
                shelf_rows.write(shelf, engine.fingerprint)
            engine.committed()
            return True
        except Exception:
            logger.exception("timer %s raised; it is tried again later", name)
            self._put_off(name)
            return False

    def _put_off(self, name: str) -> None:
        with self.engine.database.writable() as connection:
            row = connection.execute(tables.timers.select().where(tables.timers.c.id == name)).first()
            if row is not None:
                later = from_millis(row.due_ms) + timedelta(minutes=2 ** min(10, row.attempts))
                connection.execute(
                    tables.timers.update()
                    .where(tables.timers.c.id == name)
                    .values(due_ms=to_millis(later), attempts=row.attempts + 1)
                )

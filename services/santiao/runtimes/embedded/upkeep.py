"""Keeping a home in order while the hub runs: the write-ahead log goes back into its file, spent nonces are forgotten, erasures listed.

The rule kept here: a checkpoint never waits for a reader, it goes as far as it can; a reader that holds the log open for long is told of,
because the file grows until it lets go. Reads elsewhere are bounded: runs of events, pages of rows, no cursor kept across a wait.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete

from santiao.store import tables
from santiao.store.database import Database
from santiao.store.log import to_millis

logger = logging.getLogger(__name__)
EVERY_SECONDS = 15.0
_TRUNCATE_BYTES = 64 * 1024 * 1024
_HELD_FRAMES = 40_000
_NONCES_KEPT = timedelta(days=2)


class Upkeep:
    """Looks after a home's databases."""

    def __init__(
        self,
        databases: tuple[Database, ...],
        store: Database,
        now: Callable[[], datetime],
        keep_ledger: Callable[[], None],
    ) -> None:
        self._databases = tuple(database for database in databases if database.is_sqlite)
        self._store = store
        self._now = now
        self._keep_ledger = keep_ledger
        self._last = float("-inf")
        self._nonces_last = float("-inf")

    def turn(self) -> bool:
        """Do what is due; nothing waits behind it."""
        now = time.monotonic()
        if now - self._last < EVERY_SECONDS:
            return False
        self._last = now
        for database in self._databases:
            self._checkpoint(database)
        self._keep_ledger()
        if now - self._nonces_last > 3600:
            self._nonces_last = now
            self._forget_nonces(self._now())
        return False

    def _checkpoint(self, database: Database) -> None:
        size = wal_bytes(database)
        if not size:
            return
        busy, in_log, done = database.checkpoint("TRUNCATE" if size > _TRUNCATE_BYTES else "PASSIVE")
        if busy or in_log - done > _HELD_FRAMES:
            logger.warning("a reader keeps the write-ahead log from shrinking", extra={"frames": in_log, "done": done})

    def _forget_nonces(self, now: datetime) -> None:
        """A delivery so old is refused by its time alone, so its nonce need not be known."""
        table = tables.nonces
        with self._store.writable() as connection:
            connection.execute(delete(table).where(table.c.seen_ms < to_millis(now - _NONCES_KEPT)))


def wal_bytes(database: Database) -> int:
    """Size of a SQLite database's write-ahead log; 0 where there is none."""
    path = database.path
    if path is None:
        return 0
    wal = Path(f"{path}-wal")
    try:
        return wal.stat().st_size
    except OSError:
        return 0

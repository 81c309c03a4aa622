"""A scratch database: what is invented in the order of disputes is delivered in the order of time, however large the city is."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Self

BATCH = 4_000


class Staging:
    """Items wait here, by desk and moment, until their delivery is written. Deleted when closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.unlink(missing_ok=True)
        self._db = sqlite3.connect(path)
        self._db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536;"
            "CREATE TABLE item (seq INTEGER PRIMARY KEY, desk TEXT, at TEXT, key TEXT, body BLOB);"
        )
        self._waiting: list[tuple[str, str, str, bytes]] = []
        self._indexed = False

    def put(self, desk: str, at: datetime, key: str, body: bytes) -> None:
        """Let an item wait. Items of one desk and moment keep the order in which they were put."""
        self._waiting.append((desk, at.isoformat(), key, body))
        if len(self._waiting) >= BATCH:
            self._flush()

    def take(self, desk: str, after: datetime | None, until: datetime | None) -> Iterator[tuple[str, str, bytes]]:
        """Yield (moment, key, body) of a desk's items later than `after` and not later than `until`, in order."""
        self._flush()
        if not self._indexed:
            self._db.execute("CREATE INDEX item_by_time ON item (desk, at, seq)")
            self._indexed = True
        yield from self._db.execute(
            "SELECT at, key, body FROM item WHERE desk = ? AND at > ? AND at <= ? ORDER BY at, seq",
            (desk, after.isoformat() if after else "", until.isoformat() if until else "~"),
        )

    def _flush(self) -> None:
        self._db.executemany("INSERT INTO item (desk, at, key, body) VALUES (?, ?, ?, ?)", self._waiting)
        self._waiting.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        self._path.unlink(missing_ok=True)

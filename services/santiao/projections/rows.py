"""Rows of a view's table in memory over the database: read at once, changed in memory, written in key order."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.engine import Connection

from santiao.projections.contract import Key, Row, ViewTable
from santiao.store.database import Database


class BufferedRows:
    """Implements `contract.Rows` over one generation of a table. With `whole` nothing is in the database that is not in memory."""

    def __init__(
        self, database: Database, connection: Connection, table: ViewTable, physical: str, *, whole: bool = False
    ) -> None:
        self.database = database
        self.connection = connection
        self.table = table
        self.physical = physical
        self.whole = whole
        self._rows: dict[Key, Row | None] = {}
        self._changed: dict[Key, None] = {}
        self._names = tuple(column.name for column in table.columns)
        self._keys = self._names[: table.key_columns]

    def prefetch(self, keys: Iterable[Key]) -> None:
        """Read rows not in memory yet."""
        if self.whole:
            return
        missing = [key for key in keys if key not in self._rows]
        for key in missing:
            self._rows[key] = None
        if not missing:
            return
        first = list({key[0] for key in missing})
        for values in self.database.select_named(self.connection, self.physical, self._names, self._keys[0], first):
            key = tuple(values[: self.table.key_columns])
            if self._rows.get(key) is None and key not in self._changed:
                self._rows[key] = dict(zip(self._names, values, strict=True))

    def get(self, *key: Any) -> Row | None:
        if key not in self._rows:
            self.prefetch((key,))
        return self._rows.get(key)

    def put(self, row: Row) -> None:
        key = self.table.key_of(row)
        self._rows[key] = row
        self._changed[key] = None

    def delete(self, *key: Any) -> None:
        self._rows[key] = None
        self._changed[key] = None

    def flush(self) -> int:
        """Write what changed; how many rows."""
        changed = sorted(self._changed, key=_sortable)
        names = self._names
        present = [tuple(row[name] for name in names) for key in changed if (row := self._rows[key]) is not None]
        gone = [key for key in changed if self._rows[key] is None]
        self.database.upsert_named(self.connection, self.physical, names, self._keys, present)
        if gone and not self.whole:
            where = " AND ".join(f"{name} = ?" for name in self._keys)
            self.database.execute_many(self.connection, f"DELETE FROM {self.physical} WHERE {where}", gone)
        self._changed.clear()
        return len(changed)


def _sortable(key: Key) -> tuple[str, ...]:
    return tuple(str(part) for part in key)

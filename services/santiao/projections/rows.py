"""Rows of a view's tables in memory over the database: read at once, changed in memory, written in key order."""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter, itemgetter
from typing import Any, Generic

import msgspec
from sqlalchemy.engine import Connection

from santiao.projections import generations
from santiao.projections.contract import Key, Projection, R, Rows, ViewTable
from santiao.store.database import Database
from santiao.store.log import Entry

_SLICE = 4_000
"""Rows written under one lock while a view is built beside the live one: some ten milliseconds, so that intake hardly waits."""


class BufferedRows(Generic[R]):
    """Implements `contract.Rows` over one generation of a table. What is `whole` has nothing in the database that is not in memory."""

    def __init__(self, working: "WorkingSet", table: ViewTable[R], physical: str) -> None:
        self.working = working
        self.table = table
        self.physical = physical
        self._kept: dict[Key, R | None] = {}
        self._changed: set[Key] = set()
        self._added: list[R] = []
        self._key_of = attrgetter(*table.key)
        self._sorts_by = itemgetter(*range(table.key_columns))
        self._is_empty = working.is_whole
        self.get: Callable[[Key], R | None] = self._get
        self.change: Callable[[Key], R | None] = self._change
        if working.is_whole:
            # Nothing is written yet, so everything in memory will be: a row is looked up and nothing is noted.
            self.get = self.change = self._kept.get

    def _get(self, key: Key) -> R | None:
        row = self._kept.get(key)
        return row if row is not None else self._look(key)

    def _change(self, key: Key) -> R | None:
        row = self._get(key)
        if row is not None:
            self._changed.add(key)
        return row

    def _look(self, key: Key) -> R | None:
        if self.working.is_whole or key in self._kept:
            return None
        self.read((key,))
        return self._kept[key]

    def put(self, row: R) -> None:
        key = self._key_of(row)
        self._kept[key] = row
        if not self._is_empty:
            self._changed.add(key)

    def add(self, row: R) -> None:
        self._added.append(row)

    def delete(self, key: Key) -> None:
        self._kept[key] = None
        if not self._is_empty:
            self._changed.add(key)

    def read(self, keys: Iterable[Key]) -> None:
        """Read rows that are not in memory yet; what is not in the database either is remembered as missing."""
        missing = [key for key in keys if key not in self._kept]
        if not missing or self.working.is_whole:
            return
        for key in missing:
            self._kept[key] = None
        table = self.table
        first = missing if table.key_columns == 1 else list({key[0] for key in missing})
        wanted = set(missing)
        for values in self.working.select(self.physical, table.columns, table.key[0], first):
            row = table.row(*values)
            key = self._key_of(row)
            if key in wanted:
                self._kept[key] = row

    @property
    def is_touched(self) -> bool:
        """Whether rows wait to be written, as far as one can tell."""
        return bool(self._changed or self._added or self._is_empty)

    @property
    def added(self) -> int:
        """How many rows wait to be written that no fold reads again."""
        return len(self._added)

    @property
    def kept(self) -> int:
        """How many rows are in memory."""
        return len(self._kept) + len(self._added)

    def take_added(self) -> list[tuple[Any, ...]]:
        """Rows to insert, in key order; from now on they count as written."""
        inserts = sorted(map(msgspec.structs.astuple, self._added), key=self._sorts_by)
        self._added.clear()
        return inserts

    def take_changes(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Rows to upsert, rows to insert, keys to delete, each in key order; from now on they count as written."""
        if self._is_empty:
            return [], self._take_all(), []
        kept, astuple = self._kept, msgspec.structs.astuple
        upserts, gone = [], []
        for key in sorted(self._changed):
            row = kept[key]
            if row is not None:
                upserts.append(astuple(row))
            else:
                gone.append(key if self.table.key_columns > 1 else (key,))
        self._changed.clear()
        return upserts, self.take_added(), gone

    def _take_all(self) -> list[tuple[Any, ...]]:
        """The same of a table that is empty yet: an insert looks for nothing, and rows in key order fill page after page."""
        rows = [row for row in self._kept.values() if row is not None]
        rows += self._added
        self._added.clear()
        self._is_empty = False
        self.get, self.change = self._get, self._change
        return sorted(map(msgspec.structs.astuple, rows), key=self._sorts_by)

    def forget(self) -> None:
        """Let go of what is in memory. All of it was written before."""
        self._kept.clear()


class WorkingSet:
    """The tables of one view in one generation, under a fold. Implements `contract.TableSet`.

    Rows are read through the connection lent by `lend` and written by `write`; in between none is needed. `is_whole` while everything
    the tables hold is in memory.
    """

    def __init__(self, database: Database, projection: Projection, generation: int, *, is_whole: bool = False) -> None:
        self.database = database
        self.projection = projection
        self.generation = generation
        self.is_whole = is_whole
        self._connection: Connection | None = None
        self._buffers = {
            table.name: BufferedRows(self, table, table.physical(generation)) for table in projection.tables
        }
        self.handlers = projection.begin(self)

    def of(self, table: ViewTable[R]) -> Rows[R]:
        return self._buffers[table.name]

    def lend(self, connection: Connection | None) -> None:
        """The connection to read rows through from now on."""
        self._connection = connection

    def select(self, name: str, columns: Sequence[str], key: str, values: Iterable[Key]) -> list[Any]:
        """Rows of a physical table whose `key` column is among `values`."""
        assert self._connection is not None, "a fold reads only while a connection is lent"
        return self.database.select_named(self._connection, name, columns, key, values)

    def prefetch(self, entries: Iterable[Entry]) -> None:
        """Read at once what folding these entries will look at."""
        if self.is_whole:
            return
        handlers = self.handlers
        relevant = [entry for entry in entries if entry.name in handlers]
        if not relevant:
            return
        for buffer in self._buffers.values():
            looks_at = buffer.table.looks_at
            buffer.read({key for entry in relevant for key in looks_at(entry, entry.event)})

    def fold(self, entries: Iterable[Entry]) -> None:
        """Fold entries in order."""
        handlers = self.handlers
        for entry in entries:
            handler = handlers.get(entry.name)
            if handler is not None:
                handler(entry, entry.event)

    @property
    def added(self) -> int:
        """How many rows wait to be written that no fold reads again."""
        return sum(buffer.added for buffer in self._buffers.values())

    @property
    def kept(self) -> int:
        """How many rows are in memory."""
        return sum(buffer.kept for buffer in self._buffers.values())

    def write(self, connection: Connection) -> None:
        """Write everything that changed, in one transaction of the caller's."""
        for table, upserts, inserts, gone in self._take():
            self._upsert(connection, table, upserts)
            self._insert(connection, table, inserts)
            self._delete(connection, table, gone)

    def write_in_slices(self) -> None:
        """Write everything that changed in short transactions, so that others may write in between.

        None of them waits for the disk: after a power cut nobody looks at a generation that was not finished.

        Raises:
            Conflict: a later build of the view took over.
        """
        for table, upserts, inserts, gone in self._take():
            for rows, write in ((upserts, self._upsert), (inserts, self._insert), (gone, self._delete)):
                self._write_slices(table, rows, write)

    def write_added(self) -> None:
        """Write in short transactions the rows that no fold reads again.

        Raises:
            Conflict: a later build of the view took over.
        """
        for buffer in self._buffers.values():
            self._write_slices(buffer.table, buffer.take_added(), self._insert)

    def _write_slices(
        self, table: ViewTable[Any], rows: list[Any], write: Callable[[Connection, ViewTable[Any], list[Any]], None]
    ) -> None:
        for start in range(0, len(rows), _SLICE):
            with self.database.writable(is_durable=False) as connection:
                generations.require_building(self.database, connection, self.projection.name, self.generation)
                write(connection, table, rows[start : start + _SLICE])

    def forget(self) -> None:
        """Let go of what is in memory; from now on rows are read again. Everything was written before."""
        self.is_whole = False
        for buffer in self._buffers.values():
            buffer.forget()

    def _take(self) -> Iterable[tuple[ViewTable[Any], list[Any], list[Any], list[Any]]]:
        for buffer in self._buffers.values():
            if buffer.is_touched:
                yield buffer.table, *buffer.take_changes()

    def _upsert(self, connection: Connection, table: ViewTable[Any], rows: list[Any]) -> None:
        if not rows:
            return
        physical = table.physical(self.generation)
        self.database.upsert_named(connection, physical, table.columns, table.key, rows)

    def _insert(self, connection: Connection, table: ViewTable[Any], rows: list[Any]) -> None:
        if not rows:
            return
        names = ", ".join(table.columns)
        marks = ", ".join("?" * len(table.columns))
        sql = f"INSERT INTO {table.physical(self.generation)} ({names}) VALUES ({marks})"
        self.database.execute_many(connection, sql, rows)

    def _delete(self, connection: Connection, table: ViewTable[Any], keys: list[Any]) -> None:
        if not keys:
            return
        where = " AND ".join(f"{name} = ?" for name in table.key)
        sql = f"DELETE FROM {table.physical(self.generation)} WHERE {where}"
        self.database.execute_many(connection, sql, keys)

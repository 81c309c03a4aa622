"""What a projection is.

A projection is a pure fold of events into rows of its own tables. It has no effects and asks no clock, so that folding the log again
gives the same rows to the byte; `version` rises when its fold or its tables change, and the projector then builds it anew beside the
old one. Rows hold sealed values as they are in the log: only the pool opens them.
"""

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from santiao.domain.events import Event, Meta

Row = dict[str, Any]
"""A row by column name. Values are str, int, bytes or None: what both databases keep alike."""

Key = tuple[Any, ...]
"""Values of a table's key columns, in order."""


class ViewColumn(msgspec.Struct, frozen=True):
    """A column: `kind` text, int or bytes."""

    name: str
    kind: str = "text"


class ViewTable(msgspec.Struct, frozen=True):
    """A table of a view: the first `key_columns` columns are its key; `indexes` are column tuples queries need."""

    name: str
    columns: tuple[ViewColumn, ...]
    key_columns: int = 1
    indexes: tuple[tuple[str, ...], ...] = ()

    def key_of(self, row: Row) -> Key:
        """The key of a row."""
        return tuple(row[column.name] for column in self.columns[: self.key_columns])


class Rows(Protocol):
    """The rows of one table as a fold sees them. What is read may be changed only by `put`."""

    def get(self, *key: Any) -> Row | None:
        """A row by key; None when there is none."""
        ...

    def put(self, row: Row) -> None:
        """Insert or replace a row."""
        ...

    def delete(self, *key: Any) -> None:
        """Delete a row; a missing one is no error."""
        ...


class Projection(Protocol):
    """One view. `tables` belong to it alone; `apply` folds one event."""

    name: str
    version: int
    tables: tuple[ViewTable, ...]

    def touches(self, meta: Meta, event: Event) -> Iterable[tuple[str, Key]]:
        """(table, key) of rows that `apply` will read, so that a run of events reads them at once."""
        ...

    def apply(self, rows: dict[str, Rows], meta: Meta, event: Event) -> None:
        """Fold one event. `rows` by table name."""
        ...

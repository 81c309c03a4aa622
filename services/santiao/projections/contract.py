"""What a projection is.

A projection is a pure fold of events into rows of its own tables. It has no effects and asks no clock, so that folding the log again
gives the same rows to the byte; `version` rises when its fold or its tables change, and the projector then builds it anew beside the
old one. Rows hold sealed values as they are in the log: only the pool opens them.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MethodType
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from santiao.store.log import Entry

Key = Any
"""Value of a table's key column; a tuple of values, in order, where the key has several columns."""

R = TypeVar("R", bound=msgspec.Struct)


class Index(msgspec.Struct, frozen=True):
    """What queries find rows by. `where` leaves out rows that no query asks for; it is a constant of the code."""

    columns: tuple[str, ...]
    where: str = ""
    is_unique: bool = False


def looks_at_nothing(entry: Entry, event: Any) -> Iterable[Key]:
    """For tables whose rows are only ever added."""
    return ()


class ViewTable(msgspec.Struct, Generic[R], frozen=True, eq=False):
    """A table of a view. A row is a `row` (mutable Struct of str, int, bytes or None: what both databases keep alike).

    The first `key_columns` fields are the key. `looks_at` tells the keys of rows that folding an entry will read, so that a run of
    entries reads them at once; a row that it leaves out is read when it is asked for. Rows of `is_wide` tables take a kilobyte and more:
    SQLite then keeps them apart from their key.
    """

    name: str
    view: str
    row: type[R]
    key_columns: int = 1
    indexes: tuple[Index, ...] = ()
    is_wide: bool = False
    looks_at: Callable[[Entry, Any], Iterable[Key]] = looks_at_nothing

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return self.row.__struct_fields__

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the key's columns."""
        return self.columns[: self.key_columns]

    def physical(self, generation: int) -> str:
        """The table's name in one generation."""
        return f"{self.name}__{generation}"


class Rows(Protocol[R]):
    """The rows of one table as a fold sees them."""

    def get(self, key: Key) -> R | None:
        """A row to look at, not to change; None when there is none."""
        ...

    def change(self, key: Key) -> R | None:
        """A row to change in place; None when there is none."""
        ...

    def put(self, row: R) -> None:
        """Insert or replace a row."""
        ...

    def add(self, row: R) -> None:
        """Add a row that is new and that no fold reads again. A second one under its key is a failure when it is written."""
        ...

    def delete(self, key: Key) -> None:
        """Delete a row; a missing one is no error."""
        ...


class TableSet(Protocol):
    """The tables of one view under a fold."""

    def of(self, table: ViewTable[R]) -> Rows[R]:
        """The rows of a table."""
        ...


Handler = Callable[[Entry, Any], None]
"""Folds one event: the entry it stands in, and its own facts."""


class Projection(msgspec.Struct, frozen=True, eq=False):
    """One view.

    `fold` is a class made with the view's `TableSet`; `handlers` are its methods by the name of the event each folds. Events without
    a handler do not touch the view and are not even decoded for it; of those in `unread` a handler needs the entry alone and gets no
    event. With `has_history` the view answers as of any recorded time.
    """

    name: str
    version: int
    tables: tuple[ViewTable[Any], ...]
    fold: Callable[[TableSet], Any]
    handlers: Mapping[str, Callable[[Any, Entry, Any], None]]
    unread: frozenset[str] = frozenset()
    has_history: bool = False

    @property
    def wanted(self) -> dict[str, bool]:
        """Names of the events that are folded, each with whether its own facts are read."""
        return {name: name not in self.unread for name in self.handlers}

    def begin(self, tables: TableSet) -> dict[str, Handler]:
        """A fold over these tables: what to call for an event of each name."""
        folding = self.fold(tables)
        return {name: MethodType(handler, folding) for name, handler in self.handlers.items()}


def wanted_by(projections: Iterable[Projection]) -> dict[str, bool]:
    """What several views together want of the log."""
    found: dict[str, bool] = {}
    for projection in projections:
        for name, is_whole in projection.wanted.items():
            found[name] = found.get(name, False) or is_whole
    return found

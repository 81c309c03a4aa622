"""Reading views: one consistent read of the live generations, pages by key, and opaque cursors.

A cursor is the place after a page's last row; it is no secret and no promise: what it says only ever becomes the value of a
parameter, and one that was not given out here is rejected.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy.engine import Connection

from santiao.domain.errors import Rejection
from santiao.projections import generations
from santiao.projections.contract import R, ViewTable
from santiao.projections.generations import live_of
from santiao.store.database import Database
from santiao.store.tables import POSITION_BITS

PAGE_MAX = 500
T = TypeVar("T")
Value = str | int | bytes | None


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Part of a list; `next` is the cursor of the part after it, None at the end."""

    items: tuple[T, ...]
    next: str | None = None


class Reading:
    """Views as they stand in one snapshot."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self.database = database
        self.connection = connection
        self._standings = generations.read_live(connection)

    def table(self, table: ViewTable[Any]) -> str:
        """Where a table stands now, for statements of a view's own."""
        return table.physical(live_of(self._standings, table.view).generation)

    def positions(self, view: str) -> dict[int, int]:
        """How far a view was folded, by shard."""
        return dict(live_of(self._standings, view).positions)

    def has_reached(self, view: str, log_key: int) -> bool:
        """Whether a view shows the event with this key of the log (what a command or a receipt answered)."""
        shard, position = log_key >> POSITION_BITS, log_key & ((1 << POSITION_BITS) - 1)
        return live_of(self._standings, view).positions.get(shard, 0) >= position

    def execute(self, sql: str, values: Sequence[Value] = ()) -> list[Any]:
        """Rows of a statement of the code's own, written with `?`."""
        statement = sql if self.database.is_sqlite else sql.replace("%", "%%").replace("?", "%s")
        return list(self.connection.exec_driver_sql(statement, tuple(values)))

    def rows(
        self, table: ViewTable[R], where: str = "", values: Sequence[Value] = (), *, order: str = "", limit: int = 0
    ) -> list[R]:
        """Typed rows of a view's table. `where` and `order` are constants of the code; what was asked for is in `values`."""
        sql = f"SELECT {', '.join(table.columns)} FROM {self.table(table)}"
        if where:
            sql += f" WHERE {where}"
        if order:
            sql += f" ORDER BY {order}"
        if limit:
            sql += f" LIMIT {int(limit)}"
        return [table.row(*row) for row in self.execute(sql, values)]

    def among(self, table: ViewTable[R], column: str, values: Iterable[Value], *, suffix: str = "") -> list[R]:
        """Typed rows whose `column` is one of `values`; `suffix` is a constant of the code."""
        found = self.database.select_named(
            self.connection, self.table(table), table.columns, column, list(values), suffix=suffix
        )
        return [table.row(*row) for row in found]


class ViewReader:
    """Opens consistent reads of the views."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """One snapshot, for one answer; it is short, because a long one keeps old pages alive."""
        with self.database.readable() as connection:
            yield Reading(self.database, connection)


def encode_cursor(*values: Value | dict[int, int]) -> str:
    """An opaque text for these values."""
    return urlsafe_b64encode(msgspec.msgpack.encode(values)).decode().rstrip("=")


def decode_cursor(cursor: str, kind: type[T]) -> T:
    """The values of a cursor, as the tuple type `kind`.

    Raises:
        Rejection: it was not given out for this list.
    """
    try:
        data = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.msgpack.decode(data, type=kind)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise foreign_cursor() from None


def foreign_cursor() -> Rejection:
    """What is said to a cursor that was not given out for this list."""
    return Rejection(
        "cursor.invalid",
        "this cursor was not given out for this list; begin without one",
        "游标无效，请从头查询",
        "after",
    )


def page_size(limit: int) -> int:
    """A size within bounds.

    Raises:
        Rejection: it is not.
    """
    if not 1 <= limit <= PAGE_MAX:
        raise Rejection("page.limit", f"limit is 1 to {PAGE_MAX}", f"每页条数应为 1 至 {PAGE_MAX}", "limit")
    return limit

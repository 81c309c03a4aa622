"""Polls the tables of a front-end database (前置库): keyset on (time of update, key) with an overlap, read-only.

The rule kept here: a row is given once per version it was seen in. The next poll begins some minutes before the last row read,
because the source commits late and its clock has seconds only; what it re-reads there is no item. Names of tables and columns come
from the declaration, are checked against the database and quoted; values are always bound.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from santiao.connectors.contract import Page, RawItem
from santiao.connectors.transports.database import open_read_only, takes_broken_text, told_as_delivery_failure
from santiao.connectors.transports.recent import DEFAULT_LIMIT, Recent, digest_of
from santiao.connectors.transports.table_columns import SourceTable, TableSpec, encode_row, reflect
from santiao.connectors.transports.timestamps import Clock, advanced, overlap_start, sort_text
from santiao.domain.messages import Watermark

_PAGES_MAX = 100_000


class TableSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a declaration says of a polled database. Tables are read in the order in which they stand here.

    `overlap_minutes` must cover the source's longest transaction and the skew between its writers' clocks; `recent_limit` bounds
    what the watermark remembers of the overlap, for each table; `names` is how column names are spelled in the cells.
    """

    tables: tuple[TableSpec, ...]
    schema: str = ""
    names: Literal["upper", "lower", "as_stored"] = "upper"
    overlap_minutes: int = 10
    page_rows: int = 500
    recent_limit: int = DEFAULT_LIMIT
    timeout_seconds: int = 30
    charset: str = "utf-8"


class TableTransport:
    """Reads the rows of one feed's tables; `source` is a database URL."""

    def __init__(self, settings: TableSettings, *, connector: str, feed: str, clock: Clock, password: str = "") -> None:
        self._settings = settings
        self._connector = connector
        self._feed = feed
        self._clock = clock
        self._password = password

    def read(self, source: str, watermark: Watermark | None) -> Iterator[Page]:
        """Yield rows that are new or changed, a page at a time; at least one page a table, so that an answer without news is seen.

        Rows are given in order of (time of update, key), then those which that order cannot place. A time in the future is
        neither an item's `delivered_at` nor where the watermark goes.

        Raises:
            DeliveryFailed: the database could not be opened or read, or lacks a table or column that the declaration names.
        """
        engine = open_read_only(source, self._password, self._settings.timeout_seconds)
        state = {} if watermark is None else dict(watermark.state)
        try:
            with told_as_delivery_failure(engine.dialect.name), engine.connect() as connection:
                for spec in self._settings.tables:
                    table = reflect(connection, spec, self._settings.schema, self._settings.names)
                    for items in _TablePoll(self._settings, table, state, self._clock).pages(connection):
                        yield Page(items, Watermark(self._connector, self._feed, dict(state), self._clock()))
        finally:
            engine.dispose()


class _TablePoll:
    """One table's turn in one poll. `state` is the feed's, changed in place as pages are read."""

    def __init__(self, settings: TableSettings, table: SourceTable, state: dict[str, str], clock: Clock) -> None:
        self._settings = settings
        self._table = table
        self._state = state
        self._clock = clock
        self._name = table.spec.name
        self._recent = Recent.decode(state.get(f"{self._name}.recent", ""), settings.recent_limit)
        high = state.get(f"{self._name}.high")
        self._high = datetime.fromisoformat(high) if high else None
        self._low = overlap_start(self._high, settings.overlap_minutes)

    def pages(self, connection: Connection) -> Iterator[tuple[RawItem, ...]]:
        last: tuple[Any, ...] | None = None
        for _ in range(_PAGES_MAX):
            rows = self._page(connection, last)
            if rows:
                last = self._table.place(rows[-1])
                yield self._take(rows)
            if len(rows) < self._settings.page_rows:
                break
        yield from self._strays(connection)
        self._recent.end_poll()
        self._note()
        yield ()

    def _page(self, connection: Connection, last: tuple[Any, ...] | None) -> Sequence[Sequence[Any]]:
        statement = self._table.select_page(self._low, last, self._settings.page_rows)
        try:
            with connection.begin():
                return connection.execute(statement).all()
        except OperationalError:
            if not takes_broken_text(connection):
                raise
        with connection.begin():
            return connection.execute(statement).all()

    def _strays(self, connection: Connection) -> Iterator[tuple[RawItem, ...]]:
        statement = self._table.select_strays(is_first_reading=self._low is None)
        with connection.begin():
            answer = connection.execute(statement.execution_options(stream_results=True))
            while rows := answer.fetchmany(self._settings.page_rows):
                yield self._take(rows, are_placed=False)

    def _take(self, rows: Sequence[Sequence[Any]], *, are_placed: bool = True) -> tuple[RawItem, ...]:
        now = self._clock()
        items = []
        for row in rows:
            moment = self._table.moment(row)
            cells = self._table.cells(row)
            raw = encode_row(self._name, cells)
            lasting = self._table.lasting(cells)
            digest = digest_of(raw if lasting is cells else encode_row(self._name, lasting))
            if are_placed:
                self._high = advanced(self._high, moment, now)
            if self._recent.admit(sort_text(moment) if are_placed else "", digest):
                items.append(
                    RawItem(
                        where=f"{self._name}/{self._table.key_text(cells)}",
                        raw=raw,
                        cells=cells,
                        table=self._name,
                        delivered_at=moment if moment is not None and moment <= now else None,
                        charset=self._settings.charset,
                    )
                )
        self._note()
        return tuple(items)

    def _note(self) -> None:
        if self._high is not None:
            low = overlap_start(self._high, self._settings.overlap_minutes)
            self._recent.forget_before(sort_text(low))
            self._state[f"{self._name}.high"] = self._high.isoformat()
        self._state[f"{self._name}.recent"] = self._recent.encode()

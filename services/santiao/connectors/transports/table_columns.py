"""One polled table as the database really has it: its columns, the two questions put to it, and a row as cells.

The rule kept here: every name used in a statement was found by reflection, every value is bound as it was read. No type is told
to the database for a bound value, so that padding and indexes work as they do for the source itself.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import CHAR, NCHAR, DateTime, LargeBinary, NullType, TypeEngine

from santiao.connectors.contract import Cell
from santiao.connectors.transports.timestamps import check_format, read_time, with_offset, write_time
from santiao.domain.calendar import SHANGHAI
from santiao.domain.errors import DeliveryFailed, InvalidRecord

_EARLIEST = datetime(1990, 1, 1, tzinfo=SHANGHAI)
"""No agency's system is older; what sorts before it is no time."""
_BYTES_MARK = "$bytes"
_PLAIN = frozenset({str, int, float, bool, bytes, type(None)})


class TableSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a declaration says of one table.

    `key` and `updated` are the keyset's columns; `updated_format` how the time is written, "" where the column is a time of the
    database's own; `bytes` the text columns that must come undecoded; `volatile` those whose change is no news.
    """

    name: str
    key: tuple[str, ...]
    updated: str
    updated_format: str = "%Y%m%d%H%M%S"
    bytes: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError(f"table {self.name} needs at least one key column")
        if self.updated_format:
            check_format(self.updated_format)


class octets(FunctionElement[Any]):  # noqa: N801 - named as the SQL function it renders
    """The bytes of a text column, undecoded."""

    name = "octets"
    inherit_cache = True
    type = LargeBinary()


@compiles(octets, "sqlite")
def _octets_sqlite(element: octets, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS BLOB)"


@compiles(octets, "postgresql")
def _octets_postgresql(element: octets, compiler: Any, **options: Any) -> str:
    return f"convert_to({compiler.process(element.clauses, **options)}, getdatabaseencoding())"


@compiles(octets, "oracle")
@compiles(octets, "dm")
def _octets_oracle(element: octets, compiler: Any, **options: Any) -> str:
    return f"UTL_RAW.CAST_TO_RAW({compiler.process(element.clauses, **options)})"


class SourceTable:
    """A declared table, found in the database."""

    def __init__(
        self, spec: TableSpec, table: sa.Table, kinds: dict[str, TypeEngine[Any]], names: Sequence[str]
    ) -> None:
        self.spec = spec
        self._columns = list(table.columns)
        self._names = tuple(names)
        by_name = {_plain(column.name): place for place, column in enumerate(self._columns)}
        self._updated = self._find(by_name, spec.updated)
        self._key = tuple(self._find(by_name, name) for name in spec.key)
        self._bytes = frozenset(self._find(by_name, name) for name in spec.bytes)
        self._volatile = frozenset(self._names[self._find(by_name, name)] for name in spec.volatile)
        self._padded = tuple(
            place for place, column in enumerate(self._columns) if isinstance(kinds[column.name], CHAR | NCHAR)
        )
        kind = kinds[self._columns[self._updated].name]
        self._has_offset = bool(getattr(kind, "timezone", False))
        if not spec.updated_format and not isinstance(kind, DateTime):
            raise _misdeclared(spec, f"{spec.updated} is no time of the database; declare its updated_format")

    def _find(self, by_name: dict[str, int], name: str) -> int:
        place = by_name.get(_plain(name))
        if place is None:
            raise _misdeclared(self.spec, f"it has no column {name}")
        return place

    def select_page(self, low: datetime | None, last: tuple[Any, ...] | None, rows: int) -> sa.Select[Any]:
        """The next `rows` rows in order of (updated, key): those after the place `last`, else those not before `low`."""
        updated = self._columns[self._updated]
        keys = [self._columns[place] for place in self._key]
        order = [updated, *keys]
        wanted: list[sa.ColumnElement[bool]] = [key.is_not(None) for key in keys]
        if last is not None:
            wanted.append(_after(order, last))
        else:
            wanted.append(updated.is_not(None) if low is None else updated >= _bound(self._written(low)))
        return self._select().where(*wanted).order_by(*order).limit(rows)

    def select_strays(self, *, is_first_reading: bool) -> sa.Select[Any]:
        """Rows that no order of (updated, key) can place, so that no poll would ever meet them."""
        updated = self._columns[self._updated]
        unplaced: list[sa.ColumnElement[bool]] = [
            self._columns[place].is_(None) for place in (self._updated, *self._key)
        ]
        if not is_first_reading:
            unplaced.append(updated < _bound(self._written(_EARLIEST)))
        return self._select().where(sa.or_(*unplaced))

    def place(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """A row's place in the order, as the database gave it."""
        return (row[self._updated], *(row[place] for place in self._key))

    def moment(self, row: Sequence[Any]) -> datetime | None:
        """When the source says it last changed the row; None where it says nothing readable."""
        cell = row[self._updated]
        if isinstance(cell, datetime):
            return with_offset(cell)
        return (
            read_time(cell.strip(), self.spec.updated_format)
            if isinstance(cell, str) and self.spec.updated_format
            else None
        )

    def cells(self, row: Sequence[Any]) -> dict[str, Cell]:
        """The row by column, padding of CHAR columns taken off."""
        values: list[Cell] = list(row) if _PLAIN.issuperset(map(type, row)) else [_cell(value) for value in row]
        for place in self._padded:
            value = values[place]
            if isinstance(value, str):
                values[place] = value.rstrip(" ")
        return dict(zip(self._names, values, strict=True))

    def key_text(self, cells: dict[str, Cell]) -> str:
        """The row's key for people, or `?` where it has none. An agency's number, never a person's."""
        return "/".join(str(cells[self._names[place]] or "?") for place in self._key)

    def lasting(self, cells: dict[str, Cell]) -> dict[str, Cell]:
        """The cells whose change is news."""
        if not self._volatile:
            return cells
        lasting = cells.copy()
        for name in self._volatile:
            del lasting[name]
        return lasting

    def _select(self) -> sa.Select[Any]:
        return sa.select(
            *(octets(column) if place in self._bytes else column for place, column in enumerate(self._columns))
        )

    def _written(self, moment: datetime) -> str | datetime:
        if self.spec.updated_format:
            return write_time(moment, self.spec.updated_format)
        local = moment.astimezone(SHANGHAI)
        return local if self._has_offset else local.replace(tzinfo=None)


def reflect(connection: Connection, spec: TableSpec, schema: str, spelling: str) -> SourceTable:
    """Find the declared table, a view too, whatever case the database keeps its names in.

    Raises:
        DeliveryFailed: `table.missing` or `table.declaration`, when it or a column of it is not there.
    """
    inspector = sa.inspect(connection)
    inside = schema or None
    found = [*inspector.get_table_names(schema=inside), *inspector.get_view_names(schema=inside)]
    alike = [name for name in found if _plain(name) == _plain(spec.name)]
    actual = spec.name if spec.name in alike else next(iter(alike), None)
    if actual is None:
        raise DeliveryFailed(
            "table.missing",
            f"the database has no table {spec.name} that this user may read; check the declaration, the schema and the grants",
            f"数据库中没有可读取的表 {spec.name}",
        )
    kinds: dict[str, TypeEngine[Any]] = {}

    def keep_as_stored(_inspector: Any, _table: Any, column: Any) -> None:
        kinds[column["name"]] = column["type"]
        column["type"] = NullType()

    table = sa.Table(
        actual,
        sa.MetaData(),
        schema=inside,
        autoload_with=connection,
        resolve_fks=False,
        listeners=[("column_reflect", keep_as_stored)],
    )
    connection.rollback()
    respell = {"upper": str.upper, "lower": str.lower}.get(spelling, str)
    return SourceTable(spec, table, kinds, [respell(column.name) for column in table.columns])


def encode_row(table: str, cells: dict[str, Cell]) -> bytes:
    """A row as bytes, for its digest and for quarantine: JSON, columns in their order, undecoded cells in base64."""
    if bytes in set(map(type, cells.values())):
        cells = cells.copy()
        for name, cell in cells.items():
            if isinstance(cell, bytes):
                cells[name] = {_BYTES_MARK: b64encode(cell).decode()}
    return msgspec.json.encode({"table": table, "cells": cells})


def decode_row(raw: bytes) -> tuple[str, dict[str, Cell]]:
    """Read what `encode_row` wrote, for an item that is tried again after a mend.

    Raises:
        InvalidRecord: these bytes are no row.
    """
    try:
        kept = msgspec.json.decode(raw, type=_KeptRow)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InvalidRecord("table.raw", "the bytes kept are no table row", "所存字节不是表中的一行") from None
    cells: dict[str, Cell] = {
        name: b64decode(str(cell[_BYTES_MARK])) if isinstance(cell, dict) and set(cell) == {_BYTES_MARK} else cell
        for name, cell in kept.cells.items()
    }
    return kept.table, cells


class _KeptRow(msgspec.Struct, frozen=True):
    table: str
    cells: dict[str, Any]


def _after(order: Sequence[sa.ColumnElement[Any]], last: Sequence[Any]) -> sa.ColumnElement[bool]:
    """(a, b) > (x, y), spelled out: not every database compares rows."""
    column, value = order[0], _bound(last[0])
    if len(order) == 1:
        return column > value
    return sa.or_(column > value, sa.and_(column == value, _after(order[1:], last[1:])))


def _bound(value: Any) -> sa.BindParameter[Any]:
    return sa.literal(value, NullType())


def _plain(name: str) -> str:
    return name.casefold()


def _misdeclared(spec: TableSpec, problem: str) -> DeliveryFailed:
    return DeliveryFailed("table.declaration", f"table {spec.name}: {problem}", f"表 {spec.name} 与连接器声明不符")


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | int | float | bytes):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    return str(value)

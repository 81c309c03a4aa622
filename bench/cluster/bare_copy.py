"""The baseline of intake on PostgreSQL: bare COPY of the very same rows into tables of the same shape, indexes included.

The rows that intake left are read back in the order of their arrival and copied, in binary, in as many transactions as intake took; each
table keeps the key order within a transaction. Reading back is not timed.
"""

import time
from typing import Any

import msgspec
import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from bench.bare_inserts import ARRIVAL

Row = tuple[Any, ...]
_ARRIVAL = {
    **ARRIVAL,
    "links": "greatest(a_pk, b_pk)",
    "data_keys": "(SELECT source_pk FROM mentions WHERE mentions.key_id = data_keys.key_id)",
}


class CopyFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of COPY and commit for so many rows."""

    rows: int
    seconds: float


def plain_url(url: str) -> str:
    """The URL as the driver itself takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def copy_bare(source_url: str, target_url: str, transactions: int) -> CopyFigures:
    """Copy a store's rows into another, migrated and empty one."""
    with psycopg.connect(plain_url(source_url)) as source, psycopg.connect(plain_url(target_url)) as target:
        tables = {name: _rows(source, name) for name in _filled(source)}
        types = {name: _types(target, name) for name in tables}
        for name in tables:  # what preparing a store put there
            target.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(name)))
        target.commit()
        spent = 0.0
        for number in range(transactions):
            parts = {name: _slice(rows, number, transactions) for name, rows in tables.items()}
            began = time.perf_counter()
            for name, part in parts.items():
                _copy(target, name, types[name], part)
            target.commit()
            spent += time.perf_counter() - began
    return CopyFigures(rows=sum(map(len, tables.values())), seconds=spent)


def count_rows(url: str, table: str) -> int:
    """How many rows a table holds."""
    with psycopg.connect(plain_url(url)) as connection:
        found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert found is not None
    return int(found[0])


def _filled(source: psycopg.Connection) -> list[str]:
    rows = source.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename").fetchall()
    names = [name for (name,) in rows if not name.startswith(("view_", "v_", "alembic"))]
    count = sql.SQL("SELECT 1 FROM {} LIMIT 1")
    return [name for name in names if source.execute(count.format(sql.Identifier(name))).fetchone()]


def _rows(source: psycopg.Connection, name: str) -> list[Row]:
    order = f" ORDER BY {_ARRIVAL[name]}" if name in _ARRIVAL else ""
    return source.execute(sql.SQL("SELECT * FROM {}" + order).format(sql.Identifier(name))).fetchall()


def _types(target: psycopg.Connection, name: str) -> list[str]:
    asked = """SELECT format_type(atttypid, NULL) FROM pg_attribute
               WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""
    return [told for (told,) in target.execute(asked, (name,)).fetchall()]


def _slice(rows: list[Row], number: int, transactions: int) -> list[Row]:
    part = rows[number * len(rows) // transactions : (number + 1) * len(rows) // transactions]
    return sorted(part, key=lambda row: (type(row[0]).__name__, row[0]))


def _copy(target: psycopg.Connection, name: str, types: list[str], rows: list[Row]) -> None:
    statement = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(sql.Identifier(name))
    with target.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)

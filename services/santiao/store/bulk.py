"""Writing many rows of one table at once, by the way that costs each database least.

SQLite runs one prepared statement for each tuple. PostgreSQL takes a whole run as one statement over an array for each column: a message
and a plan for every row would cost more than its insert. Names come from the code, never from input.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

Row = tuple[Any, ...]


class Target(NamedTuple):
    """Where rows go: `on_conflict` "" (an error), "ignore" or "replace" (by `keys`)."""

    name: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    on_conflict: str


class BulkWriter(Protocol):
    """One database's way."""

    def insert(self, driver: Any, target: Target, rows: Sequence[Row]) -> None:
        """Insert tuples of the target's columns in one round; of two rows with one key the last stands."""
        ...


class FileBulkWriter:
    """SQLite's."""

    def __init__(self) -> None:
        self._statements: dict[Target, str] = {}

    def insert(self, driver: Any, target: Target, rows: Sequence[Row]) -> None:
        sql = self._statements.get(target)
        if sql is None:
            values = f"VALUES ({', '.join('?' * len(target.columns))})"
            sql = self._statements[target] = _insert_sql(target, values)
        driver.cursor().executemany(sql, rows)


class ServerBulkWriter:
    """PostgreSQL's."""

    def __init__(self) -> None:
        self._statements: dict[Target, str] = {}

    def insert(self, driver: Any, target: Target, rows: Sequence[Row]) -> None:
        sql = self._statements.get(target)
        if sql is None:
            sql = self._statements[target] = self._statement(driver, target)
        if target.on_conflict == "replace":
            places = [target.columns.index(key) for key in target.keys]
            rows = list({tuple([row[place] for place in places]): row for row in rows}.values())
        driver.cursor().execute(sql, [list(column) for column in zip(*rows, strict=True)])

    def _statement(self, driver: Any, target: Target) -> str:
        asked = "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = %s::regclass"
        types = dict(driver.cursor().execute(asked, (target.name,)).fetchall())
        arrays = ", ".join(f"%b::{types[column]}[]" for column in target.columns)
        return _insert_sql(target, f"SELECT * FROM unnest({arrays})")


def _insert_sql(target: Target, values: str) -> str:
    sql = f"INSERT INTO {target.name} ({', '.join(target.columns)}) {values}"
    if target.on_conflict == "ignore":
        return f"{sql} ON CONFLICT DO NOTHING"
    if target.on_conflict == "replace":
        rest = ", ".join(f"{name}=excluded.{name}" for name in target.columns if name not in target.keys)
        return f"{sql} ON CONFLICT ({', '.join(target.keys)}) DO {f'UPDATE SET {rest}' if rest else 'NOTHING'}"
    return sql

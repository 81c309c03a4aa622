"""The baseline of intake: bare SQL inserts of the very same rows into tables of the same shape, with the same pragmas and commits.

Every row that intake left behind is inserted with `executemany` in the order in which it came, in as many transactions as intake took, so
that keys which are hashes land all over their table here as they did there. Each table keeps the key order within a transaction. Rows
are streamed from the hub's files; only inserting and committing is timed.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

DATABASES = ("keys.db", "santiao.db")
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "cache_size=-262144", "wal_autocheckpoint=4000", "temp_store=MEMORY")
ARRIVAL = {
    "case_names": "case_pk",
    "inbox": "event_id",
    "mentions": "source_pk",
    "party_index": "source_pk",
    "profiles": "source_pk",
    "links": "max(a_pk, b_pk)",
    "timers": "case_pk",
    "data_keys": "(SELECT source_pk FROM log.mentions WHERE mentions.key_id = data_keys.key_id)",
}
"""By which column a table's rows came; the others' keys ascend as rows come."""

Row = tuple[Any, ...]


class BareFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, wall and CPU, for all rows in large transactions, and for the last batch's again in `singles` small ones."""

    rows: int
    seconds: float
    cpu_seconds: float
    single_seconds: float


def insert_bare(home: Path, folder: Path, transactions: int, singles: int) -> BareFigures:
    """Insert a home's rows into new files in `folder`: all but the last of `transactions` at once each, the last in `singles` parts."""
    rows = 0
    spent = cpu = single = 0.0
    for name in DATABASES:
        with closing(open_read_only(home, name)) as source, closing(_target(folder / f"bare-{name}", source)) as target:
            for number, parts in enumerate(_slices(source, transactions)):
                is_last = number == transactions - 1 and singles > 0
                began, began_cpu = time.perf_counter(), time.process_time()
                if is_last:
                    for piece in range(singles):
                        _commit(target, {table: part[piece::singles] for table, part in parts.items()})
                    single += time.perf_counter() - began
                else:
                    _commit(target, parts)
                    spent += time.perf_counter() - began
                    cpu += time.process_time() - began_cpu
                rows += sum(map(len, parts.values()))
    # Large transactions carried all but the last batch; the figure speaks of all.
    share = transactions / max(1, transactions - (singles > 0))
    return BareFigures(rows=rows, seconds=spent * share, cpu_seconds=cpu * share, single_seconds=single)


def count_rows(home: Path, table: str) -> int:
    """How many rows the hub's own database holds in a table."""
    with closing(open_read_only(home, "santiao.db")) as source:
        return int(source.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def open_read_only(home: Path, name: str) -> sqlite3.Connection:
    """One of a home's databases; its log's is attached as `log`."""
    connection = sqlite3.connect(f"file:{home / name}?mode=ro", uri=True)
    connection.execute("ATTACH DATABASE ? AS log", (f"file:{home / 'santiao.db'}?mode=ro",))
    return connection


def _target(path: Path, source: sqlite3.Connection) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    for table in _tables(source):
        statements = source.execute(
            "SELECT sql FROM main.sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC", (table,)
        )
        for (statement,) in statements:
            connection.execute(statement)
    return connection


def _tables(source: sqlite3.Connection) -> list[str]:
    """Tables with rows in them, views' and SQLite's own left out."""
    named = source.execute("SELECT name FROM main.sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    names = [name for (name,) in named if not name.startswith(("sqlite_", "view_", "v_"))]
    return [name for name in names if source.execute(f"SELECT 1 FROM main.{name} LIMIT 1").fetchone()]


def _slices(source: sqlite3.Connection, transactions: int) -> Iterator[dict[str, list[Row]]]:
    """The rows of every transaction, by table."""
    streams: dict[str, tuple[sqlite3.Cursor, int]] = {}
    for table in _tables(source):
        (total,) = source.execute(f"SELECT count(*) FROM main.{table}").fetchone()
        order = f" ORDER BY {ARRIVAL[table]}" if table in ARRIVAL else ""
        streams[table] = source.execute(f"SELECT * FROM main.{table}{order}"), total
    for number in range(transactions):
        taken = {}
        for table, (rows, total) in streams.items():
            size = (number + 1) * total // transactions - number * total // transactions
            if size:
                taken[table] = sorted(rows.fetchmany(size), key=_by_key)
        yield taken


def _by_key(row: Row) -> tuple[str, Any]:
    return type(row[0]).__name__, row[0]


def _commit(target: sqlite3.Connection, parts: dict[str, list[Row]]) -> None:
    target.execute("BEGIN IMMEDIATE")
    for table, part in parts.items():
        if part:
            target.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(part[0]))})", part)
    target.execute("COMMIT")

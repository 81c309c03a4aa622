"""Intake: canonical records to committed events, index, timers and outbox, against bare SQL inserts of the very same rows.

The baseline takes every row that intake left behind (log, files, index, keys …), lays it out in the same number of transactions over
tables of the same shape and the same pragmas, and inserts it with `executemany`: what the disk and SQLite cost without a hub.
"""

import itertools
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from santiao.bootstrap import Hub
from santiao.domain.messages import Batch, Delivered
from santiao.domain.records import AgencyRecord
from santiao.settings import Settings
from santiao.simulation.canonical import canonical_stream
from santiao.simulation.settings import SimulationSettings

BATCH = 500
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "cache_size=-262144", "wal_autocheckpoint=4000", "temp_store=MEMORY")


class IntakeFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Rates per second; `ratio` is the hub's speed over the baseline's on the same rows."""

    cases: int
    records: int
    events: int
    rows: int
    records_per_s: float
    events_per_s: float
    baseline_records_per_s: float
    ratio: float
    cpu_ratio: float
    one_at_a_time_per_s: float | None = None


def delivered(record: AgencyRecord) -> Delivered:
    """A canonical record as a connector would hand it over."""
    return Delivered(
        connector=record.connector,
        feed=record.feed,
        where=f"bench:{record.ordinal}",
        received_at=record.received_at,
        raw=record.raw,
        record=record,
    )


def batches(records: Iterator[AgencyRecord], size: int = BATCH) -> Iterator[Batch]:
    """Batches of records."""
    while items := tuple(delivered(record) for record in itertools.islice(records, size)):
        yield Batch(items)


def measure_intake(disputes: int, *, seed: int = 1, single: int = 0) -> IntakeFigures:
    """Receive a city of so many disputes and compare. `single` more records are then received one at a time."""
    settings = SimulationSettings(disputes=disputes, seed=seed)
    with tempfile.TemporaryDirectory(prefix="santiao-bench-") as folder:
        home = Path(folder)
        hub = Hub(Settings(home=home, clock="follow"))
        records = 0
        spent = cpu = 0.0
        alone: list[AgencyRecord] = []
        stream = canonical_stream(settings)
        if single:
            alone = list(itertools.islice(stream, single))
        for batch in batches(stream):
            began, began_cpu = time.perf_counter(), time.process_time()
            hub.receiver.receive(batch)
            spent += time.perf_counter() - began
            cpu += time.process_time() - began_cpu
            records += len(batch.items)
        transactions = -(-records // BATCH)
        rows = _read_rows(home)
        baseline, baseline_cpu = _insert_bare(rows, Path(folder), transactions)
        one_at_a_time = _receive_singly(hub, alone)
        hub.close()
    events = len(rows["santiao.db"]["events"][1])
    cases = len(rows["santiao.db"]["case_files"][1])
    return IntakeFigures(
        cases=cases,
        records=records,
        events=events,
        rows=sum(len(table[1]) for tables in rows.values() for table in tables.values()),
        records_per_s=round(records / spent, 1),
        events_per_s=round(events / spent, 1),
        baseline_records_per_s=round(records / baseline, 1),
        ratio=round(baseline / spent, 3),
        cpu_ratio=round(baseline_cpu / cpu, 3),
        one_at_a_time_per_s=one_at_a_time,
    )


def _receive_singly(hub: Hub, records: Sequence[AgencyRecord]) -> float | None:
    if not records:
        return None
    began = time.perf_counter()
    for record in records:
        hub.receiver.receive(Batch((delivered(record),)))
    return round(len(records) / (time.perf_counter() - began), 1)


Tables = dict[str, tuple[list[str], list[tuple[Any, ...]]]]
"""By table: the statements that make it and its indexes, and its rows in key order."""


def _read_rows(home: Path) -> dict[str, Tables]:
    found: dict[str, Tables] = {}
    for name in ("keys.db", "santiao.db"):
        with sqlite3.connect(home / name) as connection:
            found[name] = {}
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                statements = [
                    sql
                    for (sql,) in connection.execute(
                        "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC", (table,)
                    )
                ]
                rows = connection.execute(f"SELECT * FROM {table}").fetchall()  # names come from the schema itself
                if rows and not table.startswith("sqlite_"):
                    found[name][table] = (statements, rows)
    return found


def _insert_bare(rows: dict[str, Tables], folder: Path, transactions: int) -> tuple[float, float]:
    """Insert all rows in so many transactions; (wall, CPU) seconds."""
    spent = cpu = 0.0
    for name, tables in rows.items():
        connection = sqlite3.connect(folder / f"bare-{name}", isolation_level=None)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        for statements, _ in tables.values():
            for statement in statements:
                connection.execute(statement)
        for number in range(transactions):
            began, began_cpu = time.perf_counter(), time.process_time()
            connection.execute("BEGIN IMMEDIATE")
            for table, (_, kept) in tables.items():
                part = kept[number * len(kept) // transactions : (number + 1) * len(kept) // transactions]
                if part:
                    connection.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(part[0]))})", part)
            connection.execute("COMMIT")
            spent += time.perf_counter() - began
            cpu += time.process_time() - began_cpu
        connection.close()
    return spent, cpu

"""Intake: canonical records to committed events, index, timers and outbox, against bare SQL inserts of the very same rows."""

import itertools
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.bare_inserts import count_rows, insert_bare
from santiao.bootstrap import Hub
from santiao.domain.messages import Batch, Delivered
from santiao.domain.records import AgencyRecord
from santiao.settings import Settings
from santiao.simulation.canonical import canonical_stream
from santiao.simulation.settings import SimulationSettings

BATCH = 500


class IntakeFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Rates per second; `ratio` is the hub's speed over the baseline's on the same rows, `cpu_ratio` that of their CPU times."""

    cases: int
    records: int
    events: int
    rows: int
    store_mib: float
    records_per_s: float
    events_per_s: float
    records_per_cpu_s: float
    baseline_records_per_s: float
    ratio: float
    cpu_ratio: float
    one_at_a_time_per_s: float | None = None
    baseline_one_at_a_time_per_s: float | None = None


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


def batches(records: Iterable[AgencyRecord], size: int = BATCH) -> Iterator[Batch]:
    """Batches of records."""
    stream = iter(records)
    while items := tuple(delivered(record) for record in itertools.islice(stream, size)):
        yield Batch(items)


def measure_intake(disputes: int, *, seed: int = 1, single: int = 0, home: Path | None = None) -> IntakeFigures:
    """Receive a city of so many disputes and compare. `single` more records are then received one at a time.

    The hub stays in `home` when one is given, for what else is to be measured on it.
    """
    stream = canonical_stream(SimulationSettings(disputes=disputes, seed=seed))
    alone = list(itertools.islice(stream, single))
    records = 0
    spent = cpu = 0.0
    with tempfile.TemporaryDirectory(prefix="santiao-bench-") as scratch:
        folder = home or Path(scratch) / "home"
        with _open(folder) as hub:
            for batch in batches(stream):
                began, began_cpu = time.perf_counter(), time.process_time()
                hub.receiver.receive(batch)
                spent += time.perf_counter() - began
                cpu += time.process_time() - began_cpu
                records += len(batch.items)
        events, cases = count_rows(folder, "events"), count_rows(folder, "case_files")
        size = sum((folder / name).stat().st_size for name in ("keys.db", "santiao.db")) / 2**20
        bare = insert_bare(folder, Path(scratch), max(2, -(-records // BATCH)), min(BATCH, single))
        with _open(folder) as hub:
            one_at_a_time = _receive_singly(hub, alone)
    return IntakeFigures(
        cases=cases,
        records=records,
        events=events,
        rows=bare.rows,
        store_mib=round(size, 1),
        records_per_s=round(records / spent, 1),
        events_per_s=round(events / spent, 1),
        records_per_cpu_s=round(records / cpu, 1),
        baseline_records_per_s=round(records / bare.seconds, 1),
        ratio=round(bare.seconds / spent, 3),
        cpu_ratio=round(bare.cpu_seconds / cpu, 3),
        one_at_a_time_per_s=one_at_a_time,
        baseline_one_at_a_time_per_s=round(min(BATCH, single) / bare.single_seconds, 1) if single else None,
    )


@contextmanager
def _open(home: Path) -> Iterator[Hub]:
    hub = Hub(Settings(home=home, clock="follow"))
    try:
        yield hub
    finally:
        hub.close()
        for name in ("keys.db", "santiao.db"):  # nothing is left to be read from a WAL file
            with sqlite3.connect(home / name) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()


def _receive_singly(hub: Hub, records: Sequence[AgencyRecord]) -> float | None:
    if not records:
        return None
    began = time.perf_counter()
    for record in records:
        hub.receiver.receive(Batch((delivered(record),)))
    return round(len(records) / (time.perf_counter() - began), 1)

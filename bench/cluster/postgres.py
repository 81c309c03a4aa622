"""Intake into PostgreSQL without Kafka: against bare COPY of the same rows, and two processes against one."""

import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import msgspec

from bench.cluster.bare_copy import copy_bare, count_rows
from bench.figures import Beside, Figure, at_least, told
from bench.intake import BATCH, batches
from bench.workshop import CASES_PER_DISPUTE, Tell
from santiao.bootstrap import Hub
from santiao.domain.records import AgencyRecord
from santiao.settings import Settings
from santiao.simulation.canonical import canonical_stream
from santiao.simulation.settings import SimulationSettings
from tests.services.postgres import PostgresServer

RATIO, BY_TWO = 0.4, 1.4
CITIES = (3403, 3404)
"""Shards. The second city tells what the first does, under numbers of its own."""


class PostgresFigures(msgspec.Struct, frozen=True, kw_only=True):
    """`cpu_share` of a single process's wall time is spent in the hub itself, the rest in the server and on its disk."""

    cases: int
    records: int
    events: int
    rows: int
    ratio: Figure
    records_per_s: Figure
    events_per_s: float
    cpu_share: float
    two_processes: Figure
    machine_busy: float
    """Share of the machine's CPU time that was used while two wrote: near 1, the machine is what saturates."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """One process's intake, in seconds. `began` and `ended` are the machine's own clock."""

    records: int
    seconds: float
    cpu_seconds: float
    began: float
    ended: float


def measure_postgres(server: PostgresServer, cases: int, tell: Tell) -> PostgresFigures:
    """Receive a city of about so many cases into an empty database, copy its rows bare, then receive two cities at once."""
    disputes = max(1, round(cases / CASES_PER_DISPUTE))
    store, bare, shared = server.create(), server.create(), server.create()
    tell(f"  receiving about {cases:,} cases into PostgreSQL")
    one = _write(store, CITIES[:1], disputes)[0]
    tell("  copying its rows bare")
    _write(bare, CITIES[:1], 0)
    copied = copy_bare(store, bare, -(-one.records // BATCH))
    events = count_rows(store, "events")
    tell("  receiving two cities by two processes")
    busy_before = _cpu_times()
    both = _write(shared, CITIES, disputes)
    busy = [after - before for before, after in zip(busy_before, _cpu_times(), strict=True)]
    rate = one.records / one.seconds
    rate_of_two = sum(each.records for each in both) / (
        max(each.ended for each in both) - min(each.began for each in both)
    )
    for url in (store, bare, shared):
        server.drop(url)
    return PostgresFigures(
        cases=cases,
        records=one.records,
        events=events,
        rows=copied.rows,
        ratio=at_least(copied.seconds / one.seconds, RATIO, "of bare COPY", Beside(1.0, "bare COPY of the same rows")),
        records_per_s=told(rate, "records/s", Beside(one.records / copied.seconds, "bare COPY of the same rows")),
        events_per_s=round(events / one.seconds, 1),
        cpu_share=round(one.cpu_seconds / one.seconds, 3),
        two_processes=at_least(rate_of_two / rate, BY_TWO, "of one process", Beside(1.0, "one process, one city")),
        machine_busy=round(1 - busy[1] / busy[0], 3),
    )


def _write(url: str, cities: tuple[int, ...], disputes: int) -> list[Written]:
    """Processes of their own, one a city, on one database; the first makes its tables."""
    with tempfile.TemporaryDirectory(prefix="santiao-bench-") as home:
        with closing(Hub(settings_of(url, Path(home)))):
            pass
        command = (sys.executable, "-m", "bench.cluster.writer", url, home)
        running = [
            subprocess.Popen([*command, str(city), str(disputes)], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
            for city in cities
        ]
        for process in running:  # each says that it is ready
            assert process.stdout is not None
            process.stdout.readline()
        for process in running:
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            process.stdin.flush()
        told_by = [process.communicate()[0] for process in running]
    return [msgspec.json.decode(each, type=Written) for each in told_by]


def settings_of(url: str, home: Path) -> Settings:
    """A hub whose store and keys are on the server."""
    return Settings(home=home, clock="follow", store_url=url, keys_url=url)


def receive_city(url: str, home: Path, city: int, disputes: int, ready: Tell) -> Written:
    """Invent a city's records, say that all is ready, receive them."""
    stream = canonical_stream(SimulationSettings(disputes=disputes, seed=1)) if disputes else ()
    waiting = list(batches(_of_city(record, city) for record in stream))
    with closing(Hub(settings_of(url, home))) as hub:
        ready("ready")
        began, wall, cpu = time.time(), time.perf_counter(), time.process_time()
        for batch in waiting:
            hub.receiver.receive(batch)
        return Written(
            records=sum(len(batch.items) for batch in waiting),
            seconds=time.perf_counter() - wall,
            cpu_seconds=time.process_time() - cpu,
            began=began,
            ended=time.time(),
        )


def _of_city(record: AgencyRecord, city: int) -> AgencyRecord:
    if record.shard == city:
        return record
    base = f"{city}-{record.key_base}" if record.key_base else ""
    return msgspec.structs.replace(record, shard=city, key=f"{city}-{record.key}", key_base=base)


def _cpu_times() -> tuple[int, int]:
    """All of the machine's CPU time so far, and what of it was idle."""
    fields = [int(field) for field in Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]]
    return sum(fields), fields[3] + fields[4]

"""The `eventsourcing` library on SQLite appending the same events to a log, and nothing else: no inbox, index, files, timers, outbox.

A yardstick, not a rival: it shows what a well-known library's log costs on the same disk in the same run, with its own settings (WAL,
`synchronous=FULL`).
"""

import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import msgspec
from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from bench.bare_inserts import open_read_only
from bench.figures import Beside, Figure, told

_SPACE = uuid.UUID("5a5d0c1e-0000-4000-8000-000000000000")


class LogOnlyFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Events a second; `baseline` of each is ours, with all that intake does besides."""

    library: str
    events: int
    in_batches: Figure
    batch_events: int
    one_record_at_a_time: Figure


def measure_log_only(home: Path, batches: int, records: int, ours: float, ours_singly: float | None) -> LogOnlyFigures:
    """Append a home's events in as many batches as intake took, then as many events as single records make, a record at a time."""
    events = list(_events(home))
    size, own = -(-len(events) // max(1, batches)), max(1, round(len(events) / max(1, records)))
    with tempfile.TemporaryDirectory(prefix="santiao-bench-") as folder:
        batched = _append(Path(folder) / "batched.db", events, size)
        part = events[: 500 * own]
        singly = _append(Path(folder) / "singly.db", part, own)
    is_ours = "our intake of the same events, everything included"
    return LogOnlyFigures(
        library=f"eventsourcing {version('eventsourcing')}",
        events=len(events),
        in_batches=told(len(events) / batched, "events/s", Beside(ours, is_ours)),
        batch_events=size,
        one_record_at_a_time=told(
            len(part) / singly, "events/s", None if ours_singly is None else Beside(ours_singly, is_ours)
        ),
    )


def _append(path: Path, events: list[StoredEvent], size: int) -> float:
    with closing(SQLiteDatastore(str(path))) as store:
        recorder = SQLiteApplicationRecorder(store)
        recorder.create_table()
        began = time.perf_counter()
        for start in range(0, len(events), size):
            recorder.insert_events(events[start : start + size])
        return time.perf_counter() - began


def _events(home: Path) -> Iterator[StoredEvent]:
    """A home's events, each with its place in its case."""
    versions: Counter[int] = Counter()
    with closing(open_read_only(home, "santiao.db")) as log:
        for case_pk, data in log.execute("SELECT case_pk, data FROM events ORDER BY id"):
            versions[case_pk] += 1
            yield StoredEvent(uuid.uuid5(_SPACE, str(case_pk)), versions[case_pk], "santiao:event", data)

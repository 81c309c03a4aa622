"""From record to view: records arrive at an even rate, and the embedded projector loop folds what is committed.

Records arrive by the clock, whether or not the hub keeps up; what has arrived is received in one batch, as feeds hand it over. A record is
queryable when the transaction that brings the slowest live view past its last event has committed. Only queueing and work count: the record
exists before its time comes.
"""

import itertools
import statistics
import tempfile
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.figures import Beside, Figure, at_most, told
from bench.intake import delivered
from santiao.bootstrap import Hub
from santiao.domain.messages import Batch, Delivered
from santiao.runtimes.embedded.loops import Loop, Supervisor
from santiao.settings import Settings
from santiao.simulation.canonical import canonical_stream
from santiao.simulation.settings import SimulationSettings
from santiao.store.log import split_id

RATE = 200
P99_MS = 25.0
_MOST_AT_ONCE = 500
_LAST_WAIT_SECONDS = 30.0


class FreshnessFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from a record's arrival to its place in every view; `baseline` of p99 is the p99 of the commits alone."""

    records: int
    records_per_s: float
    p50: Figure
    p99: Figure
    slowest: Figure
    batches: int
    views: int


class _Watch:
    """Arrivals by the position that views must reach, and what came of them."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, float]] = deque()
        self.latencies: list[float] = []

    def expect(self, position: int, arrived: float) -> None:
        with self._lock:
            self._waiting.append((position, arrived))

    def project(self) -> bool:
        """One turn of the projector's loop, then what it made queryable."""
        has_more = self._hub.projector.run_once() > 0
        reached = min(min(each.positions.values(), default=0) for each in self._hub.projector.states())
        now = time.perf_counter()
        with self._lock:
            while self._waiting and self._waiting[0][0] <= reached:
                self.latencies.append(now - self._waiting.popleft()[1])
        return has_more

    @property
    def is_empty(self) -> bool:
        with self._lock:
            return not self._waiting


def measure_freshness(seconds: float, warm_up: int = 1000) -> FreshnessFigures:
    """Run a hub with `warm_up` records in it for so many seconds."""
    wanted = round(seconds * RATE)
    stream = canonical_stream(SimulationSettings(disputes=max(200, (warm_up + wanted) // 3), seed=2))
    with tempfile.TemporaryDirectory(prefix="santiao-bench-") as folder:
        hub = Hub(Settings(home=Path(folder), clock="follow"))
        try:
            hub.receiver.receive(Batch(tuple(map(delivered, itertools.islice(stream, warm_up)))))
            hub.catch_up()
            items = [delivered(record) for record in itertools.islice(stream, wanted)]
            return _run(hub, items)
        finally:
            hub.close()


def _run(hub: Hub, items: Sequence[Delivered]) -> FreshnessFigures:
    watch = _Watch(hub)
    supervisor = Supervisor([Loop(name="projector", turn=watch.project)], hub.bell)
    supervisor.start()
    commits: list[float] = []
    batches = place = 0
    began = time.perf_counter()
    while place < len(items):
        due = min(len(items), int((time.perf_counter() - began) * RATE) + 1, place + _MOST_AT_ONCE)
        if due == place:
            time.sleep(max(0.0, began + place / RATE - time.perf_counter()))
            continue
        receipts = hub.receiver.receive(Batch(tuple(items[place:due])))
        done = time.perf_counter()
        for number, receipt in enumerate(receipts, place):
            arrived = began + number / RATE
            commits.append(done - arrived)
            watch.expect(split_id(receipt.position or 0)[1], arrived)
        batches, place = batches + 1, due
    lasted = time.perf_counter() - began
    hub.bell.ring()
    until = time.monotonic() + _LAST_WAIT_SECONDS
    while not watch.is_empty and time.monotonic() < until:
        time.sleep(0.01)
    supervisor.stop(5.0)
    late = [1000 * each for each in watch.latencies]
    if len(late) < len(items):
        raise TimeoutError(f"{len(items) - len(late)} of {len(items)} records never reached the views")
    at = statistics.quantiles(late, n=100)
    commit = 1000 * statistics.quantiles(commits, n=100)[98]
    return FreshnessFigures(
        records=len(items),
        records_per_s=round(len(items) / lasted, 1),
        p50=told(statistics.median(late), "ms"),
        p99=at_most(at[98], P99_MS, "ms", Beside(commit, "p99 of the log's own commits, without views")),
        slowest=told(max(late), "ms"),
        batches=batches,
        views=len(hub.projector.projections),
    )

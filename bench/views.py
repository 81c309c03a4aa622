"""Rebuilding views: events folded a second, one view at a time and all in one pass, against reading and decoding the same log."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.figures import Beside, Figure, at_least, told
from santiao.bootstrap import Hub
from santiao.settings import Settings

ONE_VIEW, ALL_VIEWS = 60_000, 25_000


class ViewFigures(msgspec.Struct, frozen=True, kw_only=True):
    """`one_view` is the slowest of them; `agreed` says that every rebuilt view had the digest of the live one."""

    events: int
    scan_and_decode: Figure
    first_fold: Figure | None
    one_view: Figure
    slowest_view: str
    all_views: Figure
    by_view: dict[str, Figure]
    agreed: bool


def measure_views(home: Path, tell: Callable[[str], None]) -> ViewFigures:
    """Fold, then rebuild the views of a home."""
    hub = Hub(Settings(home=home, clock="follow"))
    try:
        began = _Moment.now()
        events = _decode(hub)
        scanned = began.speed_of(events)
        began = _Moment.now()
        folded = hub.catch_up()
        first = began.speed_of(folded)
        by_view: dict[str, Speed] = {}
        agreed = True
        for name in hub.projector.projections:
            tell(f"  rebuilding {name}")
            began = _Moment.now()
            built = hub.projector.rebuild([name])
            by_view[name] = began.speed_of(events)
            agreed = agreed and all(each.agreed for each in built)
        tell("  rebuilding all")
        began = _Moment.now()
        agreed = all(each.agreed for each in hub.projector.rebuild()) and agreed
        together = began.speed_of(events)
    finally:
        hub.close()
    slowest = min(by_view, key=lambda name: by_view[name])
    beside = Beside(scanned.wall, "reading and decoding the log")
    return ViewFigures(
        events=events,
        scan_and_decode=told(scanned.wall, "events/s", per_cpu=scanned.cpu),
        first_fold=told(first.wall, "events/s", beside, per_cpu=first.cpu) if folded else None,
        one_view=at_least(by_view[slowest].wall, ONE_VIEW, "events/s", beside, per_cpu=by_view[slowest].cpu),
        slowest_view=slowest,
        all_views=at_least(together.wall, ALL_VIEWS, "events/s", beside, per_cpu=together.cpu),
        by_view={name: told(speed.wall, "events/s", per_cpu=speed.cpu) for name, speed in sorted(by_view.items())},
        agreed=agreed,
    )


class Speed(NamedTuple):
    """Events a second, by the wall's clock and by this process's CPU time."""

    wall: float
    cpu: float


class _Moment(NamedTuple):
    wall: float
    cpu: float

    @classmethod
    def now(cls) -> "_Moment":
        return cls(time.perf_counter(), time.process_time())

    def speed_of(self, events: int) -> Speed:
        """How fast so many events went since this moment."""
        return Speed(events / (time.perf_counter() - self.wall), events / max(1e-6, time.process_time() - self.cpu))


def _decode(hub: Hub) -> int:
    """Read and decode every event; how many there are."""
    log, number = hub.engine.log, 0
    with hub.database.readable() as connection:
        for shard in log.shards(connection):
            for _ in log.stream(connection, shard):
                number += 1
    return number

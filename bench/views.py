"""Rebuilding views: events folded a second, one view at a time and all in one pass, against reading and decoding the same log."""

import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.figures import Figure, at_least, told
from santiao.bootstrap import Hub
from santiao.settings import Settings

ONE_VIEW, ALL_VIEWS = 60_000, 25_000


class ViewFigures(msgspec.Struct, frozen=True, kw_only=True):
    """`one_view` is the slowest of them; `agreed` says that every rebuilt view had the digest of the live one."""

    events: int
    scan_and_decode: Figure
    first_fold: Figure
    one_view: Figure
    slowest_view: str
    all_views: Figure
    by_view: dict[str, float]
    agreed: bool


def measure_views(home: Path, tell: Callable[[str], None]) -> ViewFigures:
    """Fold, then rebuild the views of a home."""
    hub = Hub(Settings(home=home, clock="follow"))
    try:
        events, decoding = _decode(hub)
        began = time.perf_counter()
        hub.catch_up()
        folding = time.perf_counter() - began
        by_view: dict[str, float] = {}
        agreed = True
        for name in hub.projector.projections:
            tell(f"  rebuilding {name}")
            began = time.perf_counter()
            built = hub.projector.rebuild([name])
            by_view[name] = events / (time.perf_counter() - began)
            agreed = agreed and all(each.agreed for each in built)
        tell("  rebuilding all")
        began = time.perf_counter()
        agreed = all(each.agreed for each in hub.projector.rebuild()) and agreed
        together = events / (time.perf_counter() - began)
    finally:
        hub.close()
    slowest = min(by_view, key=lambda name: by_view[name])
    scanned = events / decoding
    is_scan = "reading and decoding the log"
    return ViewFigures(
        events=events,
        scan_and_decode=told(scanned, "events/s"),
        first_fold=told(events / folding, "events/s", baseline=scanned, baseline_is=is_scan)
        if folding
        else told(0, "events/s"),
        one_view=at_least(by_view[slowest], ONE_VIEW, "events/s", baseline=scanned, baseline_is=is_scan),
        slowest_view=slowest,
        all_views=at_least(together, ALL_VIEWS, "events/s", baseline=scanned, baseline_is=is_scan),
        by_view={name: round(speed) for name, speed in sorted(by_view.items())},
        agreed=agreed,
    )


def _decode(hub: Hub) -> tuple[int, float]:
    """How many events there are, and how long reading and decoding each of them takes."""
    log, number = hub.engine.log, 0
    began = time.perf_counter()
    with hub.database.readable() as connection:
        for shard in log.shards(connection):
            for _ in log.stream(connection, shard):
                number += 1
    return number, time.perf_counter() - began

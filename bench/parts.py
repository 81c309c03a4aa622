"""The parts of the default run, by name, and their sizes."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from bench.figures import Figure, at_least, told
from bench.formats import FormatFigures, measure_formats
from bench.freshness import FreshnessFigures, measure_freshness
from bench.intake import BATCH
from bench.log_only import LogOnlyFigures, measure_log_only
from bench.serving import ServingFigures, measure_serving
from bench.views import ViewFigures, measure_views
from bench.workshop import Tell, Workshop

RATIO, RECORDS_PER_S, EVENTS_PER_S, SINGLE_PER_S = 0.4, 4_000, 12_000, 500
_FULL = (100_000, 1_000_000)


class Size(NamedTuple):
    """How much is measured. `cases` are the sizes of intake; the parts that need a home take the first, with `full` all of them."""

    cases: tuple[int, ...]
    singles: int
    disputes: int
    fresh_seconds: float

    @classmethod
    def of(cls, *, is_full: bool, scale: float) -> "Size":
        """The default run times `scale`; `is_full` adds the large sizes."""
        return cls(
            cases=(max(20, round(10_000 * scale)), *(_FULL if is_full else ())),
            singles=max(10, round(500 * min(1.0, scale))),
            disputes=max(20, round(2_500 * scale)),
            fresh_seconds=max(0.5, 10.0 * min(1.0, scale)),
        )


class IntakePart(msgspec.Struct, frozen=True, kw_only=True):
    """Intake at one size. `hoped_for` figures are no condition."""

    cases: int
    records: int
    events: int
    rows: int
    store_mib: float
    ratio: Figure
    cpu_ratio: float
    records_per_s: Figure
    events_per_s: Figure
    one_at_a_time: Figure | None


def measure_intake_part(size: Size, shop: Workshop, tell: Tell) -> dict[str, IntakePart]:
    """Intake at every size, the one at a time at the first."""
    found = {}
    for cases in size.cases:
        is_first = cases == size.cases[0]
        one = shop.intake(cases, single=size.singles)
        bare = "bare inserts of the same rows"
        baseline_events = one.baseline_records_per_s * one.events / one.records
        found[str(cases)] = IntakePart(
            cases=one.cases,
            records=one.records,
            events=one.events,
            rows=one.rows,
            store_mib=one.store_mib,
            ratio=at_least(one.ratio, RATIO, "of bare inserts", baseline=1.0, baseline_is=bare),
            cpu_ratio=one.cpu_ratio,
            records_per_s=_hoped(
                one.records_per_s, RECORDS_PER_S, "records/s", one.baseline_records_per_s, is_judged=is_first
            ),
            events_per_s=_hoped(one.events_per_s, EVENTS_PER_S, "events/s", baseline_events, is_judged=is_first),
            one_at_a_time=at_least(
                one.one_at_a_time_per_s,
                SINGLE_PER_S,
                "records/s",
                baseline=one.baseline_one_at_a_time_per_s,
                baseline_is="bare inserts of the same rows, a commit a record",
            )
            if one.one_at_a_time_per_s is not None
            else None,
        )
    return found


def _hoped(value: float, hope: float, unit: str, baseline: float, *, is_judged: bool) -> Figure:
    bare = "bare inserts of the same rows"
    if not is_judged:
        return told(value, unit, baseline=baseline, baseline_is=bare)
    return at_least(value, hope, unit, baseline=baseline, baseline_is=bare)


def measure_formats_part(size: Size, shop: Workshop, tell: Tell) -> dict[str, FormatFigures]:
    """Every agency's form."""
    return measure_formats(size.disputes, tell)


def measure_views_part(size: Size, shop: Workshop, tell: Tell) -> dict[str, ViewFigures]:
    """Rebuilds on every home."""
    return {str(cases): measure_views(shop.home(cases), tell) for cases in size.cases}


def measure_freshness_part(size: Size, shop: Workshop, tell: Tell) -> FreshnessFigures:
    """Record to view."""
    return measure_freshness(size.fresh_seconds)


def measure_log_only_part(size: Size, shop: Workshop, tell: Tell) -> LogOnlyFigures:
    """The library beside us, on the first home's events."""
    cases = size.cases[0]
    one = shop.intake(cases, single=size.singles)
    singly = one.one_at_a_time_per_s
    a_record = one.events / one.records
    return measure_log_only(
        shop.home(cases),
        -(-one.records // BATCH),
        one.records,
        one.events_per_s,
        singly * a_record if singly is not None else None,
    )


def measure_serving_part(size: Size, shop: Workshop, tell: Tell) -> dict[str, ServingFigures]:
    """Memory of `serve` on every home."""
    return {str(cases): measure_serving(shop.home(cases), cases / 100, tell) for cases in size.cases}


Part = Callable[[Size, Workshop, Tell], Any]
PARTS: Mapping[str, Part] = {
    "intake": measure_intake_part,
    "formats": measure_formats_part,
    "views": measure_views_part,
    "freshness": measure_freshness_part,
    "log_only": measure_log_only_part,
    "serving": measure_serving_part,
}

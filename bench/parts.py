"""The parts of the default run, by name, and their sizes."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from bench.figures import Beside, Figure, at_least, told
from bench.formats import FormatFigures, measure_formats
from bench.freshness import FreshnessFigures, measure_freshness
from bench.intake import BATCH, IntakeFigures
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
    """Intake at one size."""

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
    """Intake at every size; speeds are hoped for at the first only."""
    return {
        str(cases): _intake_part(shop.intake(cases, single=size.singles), is_first=cases == size.cases[0])
        for cases in size.cases
    }


def _intake_part(one: IntakeFigures, *, is_first: bool) -> IntakePart:
    bare = "bare inserts of the same rows"
    a_record = one.events / one.records
    records = Beside(one.baseline_records_per_s, bare)
    events = Beside(one.baseline_records_per_s * a_record, bare)
    cpu = one.records_per_cpu_s
    singly = None
    if one.one_at_a_time_per_s is not None and one.baseline_one_at_a_time_per_s is not None:
        beside = Beside(one.baseline_one_at_a_time_per_s, f"{bare}, a commit a record")
        singly = at_least(one.one_at_a_time_per_s, SINGLE_PER_S, "records/s", beside)
    return IntakePart(
        cases=one.cases,
        records=one.records,
        events=one.events,
        rows=one.rows,
        store_mib=one.store_mib,
        ratio=at_least(one.ratio, RATIO, "of bare inserts", Beside(1.0, bare)),
        cpu_ratio=one.cpu_ratio,
        records_per_s=at_least(one.records_per_s, RECORDS_PER_S, "records/s", records, per_cpu=cpu)
        if is_first
        else told(one.records_per_s, "records/s", records, per_cpu=cpu),
        events_per_s=at_least(one.events_per_s, EVENTS_PER_S, "events/s", events, per_cpu=cpu * a_record)
        if is_first
        else told(one.events_per_s, "events/s", events, per_cpu=cpu * a_record),
        one_at_a_time=singly,
    )


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

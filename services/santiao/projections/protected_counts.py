"""Asking the statistics for those who may see no small number: whole months that are over, by one dimension at a time.

What may be told is decided in `small_counts.py`, always for the same tables whatever is asked, so that two questions never tell more
than each of them does.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from santiao.domain.errors import Rejection
from santiao.projections.case_queries import region_stem
from santiao.projections.reading import Reading
from santiao.projections.small_counts import Counts, cut_spans, find_group, tell_sum
from santiao.projections.statistics import COUNTS, MEASURES
from santiao.projections.statistics_queries import (
    ANYTHING,
    SUMS,
    Cell,
    CountFilter,
    Dimension,
    Period,
    Statistics,
)

FAMILIES = (
    # A file that is reported opens a case or is linked to one: of these three any two tell the third, so they are hidden together.
    ("reported", "opened", "linked"),
    *((name,) for name in MEASURES if name not in ("reported", "opened", "linked")),
)
_PLACE = {name: place for place, name in enumerate(MEASURES)}

_Months = dict[int, dict[str, Sequence[int]]]
"""Counts of every measure by month and category."""


def read_protected(
    reading: Reading, period: Period, by: Sequence[Dimension] = (), asked: CountFilter = ANYTHING
) -> Statistics:
    """Counts of whole months that are over, by one dimension at most. None is a number that is not told.

    Raises:
        Rejection: other days than whole months that are over, or two dimensions together.
    """
    dimension = _one_dimension(by, asked)
    over = _require_months(period, reading)
    months = _read_months(reading, dimension, over)
    everything = frozenset(_names(months, dimension, period, asked))
    names = sorted(everything) if by else []
    told = _tell(months, period, [*(frozenset((name,)) for name in names), everything])
    counts = [dict(zip(MEASURES, (column[place] for column in told), strict=True)) for place in range(len(names) + 1)]
    return Statistics(
        period.first.isoformat(),
        period.last.isoformat(),
        tuple(by),
        tuple(Cell((name,), each) for name, each in zip(names, counts, strict=False)),
        Cell((), counts[-1]),
    )


def last_month_over(reading: Reading) -> date | None:
    """The last day of the last month that is over, None before there is one.

    A month is over when something was recorded after it: until then its counts grow, and each growth would tell of somebody.
    """
    (newest,) = reading.execute(f"SELECT max(day) FROM {reading.table(COUNTS)}")[0]
    if newest is None:
        return None
    return date.fromisoformat(newest).replace(day=1) - timedelta(days=1)


def _one_dimension(by: Sequence[Dimension], asked: CountFilter) -> Dimension | None:
    filtered = [
        dimension
        for dimension, value in (
            (Dimension.REGION, asked.region),
            (Dimension.TYPE, asked.dispute_type),
            (Dimension.CHANNEL, asked.channel),
        )
        if value
    ]
    found = {*by, *filtered}
    if len(found) > 1:
        raise Rejection(
            "statistics.crossed",
            "where small counts are withheld, counts are told by one of day, region, type and channel at a time",
            "隐去小数时，一次只能按日期、区域、类型、渠道之一统计",
            "by",
        )
    return next(iter(found), None)


def _require_months(period: Period, reading: Reading) -> date:
    over = last_month_over(reading)
    is_whole = period.first.day == 1 and (period.last + timedelta(days=1)).day == 1
    if not is_whole or over is None or period.last > over:
        until = f", until {over}" if over is not None else "; none is over yet"
        raise Rejection(
            "statistics.months",
            f"where small counts are withheld, counts are told for whole months that are over{until}",
            "隐去小数时，只统计已结束的整月" + (f"（截至{over}）" if over is not None else "（尚无已结束的月份）"),
            "last",
        )
    return over


def _read_months(reading: Reading, dimension: Dimension | None, over: date) -> _Months:
    """Every month that is over: where spans begin depends on all before."""
    category = dimension.value if dimension is not None else "''"
    sql = (
        f"SELECT substr(day, 1, 7), {category}, {SUMS} FROM {reading.table(COUNTS)} WHERE day <= ? "
        f"GROUP BY {'1, 2' if dimension is not None else '1'}"
    )
    months: _Months = defaultdict(dict)
    for month, name, *numbers in reading.execute(sql, (over.isoformat(),)):
        months[_month_of(date.fromisoformat(f"{month}-01"))][name] = [int(number) for number in numbers]
    return dict(months)


def _month_of(day: date) -> int:
    return day.year * 12 + day.month


def _names(months: _Months, dimension: Dimension | None, period: Period, asked: CountFilter) -> Iterable[str]:
    """The categories asked for. They are the same in every period: that one is missing would tell where there was nothing."""
    if dimension is Dimension.DAY:
        days = (period.last - period.first).days + 1
        return (f"{period.first + timedelta(days=number)}" for number in range(days))
    names = {name for table in months.values() for name in table}
    if dimension is Dimension.REGION and asked.region:
        return (name for name in names if name.startswith(region_stem(asked.region)))
    wanted = asked.dispute_type or asked.channel
    return names & {wanted} if wanted else names


def _tell(months: _Months, period: Period, answers: Sequence[frozenset[str]]) -> list[list[int | None]]:
    """For each measure, the count of each answer."""
    told: list[list[int | None]] = [[None] * len(answers) for _ in MEASURES]
    for family in FAMILIES:
        places = [_PLACE[name] for name in family]
        for number, counts in enumerate(_tell_family(months, period, places, answers)):
            for place, count in zip(places, counts, strict=True):
                told[place][number] = count
    return told


def _tell_family(
    months: _Months, period: Period, places: Sequence[int], answers: Sequence[frozenset[str]]
) -> list[Sequence[int | None]]:
    nothing: Sequence[int | None] = [None] * len(places)
    start, end = _month_of(period.first), _month_of(period.last) + 1
    begin = min(months, default=start)
    until = max(months, default=start) + 1
    tables = [_family_of(months.get(month, {}), places) for month in range(begin, max(end, until))]
    sums = [_add_up(table.values(), len(places)) for table in tables]
    spans = [range(span.start + begin, span.stop + begin) for span in cut_spans(sums)]
    within = [span for span in spans if span.start < end and span.stop > start]
    is_cut = any(span.start < start or span.stop > end for span in within)
    if is_cut or begin < end > (spans[-1].stop if spans else begin):
        return [nothing] * len(answers)
    found = [[0] * len(places) for _ in answers]
    hidden = [False] * len(answers)
    for span in within:
        table = _merge(tables[month - begin] for month in span)
        group = find_group(table)
        for number, asked in enumerate(answers):
            counts = tell_sum(table, group, asked)
            if counts is None:
                hidden[number] = True
            elif counts:
                found[number] = _add_up((found[number], counts), len(places))
    return [nothing if is_hidden else counts for is_hidden, counts in zip(hidden, found, strict=True)]


def _family_of(table: Mapping[str, Sequence[int]], places: Sequence[int]) -> dict[str, Counts]:
    return {name: [numbers[place] for place in places] for name, numbers in table.items()}


def _add_up(rows: Iterable[Counts], width: int) -> list[int]:
    found = [0] * width
    for row in rows:
        found = [one + other for one, other in zip(found, row, strict=True)]
    return found


def _merge(tables: Iterable[Mapping[str, Counts]]) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for table in tables:
        for name, counts in table.items():
            found[name] = _add_up((found[name], counts), len(counts)) if name in found else counts
    return found

"""The statistics board (统计): what came in and what became of it, by day, region, type and channel, in pictures with their numbers."""

from datetime import date, timedelta
from typing import Any

import msgspec
from starlette.responses import Response

from santiao.console.charts import Bar, draw_bars, draw_columns
from santiao.console.fields import Choice, listed
from santiao.console.refusals import PageRefused
from santiao.console.visits import Visit
from santiao.domain.deciders.clocks import day_of
from santiao.pool.access import Reach, Resource
from santiao.pool.disclose import CaseRow
from santiao.projections.protected_counts import last_month_over, read_protected
from santiao.projections.statistics_queries import (
    ANYTHING,
    CountFilter,
    Dimension,
    Period,
    Statistics,
    read_statistics,
)

MOST_DAYS = 1100
TILES = ("reported", "opened", "linked", "referred", "settled", "failed", "closed", "blocked")


class Preset(msgspec.Struct, frozen=True):
    """A period that is often wanted."""

    zh: str
    en: str
    first: date
    last: date
    is_current: bool


class Breakdown(msgspec.Struct, frozen=True):
    """Bars by one dimension; `name` says which list of labels its codes are of."""

    zh: str
    en: str
    name: str
    bars: tuple[Bar, ...]


def show_statistics(visit: Visit) -> Response:
    """The board of a period."""
    period = _period(visit)
    asked = CountFilter(region=visit.query.get("region", ""), dispute_type=visit.query.get("dispute_type", ""))
    # What leaves the house tells no small number; nor does the page to who may not see the whole city.
    hides_small = visit.query.get("publish") == "1" or visit.rights.reach is not Reach.CITY
    dimensions = (Dimension.DAY, Dimension.REGION, Dimension.TYPE, Dimension.CHANNEL)
    with visit.services.views.reading() as reading:
        if hides_small:
            # Such counts are told for whole months that are over, and of the whole city: what is crossed tells of somebody.
            asked, period = ANYTHING, _months_of(period, last_month_over(reading))
        read = read_protected if hides_small else read_statistics
        found = [read(reading, period, (each,), asked) for each in dimensions]
    rows = [row for part in found for row in _rows(part)]
    told = visit.disclose(Resource.STATISTICS, rows, query=f"{period.first} {period.last} {asked}").rows
    total = told[-1]["counts"]
    by: dict[str, dict[str, dict[str, int | None]]] = {}
    for row in told:
        for dimension in dimensions:
            if dimension.value in row:
                by.setdefault(dimension.value, {})[row[dimension.value]] = row["counts"]
    days = {day: (counts["opened"], counts["closed"]) for day, counts in by.get("day", {}).items()}
    return visit.show(
        "statistics.html",
        period=period,
        presets=_presets(visit, period),
        asked=asked,
        regions=[Choice(code, name, name) for code, name in sorted(visit.services.regions.items())],
        types=listed("dispute_type"),
        hides_small=hides_small,
        may_choose=visit.rights.reach is Reach.CITY,
        total=total,
        tiles=TILES,
        success=_share(total["settled"], total["failed"]),
        chart=draw_columns(period.first, period.last, days),
        breakdowns=[
            _breakdown("按区域", "By region", "region", by.get("region", {})),
            _breakdown("按类型", "By type", "dispute_type", by.get("dispute_type", {})),
            _breakdown("按来源渠道", "By channel", "agency", by.get("channel", {})),
        ],
    )


def _rows(found: Statistics) -> list[CaseRow]:
    """Cells and the total as the door takes them: they tell of no case."""
    cells: list[Any] = [
        {**{name.value: key for name, key in zip(found.by, cell.keys, strict=True)}, "counts": cell.counts}
        for cell in found.cells
    ]
    return [CaseRow("", values) for values in (*cells, {"counts": found.total.counts})]


def _breakdown(zh: str, en: str, name: str, counts: dict[str, dict[str, int | None]]) -> Breakdown:
    rows = [
        (code, row["opened"] if name != "agency" else row["reported"], row["closed"]) for code, row in counts.items()
    ]
    return Breakdown(zh, en, name, draw_bars([row for row in rows if row[1] != 0 or row[2] != 0]))


def _share(settled: int | None, failed: int | None) -> str:
    """The share of mediations that ended in agreement."""
    if settled is None or failed is None or settled + failed == 0:
        return "—"
    return f"{100 * settled / (settled + failed):.1f}%"


def _period(visit: Visit) -> Period:
    today = day_of(visit.now)
    try:
        last = date.fromisoformat(visit.query["last"]) if visit.query.get("last") else today
        first = date.fromisoformat(visit.query["first"]) if visit.query.get("first") else last - timedelta(days=29)
    except ValueError:
        raise PageRefused(400, "日期格式应为 YYYY-MM-DD", "dates are YYYY-MM-DD") from None
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise PageRefused(
            400,
            "起止日期有误，或期间过长（最多三年）",
            "the period ends before it begins, or is longer than three years",
        )
    return Period(first, last)


def _months_of(period: Period, over: date | None) -> Period:
    """The months that a period touches, as far as they are over; the last that is when it touches none."""
    if over is None:
        raise PageRefused(
            404,
            "对外口径按整月统计，尚无已结束的月份",
            "for publication, counts are told for whole months; none is over yet",
        )
    last = min(over, (period.last.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1))
    return Period(min(period.first, last).replace(day=1), last)


def _presets(visit: Visit, period: Period) -> list[Preset]:
    today = day_of(visit.now)
    rows = (
        ("近7天", "7 days", today - timedelta(days=6)),
        ("近30天", "30 days", today - timedelta(days=29)),
        ("本月", "this month", today.replace(day=1)),
        ("本年", "this year", today.replace(month=1, day=1)),
    )
    return [Preset(zh, en, first, today, Period(first, today) == period) for zh, en, first in rows]

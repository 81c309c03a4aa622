"""Asking the statistics: exact counts of any period by any dimensions, for those who may see every case anyway."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from santiao.projections.case_queries import region_stem
from santiao.projections.reading import Reading, Value
from santiao.projections.statistics import COUNTS, MEASURES


class Dimension(StrEnum):
    """What counts can be told apart by."""

    DAY = "day"
    REGION = "region"
    TYPE = "dispute_type"
    CHANNEL = "channel"


class Period(msgspec.Struct, frozen=True):
    """Days, both included."""

    first: date
    last: date


class StatisticalCalendar(msgspec.Struct, frozen=True):
    """When a month and a year close: some agencies close the month on the 25th and the year on 20 December."""

    month_closes: int = 31
    year_closes: tuple[int, int] = (12, 31)

    def year(self, year: int) -> Period:
        """A statistical year, from the day after the one before it closed."""
        return Period(self._year_end(year - 1) + timedelta(days=1), self._year_end(year))

    def month(self, year: int, month: int) -> Period:
        """A statistical month; the last of a year closes with the year."""
        before = self._year_end(year - 1) if month == 1 else self._month_end(year, month - 1)
        return Period(before + timedelta(days=1), self._year_end(year) if month == 12 else self._month_end(year, month))

    def _year_end(self, year: int) -> date:
        return date(year, *self.year_closes)

    def _month_end(self, year: int, month: int) -> date:
        return date(year, month, min(self.month_closes, monthrange(year, month)[1]))


class CountFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted; empty means any. A region that ends in 00 covers all below it."""

    region: str = ""
    dispute_type: str = ""
    channel: str = ""


class Cell(msgspec.Struct, frozen=True):
    """Counts under one value of each dimension asked for; None is a number that is not told."""

    keys: tuple[str, ...]
    counts: dict[str, int | None]


class Statistics(msgspec.Struct, frozen=True):
    """Counts of a period by some dimensions, and in all."""

    first_day: str
    last_day: str
    by: tuple[Dimension, ...]
    cells: tuple[Cell, ...]
    total: Cell


ANYTHING = CountFilter()
SUMS = ", ".join(f"sum({measure})" for measure in MEASURES)


def read_statistics(
    reading: Reading, period: Period, by: Sequence[Dimension] = (), asked: CountFilter = ANYTHING
) -> Statistics:
    """Counts of a period, as they are."""
    where, values = ["day >= ?", "day <= ?"], list[Value]((period.first.isoformat(), period.last.isoformat()))
    for column, value in (("dispute_type", asked.dispute_type), ("channel", asked.channel)):
        if value:
            where.append(f"{column} = ?")
            values.append(value)
    if asked.region:
        within = region_stem(asked.region)
        where.append("substr(region, 1, ?) = ?")
        values.extend((len(within), within))
    names = ", ".join(by)
    sql = f"SELECT {names + ', ' if by else ''}{SUMS} FROM {reading.table(COUNTS)} WHERE {' AND '.join(where)}"
    grouped = reading.execute(f"{sql} GROUP BY {names} ORDER BY {names}" if by else sql, values)
    rows = [(tuple(row[: len(by)]), [int(number or 0) for number in row[len(by) :]]) for row in grouped]
    totals = [sum(numbers[place] for _, numbers in rows) for place in range(len(MEASURES))]
    return Statistics(
        period.first.isoformat(),
        period.last.isoformat(),
        tuple(by),
        tuple(Cell(keys, dict(zip(MEASURES, numbers, strict=True))) for keys, numbers in rows),
        Cell((), dict(zip(MEASURES, totals, strict=True))),
    )

"""Statistics (统计) by day, region, type and channel: how many files were reported, how many cases went which way.

A case is counted under the region and type it had that day, and under the agency of its founding source. Counts of fewer than
five can be told as nothing, because one who knows a street may know who is meant. Rows are kept by shard and added up when asked.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from santiao.domain.events import cases, mediations, sources
from santiao.domain.vocabulary import SETTLED_OUTCOMES
from santiao.projections.case_queries import region_stem
from santiao.projections.contract import Key, Projection, TableSet, ViewTable
from santiao.projections.moments import day_of
from santiao.projections.reading import Reading, Value
from santiao.store.log import Entry

VIEW = "statistics"
MERGED_OUTCOME = "O50"
SMALL = 5
"""Fewer than this may point at somebody."""


class CountRow(msgspec.Struct, gc=False):
    """What happened on a day (Asia/Shanghai, by time of recording) under a region, type and channel."""

    day: str
    region: str
    dispute_type: str
    channel: str
    shard: int
    reported: int = 0
    opened: int = 0
    linked: int = 0
    blocked: int = 0
    referred: int = 0
    accepted: int = 0
    declined: int = 0
    timed_out: int = 0
    mediations: int = 0
    settled: int = 0
    failed: int = 0
    confirmed: int = 0
    performed: int = 0
    closed: int = 0
    reopened: int = 0
    merged: int = 0
    withdrawn: int = 0


class CountedCaseRow(msgspec.Struct, gc=False):
    """Under what a case is counted, and whether its settlement was."""

    case_id: str
    region: str
    dispute_type: str
    channel: str
    settled: int = 0


def _cases_of(entry: Entry, event: Any) -> Iterable[Key]:
    return (entry.case_id,) if entry.case_id else ()


COUNTS = ViewTable(name=VIEW, view=VIEW, row=CountRow, key_columns=5)
COUNTED_CASES = ViewTable(name="statistics_cases", view=VIEW, row=CountedCaseRow, looks_at=_cases_of)
MEASURES = CountRow.__struct_fields__[5:]


class StatisticsFold:
    """Counts events."""

    def __init__(self, tables: TableSet) -> None:
        self.rows = tables.of(COUNTS)
        self.cases = tables.of(COUNTED_CASES)

    def _row(self, at: Entry, region: str, dispute_type: str, channel: str) -> CountRow:
        key = (day_of(at.recorded_ms), region, dispute_type, channel, at.shard)
        row = self.rows.change(key)
        if row is None:
            row = CountRow(*key)
            self.rows.put(row)
        return row

    def _case(self, at: Entry) -> CountedCaseRow:
        case = self.cases.get(at.case_id)
        if case is None:
            raise KeyError(at.case_id)
        return case

    def of_case(self, at: Entry) -> CountRow:
        """The row under which the event's case is counted today."""
        case = self._case(at)
        return self._row(at, case.region, case.dispute_type, case.channel)

    def reported(self, at: Entry, event: sources.SourceReported) -> None:
        facts = event.facts
        self._row(at, facts.region or self._case(at).region, facts.type, event.agency).reported += 1

    def opened(self, at: Entry, event: cases.CaseOpened) -> None:
        channel = event.sources[0].partition(":")[0] if event.sources else ""
        self.cases.put(CountedCaseRow(at.case_id, event.region, event.dispute_type, channel))
        self.of_case(at).opened += 1

    def reclassified(self, at: Entry, event: cases.CaseReclassified) -> None:
        case = self.cases.change(at.case_id)
        if case is not None:
            case.region, case.dispute_type = event.region, event.dispute_type

    def concluded(self, at: Entry, event: mediations.MediationConcluded) -> None:
        if event.outcome in SETTLED_OUTCOMES:
            self._settle(at)
        elif event.outcome != MERGED_OUTCOME:
            self.of_case(at).failed += 1

    def closed(self, at: Entry, event: cases.CaseClosed) -> None:
        self.of_case(at).closed += 1
        if event.outcome in SETTLED_OUTCOMES:
            self._settle(at)

    def _settle(self, at: Entry) -> None:
        """A settlement counts once, whether the mediation told of it or the end of the case."""
        case = self.cases.change(at.case_id)
        if case is not None and not case.settled:
            case.settled = 1
            self.of_case(at).settled += 1

    def reopened(self, at: Entry, event: cases.CaseReopened) -> None:
        self.of_case(at).reopened += 1
        case = self.cases.change(at.case_id)
        if case is not None:
            case.settled = 0

    def withdrawn(self, at: Entry, event: sources.SourceWithdrawn) -> None:
        if at.case_id and event.stands:
            self.of_case(at).withdrawn += 1

    def decided(self, at: Entry, event: mediations.ConfirmationDecided) -> None:
        self.of_case(at).confirmed += event.confirmed


def _counts(measure: str) -> Callable[[StatisticsFold, Entry, Any], None]:
    def fold(fold: StatisticsFold, at: Entry, event: Any) -> None:
        row = fold.of_case(at)
        setattr(row, measure, getattr(row, measure) + 1)

    return fold


_COUNTED = {
    "SourceJoined": "linked",
    "CaseBlocked": "blocked",
    "ReferralSent": "referred",
    "ReferralAccepted": "accepted",
    "ReferralDeclined": "declined",
    "ReferralTimedOut": "timed_out",
    "MediationStarted": "mediations",
    "AgreementPerformed": "performed",
    "CaseMerged": "merged",
}

STATISTICS = Projection(
    name=VIEW,
    version=1,
    tables=(COUNTS, COUNTED_CASES),
    fold=StatisticsFold,
    handlers={
        "SourceReported": StatisticsFold.reported,
        "CaseOpened": StatisticsFold.opened,
        "CaseReclassified": StatisticsFold.reclassified,
        "MediationConcluded": StatisticsFold.concluded,
        "CaseClosed": StatisticsFold.closed,
        "CaseReopened": StatisticsFold.reopened,
        "ConfirmationDecided": StatisticsFold.decided,
        "SourceWithdrawn": StatisticsFold.withdrawn,
        **{name: _counts(measure) for name, measure in _COUNTED.items()},
    },
    unread=frozenset(_COUNTED),
)


# --- queries -----------------------------------------------------------------------------------------------------------


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


def read_statistics(
    reading: Reading,
    period: Period,
    by: Sequence[Dimension] = (),
    asked: CountFilter = ANYTHING,
    *,
    hides_small: bool = False,
) -> Statistics:
    """Counts of a period. With `hides_small` none that is less than five is told, nor what would give one away by subtraction."""
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
    sums = ", ".join(f"sum({measure})" for measure in MEASURES)
    sql = f"SELECT {names + ', ' if by else ''}{sums} FROM {reading.table(COUNTS)} WHERE {' AND '.join(where)}"
    grouped = reading.execute(f"{sql} GROUP BY {names} ORDER BY {names}" if by else sql, values)
    rows = [(tuple(row[: len(by)]), [int(number or 0) for number in row[len(by) :]]) for row in grouped]
    columns = [[numbers[place] for _, numbers in rows] for place in range(len(MEASURES))]
    totals: list[int | None] = [sum(column) for column in columns]
    told = [hide_small(column) if hides_small else list[int | None](column) for column in columns]
    return Statistics(
        period.first.isoformat(),
        period.last.isoformat(),
        tuple(by),
        tuple(
            Cell(keys, {measure: told[place][number] for place, measure in enumerate(MEASURES)})
            for number, (keys, _) in enumerate(rows)
        ),
        Cell((), dict(zip(MEASURES, hide_each(totals) if hides_small else totals, strict=True))),
    )


def hide_each(counts: Sequence[int | None]) -> list[int | None]:
    """Counts without those that are less than five and more than none."""
    return [None if count is not None and 0 < count < SMALL else count for count in counts]


def hide_small(counts: Sequence[int]) -> list[int | None]:
    """Counts of one measure whose sum is told: where only one is hidden, the next smallest is hidden with it."""
    told = hide_each(counts)
    if told.count(None) == 1:
        others = [place for place, count in enumerate(told) if count]
        if others:
            told[min(others, key=lambda place: counts[place])] = None
    return told

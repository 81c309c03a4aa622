"""Counting days on a calendar, with a trace of every day that was not simply counted.

Pure arithmetic below `deadlines`: which rule asks for what is not known here. Each function returns the day it arrives at and appends to
`trace` one short line per skipped, made-up, suspended or rolled-over day, so that a reader can count again by hand.
"""

import datetime as dt
from calendar import monthrange

import msgspec

from santiao.domain.calendar import Day, WorkCalendar, day_at
from santiao.domain.errors import Rejection

MAX_DAYS = 20_000
"""No period of the law comes near; a count that runs past it is a mistake in the data."""


class Suspension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days that do not count (appraisal, hearing), first and last included; `last` None while it still runs."""

    cause: str
    first: dt.date
    last: dt.date | None = None


class Walk(msgspec.Struct):
    """One computation under way: the calendar it reads, the days that do not count, and what it has noted so far."""

    calendar: WorkCalendar
    region: str | None
    suspensions: tuple[Suspension, ...]
    trace: list[str] = []
    tables: set[str] = set()
    provisional: bool = False

    def look(self, day: dt.date) -> Day:
        """The day as the calendar has it; remembers which tables were read and whether one was missing."""
        found = day_at(self.calendar, day, self.region)
        if found.table:
            self.tables.add(found.table)
        if not found.is_known:
            self.provisional = True
        return found

    def is_suspended(self, day: dt.date) -> bool:
        """True, with a line in the trace, when `day` lies in a suspension."""
        for pause in self.suspensions:
            if pause.first <= day and (pause.last is None or day <= pause.last):
                self.trace.append(f"suspended {day} {pause.cause}")
                return True
        return False


def count_working_days(walk: Walk, start: dt.date, length: int, step: int) -> dt.date:
    """The `length`-th working day after `start` (before it with step -1), T11; suspended days do not count, T13."""
    day, left = start, length
    for _ in range(MAX_DAYS):
        if left == 0:
            return day
        day += dt.timedelta(days=step)
        if walk.is_suspended(day):
            continue
        found = walk.look(day)
        if found.works:
            left -= 1
            if found.name:
                walk.trace.append(f"makeup {day} {found.name}")
        else:
            walk.trace.append(f"skip {day} {found.name}")
    raise _runaway(start, length)


def count_calendar_days(walk: Walk, start: dt.date, length: int, step: int) -> dt.date:
    """The `length`-th day after `start` (before it with step -1), T1; suspended days do not count, T13."""
    if not walk.suspensions:
        return start + dt.timedelta(days=step * length)
    day, left = start, length
    for _ in range(MAX_DAYS):
        if left == 0:
            return day
        day += dt.timedelta(days=step)
        if not walk.is_suspended(day):
            left -= 1
    raise _runaway(start, length)


def add_months(walk: Walk, start: dt.date, months: int) -> dt.date:
    """The corresponding day `months` later (earlier when negative), the month's last day where there is none, T3."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    last = monthrange(year, month + 1)[1]
    if start.day > last:
        walk.trace.append(f"no day {start.day} in {year}-{month + 1:02d}: month end")
    return dt.date(year, month + 1, min(start.day, last))


def roll_to_working_day(walk: Walk, day: dt.date, step: int) -> dt.date:
    """`day` itself when it is worked, else the next working day (the one before with step -1), T4; only the end moves, T13."""
    for _ in range(MAX_DAYS):
        found = walk.look(day)
        if found.works:
            return day
        walk.trace.append(f"roll {day} {found.name}")
        day += dt.timedelta(days=step)
    raise _runaway(day, 0)


def _runaway(start: dt.date, length: int) -> Rejection:
    return Rejection(
        "deadline.too_far",
        f"counting {length} days from {start} does not end within {MAX_DAYS} days: correct the rule row or the suspensions",
        f"自{start}起计{length}日，{MAX_DAYS}日内不能届满：请更正规则或中止期间",
    )

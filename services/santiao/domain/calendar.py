"""Working days (工作日) as data, one table per year, and what a region adds to it.

A working day is Monday to Friday without the days off, and the make-up days (调休) on weekends
(全国年节及纪念日放假办法 3, 7; T4, T11).
An ethnic area may add days of its own (art 4, T12): a table with a region. A year without a national table is counted by its
weekends alone and is *provisional*: what rests on it is computed again when the table arrives.
"""

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache

import msgspec

SHANGHAI = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")
"""The sources send no zone; there has been no summer time since 1992."""
NATIONAL = "CN"
_SATURDAY = 5


class CalendarDay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day that is not what its weekday says: off, or worked (make-up)."""

    date: dt.date
    name: str
    off: bool


class YearCalendar(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One year's table: the national one, or with a six-digit `region` the days a local government adds.

    `notice` is the notice it rests on, `source` how the rows were made, `version` rises when a notice is changed.
    """

    year: int
    version: str
    notice: str
    source: str
    region: str = NATIONAL
    days: tuple[CalendarDay, ...]

    @property
    def label(self) -> str:
        """How a trace names this table, e.g. `CN-2026@1`."""
        return f"{self.region}-{self.year}@{self.version}"


class WorkCalendar(msgspec.Struct, frozen=True, eq=False):
    """All tables a city has. Compared by identity, so that look-ups can be remembered."""

    tables: tuple[YearCalendar, ...] = ()


class Day(msgspec.Struct, frozen=True):
    """What the tables say of one day. `table` is empty and `is_known` False in a year without a national table."""

    date: dt.date
    works: bool
    name: str
    table: str
    is_known: bool


def day_at(calendar: WorkCalendar, day: dt.date, region: str | None = None) -> Day:
    """Whether `day` is worked in `region` (six digits, None for the country), and which table says so."""
    national, local = _index(calendar)
    label = national.get(day.year)
    for prefix in _wider_regions(region):
        found = local.get((prefix, day))
        if found is not None:
            entry, name = found
            return Day(day, not entry.off, entry.name, name, label is not None)
    if label is not None and (entry_ := local.get((NATIONAL, day))) is not None:
        return Day(day, not entry_[0].off, entry_[0].name, label, True)
    weekend = day.weekday() >= _SATURDAY
    return Day(day, not weekend, "周末" if weekend else "", label or "", label is not None)


def covers(jurisdiction: str, region: str) -> bool:
    """True when `region` (six digits) lies in `jurisdiction`: CN, a province (340000), a city (340300) or a county."""
    return jurisdiction == NATIONAL or region.startswith(_trim(jurisdiction))


def _trim(code: str) -> str:
    for width in (2, 4):
        if code[width:].strip("0") == "":
            return code[:width]
    return code


def _wider_regions(region: str | None) -> tuple[str, ...]:
    if region is None:
        return ()
    return (region, region[:4] + "00", region[:2] + "0000")


_Local = Mapping[tuple[str, dt.date], tuple[CalendarDay, str]]


@lru_cache(maxsize=8)
def _index(calendar: WorkCalendar) -> tuple[Mapping[int, str], _Local]:
    national = {table.year: table.label for table in calendar.tables if table.region == NATIONAL}
    days = {(table.region, day.date): (day, table.label) for table in calendar.tables for day in table.days}
    return national, days

"""Working days: the shipped tables against two independent libraries, local days, and years nobody has told us about."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.domain.calendar import CalendarDay, WorkCalendar, YearCalendar, covers, day_at
from santiao.domain.rulebook import Rulebook

YEARS = (2024, 2025, 2026)


def days_of(year: int) -> list[dt.date]:
    first = dt.date(year, 1, 1)
    return [first + dt.timedelta(days=n) for n in range((dt.date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", YEARS)
def test_every_day_agrees_with_chinesecalendar(book: Rulebook, year: int) -> None:
    library = pytest.importorskip("chinese_calendar")
    assert [day for day in days_of(year) if day_at(book.calendar, day).works != library.is_workday(day)] == []


@pytest.mark.parametrize("year", YEARS)
def test_every_day_agrees_with_holidays(book: Rulebook, year: int) -> None:
    china = pytest.importorskip("holidays").China(years=year)
    assert [day for day in days_of(year) if day_at(book.calendar, day).works != china.is_working_day(day)] == []


@pytest.mark.parametrize(
    ("day", "works", "name"),
    [
        ("2026-02-14", True, "春节"),
        ("2026-02-16", False, "春节"),
        ("2026-09-20", True, "国庆节"),
        ("2026-03-07", False, "周末"),
        ("2026-03-09", True, ""),
        ("2026-03-08", False, "周末"),
        ("2026-05-04", False, "劳动节"),
        ("2027-03-08", True, ""),
    ],
)
def test_make_up_days_are_worked_and_part_population_days_are_ordinary(
    book: Rulebook, day: str, works: bool, name: str
) -> None:
    found = day_at(book.calendar, dt.date.fromisoformat(day))
    assert (found.works, found.name) == (works, name)


@given(st.dates(dt.date(2030, 1, 1), dt.date(2099, 12, 31)))
def test_an_unknown_year_has_weekends_only_and_says_so(book: Rulebook, day: dt.date) -> None:
    found = day_at(book.calendar, day)
    assert not found.is_known
    assert found.table == ""
    assert found.works == (day.weekday() < 5)


def local_calendar(*more: YearCalendar) -> WorkCalendar:
    national = YearCalendar(year=2026, version="1", notice="", source="test", days=())
    added = YearCalendar(
        year=2026,
        version="2",
        notice="",
        source="test",
        region="533400",
        days=(CalendarDay(dt.date(2026, 9, 14), "州庆", off=True),),
    )
    return WorkCalendar((national, added, *more))


@pytest.mark.parametrize(
    ("region", "works"), [("533422", False), ("533400", False), ("530102", True), ("340302", True), (None, True)]
)
def test_days_that_a_region_adds_hold_there_and_below_it_only(region: str | None, works: bool) -> None:
    found = day_at(local_calendar(), dt.date(2026, 9, 14), region)
    assert found.works is works
    assert found.is_known
    assert found.table == ("CN-2026@1" if works else "533400-2026@2")


def test_the_narrower_region_speaks_before_the_wider() -> None:
    county = YearCalendar(
        year=2026,
        version="1",
        notice="",
        source="test",
        region="533422",
        days=(CalendarDay(dt.date(2026, 9, 14), "补班", off=False),),
    )
    assert day_at(local_calendar(county), dt.date(2026, 9, 14), "533422").works
    assert not day_at(local_calendar(county), dt.date(2026, 9, 14), "533401").works


@pytest.mark.parametrize(
    ("jurisdiction", "region", "held"),
    [
        ("CN", "340302", True),
        ("340000", "340302", True),
        ("340300", "340302", True),
        ("340302", "340302", True),
        ("340300", "340000", False),
        ("330000", "340302", False),
        ("340302", "340303", False),
    ],
)
def test_a_jurisdiction_covers_what_lies_in_it(jurisdiction: str, region: str, held: bool) -> None:
    assert covers(jurisdiction, region) is held

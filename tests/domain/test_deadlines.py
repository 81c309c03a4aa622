"""The law's clocks: known vectors, the rules of counting one by one, and which row holds where and when."""

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.domain.calendar import SHANGHAI, CalendarDay, WorkCalendar, YearCalendar, day_at
from santiao.domain.counting import Suspension
from santiao.domain.deadlines import Deadline, answer_of, compute_deadline, select_rule
from santiao.domain.errors import Rejection
from santiao.domain.rulebook import Rulebook
from santiao.domain.rules import CLOCK_UNITS, Direction, HourStart, Lead, Rule, Unit

VECTORS = [
    ("2026-01-16", "JC.APPLY.30D", "2026-02-15", "2026-02-24"),
    ("2026-01-29", "PM.CONFIRM.30D", "2026-02-28", "2026-02-28"),
    ("2026-02-13", "CT.ACCEPT.3WD", None, "2026-02-25"),
    ("2026-04-20", "CT.POST.WT.15D", "2026-05-05", "2026-05-06"),
    ("2026-04-30", "PO.MED.ONCE", None, "2026-05-13"),
    ("2026-08-05", "XF.HANDLE.60D", "2026-10-04", "2026-10-08"),
    ("2026-09-05", "LB.MED.15D", "2026-09-20", "2026-09-20"),
    ("2026-09-18", "HL.SIGN.1WD", None, "2026-09-20"),
    ("2026-09-24", "CT.POST.WT.7D", "2026-10-01", "2026-10-08"),
    ("2026-09-30", "XF.OBJECT.5WD", None, "2026-10-13"),
    ("2026-01-31", "PM.MEDIATE.1M", "2026-02-28", "2026-02-28"),
]


def compute(book: Rulebook, rule_id: str, start: str, region: str | None = None) -> Deadline:
    day = dt.date.fromisoformat(start)
    return compute_deadline(select_rule(book, rule_id, day, region), day, book.calendar, region)


def rule_like(book: Rulebook, rule_id: str, **changed: object) -> Rule:
    return msgspec.structs.replace(select_rule(book, rule_id, dt.date(2026, 3, 2)), **changed)


@pytest.mark.parametrize(("start", "rule_id", "natural", "effective"), VECTORS)
@pytest.mark.parametrize("region", [None, "340302"])
def test_known_vectors(
    book: Rulebook, start: str, rule_id: str, natural: str | None, effective: str, region: str | None
) -> None:
    found = compute(book, rule_id, start, region)
    assert (found.natural_end, found.effective_end, found.provisional) == (natural, effective, False)
    assert answer_of(found).trace == found.trace


# --- T1-T13 ---------------------------------------------------------------------------------------------------------------


def test_the_first_day_is_not_counted_unless_the_row_says_so(book: Rulebook) -> None:
    counted = rule_like(book, "LB.MED.15D", exclude_start=False)
    assert compute(book, "LB.MED.15D", "2026-03-02").natural_end == "2026-03-17"
    assert compute_deadline(counted, dt.date(2026, 3, 2), book.calendar).natural_end == "2026-03-16"


@pytest.mark.parametrize(
    ("convention", "begins", "ends"),
    [
        (HourStart.STATED_MOMENT, "2026-03-02T10:20:00+08:00", "2026-03-03T10:20:00+08:00"),
        (HourStart.NEXT_HOUR, "2026-03-02T11:00:00+08:00", "2026-03-03T11:00:00+08:00"),
    ],
)
def test_hours_begin_as_their_law_says(book: Rulebook, convention: HourStart, begins: str, ends: str) -> None:
    rule = rule_like(book, "PO.WRONGUNIT.24H", hour_start=convention)
    found = compute_deadline(rule, dt.datetime(2026, 3, 2, 2, 20, tzinfo=dt.UTC), book.calendar)
    assert (found.natural_end, found.effective_end) == (ends, ends)
    assert found.due_at == dt.datetime.fromisoformat(ends)
    assert found.trace[0] == f"start {begins} {convention}"


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-01-15", 12, "2027-01-15"),
        ("2024-02-29", 24, "2026-02-28"),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_months_last(
    book: Rulebook, start: str, months: int, end: str
) -> None:
    rule = rule_like(book, "PM.MEDIATE.1M", length=months, roll_forward=False)
    assert compute_deadline(rule, dt.date.fromisoformat(start), book.calendar).effective_end == end


def test_a_day_ends_at_midnight(book: Rulebook) -> None:
    found = compute(book, "XF.HANDLE.60D", "2026-08-05")
    assert found.due_at == dt.datetime(2026, 10, 9, tzinfo=SHANGHAI)


def test_the_end_of_a_protection_order_does_not_move_for_a_holiday(book: Rulebook) -> None:
    assert compute(book, "G3.ORDER.VALID.6M", "2026-04-03").effective_end == "2026-10-03"


def test_local_days_off_move_an_end_in_their_region_only(book: Rulebook) -> None:
    added = YearCalendar(
        year=2026,
        version="1",
        notice="",
        source="test",
        region="533400",
        days=(CalendarDay(dt.date(2026, 9, 14), "州庆", off=True),),
    )
    calendar = WorkCalendar((*book.calendar.tables, added))
    rule = select_rule(book, "LB.MED.15D", dt.date(2026, 8, 30))
    assert compute_deadline(rule, dt.date(2026, 8, 30), calendar, "533422").effective_end == "2026-09-15"
    assert compute_deadline(rule, dt.date(2026, 8, 30), calendar, "340302").effective_end == "2026-09-14"


def test_suspended_days_shift_the_end(book: Rulebook) -> None:
    rule = select_rule(book, "CT.POST.WT.15D", dt.date(2026, 3, 2))
    pause = Suspension("appraisal", dt.date(2026, 3, 5), dt.date(2026, 3, 9))
    found = compute_deadline(rule, dt.date(2026, 3, 2), book.calendar, suspensions=(pause,))
    assert found.natural_end == "2026-03-22"
    assert found.effective_end == "2026-03-23"
    assert sum(line.startswith("suspended") for line in found.trace) == 5


def test_a_suspension_reaching_the_end_goes_on_shifting_it(book: Rulebook) -> None:
    rule = select_rule(book, "MK.MED.45WD", dt.date(2026, 3, 2))
    plain = compute_deadline(rule, dt.date(2026, 3, 2), book.calendar)
    pause = Suspension("appraisal", dt.date.fromisoformat(plain.effective_end), dt.date(2026, 12, 31))
    found = compute_deadline(rule, dt.date(2026, 3, 2), book.calendar, suspensions=(pause,))
    assert found.effective_end > "2026-12-31"


def test_notice_before_an_appointed_day_counts_back(book: Rulebook) -> None:
    assert compute(book, "LB.ARB.HEARING", "2026-10-13").effective_end == "2026-09-30"
    assert compute(book, "TR.NOTICE.3D", "2026-10-08").effective_end == "2026-09-30"


def test_extensions_lengthen_within_what_the_row_allows(book: Rulebook) -> None:
    rule = select_rule(book, "XF.HANDLE.60D", dt.date(2026, 3, 2))
    found = compute_deadline(rule, dt.date(2026, 3, 2), book.calendar, granted=(30,))
    assert found.natural_end == "2026-05-31"
    assert found.effective_end == "2026-06-01"
    twice = select_rule(book, "PO.CASE.30D", dt.date(2026, 3, 2))
    assert compute_deadline(twice, dt.date(2026, 3, 2), book.calendar, granted=(30, 30)).natural_end == "2026-05-31"


def test_the_warning_falls_before_the_end_and_not_before_the_start(book: Rulebook) -> None:
    assert compute(book, "XF.HANDLE.60D", "2026-08-05").warn_on == "2026-09-28"
    long_lead = rule_like(book, "HL.RETURN.2WD", warn_before=Lead(90, Unit.CALENDAR_DAY))
    assert compute_deadline(long_lead, dt.date(2026, 3, 2), book.calendar).warn_on == "2026-03-02"


def test_an_unknown_year_gives_a_provisional_date(book: Rulebook) -> None:
    found = compute(book, "XF.OBJECT.5WD", "2028-09-29")
    assert found.provisional
    assert found.effective_end == "2028-10-06"
    assert found.trace[-1].startswith("provisional")
    assert compute(book, "XF.OBJECT.5WD", "2026-12-29").provisional


def test_a_bare_date_for_hours_is_taken_from_its_first_moment_and_flagged(book: Rulebook) -> None:
    found = compute(book, "H.HS.12H", "2026-03-02")
    assert (found.start, found.effective_end) == ("2026-03-02T00:00:00+08:00", "2026-03-02T12:00:00+08:00")
    assert found.provisional


def test_a_time_is_read_in_shanghai(book: Rulebook) -> None:
    rule = select_rule(book, "XF.OBJECT.5WD", dt.date(2026, 3, 2))
    late = dt.datetime(2026, 3, 1, 17, 0, tzinfo=dt.UTC)
    assert compute_deadline(rule, late, book.calendar).start == "2026-03-02"


# --- properties -----------------------------------------------------------------------------------------------------------

starts = st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31))


def any_rule(book: Rulebook, data: st.DataObject, *units: Unit) -> Rule:
    rows = [rule for rule in book.rules if rule.unit in units and rule.direction is Direction.AFTER]
    return data.draw(st.sampled_from(sorted(rows, key=lambda rule: rule.reference)))


@given(data=st.data(), start=starts)
def test_a_rolled_end_is_a_working_day_on_or_after_the_natural_one(
    book: Rulebook, data: st.DataObject, start: dt.date
) -> None:
    rule = any_rule(book, data, Unit.CALENDAR_DAY, Unit.MONTH, Unit.YEAR)
    found = compute_deadline(rule, start, book.calendar)
    assert found.natural_end is not None
    assert found.natural_end <= found.effective_end
    if rule.roll_forward:
        end = dt.date.fromisoformat(found.effective_end)
        assert day_at(book.calendar, end).works
        between = dt.date.fromisoformat(found.natural_end)
        while between < end:
            assert not day_at(book.calendar, between).works
            between += dt.timedelta(days=1)


@given(data=st.data(), start=starts)
def test_a_later_start_never_ends_earlier(book: Rulebook, data: st.DataObject, start: dt.date) -> None:
    rule = any_rule(book, data, Unit.CALENDAR_DAY, Unit.WORKING_DAY, Unit.MONTH, Unit.YEAR)
    later = compute_deadline(rule, start + dt.timedelta(days=1), book.calendar)
    assert compute_deadline(rule, start, book.calendar).effective_end <= later.effective_end


@given(data=st.data(), start=starts)
def test_the_trace_counts_again_to_the_same_day(book: Rulebook, data: st.DataObject, start: dt.date) -> None:
    rule = any_rule(book, data, Unit.CALENDAR_DAY, Unit.WORKING_DAY)
    pause = data.draw(st.sampled_from([None, *rule.suspend_on]))
    first = start + dt.timedelta(days=data.draw(st.integers(1, 40)))
    pauses = () if pause is None else (Suspension(pause, first, first + dt.timedelta(days=6)),)
    found = compute_deadline(rule, start, book.calendar, suspensions=pauses)
    assert str(count_by_trace(rule, start, found.trace)) == found.effective_end


def count_by_trace(rule: Rule, start: dt.date, trace: tuple[str, ...]) -> dt.date:
    """Count by hand with nothing but the trace: the days it names do not count, those rolled over are stepped over."""
    named = {line.split()[1] for line in trace if line.split()[0] in ("skip", "suspended")}
    rolled = [line for line in trace if line.startswith("roll ")]
    day, left = start, rule.length
    while left:
        day += dt.timedelta(days=1)
        left -= str(day) not in named
    return day + dt.timedelta(days=len(rolled))


@given(data=st.data(), start=starts)
def test_a_computation_is_deterministic_and_can_be_stored(book: Rulebook, data: st.DataObject, start: dt.date) -> None:
    rule = any_rule(book, data, *Unit)
    found = compute_deadline(rule, start, book.calendar, "340302")
    assert found == compute_deadline(rule, start, book.calendar, "340302")
    assert msgspec.json.decode(msgspec.json.encode(found), type=Deadline) == found


@given(start=starts, length=st.integers(1, 60))
def test_working_days_between_are_as_many_as_the_rule_says(book: Rulebook, start: dt.date, length: int) -> None:
    rule = rule_like(book, "XF.OBJECT.5WD", length=length)
    end = dt.date.fromisoformat(compute_deadline(rule, start, book.calendar).effective_end)
    days = [start + dt.timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(day_at(book.calendar, day).works for day in days) == length
    assert day_at(book.calendar, end).works


# --- what is refused ------------------------------------------------------------------------------------------------------


def code_of(book: Rulebook, rule_id: str, **given: object) -> str:
    rule = select_rule(book, rule_id, dt.date(2026, 3, 2))
    with pytest.raises(Rejection) as refused:
        compute_deadline(rule, given.pop("start", dt.date(2026, 3, 2)), book.calendar, **given)  # type: ignore[arg-type]
    assert refused.value.detail_zh
    return refused.value.code


def test_what_cannot_be_computed_is_refused_with_a_code(book: Rulebook) -> None:
    naive = dt.datetime(2026, 3, 2, 10)  # noqa: DTZ001 a naive time is the point
    open_end = Suspension("appraisal", dt.date(2026, 3, 5))
    other = Suspension("weather", dt.date(2026, 3, 5), dt.date(2026, 3, 6))
    assert code_of(book, "XF.OBJECT.5WD", start=naive) == "deadline.bad_start"
    assert code_of(book, "XF.OBJECT.5WD", start=dt.date(9000, 1, 1)) == "deadline.bad_start"
    assert code_of(book, "CT.POST.WT.15D", suspensions=(open_end,)) == "deadline.bad_suspension"
    assert code_of(book, "CT.POST.WT.15D", suspensions=(other,)) == "deadline.bad_suspension"
    assert code_of(book, "LB.MED.15D", granted=(5,)) == "deadline.bad_extension"
    assert code_of(book, "XF.HANDLE.60D", granted=(31,)) == "deadline.bad_extension"
    assert code_of(book, "XF.HANDLE.60D", granted=(30, 30)) == "deadline.bad_extension"


def test_every_rule_computes_on_every_kind_of_day(book: Rulebook) -> None:
    for rule in book.rules:
        start = max(rule.effective_from, dt.date(2024, 2, 9))
        found = compute_deadline(rule, start, book.calendar)
        assert found.effective_end
        assert (found.natural_end is None) == (rule.unit is Unit.WORKING_DAY)
        assert found.source
        assert rule.unit in CLOCK_UNITS or found.due_at.utcoffset() == dt.timedelta(hours=8)

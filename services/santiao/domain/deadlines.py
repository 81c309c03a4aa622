"""The law's clocks (期限): a rule row, which row holds on a day and in a place, and the date it ends on.

Keeps the rules of counting T1-T13: the first day is not counted (民法典 201, 民诉法 85), months end on the corresponding day (202),
an end on a day off moves to the next working day (203), only the end moves, suspended days shift it. Lengths are data.
"""

import datetime as dt
from collections.abc import Hashable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Protocol

import msgspec

from santiao.domain.calendar import NATIONAL, SHANGHAI, WorkCalendar, covers
from santiao.domain.counting import (
    Suspension,
    Walk,
    add_months,
    count_calendar_days,
    count_working_days,
    roll_to_working_day,
)
from santiao.domain.errors import Rejection
from santiao.domain.rules import CLOCK_UNITS, Direction, Extension, HourStart, Layer, Nature, Rule, Unit


class HasRules(Hashable, Protocol):
    """What a selection is made from: the rulebook. Compared by identity, so that look-ups can be remembered."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rows, of all times and places."""


def select_rule(rulebook: HasRules, rule_id: str, event_date: dt.date, region: str | None = None) -> Rule:
    """The row of `rule_id` (or an alias of it) in force on the day of the event, in `region` (six digits).

    Order: a row that names another in `supersedes`; then by layer (law, interpretation, national policy, local regulation, local policy,
    default); then the narrower jurisdiction. Without a region national rows come before local ones.
    Raises `Rejection` rule.unknown, rule.not_in_force or rule.not_in_region.
    """
    rows = _by_id(rulebook).get(rule_id, ())
    if not rows:
        near = ", ".join(get_close_matches(rule_id.upper(), sorted(_by_id(rulebook)), n=3)) or "docs/rules.md"
        raise Rejection("rule.unknown", f"there is no rule {rule_id}: see {near}", f"没有规则{rule_id}：请参见{near}")
    in_force = tuple(row for row in rows if row.is_in_force(event_date))
    if not in_force:
        spans = "; ".join(f"{row.effective_from} – {row.effective_to or ''}" for row in rows)
        raise Rejection(
            "rule.not_in_force",
            f"{rule_id} is not in force on {event_date} (in force: {spans}): ask with the date of the event",
            f"{rule_id}在{event_date}不具效力（有效期：{spans}）：请按事件发生日期查询",
        )
    held = tuple(row for row in in_force if region is None or covers(row.jurisdiction, region))
    if not held:
        places = ", ".join(sorted({row.jurisdiction for row in in_force}))
        raise Rejection(
            "rule.not_in_region",
            f"{rule_id} does not hold in {region} (holds in {places}): ask without a region or with one of these",
            f"{rule_id}不适用于{region}（适用于{places}）：请不带区划或改用上述区划查询",
        )
    if region is None:
        held = tuple(row for row in held if row.jurisdiction == NATIONAL) or held
    giving_way = {name for row in held for name in row.supersedes}
    standing = tuple(row for row in held if row.reference not in giving_way) or held
    return min(standing, key=_rank)


def _rank(row: Rule) -> tuple[int, str, str]:
    # A code without its trailing zeros is longer the narrower the place; reversed digits sort it first.
    narrow = "" if row.jurisdiction == NATIONAL else row.jurisdiction.rstrip("0")
    return (_LAYERS.index(row.layer), f"{9 - len(narrow)}", row.version)


_LAYERS = tuple(Layer)


@lru_cache(maxsize=8)
def _by_id(rulebook: HasRules) -> Mapping[str, tuple[Rule, ...]]:
    found: dict[str, list[Rule]] = {}
    for row in rulebook.rules:
        for name in (row.rule_id, *row.aliases):
            found.setdefault(name, []).append(row)
    return {name: tuple(rows) for name, rows in found.items()}


class Deadline(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A computed end. Dates are YYYY-MM-DD in Asia/Shanghai; of hour rules start and ends are RFC 3339 times.

    `natural_end` is the end before it moved off a day without work, None for working-day rules. `due_at` is the first instant at
    which it is too late (T5: a day ends at 24:00). `trace` has a line for each day skipped, made up, suspended or rolled over.
    """

    rule: str
    version: str
    start: str
    natural_end: str | None
    effective_end: str
    due_at: dt.datetime
    warn_on: str | None = None
    provisional: bool = False
    party_right: bool = False
    on_expiry: str = ""
    source: str
    confidence: str
    calendar: str = ""
    trace: tuple[str, ...] = ()


class DeadlineAnswer(msgspec.Struct, frozen=True, gc=False):
    """What the command `santiao deadline` prints, to the letter of the contract."""

    rule: str
    start: str
    natural_end: str | None
    effective_end: str
    provisional: bool
    source: str
    trace: tuple[str, ...]


def answer_of(deadline: Deadline) -> DeadlineAnswer:
    """The contract's seven fields of a deadline."""
    return DeadlineAnswer(
        deadline.rule,
        deadline.start,
        deadline.natural_end,
        deadline.effective_end,
        deadline.provisional,
        deadline.source,
        deadline.trace,
    )


def compute_deadline(
    rule: Rule,
    start: dt.date | dt.datetime,
    calendar: WorkCalendar,
    region: str | None = None,
    suspensions: tuple[Suspension, ...] = (),
    granted: tuple[int, ...] = (),
) -> Deadline:
    """When `rule`'s period ends that began at `start`.

    `start` is a date, or an aware time (a naive one is rejected); hour rules want a time, a bare date counts from its first moment and is
    provisional. `region` (six digits) adds local days off. `granted` are extensions in the unit of `rule.extension`.
    Raises `Rejection` deadline.bad_start, deadline.bad_suspension, deadline.bad_extension or deadline.too_far.
    """
    moment = _moment(start)
    _check_suspensions(rule, suspensions)
    _check_granted(rule, granted)
    walk = Walk(calendar, region, suspensions, [], set())
    if rule.unit in CLOCK_UNITS:
        return _end_of_hours(rule, start, moment, walk, granted)
    day = moment.date()
    walk.trace.append(f"start {day} {'not counted' if rule.exclude_start else 'counted'}")
    step = 1 if rule.direction is Direction.AFTER else -1
    origin = day if rule.exclude_start else day - dt.timedelta(days=step)
    if rule.unit is Unit.WORKING_DAY:
        natural, end = None, count_working_days(walk, origin, rule.length + sum(granted), step)
    else:
        natural = count_calendar_days(walk, origin, _days_of(rule, origin, step, granted, walk), step)
        end = roll_to_working_day(walk, natural, step) if rule.roll_forward else natural
    if granted:
        walk.trace.append(f"extended {'+'.join(map(str, granted))} {rule.extension.unit if rule.extension else ''}")
    due = dt.datetime.combine(end + dt.timedelta(days=1), dt.time(), SHANGHAI)
    warn = _warn_day(rule, day, end, walk)
    return _deadline(rule, str(day), str(natural) if natural else None, str(end), due, warn, walk)


def _moment(start: dt.date | dt.datetime) -> dt.datetime:
    if isinstance(start, dt.datetime):
        if start.tzinfo is None:
            raise Rejection(
                "deadline.bad_start",
                "the start time has no offset: write it as 2026-03-02T10:00:00+08:00, or give the date alone",
                "起算时间没有时区：请写成 2026-03-02T10:00:00+08:00，或只写日期",
            )
        moment = start.astimezone(SHANGHAI)
    else:
        moment = dt.datetime.combine(start, dt.time(), SHANGHAI)
    if not 1949 < moment.year < 2200:
        raise Rejection(
            "deadline.bad_start",
            f"the start lies in the year {moment.year}: give a date between 1950 and 2199",
            f"起算年份为{moment.year}：请填写1950至2199年之间的日期",
        )
    return moment


def _check_suspensions(rule: Rule, suspensions: tuple[Suspension, ...]) -> None:
    for pause in suspensions:
        if pause.cause not in rule.suspend_on:
            allowed = ", ".join(rule.suspend_on) or "nothing"
            raise Rejection(
                "deadline.bad_suspension",
                f"{pause.cause} does not suspend {rule.reference}: allowed is {allowed}",
                f"{pause.cause}不是{rule.reference}的中止事由：可中止的是{allowed}",
            )
        if pause.last is None or pause.last < pause.first:
            raise Rejection(
                "deadline.bad_suspension",
                f"the suspension from {pause.first} has no end or ends before it begins: compute again when it is lifted",
                f"自{pause.first}起的中止尚未结束或终点早于起点：请在恢复后重新计算",
            )


def _check_granted(rule: Rule, granted: tuple[int, ...]) -> None:
    if not granted:
        return
    allowed = rule.extension
    too_often = allowed is None or (allowed.max_times is not None and len(granted) > allowed.max_times)
    longest = allowed.max_length if allowed is not None else 0
    if too_often or any(length < 1 or (longest is not None and length > longest) for length in granted):
        raise Rejection(
            "deadline.bad_extension",
            f"{rule.reference} may not be extended so: the row allows {_allowed_text(allowed)}",
            f"{rule.reference}不得如此延长：规则允许{_allowed_text(allowed)}",
        )


def _allowed_text(allowed: Extension | None) -> str:
    if allowed is None:
        return "none (不得延长)"
    return f"{allowed.max_length or 'any'} {allowed.unit} x {allowed.max_times or 'any'} ({allowed.by})"


def _days_of(rule: Rule, origin: dt.date, step: int, granted: tuple[int, ...], walk: Walk) -> int:
    """The period's length in days from `origin`, extensions included; suspended days are added while walking."""
    base = origin
    if rule.unit is Unit.CALENDAR_DAY:
        base += dt.timedelta(days=step * rule.length)
    else:
        base = add_months(walk, origin, step * rule.length * (12 if rule.unit is Unit.YEAR else 1))
    if granted and rule.extension is not None:
        if rule.extension.unit is Unit.MONTH:
            base = add_months(walk, base, step * sum(granted))
        else:
            base += dt.timedelta(days=step * sum(granted))
    return abs((base - origin).days)


def _end_of_hours(
    rule: Rule, start: dt.date | dt.datetime, moment: dt.datetime, walk: Walk, granted: tuple[int, ...]
) -> Deadline:
    if not isinstance(start, dt.datetime):
        walk.provisional = True
        walk.trace.append(f"no time of day told for {moment.date()}: counted from its first moment")
    begin = moment
    if rule.hour_start is HourStart.NEXT_HOUR and rule.unit is Unit.HOUR:
        begin = moment.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
    walk.trace.append(f"start {begin.isoformat()} {rule.hour_start}")
    size = dt.timedelta(minutes=1) if rule.unit is Unit.MINUTE else dt.timedelta(hours=1)
    end = begin + size * (rule.length + sum(granted))
    lead = rule.warn_before
    warn = None if lead is None else end - (dt.timedelta(minutes=1) if lead.unit is Unit.MINUTE else size) * lead.length
    return _deadline(
        rule, moment.isoformat(), end.isoformat(), end.isoformat(), end, warn.isoformat() if warn else None, walk
    )


def _warn_day(rule: Rule, start: dt.date, end: dt.date, walk: Walk) -> str | None:
    """The day to warn on, never before the start. Its look-ups leave no trace: a warning is no legal date."""
    if rule.warn_before is None:
        return None
    aside = Walk(walk.calendar, walk.region, (), [], set())
    if rule.warn_before.unit is Unit.WORKING_DAY:
        day = count_working_days(aside, end, rule.warn_before.length, -1)
    else:
        day = end - dt.timedelta(days=rule.warn_before.length)
    return str(max(day, start)) if end >= start else str(day)


def _deadline(
    rule: Rule, start: str, natural: str | None, end: str, due: dt.datetime, warn: str | None, walk: Walk
) -> Deadline:
    tables = " ".join(sorted(walk.tables))
    if tables:
        walk.trace.append(f"calendar {tables}")
    if walk.provisional and rule.unit not in CLOCK_UNITS:
        walk.trace.append("provisional: no table for a year it reaches, weekends only")
    return Deadline(
        rule=rule.rule_id,
        version=rule.version,
        start=start,
        natural_end=natural,
        effective_end=end,
        due_at=due,
        warn_on=warn,
        provisional=walk.provisional,
        party_right=rule.nature is Nature.PARTY_RIGHT,
        on_expiry=rule.on_expiry,
        source=rule.source,
        confidence=rule.confidence,
        calendar=tables,
        trace=tuple(walk.trace),
    )

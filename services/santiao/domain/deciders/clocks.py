"""Starting and stopping the law's clocks of a case.

A clock's rule, dates and trace are decided once and written into its event; nothing computes them again. Two timers stand behind a
clock: one warns, one tells that the end passed.
"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from santiao.domain.counting import Suspension
from santiao.domain.deadlines import Deadline, compute_deadline, select_rule
from santiao.domain.decisions import Draft
from santiao.domain.events import deadlines as told
from santiao.domain.files import Clock
from santiao.domain.ids import CaseId
from santiao.domain.policy import Policy

SHANGHAI = ZoneInfo("Asia/Shanghai")
LIVE = ("running", "warned")
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Due time of what waits for a calendar and not for a moment."""
GIVEN = "SOURCE.GIVEN"
"""Rule of a deadline that the source itself gave."""


def day_of(moment: datetime) -> date:
    """The day in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def start_clock(
    draft: Draft, policy: Policy, case_id: CaseId, rule_id: str, *, clock: str, about: str, start: date | datetime
) -> Deadline:
    """Set the deadline of `rule_id` from `start`; `clock` hub, legal or origin; `about` what it is a deadline of.

    Raises:
        Rejection: the rule is unknown or was not in force that day.
    """
    deadline = policy.deadline_for(rule_id, start, draft.known_case(case_id).region)
    _announce(draft, case_id, deadline, clock=clock, about=about)
    return deadline


def given_times(start: datetime | None, end: datetime | None) -> tuple[str, str]:
    """Start and end of a deadline that a source gave, in Asia/Shanghai."""
    return tuple(moment.astimezone(SHANGHAI).isoformat() if moment else "" for moment in (start, end))  # type: ignore[return-value]


def take_over_clock(draft: Draft, case_id: CaseId, *, about: str, times: tuple[str, str], source: str) -> None:
    """Keep a deadline that the source itself gave; it is taken as told, never computed anew."""
    case = draft.known_case(case_id)
    deadline_id = f"{case_id}.d{case.serials}"
    draft.emit(
        case_id,
        told.DeadlineSet(
            deadline_id=deadline_id,
            rule=GIVEN,
            clock="origin",
            about=about,
            start=times[0],
            natural_end=None,
            effective_end=times[1],
            source=source,
            confidence="S",
            calendar="",
        ),
    )
    draft.set_timer(f"{deadline_id}.due", case_id, "deadline.due", deadline_id, datetime.fromisoformat(times[1]))


def _announce(draft: Draft, case_id: CaseId, deadline: Deadline, *, clock: str, about: str) -> None:
    case = draft.known_case(case_id)
    deadline_id = f"{case_id}.d{case.serials}"
    draft.emit(
        case_id,
        told.DeadlineSet(
            deadline_id=deadline_id,
            rule=deadline.rule,
            clock=clock,
            about=about,
            start=deadline.start,
            natural_end=deadline.natural_end,
            effective_end=deadline.effective_end,
            warn_on=deadline.warn_on,
            provisional=deadline.provisional,
            party_right=deadline.party_right,
            on_expiry=deadline.on_expiry,
            source=deadline.source,
            confidence=deadline.confidence,
            calendar=deadline.calendar,
            trace=deadline.trace,
        ),
        rules=(f"{deadline.rule}@{deadline.version}",),
    )
    _set_timers(draft, case_id, deadline_id, deadline)


def firm_up(draft: Draft, policy: Policy, case_id: CaseId, deadline_id: str) -> None:
    """Compute a provisional date again, now that the calendar of its year has come; the old value stays in the log."""
    case = draft.known_case(case_id)
    known = next((clock for clock in case.clocks if clock.id == deadline_id), None)
    if known is None or not known.provisional or known.state not in LIVE:
        draft.clear_timer(f"{deadline_id}.firm", case_id)
        return
    start = (
        date.fromisoformat(known.start)
        if len(known.start) == len("2026-01-01")
        else datetime.fromisoformat(known.start)
    )
    moved = policy.deadline_for(known.rule, start, case.region)
    if moved.provisional:
        return
    draft.emit(
        case_id,
        told.DeadlineRecomputed(
            deadline_id=deadline_id,
            effective_end=moved.effective_end,
            warn_on=moved.warn_on,
            calendar=moved.calendar,
            reason="calendar_came",
            trace=moved.trace,
        ),
        rules=(f"{moved.rule}@{moved.version}",),
    )
    draft.clear_timer(f"{deadline_id}.firm", case_id)
    _set_timers(draft, case_id, deadline_id, moved)


def _set_timers(draft: Draft, case_id: CaseId, deadline_id: str, deadline: Deadline) -> None:
    if deadline.provisional:
        draft.set_timer(f"{deadline_id}.firm", case_id, "deadline.firm", deadline_id, NEVER)
    draft.set_timer(f"{deadline_id}.due", case_id, "deadline.due", deadline_id, deadline.due_at)
    if deadline.warn_on:
        moment = datetime.combine(date.fromisoformat(deadline.warn_on[:10]), time(), SHANGHAI)
        draft.set_timer(f"{deadline_id}.warn", case_id, "deadline.warn", deadline_id, moment)


def live_clocks(draft: Draft, case_id: CaseId, *, about: str | None = None, clock: str | None = None) -> list[Clock]:
    """Clocks of the case that still run."""
    return [
        known
        for known in draft.known_case(case_id).clocks
        if known.state in LIVE and (about is None or known.about == about) and (clock is None or known.clock == clock)
    ]


def move_clocks(
    draft: Draft, policy: Policy, case_id: CaseId, *, about: str, stood: tuple[tuple[str, date, date], ...]
) -> None:
    """Move the ends of clocks that stood still on these days, first and last included.

    Only what a rule's own text lets stand still counts for it (`suspend_on`); another clock of the case runs on.
    """
    case = draft.known_case(case_id)
    for known in live_clocks(draft, case_id, about=about):
        start = date.fromisoformat(known.start[:10])
        rule = select_rule(policy.rulebook, known.rule, start, case.region or None)
        suspensions = tuple(Suspension(why, first, last) for why, first, last in stood if why in rule.suspend_on)
        if not suspensions:
            continue
        moved = compute_deadline(rule, start, policy.rulebook.calendar, case.region or None, suspensions)
        draft.emit(
            case_id,
            told.DeadlineRecomputed(
                deadline_id=known.id,
                effective_end=moved.effective_end,
                warn_on=moved.warn_on,
                provisional=moved.provisional,
                calendar=moved.calendar,
                reason="suspended",
                trace=moved.trace,
            ),
            rules=(f"{moved.rule}@{moved.version}",),
        )
        _set_timers(draft, case_id, known.id, moved)


def meet_clocks(draft: Draft, case_id: CaseId, about: str) -> None:
    """What was due was done: stop every clock about it. One that had passed stays breached."""
    for known in live_clocks(draft, case_id, about=about):
        meet_clock(draft, case_id, known)


def meet_clock(draft: Draft, case_id: CaseId, clock: Clock) -> None:
    """Stop one clock: it was met."""
    draft.emit(case_id, told.DeadlineMet(deadline_id=clock.id))
    _silence(draft, case_id, clock.id)


def cancel_clocks(draft: Draft, case_id: CaseId, about: str, reason: str) -> None:
    """What it was about is gone: stop its clocks."""
    for known in live_clocks(draft, case_id, about=about):
        cancel_clock(draft, case_id, known, reason)


def cancel_clock(draft: Draft, case_id: CaseId, clock: Clock, reason: str) -> None:
    """Stop one clock: it no longer counts."""
    draft.emit(case_id, told.DeadlineCancelled(deadline_id=clock.id, reason=reason))
    _silence(draft, case_id, clock.id)


def _silence(draft: Draft, case_id: CaseId, deadline_id: str) -> None:
    draft.clear_timer(f"{deadline_id}.due", case_id)
    draft.clear_timer(f"{deadline_id}.warn", case_id)

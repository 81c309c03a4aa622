"""Timers that fire: a clock warns, or its end passed. Due times are absolute; a timer that no longer applies does nothing."""

from santiao.domain.deciders import clocks, referrals
from santiao.domain.decisions import Draft
from santiao.domain.errors import Rejection
from santiao.domain.events import deadlines as told
from santiao.domain.ids import CaseId
from santiao.domain.policy import Policy


def fire(draft: Draft, policy: Policy, case_id: CaseId, kind: str, about: str) -> None:
    """Let a due timer act. `about` is the deadline's id.

    Raises:
        Rejection: no such kind of timer; a later version made it.
    """
    case = draft.case(case_id)
    if case is None:
        return
    clock = next((known for known in case.clocks if known.id == about), None)
    if clock is None or clock.state not in ("running", "warned"):
        return
    if kind == "deadline.firm":
        clocks.firm_up(draft, policy, case_id, about)
    elif kind == "deadline.warn":
        if clock.state == "running":
            draft.emit(case_id, told.DeadlineWarned(deadline_id=clock.id))
    elif kind == "deadline.due":
        draft.emit(case_id, told.DeadlineBreached(deadline_id=clock.id))
        if clock.clock == "hub" and clock.about.startswith("referral/"):
            referrals.time_out(draft, case_id, clock.about.removeprefix("referral/"))
    else:
        raise Rejection("timer.unknown", f"no timer of kind {kind}", "未知的定时器类型")

"""The referral worklist (移送工作台): every letter that went out, what became of it, and what is due next on it.

A letter is open while somebody must do something about it: answer it, mediate, see an agreement through. It is done when it came back,
when mediation failed, and when its case closed or was merged away. Queries are in `referral_queries.py`.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from santiao.domain.events import cases, mediations, referrals
from santiao.domain.vocabulary import SETTLED_OUTCOMES
from santiao.projections.clock_list import DEADLINE_EVENTS, NextDue, change_clocks, next_due, read_clocks, write_clocks
from santiao.projections.contract import Index, Key, Projection, TableSet, ViewTable
from santiao.projections.moments import NEVER
from santiao.store.log import Entry

VIEW = "referral_worklist"


class ReferralRow(msgspec.Struct, gc=False):
    """One letter. `state` is sent, accepted, declined, returned, forwarded, timed_out, recalled; `progress` says what is being done.

    `next_due_ms` is the first instant at which the case's next clock is missed; `NEVER` when none runs or the letter is done.
    """

    referral_id: str
    case_id: str
    case_no: str
    body: str
    mode: str
    edge: str
    bounce: int
    designated: int
    origin_source: str
    origin_key: str
    sent_ms: int
    hub_due: str
    legal_due: str | None
    silence: str
    dispute_type: str
    region: str
    risk: str
    state: str = "sent"
    progress: str = "awaiting"
    reason: str = ""
    is_open: int = 1
    next_due_ms: int = NEVER
    next_due: str | None = None
    next_rule: str = ""
    next_clock: str = ""
    updated_ms: int = 0


class ReferredCaseRow(msgspec.Struct, gc=False):
    """What letters need to know of their case; `referral_id` is the last letter's."""

    case_id: str
    case_no: str
    dispute_type: str
    region: str
    risk: str
    referral_id: str = ""
    clocks: bytes = b""


def _referrals_of(entry: Entry, event: Any) -> Iterable[Key]:
    name = getattr(event, "referral_id", None)
    return (name,) if name else ()


def _cases_of(entry: Entry, event: Any) -> Iterable[Key]:
    absorbed = getattr(event, "absorbed", None)
    return (entry.case_id, absorbed) if absorbed else (entry.case_id,)


REFERRALS = ViewTable(
    name=VIEW,
    view=VIEW,
    row=ReferralRow,
    indexes=(
        Index(("next_due_ms", "referral_id"), "is_open = 1"),
        Index(("body", "next_due_ms", "referral_id"), "is_open = 1"),
        Index(("case_id", "sent_ms")),
        Index(("sent_ms", "referral_id")),
    ),
    looks_at=_referrals_of,
)
REFERRED_CASES = ViewTable(name="referred_cases", view=VIEW, row=ReferredCaseRow, looks_at=_cases_of)


class WorklistFold:
    """Folds what is done about letters."""

    def __init__(self, tables: TableSet) -> None:
        self.rows = tables.of(REFERRALS)
        self.cases = tables.of(REFERRED_CASES)

    def opened(self, at: Entry, event: cases.CaseOpened) -> None:
        self.cases.put(ReferredCaseRow(at.case_id, event.case_no, event.dispute_type, event.region, event.risk))

    def _case(self, case_id: str) -> ReferredCaseRow:
        row = self.cases.change(case_id)
        if row is None:
            raise KeyError(case_id)
        return row

    def _letter(self, at: Entry, referral_id: str) -> ReferralRow | None:
        row = self.rows.change(referral_id) if referral_id else None
        if row is not None:
            row.updated_ms = at.recorded_ms
        return row

    def _last_letter(self, at: Entry) -> ReferralRow | None:
        return self._letter(at, self._case(at.case_id).referral_id)

    def reclassified(self, at: Entry, event: cases.CaseReclassified) -> None:
        case = self._case(at.case_id)
        case.dispute_type, case.region, case.risk = event.dispute_type, event.region, event.risk
        row = self._letter(at, case.referral_id)
        if row is not None:
            row.dispute_type, row.region, row.risk = event.dispute_type, event.region, event.risk

    def sent(self, at: Entry, event: referrals.ReferralSent) -> None:
        case = self._case(at.case_id)
        case.referral_id = event.referral_id
        self.rows.put(
            ReferralRow(
                event.referral_id,
                at.case_id,
                case.case_no,
                event.body,
                event.mode,
                event.edge,
                event.bounce,
                int(event.designated),
                event.origin_source,
                event.origin_key,
                at.recorded_ms,
                event.hub_due,
                event.legal_due,
                event.silence,
                case.dispute_type,
                case.region,
                case.risk,
                updated_ms=at.recorded_ms,
            )
        )
        self._see_due(at, case)

    def timeout_reversed(self, at: Entry, event: referrals.ReferralTimeoutReversed) -> None:
        row = self._letter(at, event.referral_id)
        if row is not None:
            row.state, row.progress, row.is_open = "sent", "awaiting", 1
            self._see_due(at, self._case(at.case_id))

    def mediation_started(self, at: Entry, event: mediations.MediationStarted) -> None:
        self._progress(at, "mediating")

    def mediation_suspended(self, at: Entry, event: mediations.MediationSuspended) -> None:
        self._progress(at, "suspended")

    def mediation_resumed(self, at: Entry, event: mediations.MediationResumed) -> None:
        self._progress(at, "mediating")

    def mediation_concluded(self, at: Entry, event: mediations.MediationConcluded) -> None:
        agreed = event.outcome in SETTLED_OUTCOMES
        self._progress(at, "agreed" if agreed else "failed", is_done=not agreed)

    def breached(self, at: Entry, event: mediations.AgreementBreached) -> None:
        self._progress(at, "breached")

    def closed(self, at: Entry, event: cases.CaseClosed) -> None:
        self._progress(at, "closed", is_done=True)

    def _progress(self, at: Entry, progress: str, *, is_done: bool = False) -> None:
        """The case moved on; only a letter that is open moves with it."""
        row = self._last_letter(at)
        if row is not None and row.is_open:
            row.progress = progress
            if is_done:
                _finish(row)

    def merged(self, at: Entry, event: cases.CaseMerged) -> None:
        survivor, absorbed = self._case(at.case_id), self._case(event.absorbed)
        moved = [clock for clock in read_clocks(absorbed.clocks) if clock.id in event.clocks]
        survivor.clocks = write_clocks([*read_clocks(survivor.clocks), *moved])
        absorbed.clocks = b""
        row = self._letter(at, absorbed.referral_id)
        if row is not None:
            row.case_id, row.case_no = survivor.case_id, survivor.case_no
            if row.is_open:
                row.progress = "merged"
                _finish(row)
        self._see_due(at, survivor)

    def deadline(self, at: Entry, event: Any) -> None:
        """Any event about a clock."""
        case = self._case(at.case_id)
        clocks = read_clocks(case.clocks)
        change_clocks(clocks, at.name, event)
        case.clocks = write_clocks(clocks)
        self._see_due(at, case)

    def _see_due(self, at: Entry, case: ReferredCaseRow) -> None:
        row = self.rows.change(case.referral_id) if case.referral_id else None
        if row is not None and row.is_open:
            row.next_due_ms, row.next_due, row.next_rule, row.next_clock = next_due(read_clocks(case.clocks))


def _finish(row: ReferralRow) -> None:
    row.is_open = 0
    row.next_due_ms, row.next_due, row.next_rule, row.next_clock = NextDue()


def _answered(state: str, *, is_done: bool = False) -> Callable[[WorklistFold, Entry, Any], None]:
    def fold(fold: WorklistFold, at: Entry, event: Any) -> None:
        row = fold.rows.change(event.referral_id)
        if row is not None:
            row.state = row.progress = state
            row.reason, row.updated_ms = getattr(event, "reason", ""), at.recorded_ms
            if is_done:
                _finish(row)

    return fold


REFERRAL_WORKLIST = Projection(
    name=VIEW,
    version=1,
    tables=(REFERRALS, REFERRED_CASES),
    fold=WorklistFold,
    handlers={
        **dict.fromkeys(DEADLINE_EVENTS, WorklistFold.deadline),
        "CaseOpened": WorklistFold.opened,
        "CaseReclassified": WorklistFold.reclassified,
        "CaseMerged": WorklistFold.merged,
        "CaseClosed": WorklistFold.closed,
        "ReferralSent": WorklistFold.sent,
        "ReferralAccepted": _answered("accepted"),
        "ReferralDeclined": _answered("declined", is_done=True),
        "ReferralReturned": _answered("returned"),
        "ReferralForwarded": _answered("forwarded", is_done=True),
        "ReferralTimedOut": _answered("timed_out", is_done=True),
        "ReferralRecalled": _answered("recalled", is_done=True),
        "ReferralTimeoutReversed": WorklistFold.timeout_reversed,
        "MediationStarted": WorklistFold.mediation_started,
        "MediationSuspended": WorklistFold.mediation_suspended,
        "MediationResumed": WorklistFold.mediation_resumed,
        "MediationConcluded": WorklistFold.mediation_concluded,
        "AgreementBreached": WorklistFold.breached,
    },
)

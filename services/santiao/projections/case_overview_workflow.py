"""How the workflow's events change the case rows of the case overview.

What an event means for a status is said once in `domain/folding_workflow.py`; here it is said in columns, and a test holds the two to
each other.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from santiao.domain.events import cases, mediations, referrals
from santiao.domain.vocabulary import SETTLED_OUTCOMES, CaseStatus
from santiao.projections.case_overview_rows import CASES, CASES_PAST, CasePastRow, CaseRow
from santiao.projections.clock_list import ClockItem, change_clocks, next_due, read_clocks, write_clocks
from santiao.projections.contract import TableSet
from santiao.store.log import Entry

encode = msgspec.json.Encoder().encode
decode_list = msgspec.json.Decoder(list[str]).decode
_EARLY = (CaseStatus.REGISTERED, CaseStatus.CONSENT_PENDING, CaseStatus.BLOCKED)


class WorkflowFold:
    """Folds what is done about a case."""

    def __init__(self, tables: TableSet) -> None:
        self.rows = tables.of(CASES)
        self.past = tables.of(CASES_PAST)

    def touch(self, at: Entry) -> CaseRow:
        """Count an event for its case; no fact changes."""
        row = self.rows.change(at.case_id)
        if row is None:
            raise KeyError(at.case_id)
        row.version += 1
        row.updated_key, row.updated_ms = at.log_key, at.recorded_ms
        return row

    def change(self, at: Entry) -> CaseRow:
        """Count an event that changes facts; the facts as they were are kept first."""
        row = self.touch(at)
        self.keep(row, at.recorded_ms)
        return row

    def keep(self, row: CaseRow, until_ms: int) -> None:
        """Keep the facts of a case as they were until now."""
        if until_ms > row.since_ms:
            self.past.add(
                CasePastRow(
                    row.case_id,
                    row.since_ms,
                    until_ms,
                    row.status,
                    row.dispute_type,
                    row.region,
                    row.risk,
                    row.outcome,
                    row.closed_reason,
                    row.blocked_by,
                    row.body,
                )
            )
            row.since_ms = until_ms

    def count(self, at: Entry, event: Any) -> None:
        """An event that leaves the columns as they are."""
        if at.case_id:
            self.touch(at)

    # --- standing ------------------------------------------------------------------------------------------------------

    def reclassified(self, at: Entry, event: cases.CaseReclassified) -> None:
        row = self.change(at)
        row.dispute_type, row.region, row.risk = event.dispute_type, event.region, event.risk

    def blocked(self, at: Entry, event: cases.CaseBlocked) -> None:
        row = self.change(at)
        row.blocked_by, row.officer = encode(event.gates).decode(), ""
        if row.status in _EARLY:
            row.status = CaseStatus.BLOCKED.value

    def unblocked(self, at: Entry, event: cases.CaseUnblocked) -> None:
        row = self.change(at)
        row.blocked_by, row.officer = "[]", event.officer
        if row.status == CaseStatus.BLOCKED:
            row.status = CaseStatus.REGISTERED.value

    def noticed(self, at: Entry, event: cases.NoticeRaised) -> None:
        self.touch(at).notices += 1

    def closed(self, at: Entry, event: cases.CaseClosed) -> None:
        row = self.change(at)
        row.status, row.closed_reason = CaseStatus.CLOSED.value, event.reason
        row.outcome = event.outcome or row.outcome

    def reopened(self, at: Entry, event: cases.CaseReopened) -> None:
        row = self.change(at)
        row.closed_reason, row.outcome = "", None
        _go_back(row)

    # --- triage, consent, referral -------------------------------------------------------------------------------------

    def triaged(self, at: Entry, event: referrals.CaseTriaged) -> None:
        row = self.touch(at)
        row.mediation_kind, row.mode, row.proposed_body = event.mediation, event.mode, event.body

    def consent_requested(self, at: Entry, event: referrals.ConsentRequested) -> None:
        row = self.change(at)
        row.status, row.consents = CaseStatus.CONSENT_PENDING.value, "[]"
        row.mediation_kind, row.mode, row.proposed_body = row.mediation_kind or "people", event.mode, event.body

    def consent_given(self, at: Entry, event: referrals.ConsentGiven) -> None:
        row = self.touch(at)
        row.consents = encode(sorted({*decode_list(row.consents), event.side})).decode()

    def consent_refused(self, at: Entry, event: referrals.ConsentRefused) -> None:
        row = self.change(at)
        row.status, row.outcome = CaseStatus.FAILED.value, "O31"

    def referral_sent(self, at: Entry, event: referrals.ReferralSent) -> None:
        row = self.change(at)
        row.status, row.body = CaseStatus.REFERRED.value, event.body
        row.referral_id, row.referral_body, row.referral_state = event.referral_id, event.body, "sent"
        if event.designated:
            row.designation = ""

    def timeout_reversed(self, at: Entry, event: referrals.ReferralTimeoutReversed) -> None:
        row = self.change(at)
        if row.referral_id == event.referral_id:
            row.status, row.body, row.referral_state = CaseStatus.REFERRED.value, row.referral_body, "sent"
            row.bounces = max(0, row.bounces - 1)

    def designation_asked(self, at: Entry, event: referrals.DesignationAsked) -> None:
        self.touch(at).designation = "asked"

    def designated(self, at: Entry, event: referrals.BodyDesignated) -> None:
        row = self.touch(at)
        row.designation, row.proposed_body, row.mode = event.body, event.body, event.mode
        row.mediation_kind = row.mediation_kind or "people"

    # --- mediation, agreement, clocks ----------------------------------------------------------------------------------

    def mediation_started(self, at: Entry, event: mediations.MediationStarted) -> None:
        row = self.change(at)
        row.status, row.mediation_id, row.mediation_state = CaseStatus.MEDIATING.value, event.mediation_id, "running"

    def mediation_suspended(self, at: Entry, event: mediations.MediationSuspended) -> None:
        self._mediation(at, CaseStatus.SUSPENDED, "suspended")

    def mediation_resumed(self, at: Entry, event: mediations.MediationResumed) -> None:
        self._mediation(at, CaseStatus.MEDIATING, "running")

    def _mediation(self, at: Entry, status: CaseStatus, state: str) -> None:
        row = self.change(at)
        if row.mediation_id:
            row.status, row.mediation_state = status.value, state

    def mediation_concluded(self, at: Entry, event: mediations.MediationConcluded) -> None:
        row = self.change(at)
        agreed = event.outcome in SETTLED_OUTCOMES
        row.status = CaseStatus.AGREED.value if agreed else CaseStatus.FAILED.value
        row.outcome, row.mediation_state = event.outcome, "concluded" if row.mediation_id else ""

    def agreement_reached(self, at: Entry, event: mediations.AgreementReached) -> None:
        row = self.touch(at)
        row.agreement_no, row.agreement_state = event.agreement_no, "reached"

    def agreement_performed(self, at: Entry, event: mediations.AgreementPerformed) -> None:
        row = self.touch(at)
        row.agreement_state = "performed" if row.agreement_no else ""

    def agreement_breached(self, at: Entry, event: mediations.AgreementBreached) -> None:
        self._agreement(at, "breached", CaseStatus.FAILED)

    def confirmation_applied(self, at: Entry, event: mediations.ConfirmationApplied) -> None:
        self._agreement(at, "confirming", CaseStatus.CONFIRMING)

    def confirmation_decided(self, at: Entry, event: mediations.ConfirmationDecided) -> None:
        self._agreement(at, "confirmed" if event.confirmed else "not_confirmed", CaseStatus.PERFORMING)

    def _agreement(self, at: Entry, state: str, status: CaseStatus) -> None:
        row = self.change(at)
        if row.agreement_no:
            row.status, row.agreement_state = status.value, state

    def deadline(self, at: Entry, event: Any) -> None:
        """Any event about a clock."""
        row = self.touch(at)
        clocks = read_clocks(row.clocks)
        change_clocks(clocks, at.name, event)
        keep_clocks(row, clocks)


def keep_clocks(row: CaseRow, clocks: list[ClockItem]) -> None:
    """Give a case these clocks."""
    row.clocks = write_clocks(clocks)
    row.next_due_ms = next_due(clocks).due_ms


def referral_becomes(
    state: str, *, comes_back: bool = False, bounces: bool = False
) -> Callable[[WorkflowFold, Entry, Any], None]:
    """The handler of an answer to a referral, or of its recall. Word of an older letter changes nothing."""

    def fold(fold: WorkflowFold, at: Entry, event: Any) -> None:
        row = fold.change(at)
        if row.referral_id != event.referral_id:
            return
        row.referral_state = state
        row.bounces += bounces
        if comes_back:
            row.body = row.body if state == "returned" else ""
            if row.status == CaseStatus.REFERRED:
                _go_back(row)

    return fold


def _go_back(row: CaseRow) -> None:
    row.status = CaseStatus.REGISTERED.value if row.blocked_by == "[]" else CaseStatus.BLOCKED.value

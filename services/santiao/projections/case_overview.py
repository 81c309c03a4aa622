"""The case overview (案件总览): every case with its sources, as it stands and as it was at any recorded time.

A case keeps its sources, whatever became of them; a case that was merged away keeps its row and names its survivor. Queries are in
`case_queries.py`.
"""

from collections.abc import Callable
from typing import Any

from santiao.domain.events import EVENT_TYPES, cases
from santiao.domain.vocabulary import CaseStatus
from santiao.projections.case_overview_rows import CASES, CASES_PAST, SOURCES, SOURCES_PAST, VIEW, CaseRow
from santiao.projections.case_overview_sources import SourceFold
from santiao.projections.case_overview_workflow import (
    WorkflowFold,
    decode_list,
    encode,
    keep_clocks,
    referral_becomes,
)
from santiao.projections.clock_list import DEADLINE_EVENTS, read_clocks
from santiao.projections.contract import Projection, TableSet
from santiao.store.log import Entry


class CaseFold(WorkflowFold):
    """Folds which cases there are and which sources they hold."""

    def __init__(self, tables: TableSet) -> None:
        super().__init__(tables)
        self.sources = SourceFold(tables)

    def opened(self, at: Entry, event: cases.CaseOpened) -> None:
        self.rows.put(
            CaseRow(
                case_id=at.case_id,
                shard=at.shard,
                case_no=event.case_no,
                opened_ms=at.received_ms,
                since_ms=at.recorded_ms,
                dispute_type=event.dispute_type,
                region=event.region,
                risk=event.risk,
                split_from=event.split_from or "",
                version=1,
                updated_key=at.log_key,
                updated_ms=at.recorded_ms,
            )
        )
        self._move(at, event.sources)

    def joined(self, at: Entry, event: cases.SourceJoined) -> None:
        self.touch(at)
        self._move(at, (event.source_id,))

    def merged(self, at: Entry, event: cases.CaseMerged) -> None:
        row = self.touch(at)
        absorbed = self.rows.change(event.absorbed)
        if absorbed is None:
            raise KeyError(event.absorbed)
        row.aliases = encode([*decode_list(row.aliases), absorbed.case_id, *decode_list(absorbed.aliases)]).decode()
        carried = [clock for clock in read_clocks(absorbed.clocks) if clock.id in event.clocks]
        if carried:
            keep_clocks(row, [*read_clocks(row.clocks), *carried])
        self._move(at, event.sources)
        self.keep(absorbed, at.recorded_ms)
        absorbed.status, absorbed.merged_into, absorbed.body = CaseStatus.CLOSED.value, row.case_id, ""
        keep_clocks(absorbed, [])

    def _move(self, at: Entry, names: tuple[str, ...]) -> None:
        for place, name in enumerate(names):
            self.sources.move(at, name, place)


def _of_source(handler: Callable[[SourceFold, Entry, Any], None]) -> Callable[[CaseFold, Entry, Any], None]:
    """An event about a source; one whose file has not come yet belongs to no case."""

    def fold(fold: CaseFold, at: Entry, event: Any) -> None:
        if at.case_id:
            fold.touch(at)
        handler(fold.sources, at, event)

    return fold


_HANDLERS: dict[str, Callable[[Any, Entry, Any], None]] = {
    **dict.fromkeys(DEADLINE_EVENTS, CaseFold.deadline),
    "CaseOpened": CaseFold.opened,
    "SourceJoined": CaseFold.joined,
    "CaseMerged": CaseFold.merged,
    "CaseReclassified": CaseFold.reclassified,
    "CaseBlocked": CaseFold.blocked,
    "CaseUnblocked": CaseFold.unblocked,
    "NoticeRaised": CaseFold.noticed,
    "CaseClosed": CaseFold.closed,
    "CaseReopened": CaseFold.reopened,
    "CaseTriaged": CaseFold.triaged,
    "ConsentRequested": CaseFold.consent_requested,
    "ConsentGiven": CaseFold.consent_given,
    "ConsentRefused": CaseFold.consent_refused,
    "ReferralSent": CaseFold.referral_sent,
    "ReferralAccepted": referral_becomes("accepted"),
    "ReferralDeclined": referral_becomes("declined", comes_back=True, bounces=True),
    "ReferralReturned": referral_becomes("returned", comes_back=True),
    "ReferralForwarded": referral_becomes("forwarded", comes_back=True, bounces=True),
    "ReferralTimedOut": referral_becomes("timed_out", comes_back=True, bounces=True),
    "ReferralRecalled": referral_becomes("recalled", comes_back=True),
    "ReferralTimeoutReversed": CaseFold.timeout_reversed,
    "DesignationAsked": CaseFold.designation_asked,
    "BodyDesignated": CaseFold.designated,
    "MediationStarted": CaseFold.mediation_started,
    "MediationSuspended": CaseFold.mediation_suspended,
    "MediationResumed": CaseFold.mediation_resumed,
    "MediationConcluded": CaseFold.mediation_concluded,
    "AgreementReached": CaseFold.agreement_reached,
    "AgreementPerformed": CaseFold.agreement_performed,
    "AgreementBreached": CaseFold.agreement_breached,
    "ConfirmationApplied": CaseFold.confirmation_applied,
    "ConfirmationDecided": CaseFold.confirmation_decided,
    "SourceReported": _of_source(SourceFold.reported),
    "SourceCorrected": _of_source(SourceFold.corrected),
    "SourceConfirmed": _of_source(SourceFold.confirmed),
    "RecordParked": _of_source(SourceFold.parked),
    "SourceWithdrawn": _of_source(SourceFold.withdrawn),
    "SourceMerged": _of_source(SourceFold.merged),
    "SourceUnmerged": _of_source(SourceFold.unmerged),
    "SourceRekeyed": _of_source(SourceFold.rekeyed),
    "SourceSealedOff": _of_source(SourceFold.sealed_off),
    "GateHit": _of_source(SourceFold.gate_hit),
    "GateCleared": _of_source(SourceFold.gate_cleared),
}

CASE_OVERVIEW = Projection(
    name=VIEW,
    version=1,
    tables=(CASES, CASES_PAST, SOURCES, SOURCES_PAST),
    fold=CaseFold,
    handlers=dict.fromkeys(EVENT_TYPES, CaseFold.count) | _HANDLERS,
    unread=frozenset(EVENT_TYPES) - frozenset(_HANDLERS),
    has_history=True,
)

"""What is owed to the agencies that sources came from (反馈). Every debt is an event and an outbox row."""

from typing import Any

import msgspec

from santiao.domain.decisions import Draft
from santiao.domain.events import cases as told
from santiao.domain.ids import CaseId
from santiao.domain.policy import Policy
from santiao.domain.vocabulary import MERGED_OUTCOME

encode = msgspec.msgpack.Encoder().encode

KINDS = {
    "ReferralAccepted": "accepted",
    "ReferralDeclined": "declined",
    "ReferralReturned": "returned",
    "ReferralForwarded": "forwarded",
    "ReferralTimedOut": "timed_out",
}


def tell_referred(draft: Draft, policy: Policy, case_id: CaseId, event: Any) -> None:
    """Every source's agency learns where the dispute went."""
    _tell_all(draft, policy, case_id, "referred", event.body)


def tell_answered(draft: Draft, policy: Policy, case_id: CaseId, event: Any) -> None:
    """The origin learns what the body said."""
    _tell_all(draft, policy, case_id, KINDS[type(event).__name__], event.referral_id)


def tell_outcome(draft: Draft, policy: Policy, case_id: CaseId, event: Any) -> None:
    """Every source's agency learns how it ended, except the one that told us."""
    told_by = getattr(event, "told_by_source", None)
    _tell_all(draft, policy, case_id, "outcome", "", outcome=event.outcome, but=told_by)


def tell_merged(draft: Draft, policy: Policy, case_id: CaseId, event: told.CaseMerged) -> None:
    """The absorbed case's agencies learn that their mediation ended as merged into another, and that the case is cut otherwise now."""
    absorbed = draft.known_case(CaseId(event.absorbed))
    if absorbed.mediation is not None and absorbed.mediation.outcome == MERGED_OUTCOME:
        for name in event.sources:
            _tell(draft, policy, case_id, name, "outcome", event.rule, MERGED_OUTCOME)
    tell_correction(draft, policy, case_id, event)


def tell_correction(draft: Draft, policy: Policy, case_id: CaseId, event: Any) -> None:
    """Whoever was told of the case while it was cut otherwise is told that it changed."""
    case = draft.known_case(case_id)
    if case.referral is None and case.outcome is None:
        return
    for name in event.sources:
        _tell(draft, policy, case_id, name, "correction", event.rule, None)


def _tell_all(
    draft: Draft,
    policy: Policy,
    case_id: CaseId,
    kind: str,
    about: str,
    *,
    outcome: str | None = None,
    but: str | None = None,
) -> None:
    for name in draft.known_case(case_id).sources:
        if name != but:
            _tell(draft, policy, case_id, name, kind, about, outcome)


def _tell(draft: Draft, policy: Policy, case_id: CaseId, name: str, kind: str, about: str, outcome: str | None) -> None:
    file = draft.source(name)  # type: ignore[arg-type]
    if file is None or file.sealed_off or file.is_waiting:
        return
    due = policy.feedback_due(draft.occasion.received_at, draft.known_case(case_id).region)
    owed = told.FeedbackOwed(
        source_id=file.id, agency=file.agency, key=file.key, kind=kind, about=about, outcome=outcome, due=due
    )
    draft.emit(case_id, owed)
    draft.owe(file.agency, f"feedback.{kind}", case_id, encode(owed))

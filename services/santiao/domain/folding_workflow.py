"""Folding of the workflow's events into a case file: triage, consent, referral, mediation, agreement, clocks."""

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from santiao.domain.events import Meta, cases, deadlines, mediations, referrals
from santiao.domain.files import AgreementFile, CaseFile, Clock, MediationFile, ReferralFile
from santiao.domain.vocabulary import SETTLED_OUTCOMES, CaseStatus, Risk

replace = msgspec.structs.replace
SHANGHAI = ZoneInfo("Asia/Shanghai")


def _reclassified(case: CaseFile, meta: Meta, event: cases.CaseReclassified) -> CaseFile:
    return replace(
        case, dispute_type=event.dispute_type, region=event.region, street=event.street, risk=Risk(event.risk)
    )


def _blocked(case: CaseFile, meta: Meta, event: cases.CaseBlocked) -> CaseFile:
    early = case.status in (CaseStatus.REGISTERED, CaseStatus.CONSENT_PENDING, CaseStatus.BLOCKED)
    return replace(case, blocked_by=event.gates, status=CaseStatus.BLOCKED if early else case.status, override="")


def _unblocked(case: CaseFile, meta: Meta, event: cases.CaseUnblocked) -> CaseFile:
    status = CaseStatus.REGISTERED if case.status is CaseStatus.BLOCKED else case.status
    aside = case.blocked_by if event.officer else ()
    return replace(case, blocked_by=(), status=status, override=event.officer, set_aside=aside)


def _noticed(case: CaseFile, meta: Meta, event: cases.NoticeRaised) -> CaseFile:
    return replace(case, notices=case.notices + 1)


def _closed(case: CaseFile, meta: Meta, event: cases.CaseClosed) -> CaseFile:
    return replace(case, status=CaseStatus.CLOSED, outcome=event.outcome or case.outcome, closed_reason=event.reason)


def _reopened(case: CaseFile, meta: Meta, event: cases.CaseReopened) -> CaseFile:
    status = CaseStatus.BLOCKED if case.blocked_by else CaseStatus.REGISTERED
    return replace(case, status=status, closed_reason="", outcome=None)


def _triaged(case: CaseFile, meta: Meta, event: referrals.CaseTriaged) -> CaseFile:
    return replace(case, triage=(event.mediation, event.mode, event.body))


def _consent_requested(case: CaseFile, meta: Meta, event: referrals.ConsentRequested) -> CaseFile:
    mediation = case.triage[0] if case.triage else "people"
    return replace(
        case,
        status=CaseStatus.CONSENT_PENDING,
        consent_asked=event.sides,
        consents=(),
        refused_by="",
        triage=(mediation, event.mode, event.body),
    )


def _consent_given(case: CaseFile, meta: Meta, event: referrals.ConsentGiven) -> CaseFile:
    return replace(case, consents=tuple(sorted({*case.consents, event.side})))


def _consent_refused(case: CaseFile, meta: Meta, event: referrals.ConsentRefused) -> CaseFile:
    return replace(case, refused_by=event.side, status=CaseStatus.FAILED, outcome="O31")


def _sent(case: CaseFile, meta: Meta, event: referrals.ReferralSent) -> CaseFile:
    return replace(
        case,
        status=CaseStatus.REFERRED,
        serials=case.serials + 1,
        designation="" if event.designated else case.designation,
        referral=ReferralFile(
            id=event.referral_id,
            body=event.body,
            mode=event.mode,
            edge=event.edge,
            state="sent",
            bounce=event.bounce,
            sent_at=meta.recorded_at,
            hub_due=event.hub_due,
            silence=event.silence,
            designated=event.designated,
            origin_source=event.origin_source,
        ),
    )


def _referral_becomes(
    state: str, *, back: bool = False, bounce: bool = False
) -> Callable[[CaseFile, Meta, Any], CaseFile]:
    def fold(case: CaseFile, meta: Meta, event: Any) -> CaseFile:
        if case.referral is None or case.referral.id != event.referral_id:
            return case
        status = case.status
        if back and status is CaseStatus.REFERRED:
            status = CaseStatus.BLOCKED if case.blocked_by else CaseStatus.REGISTERED
        return replace(
            case,
            referral=replace(
                case.referral, state=state, returned_once=case.referral.returned_once or state == "returned"
            ),
            status=status,
            bounces=case.bounces + bounce,
        )

    return fold


def _timeout_reversed(case: CaseFile, meta: Meta, event: referrals.ReferralTimeoutReversed) -> CaseFile:
    if case.referral is None or case.referral.id != event.referral_id:
        return case
    return replace(
        case,
        referral=replace(case.referral, state="sent"),
        status=CaseStatus.REFERRED,
        bounces=max(0, case.bounces - 1),
    )


def _designation_asked(case: CaseFile, meta: Meta, event: referrals.DesignationAsked) -> CaseFile:
    return replace(case, designation="asked")


def _designated(case: CaseFile, meta: Meta, event: referrals.BodyDesignated) -> CaseFile:
    mediation = case.triage[0] if case.triage else "people"
    rule = event.rule if event.route is not None else ""
    return replace(case, designation=event.body, triage=(mediation, event.mode, event.body), routing_rule=rule)


def _designation_ended(case: CaseFile, meta: Meta, event: referrals.DesignationEnded) -> CaseFile:
    return replace(case, routing_rule="")


def _mediation_started(case: CaseFile, meta: Meta, event: mediations.MediationStarted) -> CaseFile:
    return replace(
        case,
        status=CaseStatus.MEDIATING,
        serials=case.serials + 1,
        mediation=MediationFile(
            id=event.mediation_id,
            body=event.body,
            state="running",
            started_on=_day_of(meta),
            told_by=event.told_by_source or "",
        ),
    )


def _suspended(case: CaseFile, meta: Meta, event: mediations.MediationSuspended) -> CaseFile:
    if case.mediation is None:
        return case
    mediation = replace(case.mediation, state="suspended", suspended_on=_day_of(meta), suspended_for=event.reason)
    return replace(case, status=CaseStatus.SUSPENDED, mediation=mediation)


def _resumed(case: CaseFile, meta: Meta, event: mediations.MediationResumed) -> CaseFile:
    known = case.mediation
    if known is None or known.suspended_on is None:
        return case
    stood = (*known.stood, (known.suspended_for, known.suspended_on, _day_of(meta)))
    mediation = replace(known, state="running", suspended_on=None, suspended_for="", stood=stood)
    return replace(case, status=CaseStatus.MEDIATING, mediation=mediation)


def _day_of(meta: Meta) -> date:
    return meta.occurred_at.astimezone(SHANGHAI).date()


def _concluded(case: CaseFile, meta: Meta, event: mediations.MediationConcluded) -> CaseFile:
    agreed = event.outcome in SETTLED_OUTCOMES
    mediation = (
        replace(case.mediation, state="concluded", outcome=event.outcome, suspended_on=None) if case.mediation else None
    )
    return replace(
        case, status=CaseStatus.AGREED if agreed else CaseStatus.FAILED, outcome=event.outcome, mediation=mediation
    )


def _agreement_reached(case: CaseFile, meta: Meta, event: mediations.AgreementReached) -> CaseFile:
    agreement = AgreementFile(
        no=event.agreement_no, form=event.form, effective_on=event.effective_on, perform_by=event.perform_by
    )
    return replace(case, agreement=agreement, serials=case.serials + 1)


def _performed(case: CaseFile, meta: Meta, event: mediations.AgreementPerformed) -> CaseFile:
    if case.agreement is None:
        return case
    return replace(case, agreement=replace(case.agreement, performed_on=event.performed_on))


def _breached(case: CaseFile, meta: Meta, event: mediations.AgreementBreached) -> CaseFile:
    if case.agreement is None:
        return case
    return replace(case, agreement=replace(case.agreement, breached=True), status=CaseStatus.FAILED)


def _confirmation_applied(case: CaseFile, meta: Meta, event: mediations.ConfirmationApplied) -> CaseFile:
    if case.agreement is None:
        return case
    return replace(case, agreement=replace(case.agreement, confirmation="applied"), status=CaseStatus.CONFIRMING)


def _confirmation_decided(case: CaseFile, meta: Meta, event: mediations.ConfirmationDecided) -> CaseFile:
    if case.agreement is None:
        return case
    word = "confirmed" if event.confirmed else "rejected"
    return replace(case, agreement=replace(case.agreement, confirmation=word), status=CaseStatus.PERFORMING)


def _deadline_set(case: CaseFile, meta: Meta, event: deadlines.DeadlineSet) -> CaseFile:
    clock = Clock(
        id=event.deadline_id,
        rule=event.rule,
        clock=event.clock,
        about=event.about,
        start=event.start,
        effective_end=event.effective_end,
        warn_on=event.warn_on,
        provisional=event.provisional,
        party_right=event.party_right,
    )
    others = tuple(known for known in case.clocks if known.id != event.deadline_id)
    return replace(case, clocks=(*others, clock), serials=case.serials + 1)


def _deadline_recomputed(case: CaseFile, meta: Meta, event: deadlines.DeadlineRecomputed) -> CaseFile:
    return _clock(
        case,
        event.deadline_id,
        effective_end=event.effective_end,
        warn_on=event.warn_on,
        provisional=event.provisional,
        state="running",
    )


def _deadline_becomes(state: str) -> Callable[[CaseFile, Meta, Any], CaseFile]:
    def fold(case: CaseFile, meta: Meta, event: Any) -> CaseFile:
        return _clock(case, event.deadline_id, state=state)

    return fold


def _deadline_cancelled(case: CaseFile, meta: Meta, event: deadlines.DeadlineCancelled) -> CaseFile:
    return replace(case, clocks=tuple(known for known in case.clocks if known.id != event.deadline_id))


def _clock(case: CaseFile, deadline_id: str, **changes: Any) -> CaseFile:
    return replace(
        case, clocks=tuple(replace(known, **changes) if known.id == deadline_id else known for known in case.clocks)
    )


FOLDERS: dict[str, Callable[[CaseFile, Meta, Any], CaseFile]] = {
    "CaseReclassified": _reclassified,
    "CaseBlocked": _blocked,
    "CaseUnblocked": _unblocked,
    "NoticeRaised": _noticed,
    "CaseClosed": _closed,
    "CaseReopened": _reopened,
    "CaseTriaged": _triaged,
    "ConsentRequested": _consent_requested,
    "ConsentGiven": _consent_given,
    "ConsentRefused": _consent_refused,
    "ReferralSent": _sent,
    "ReferralAccepted": _referral_becomes("accepted"),
    "ReferralDeclined": _referral_becomes("declined", back=True, bounce=True),
    "ReferralReturned": _referral_becomes("returned", back=True),
    "ReferralForwarded": _referral_becomes("forwarded", back=True, bounce=True),
    "ReferralTimedOut": _referral_becomes("timed_out", back=True, bounce=True),
    "ReferralTimeoutReversed": _timeout_reversed,
    "ReferralRecalled": _referral_becomes("recalled", back=True),
    "DesignationAsked": _designation_asked,
    "BodyDesignated": _designated,
    "DesignationEnded": _designation_ended,
    "MediationStarted": _mediation_started,
    "MediationSuspended": _suspended,
    "MediationResumed": _resumed,
    "MediationConcluded": _concluded,
    "AgreementReached": _agreement_reached,
    "AgreementPerformed": _performed,
    "AgreementBreached": _breached,
    "ConfirmationApplied": _confirmation_applied,
    "ConfirmationDecided": _confirmation_decided,
    "DeadlineSet": _deadline_set,
    "DeadlineRecomputed": _deadline_recomputed,
    "DeadlineWarned": _deadline_becomes("warned"),
    "DeadlineMet": _deadline_becomes("met"),
    "DeadlineBreached": _deadline_becomes("breached"),
    "DeadlineReversed": _deadline_becomes("met"),
    "DeadlineCancelled": _deadline_cancelled,
}

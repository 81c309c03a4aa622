"""Deciding about triage, consent and referral (分流, 征求意见, 移送).

Kept here: no referral without both sides' consent where the edge wants it; none past a gate; one mediation at most; after the
second bounce a named person designates, and what she designated may not be returned; nothing is passed on silently.
"""

from datetime import datetime, timedelta

from santiao.domain import commands
from santiao.domain.deciders import clocks
from santiao.domain.decisions import Draft
from santiao.domain.errors import Rejection
from santiao.domain.events import referrals as told
from santiao.domain.events.deadlines import DeadlineReversed
from santiao.domain.files import CaseFile, ReferralFile
from santiao.domain.ids import CaseId
from santiao.domain.policy import Policy
from santiao.domain.vocabulary import CaseStatus

SIDES = ("applicant", "respondent")
OPEN_FOR_REFERRAL = frozenset({CaseStatus.REGISTERED, CaseStatus.CONSENT_PENDING, CaseStatus.FAILED})
MAX_BOUNCES = 2


def triage(draft: Draft, policy: Policy, command: commands.TriageCase) -> None:
    """Choose by hand where a case goes."""
    case = _open_case(draft, command.case)
    policy.body(command.body)
    event = told.CaseTriaged(mediation=command.mediation, mode=command.mode, body=command.body, rule="person")
    draft.emit(case.id, event)


def request_consent(draft: Draft, policy: Policy, command: commands.RequestConsent) -> None:
    """Ask both sides whether they agree to the mediation that the triage chose."""
    case = _open_case(draft, command.case)
    _, mode, body = _triage_of(case)
    draft.emit(case.id, told.ConsentRequested(sides=SIDES, body=body, mode=mode))


def record_consent(draft: Draft, policy: Policy, command: commands.RecordConsent) -> None:
    """Note what one side said; a clear no ends it (人民调解法 17)."""
    case = draft.known_case(CaseId(command.case))
    if case.status is not CaseStatus.CONSENT_PENDING:
        raise _wrong_state(case, "consent was not asked for, or is settled", "尚未征求意见或已有结果")
    if command.side not in SIDES:
        raise Rejection(
            "consent.side", "side is applicant or respondent", "一方只能是 applicant 或 respondent", "/side"
        )
    if command.given:
        draft.emit(case.id, told.ConsentGiven(side=command.side, form=command.form))
    else:
        draft.emit(case.id, told.ConsentRefused(side=command.side, reason=command.reason))


def send(draft: Draft, policy: Policy, command: commands.SendReferral) -> None:
    """Send the letter of the triage, or to the body named."""
    case = _open_case(draft, command.case)
    body = command.body or _triage_of(case)[2]
    _send(draft, policy, case, body, designated=case.designation == body)


def _send(draft: Draft, policy: Policy, case: CaseFile, body: str, *, designated: bool) -> None:
    if case.blocked_by:
        raise Rejection(
            "case.blocked", f"gates {', '.join(case.blocked_by)} stop every referral", "案件受阻断规则限制，不得分流"
        )
    if case.designation == "asked":
        raise Rejection(
            "referral.designation",
            "bounced twice; a named person must designate the body",
            "已两次退回，须由指定人员确定承办单位",
        )
    origin = _origin(draft, case)
    edge = policy.edge(origin[2], body, clocks.day_of(draft.occasion.received_at))
    if edge.needs_consent and set(case.consents) != set(SIDES):
        raise Rejection("referral.consent", "both sides must agree first; ask for consent", "须先征得双方同意")
    occasion = draft.occasion
    referral_id = f"{case.no}-{case.serials + 1:02d}"
    sent_at: datetime = occasion.recorded_at
    hub = policy.deadline_for(edge.hub_accept_rule, sent_at, case.region)
    legal = policy.deadline_for(edge.legal_accept_rule, sent_at, case.region) if edge.legal_accept_rule else None
    draft.emit(
        case.id,
        told.ReferralSent(
            referral_id=referral_id,
            body=body,
            mode=edge.mode,
            edge=edge.id,
            basis=edge.basis,
            bounce=case.bounces,
            origin_source=origin[0],
            origin_key=origin[1],
            hub_due=hub.effective_end,
            legal_due=legal.effective_end if legal else None,
            silence=edge.silence,
            designated=designated,
        ),
        rules=(f"{edge.id}@{edge.version}",),
    )
    clocks.start_clock(
        draft, policy, case.id, edge.hub_accept_rule, clock="hub", about=f"referral/{referral_id}", start=sent_at
    )
    if edge.legal_accept_rule:
        clocks.start_clock(
            draft,
            policy,
            case.id,
            edge.legal_accept_rule,
            clock="legal",
            about=f"referral/{referral_id}",
            start=sent_at,
        )


def accept(draft: Draft, policy: Policy, command: commands.AcceptReferral) -> None:
    """The body takes the referral; an answer dated in time and read late undoes the time-out."""
    case, referral = _awaited(draft, command.case, command.referral, command.answered_at)
    late = referral.state == "timed_out"
    if late:
        _reverse_timeout(draft, case, referral)
    draft.emit(
        case.id,
        told.ReferralAccepted(referral_id=referral.id, mediator=command.mediator, by=draft.occasion.actor, late=late),
        occurred_at=command.answered_at,
    )


def decline(draft: Draft, policy: Policy, command: commands.DeclineReferral) -> None:
    """The body refuses, with a reason code."""
    case, referral = _awaited(draft, command.case, command.referral, command.answered_at)
    _forbid_after_designation(referral)
    policy.reason("decline", command.reason)
    draft.emit(
        case.id,
        told.ReferralDeclined(
            referral_id=referral.id, reason=command.reason, text=command.text, by=draft.occasion.actor
        ),
        occurred_at=command.answered_at,
    )


def return_for_more(draft: Draft, policy: Policy, command: commands.ReturnReferral) -> None:
    """The body wants more material; only once."""
    case, referral = _awaited(draft, command.case, command.referral, command.answered_at)
    _forbid_after_designation(referral)
    if referral.returned_once:
        raise Rejection("referral.returned_before", "more material may be asked for only once", "补充材料只能要求一次")
    draft.emit(
        case.id,
        told.ReferralReturned(referral_id=referral.id, missing=command.missing, by=draft.occasion.actor),
        occurred_at=command.answered_at,
    )


def forward(draft: Draft, policy: Policy, command: commands.ForwardReferral) -> None:
    """It belongs to another: back to the sender, and on from there as a new letter where no second bounce stands against it."""
    case, referral = _awaited(draft, command.case, command.referral, command.answered_at)
    _forbid_after_designation(referral)
    policy.body(command.to)
    draft.emit(
        case.id,
        told.ReferralForwarded(referral_id=referral.id, to=command.to, reason=command.reason, by=draft.occasion.actor),
        occurred_at=command.answered_at,
    )
    case = draft.known_case(case.id)
    if case.bounces < MAX_BOUNCES:
        _send(draft, policy, case, command.to, designated=False)


def recall(draft: Draft, policy: Policy, command: commands.RecallReferral) -> None:
    """The sender takes the letter back."""
    case = draft.known_case(CaseId(command.case))
    if (
        case.referral is None
        or case.referral.id != command.referral
        or case.referral.state not in ("sent", "accepted", "returned")
    ):
        raise _wrong_state(case, "there is no such open referral", "没有可撤回的移送")
    draft.emit(case.id, told.ReferralRecalled(referral_id=command.referral, reason=command.reason))


def designate(draft: Draft, policy: Policy, command: commands.DesignateBody) -> None:
    """A named person decides; the decision becomes a routing rule, and the letter goes out."""
    case = draft.known_case(CaseId(command.case))
    if case.designation != "asked":
        raise _wrong_state(case, "no designation is asked for", "未提请指定承办单位")
    policy.body(command.body)
    rule = f"designation/{case.no}/{case.serials}"
    today = clocks.day_of(draft.occasion.received_at)
    route = policy.routing_row(case, _origin(draft, case)[2], command.body, today)
    draft.emit(
        case.id,
        told.BodyDesignated(
            body=command.body,
            mode=command.mode,
            officer=draft.occasion.actor,
            reason=command.reason,
            rule=rule,
            route=route,
        ),
    )
    _send(draft, policy, draft.known_case(case.id), command.body, designated=True)


def end_designation(draft: Draft, policy: Policy, command: commands.EndDesignation) -> None:
    """The routing rule that a designation became holds no longer, from today on."""
    case = draft.known_case(CaseId(command.case))
    if not case.routing_rule:
        raise _wrong_state(case, "no routing rule came of it, or it has ended", "没有由本案指定形成的有效分流规则")
    if not command.reason.strip():
        raise Rejection("designation.reason", "a reason is required", "必须说明理由", "/reason")
    yesterday = clocks.day_of(draft.occasion.received_at) - timedelta(days=1)
    event = told.DesignationEnded(
        rule=case.routing_rule, officer=draft.occasion.actor, reason=command.reason, last_day=yesterday
    )
    draft.emit(case.id, event)


def time_out(draft: Draft, case_id: CaseId, referral_id: str) -> None:
    """The hub's clock ended without an answer: what that means is the edge's."""
    case = draft.known_case(case_id)
    referral = case.referral
    if referral is None or referral.id != referral_id or referral.state not in ("sent", "returned"):
        return
    if referral.silence == "deemed_own":
        draft.emit(case_id, told.ReferralAccepted(referral_id=referral_id, deemed=True))
    else:
        draft.emit(case_id, told.ReferralTimedOut(referral_id=referral_id, then=referral.silence))


def _reverse_timeout(draft: Draft, case: CaseFile, referral: ReferralFile) -> None:
    draft.emit(case.id, told.ReferralTimeoutReversed(referral_id=referral.id))
    for clock in case.clocks:
        if clock.about == f"referral/{referral.id}" and clock.state == "breached":
            draft.emit(case.id, DeadlineReversed(deadline_id=clock.id))


def _awaited(
    draft: Draft, case_name: str, referral_id: str, answered_at: datetime | None
) -> tuple[CaseFile, ReferralFile]:
    case = draft.known_case(CaseId(case_name))
    referral = case.referral
    if referral is None or referral.id != referral_id:
        raise Rejection(
            "referral.unknown",
            "this case has no such referral; it may have gone out anew",
            "没有该移送，可能已重新移送",
        )
    if answered_at is not None and answered_at > draft.occasion.received_at:
        raise Rejection(
            "referral.answered_in_future",
            "the answer is dated after it arrived",
            "答复日期晚于收到日期",
            "/answered_at",
        )
    in_time = answered_at is not None and clocks.day_of(answered_at).isoformat() <= referral.hub_due[:10]
    if referral.state in ("sent", "returned") or (
        referral.state == "timed_out" and in_time and case.status is not CaseStatus.CLOSED
    ):
        return case, referral
    raise _wrong_state(case, f"the referral is {referral.state} and takes no answer", "该移送已有结果，不再接受答复")


def _forbid_after_designation(referral: ReferralFile) -> None:
    if referral.designated:
        raise Rejection("referral.designated", "a designated body may not return it", "已指定承办，不得再退回")


def _open_case(draft: Draft, name: str) -> CaseFile:
    case = draft.known_case(CaseId(name))
    if case.blocked_by:
        raise Rejection(
            "case.blocked", f"gates {', '.join(case.blocked_by)} stop every referral", "案件受阻断规则限制，不得分流"
        )
    if case.status not in OPEN_FOR_REFERRAL:
        raise _wrong_state(case, "it is past triage", "已过分流环节")
    return case


def _triage_of(case: CaseFile) -> tuple[str, str, str]:
    if case.triage is None:
        raise Rejection("case.not_triaged", "choose a body first", "请先分流确定承办单位")
    return case.triage


def _origin(draft: Draft, case: CaseFile) -> tuple[str, str, str]:
    """(source id, key, agency) of the source a referral speaks for: the first that is active."""
    for name in case.sources:
        file = draft.source(name)
        if file is not None and file.is_active:
            return file.id, file.key, file.agency
    return "", "", ""


def _wrong_state(case: CaseFile, why: str, why_zh: str) -> Rejection:
    return Rejection(
        "case.state", f"case {case.no} is {case.status}: {why}", f"案件 {case.no} 当前为 {case.status}：{why_zh}"
    )

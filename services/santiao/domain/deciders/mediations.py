"""Deciding about mediation, agreement, confirmation, follow-up and closing. One active mediation per case (I1)."""

from santiao.domain import commands
from santiao.domain.deciders import clocks
from santiao.domain.decisions import Draft
from santiao.domain.errors import Rejection
from santiao.domain.events import cases as told_of_case
from santiao.domain.events import mediations as told
from santiao.domain.files import AgreementFile, CaseFile, MediationFile
from santiao.domain.ids import CaseId
from santiao.domain.policy import Policy
from santiao.domain.vocabulary import SETTLED_OUTCOMES, CaseStatus

FORMS = {"O10": "written", "O11": "oral", "O12": "performed"}


def start(draft: Draft, policy: Policy, command: commands.StartMediation) -> None:
    """The body that accepted begins."""
    case = draft.known_case(CaseId(command.case))
    referral = case.referral
    if referral is None or referral.state != "accepted" or case.status is not CaseStatus.REFERRED:
        raise _refuse(case, "no accepted referral waits for mediation", "没有已受理待调解的移送")
    if case.mediation is not None and case.mediation.state != "concluded":
        raise _refuse(case, "a mediation is under way already", "已有正在进行的调解")
    event = told.MediationStarted(
        mediation_id=f"{case.no}-M{case.serials + 1:02d}",
        body=referral.body,
        mediator=command.mediator,
        referral_id=referral.id,
    )
    draft.emit(case.id, event)
    today = clocks.day_of(draft.occasion.received_at)
    for rule in policy.mediation_rules(case, referral.origin_source.partition(":")[0], today):
        clocks.start_clock(draft, policy, case.id, rule, clock="legal", about="mediation", start=today)


def suspend(draft: Draft, policy: Policy, command: commands.SuspendMediation) -> None:
    """Appraisal or hearing: the legal clock stands still."""
    case, mediation = _running(draft, command.case)
    policy.reason("suspend", command.reason)
    draft.emit(case.id, told.MediationSuspended(mediation_id=mediation.id, reason=command.reason.lower()))


def resume(draft: Draft, policy: Policy, command: commands.ResumeMediation) -> None:
    """The clock runs on; its end moves by the days it stood."""
    case = draft.known_case(CaseId(command.case))
    mediation = case.mediation
    if mediation is None or mediation.state != "suspended" or mediation.suspended_on is None:
        raise _refuse(case, "no mediation is suspended", "没有中止的调解")
    draft.emit(case.id, told.MediationResumed(mediation_id=mediation.id))
    resumed = draft.known_case(case.id).mediation
    clocks.move_clocks(draft, policy, case.id, about="mediation", stood=resumed.stood if resumed else ())


def conclude(draft: Draft, policy: Policy, command: commands.ConcludeMediation) -> None:
    """It ended, by agreement or with its cause."""
    case, mediation = _running(draft, command.case)
    if command.outcome not in policy.outcomes:
        raise Rejection("outcome.unknown", "no such code in hub.outcome@1", "hub.outcome@1 中没有该代码", "/outcome")
    draft.emit(
        case.id, told.MediationConcluded(mediation_id=mediation.id, outcome=command.outcome, reason=command.reason)
    )
    if command.outcome in SETTLED_OUTCOMES:
        day = command.effective_on or clocks.day_of(draft.occasion.received_at)
        draft.emit(
            case.id,
            told.AgreementReached(
                agreement_no=command.agreement_no or f"{case.no}-A{case.serials + 1:02d}",
                form=FORMS[command.outcome],
                effective_on=day,
                perform_by=command.perform_by,
            ),
        )


def record_performance(draft: Draft, policy: Policy, command: commands.RecordPerformance) -> None:
    """The agreement was carried out; the case can close."""
    case, agreement = _agreed(draft, command.case)
    draft.emit(case.id, told.AgreementPerformed(agreement_no=agreement.no, performed_on=command.performed_on))
    draft.emit(case.id, told_of_case.CaseClosed(outcome=case.outcome, reason="performed"))


def record_breach(draft: Draft, policy: Policy, command: commands.RecordBreach) -> None:
    """It was not carried out; the origin's duty revives."""
    case, agreement = _agreed(draft, command.case)
    draft.emit(case.id, told.AgreementBreached(agreement_no=agreement.no, reason=command.reason))


def apply_confirmation(draft: Draft, policy: Policy, command: commands.ApplyConfirmation) -> None:
    """Both sides went to court together (司法确认)."""
    case, agreement = _agreed(draft, command.case)
    event = told.ConfirmationApplied(agreement_no=agreement.no, court=command.court, applied_on=command.applied_on)
    draft.emit(case.id, event)


def decide_confirmation(draft: Draft, policy: Policy, command: commands.DecideConfirmation) -> None:
    """The court ruled."""
    case, agreement = _agreed(draft, command.case)
    if agreement.confirmation != "applied":
        raise _refuse(case, "no confirmation was applied for", "未申请司法确认")
    event = told.ConfirmationDecided(
        agreement_no=agreement.no, confirmed=command.confirmed, ruling_no=command.ruling_no
    )
    draft.emit(case.id, event)


def follow_up(draft: Draft, policy: Policy, command: commands.FollowUp) -> None:
    """A call afterwards: performed? satisfied?"""
    case = draft.known_case(CaseId(command.case))
    if command.satisfaction is not None and not 1 <= command.satisfaction <= 5:
        raise Rejection("satisfaction.range", "satisfaction is 1 to 5", "满意度为1至5", "/satisfaction")
    draft.emit(case.id, told.FollowedUp(performed=command.performed, satisfaction=command.satisfaction))


def close(draft: Draft, policy: Policy, command: commands.CloseCase) -> None:
    """Close by hand, with a reason."""
    case = draft.known_case(CaseId(command.case))
    if case.status is CaseStatus.CLOSED:
        raise _refuse(case, "it is closed already", "已办结")
    if case.status in (CaseStatus.REFERRED, CaseStatus.MEDIATING, CaseStatus.SUSPENDED):
        raise _refuse(case, "recall the referral or conclude the mediation first", "请先撤回移送或结束调解")
    draft.emit(case.id, told_of_case.CaseClosed(outcome=command.outcome or case.outcome, reason=command.reason))


def reopen(draft: Draft, policy: Policy, command: commands.ReopenCase) -> None:
    """The dispute goes on."""
    case = draft.known_case(CaseId(command.case))
    if case.status is not CaseStatus.CLOSED or case.merged_into:
        raise _refuse(
            case, "only a closed case that was not merged can be reopened", "只有未并案的已办结案件可以重新办理"
        )
    draft.emit(case.id, told_of_case.CaseReopened(reason=command.reason))


def set_aside_gate(draft: Draft, policy: Policy, command: commands.SetAsideGate) -> None:
    """A named officer answers for it; the actor's role is checked where the command comes in."""
    case = draft.known_case(CaseId(command.case))
    if not case.blocked_by:
        raise _refuse(case, "no gate blocks it", "没有阻断")
    if not command.reason.strip():
        raise Rejection("gate.reason", "a reason is required", "必须说明理由", "/reason")
    draft.emit(case.id, told_of_case.CaseUnblocked(officer=draft.occasion.actor, reason=command.reason))


def _running(draft: Draft, name: str) -> tuple[CaseFile, MediationFile]:
    case = draft.known_case(CaseId(name))
    mediation = case.mediation
    if mediation is None or mediation.state == "concluded":
        raise _refuse(case, "no mediation is under way", "没有正在进行的调解")
    return case, mediation


def _agreed(draft: Draft, name: str) -> tuple[CaseFile, AgreementFile]:
    case = draft.known_case(CaseId(name))
    agreement = case.agreement
    if agreement is None or case.status not in (CaseStatus.AGREED, CaseStatus.CONFIRMING, CaseStatus.PERFORMING):
        raise _refuse(case, "no agreement stands", "没有生效的调解协议")
    return case, agreement


def _refuse(case: CaseFile, why: str, why_zh: str) -> Rejection:
    return Rejection(
        "case.state", f"case {case.no} is {case.status}: {why}", f"案件 {case.no} 当前为 {case.status}：{why_zh}"
    )

"""What can be done with a case: one row an action, with its command, when it is offered, and what its form asks.

The rule kept here: the page offers, the hub decides: what a form lets through may still be rejected, and then the person is told why.
"""

from collections.abc import Callable

import msgspec

from santiao.console import questions as ask
from santiao.console.casework import CaseState
from santiao.console.fields import Field
from santiao.console.visits import Visit
from santiao.domain import commands


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One action. `is_next` where it is what the case waits for, `is_grave` where it cannot simply be done again; `note` is told
    above the form.
    """

    name: str
    command: type[commands.Command]
    zh: str
    en: str
    icon: str
    fits: Callable[[CaseState], bool]
    fields: Callable[[Visit, CaseState], tuple[Field, ...]] = ask.ask_nothing
    is_next: bool = False
    is_grave: bool = False
    note: tuple[str, str] | None = None


def _status(*wanted: str) -> Callable[[CaseState], bool]:
    return lambda case: case.status in wanted


ACTIONS: tuple[Action, ...] = (
    # --- an answer is awaited ---
    Action(
        name="accept",
        command=commands.AcceptReferral,
        zh="受理",
        en="Accept",
        icon="check",
        fits=lambda case: case.is_awaited,
        fields=ask.ask_accept,
        is_next=True,
    ),
    Action(
        name="decline",
        command=commands.DeclineReferral,
        zh="不予受理",
        en="Decline",
        icon="ban",
        fits=lambda case: case.is_awaited,
        fields=ask.ask_decline,
        is_grave=True,
    ),
    Action(
        name="return",
        command=commands.ReturnReferral,
        zh="退回补正",
        en="Return",
        icon="undo",
        fits=lambda case: case.is_awaited,
        fields=ask.ask_return,
        note=("补充材料只能要求一次", "more material may be asked for only once"),
    ),
    Action(
        name="forward",
        command=commands.ForwardReferral,
        zh="建议转送",
        en="Forward",
        icon="swap",
        fits=lambda case: case.is_awaited,
        fields=ask.ask_forward,
        note=(
            "不得自行转交：先退回发送单位，再重新移送",
            "nothing is passed on silently: it comes back and goes out anew",
        ),
    ),
    Action(
        name="recall",
        command=commands.RecallReferral,
        zh="撤回移送",
        en="Recall",
        icon="undo",
        fits=lambda case: case.referral_state in ("sent", "accepted", "returned") and case.status == "referred",
        fields=ask.ask_why,
        is_grave=True,
    ),
    # --- before a referral ---
    Action(
        name="record-consent",
        command=commands.RecordConsent,
        zh="登记意见",
        en="Record consent",
        icon="users",
        fits=lambda case: case.status == "consent_pending" and len(case.consents) < 2,
        fields=ask.ask_consent,
        is_next=True,
        note=("一方明确拒绝的，不得调解", "a clear refusal ends it"),
    ),
    Action(
        name="ask-consent",
        command=commands.RequestConsent,
        zh="征求双方意见",
        en="Ask consent",
        icon="users",
        fits=lambda case: (
            case.is_early and case.status != "consent_pending" and bool(case.proposed_body) and case.needs_consent
        ),
        is_next=True,
    ),
    Action(
        name="send",
        command=commands.SendReferral,
        zh="发出移送函",
        en="Send referral",
        icon="mail",
        fits=lambda case: case.may_be_sent,
        fields=ask.ask_send,
        is_next=True,
        note=("发出前请核对移送函", "check the letter before it goes out"),
    ),
    Action(
        name="triage",
        command=commands.TriageCase,
        zh="分流",
        en="Triage",
        icon="split",
        fits=lambda case: case.is_early and case.designation != "asked",
        fields=ask.ask_triage,
    ),
    Action(
        name="designate",
        command=commands.DesignateBody,
        zh="指定承办单位",
        en="Designate body",
        icon="flag",
        fits=lambda case: case.designation == "asked",
        fields=ask.ask_designation,
        is_next=True,
        note=(
            "指定后承办单位不得退回，并成为分流规则",
            "a designated body may not return it; the decision becomes a routing rule",
        ),
    ),
    Action(
        name="end-designation",
        command=commands.EndDesignation,
        zh="终止指定规则",
        en="End the rule",
        icon="flag",
        fits=lambda case: bool(case.routing_rule),
        fields=ask.ask_why,
        is_grave=True,
        note=(
            "本案的指定不再作为此后同类纠纷的分流规则，已分流的不变",
            "later disputes of the kind are routed as before; what was routed stays",
        ),
    ),
    Action(
        name="set-aside",
        command=commands.SetAsideGate,
        zh="解除阻断",
        en="Set gate aside",
        icon="ban",
        fits=lambda case: case.is_blocked,
        fields=ask.ask_why,
        is_grave=True,
        note=("由您本人具名负责，并永久记录", "you answer for this by name, and it is recorded for good"),
    ),
    # --- mediation ---
    Action(
        name="start",
        command=commands.StartMediation,
        zh="开始调解",
        en="Start mediation",
        icon="play",
        fits=lambda case: case.referral_state == "accepted" and case.status == "referred",
        fields=ask.ask_start,
        is_next=True,
    ),
    Action(
        name="conclude",
        command=commands.ConcludeMediation,
        zh="调解结束",
        en="Conclude",
        icon="check",
        fits=_status("mediating", "suspended"),
        fields=ask.ask_conclusion,
        is_next=True,
    ),
    Action(
        name="suspend",
        command=commands.SuspendMediation,
        zh="中止",
        en="Suspend",
        icon="pause",
        fits=_status("mediating"),
        fields=ask.ask_suspension,
    ),
    Action(
        name="resume",
        command=commands.ResumeMediation,
        zh="恢复",
        en="Resume",
        icon="play",
        fits=_status("suspended"),
        is_next=True,
    ),
    # --- after an agreement ---
    Action(
        name="perform",
        command=commands.RecordPerformance,
        zh="登记履行",
        en="Performed",
        icon="check",
        fits=lambda case: case.has_agreement,
        fields=ask.ask_performance,
        is_next=True,
    ),
    Action(
        name="breach",
        command=commands.RecordBreach,
        zh="登记未履行",
        en="Breached",
        icon="alert",
        fits=lambda case: case.has_agreement,
        fields=ask.ask_details,
        is_grave=True,
    ),
    Action(
        name="apply-confirmation",
        command=commands.ApplyConfirmation,
        zh="申请司法确认",
        en="Apply for confirmation",
        icon="scale",
        fits=lambda case: case.has_agreement and case.agreement_state == "reached",
        fields=ask.ask_confirmation,
        note=(
            "须在协议生效之日起30日内由双方共同申请",
            "both sides together, within 30 days of the agreement's effect",
        ),
    ),
    Action(
        name="decide-confirmation",
        command=commands.DecideConfirmation,
        zh="登记裁定",
        en="Record ruling",
        icon="scale",
        fits=_status("confirming"),
        fields=ask.ask_ruling,
        is_next=True,
    ),
    Action(
        name="follow-up",
        command=commands.FollowUp,
        zh="回访",
        en="Follow up",
        icon="user",
        fits=_status("agreed", "failed", "confirming", "performing", "closed"),
        fields=ask.ask_follow_up,
    ),
    # --- the end ---
    Action(
        name="close",
        command=commands.CloseCase,
        zh="办结",
        en="Close",
        icon="archive",
        fits=lambda case: case.status not in ("closed", "referred", "mediating", "suspended"),
        fields=ask.ask_closing,
        is_grave=True,
    ),
    Action(
        name="reopen",
        command=commands.ReopenCase,
        zh="重新办理",
        en="Reopen",
        icon="refresh",
        fits=lambda case: case.status == "closed" and not case.is_merged,
        fields=ask.ask_why,
    ),
)
BY_NAME = {action.name: action for action in ACTIONS}


def actions_for(visit: Visit, case: CaseState) -> tuple[Action, ...]:
    """What this person may do with this case now, what it waits for first."""
    offered = [each for each in ACTIONS if each.fits(case) and visit.may_command(each.command.__name__)]
    return tuple(sorted(offered, key=lambda each: not each.is_next))

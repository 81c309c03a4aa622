"""Commands (imperative): what people and partner systems ask of a case. Each has one decider function in `deciders/`.

Reasons and bodies are codes of the rulebook; free text a person writes is bounded and must hold no personal data.
"""

from datetime import date, datetime

import msgspec


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="command", tag=True):
    """Root of the commands. `case` is a case id."""

    case: str


class TriageCase(Command, frozen=True, kw_only=True):
    """Choose mediation kind, mode and body by hand (分流)."""

    mediation: str
    mode: str
    body: str


class RequestConsent(Command, frozen=True, kw_only=True):
    """Ask both sides."""


class RecordConsent(Command, frozen=True, kw_only=True):
    """What one side said: `side` applicant or respondent; `form` written, oral, recorded."""

    side: str
    given: bool
    form: str = "oral"
    reason: str = ""


class SendReferral(Command, frozen=True, kw_only=True):
    """Send the referral letter (移送); body and mode of the triage unless named."""

    body: str = ""
    mode: str = ""


class AcceptReferral(Command, frozen=True, kw_only=True):
    """The body takes it. `answered_at` when the answer was dated earlier than it was read."""

    referral: str
    mediator: str = ""
    answered_at: datetime | None = None


class DeclineReferral(Command, frozen=True, kw_only=True):
    """The body refuses with a coded reason."""

    referral: str
    reason: str
    text: str = ""
    answered_at: datetime | None = None


class ReturnReferral(Command, frozen=True, kw_only=True):
    """The body wants more material; only once per referral."""

    referral: str
    missing: tuple[str, ...]
    answered_at: datetime | None = None


class ForwardReferral(Command, frozen=True, kw_only=True):
    """The body says whose it is; the letter comes back and goes out anew."""

    referral: str
    to: str
    reason: str
    answered_at: datetime | None = None


class RecallReferral(Command, frozen=True, kw_only=True):
    """The sender takes the letter back."""

    referral: str
    reason: str


class DesignateBody(Command, frozen=True, kw_only=True):
    """After the second bounce: a named person decides who must take it."""

    body: str
    mode: str
    reason: str


class EndDesignation(Command, frozen=True, kw_only=True):
    """A named person ends the routing rule that this case's designation became."""

    reason: str


class StartMediation(Command, frozen=True, kw_only=True):
    """The body begins to mediate."""

    mediator: str = ""


class SuspendMediation(Command, frozen=True, kw_only=True):
    """The clock stands still: appraisal, hearing."""

    reason: str


class ResumeMediation(Command, frozen=True, kw_only=True):
    """The clock runs on."""


class ConcludeMediation(Command, frozen=True, kw_only=True):
    """It ended: outcome of `hub.outcome@1`; the agreement's facts where there is one."""

    outcome: str
    reason: str = ""
    agreement_no: str = ""
    effective_on: date | None = None
    perform_by: date | None = None


class RecordPerformance(Command, frozen=True, kw_only=True):
    """The agreement was carried out."""

    performed_on: date


class RecordBreach(Command, frozen=True, kw_only=True):
    """The agreement was not carried out."""

    reason: str = ""


class ApplyConfirmation(Command, frozen=True, kw_only=True):
    """Both sides asked the court to confirm."""

    court: str
    applied_on: date


class DecideConfirmation(Command, frozen=True, kw_only=True):
    """The court ruled."""

    confirmed: bool
    ruling_no: str = ""


class FollowUp(Command, frozen=True, kw_only=True):
    """A follow-up call."""

    performed: bool | None = None
    satisfaction: int | None = None


class CloseCase(Command, frozen=True, kw_only=True):
    """Close by hand."""

    reason: str
    outcome: str | None = None


class ReopenCase(Command, frozen=True, kw_only=True):
    """The dispute goes on."""

    reason: str


class SetAsideGate(Command, frozen=True, kw_only=True):
    """A named officer sets the gates aside, with a reason; an ordinary role cannot."""

    reason: str


class ConfirmLink(Command, frozen=True, kw_only=True):
    """A person says two sources are one dispute. Sources are `connector:key` ids."""

    a: str
    b: str


class RejectLink(Command, frozen=True, kw_only=True):
    """A person says they are not."""

    a: str
    b: str
    reason: str = ""
    seen: tuple[str, ...] = ()
    """Disclosures of the case, filled in where the command comes in; never by the caller."""


class DissolveLink(Command, frozen=True, kw_only=True):
    """A person undoes an accepted link."""

    a: str
    b: str
    reason: str
    seen: tuple[str, ...] = ()
    """Disclosures of the case, filled in where the command comes in; never by the caller."""


class ProposeLink(Command, frozen=True, kw_only=True):
    """A person proposes a link for another to confirm."""

    a: str
    b: str
    reason: str = ""


AnyCommand = (
    TriageCase
    | RequestConsent
    | RecordConsent
    | SendReferral
    | AcceptReferral
    | DeclineReferral
    | ReturnReferral
    | ForwardReferral
    | RecallReferral
    | DesignateBody
    | EndDesignation
    | StartMediation
    | SuspendMediation
    | ResumeMediation
    | ConcludeMediation
    | RecordPerformance
    | RecordBreach
    | ApplyConfirmation
    | DecideConfirmation
    | FollowUp
    | CloseCase
    | ReopenCase
    | SetAsideGate
    | ConfirmLink
    | RejectLink
    | DissolveLink
    | ProposeLink
)

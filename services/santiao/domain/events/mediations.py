"""Events of mediation, agreement and what follows."""

from datetime import date

from santiao.domain.events.envelope import Event


class MediationStarted(Event, frozen=True, kw_only=True):
    """A body mediates; a case has one active mediation at most."""

    mediation_id: str
    body: str
    mediator: str = ""
    referral_id: str | None = None
    told_by_source: str | None = None


class MediationSuspended(Event, frozen=True, kw_only=True):
    """The clock stands still: `reason` appraisal, hearing."""

    mediation_id: str
    reason: str


class MediationResumed(Event, frozen=True, kw_only=True):
    """The clock runs on; deadlines are moved by the time it stood."""

    mediation_id: str


class MediationConcluded(Event, frozen=True, kw_only=True):
    """It ended: `outcome` of `hub.outcome@1`, by agreement or with its cause."""

    mediation_id: str
    outcome: str
    reason: str = ""
    told_by_source: str | None = None


class AgreementReached(Event, frozen=True, kw_only=True):
    """The parties agreed: `form` written, oral, performed; effective that day."""

    agreement_no: str
    form: str
    effective_on: date
    perform_by: date | None = None


class AgreementPerformed(Event, frozen=True, kw_only=True):
    """The agreement was carried out."""

    agreement_no: str
    performed_on: date


class AgreementBreached(Event, frozen=True, kw_only=True):
    """The agreement was not carried out."""

    agreement_no: str
    reason: str = ""


class ConfirmationApplied(Event, frozen=True, kw_only=True):
    """Both sides asked the court to confirm (司法确认)."""

    agreement_no: str
    court: str
    applied_on: date


class ConfirmationDecided(Event, frozen=True, kw_only=True):
    """The court ruled on the confirmation."""

    agreement_no: str
    confirmed: bool
    ruling_no: str = ""


class FollowedUp(Event, frozen=True, kw_only=True):
    """A follow-up call (回访): `satisfaction` 1 to 5, None when not told."""

    performed: bool | None = None
    satisfaction: int | None = None


class CaseEscalated(Event, frozen=True, kw_only=True):
    """Failure climbs: to a higher level, another kind of mediation, or back to its origin with the material."""

    to: str
    level: str
    reason: str
    rule: str

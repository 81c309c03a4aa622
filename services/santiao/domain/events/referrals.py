"""Events of triage, consent and referral (分流, 移送)."""

from datetime import date
from typing import ClassVar

import msgspec

from santiao.domain.events.envelope import Event, Sealed


class CaseTriaged(Event, frozen=True, kw_only=True):
    """A routing rule chose mediation kind, mode (`hub.docking@1`) and body."""

    mediation: str
    mode: str
    body: str
    rule: str


class ConsentRequested(Event, frozen=True, kw_only=True):
    """Both sides are asked; nothing is referred before both said yes."""

    sides: tuple[str, ...]
    body: str
    mode: str


class ConsentGiven(Event, frozen=True, kw_only=True):
    """One side agreed; `form` written, oral, recorded."""

    side: str
    form: str


class ConsentRefused(Event, frozen=True, kw_only=True):
    """One side clearly refused: there must be no mediation (人民调解法 17)."""

    side: str
    reason: str = ""


class ReferralSent(Event, frozen=True, kw_only=True):
    """A referral letter went out. `hub_due` and `legal_due` are the two clocks' ends; `silence` what no answer means on this edge.

    `origin_source` and `origin_key` name the file it came from; `letter` seals the letter's personal part.
    """

    version: ClassVar[int] = 2

    referral_id: str
    body: str
    mode: str
    edge: str
    basis: str
    bounce: int = 0
    origin_source: str = ""
    origin_key: str = ""
    hub_due: str
    legal_due: str | None = None
    silence: str = "back_to_sender"
    designated: bool = False
    letter: Sealed | None = None


class ReferralAccepted(Event, frozen=True, kw_only=True):
    """The body took the referral. `late` when the answer was dated in time and read late."""

    referral_id: str
    mediator: str = ""
    by: str = ""
    deemed: bool = False
    late: bool = False


class ReferralDeclined(Event, frozen=True, kw_only=True):
    """The body refused, with a coded reason."""

    referral_id: str
    reason: str
    text: str = ""
    by: str = ""


class ReferralReturned(Event, frozen=True, kw_only=True):
    """The body sent the letter back for more material; `missing` lists codes. Only once per referral."""

    referral_id: str
    missing: tuple[str, ...]
    by: str = ""


class ReferralForwarded(Event, frozen=True, kw_only=True):
    """The body says it belongs to another. The letter comes back and goes out anew: never passed on silently."""

    referral_id: str
    to: str
    reason: str
    by: str = ""


class ReferralTimedOut(Event, frozen=True, kw_only=True):
    """No answer in time; `then` what the edge says silence means."""

    referral_id: str
    then: str


class ReferralTimeoutReversed(Event, frozen=True, kw_only=True):
    """An answer dated in time was read late; the time-out no longer counts."""

    referral_id: str


class ReferralRecalled(Event, frozen=True, kw_only=True):
    """The letter is taken back: a gate, a merge, or the source's withdrawal."""

    referral_id: str
    reason: str


class DesignationAsked(Event, frozen=True, kw_only=True):
    """After the second bounce a named person decides; the worklist shows it."""

    bounces: int


class DesignatedRoute(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """The routing row that a designation became: for which disputes, to what kind of body, under which period, from which day."""

    dispute_type: str
    region: str
    agency: str = ""
    mediation: str
    level: str
    body_kind: str
    sector: str = ""
    mediation_rule: str
    source_text: str
    effective_from: date


class BodyDesignated(Event, frozen=True, kw_only=True):
    """A named person decided which body must take it; the decision may not be returned.

    It becomes the routing row `route` with the id `rule`; of a kind of dispute that no rule may route there is none.
    """

    body: str
    mode: str
    officer: str
    reason: str
    rule: str
    route: DesignatedRoute | None = None


class DesignationEnded(Event, frozen=True, kw_only=True):
    """The routing row that a designation became holds until `last_day` and no longer; what it has routed stays as it is."""

    rule: str
    officer: str
    reason: str
    last_day: date

"""Files (卷宗): what deciders need of sources and cases, and no more.

Both are folds of events: `evolve` in `folding.py` is the only writer. They hold hashes, codes and states; text and history stay in
the events. A case file's budget is 16 KiB.
"""

from datetime import date, datetime

import msgspec

from santiao.domain.events.sources import GateFound, SourceFacts, Version
from santiao.domain.ids import CaseId, SourceId
from santiao.domain.vocabulary import UNCLASSIFIED, CaseStatus, Risk, SourceState, Stage


class PartState(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """The standing version of one part of a source: its place in the order and the codes deciders read."""

    at: Version
    type: str = UNCLASSIFIED
    type_mapping: str = "unmapped"
    region: str = ""
    street: str = ""
    stage: str = ""
    outcome: str | None = None
    settled_on: date | None = None
    reported_on: date | None = None
    registered_at: datetime | None = None
    source_deadline: datetime | None = None
    people: int | None = None
    amount_fen: int | None = None
    minors: int = 0
    gates: tuple[GateFound, ...] = ()
    """What this part's own content meets."""
    risks: tuple[str, ...] = ()
    referral_no: str | None = None
    answer: str | None = None

    @classmethod
    def told(cls, at: Version, facts: SourceFacts) -> "PartState":
        """What deciders keep of a version's facts."""
        return cls(
            at=at,
            type=facts.type,
            type_mapping=facts.type_mapping,
            region=facts.region,
            street=facts.street,
            stage=facts.stage,
            outcome=facts.outcome,
            settled_on=facts.settled_on,
            reported_on=facts.reported_on,
            registered_at=facts.registered_at,
            source_deadline=facts.source_deadline,
            people=facts.people,
            amount_fen=facts.amount_fen,
            minors=sum(1 for mention in facts.mentions if mention.minor),
            gates=facts.gates,
            risks=facts.risks,
            referral_no=facts.referral_no,
            answer=facts.answer,
        )


class SourceFile(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One agency's file on a dispute.

    `parts` holds the standing version per part ("" is the file itself). `presence` and `absent` say which of upsert and withdrawal
    came last in the source's own order, `merge` and `merged_into` which of merge and unmerge did. `versions` counts distinct
    versions of the file itself.
    """

    id: SourceId
    shard: int
    agency: str
    identity: str
    """The key that never changes; `key` is how others see it."""
    key: str
    key_base: str = ""
    key_rank: str = ""
    key_qualifier: str = ""
    qualifier_at: Version | None = None
    case_id: CaseId | None = None
    aliases: tuple[str, ...] = ()
    parts: dict[str, PartState] = {}
    hits: tuple[GateFound, ...] = ()
    """Gates announced for this source."""
    versions: int = 0
    presence: Version | None = None
    withdrawn: bool = False
    absent: bool = False
    ended: str = ""
    """The hub's outcome that the agency gave when it took the file back (O21, O50, O90)."""
    merge: Version | None = None
    merged_into: str | None = None
    sealed_off: bool = False

    @property
    def is_waiting(self) -> bool:
        """Parts came, the file itself has not."""
        return "" not in self.parts

    @property
    def is_active(self) -> bool:
        """It tells of something that still stands."""
        return not (self.is_waiting or self.withdrawn or self.merged_into or self.sealed_off)

    @property
    def state(self) -> SourceState:
        """What others see."""
        if self.sealed_off:
            return SourceState.SEALED_OFF
        if self.merged_into:
            return SourceState.MERGED
        if self.withdrawn or (not self.is_waiting and self.main.stage == Stage.CANCELLED):
            return SourceState.WITHDRAWN
        return SourceState.CORRECTED if self.versions > 1 else SourceState.LIVE

    @property
    def gates(self) -> tuple[GateFound, ...]:
        """Gates met by what stands of any part, in a fixed order."""
        return tuple(sorted({gate for part in self.parts.values() for gate in part.gates}))

    @property
    def main(self) -> PartState:
        """The file itself; only for a source that is not waiting."""
        return self.parts[""]


class Clock(msgspec.Struct, frozen=True, gc=False, array_like=True, omit_defaults=True, kw_only=True):
    """A deadline that runs or was met or missed; a cancelled one is forgotten. `state` running, warned, met, breached."""

    id: str
    rule: str
    clock: str
    about: str
    start: str
    effective_end: str
    warn_on: str | None = None
    provisional: bool = False
    party_right: bool = False
    state: str = "running"


class ReferralFile(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """The referral under way or last ended. `state` sent, accepted, declined, returned, forwarded, timed_out, recalled."""

    id: str
    body: str
    mode: str
    edge: str
    state: str
    bounce: int = 0
    sent_at: datetime
    hub_due: str
    silence: str = "back_to_sender"
    designated: bool = False
    returned_once: bool = False
    origin_source: str = ""


class MediationFile(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """The mediation under way or last ended. `told_by` names the source that told of it, empty for the hub's own."""

    id: str
    body: str
    state: str
    started_on: date
    told_by: str = ""
    suspended_on: date | None = None
    suspended_for: str = ""
    stood: tuple[tuple[str, date, date], ...] = ()
    """Why and on which days the clock stood still, first and last included."""
    outcome: str | None = None


class AgreementFile(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """The parties' agreement: effective, performed, breached, confirmed are four different things."""

    no: str
    form: str
    effective_on: date
    perform_by: date | None = None
    performed_on: date | None = None
    breached: bool = False
    confirmation: str = ""


class CaseFile(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One dispute. `version` counts its events and is the ETag; `serials` number what the case brings forth (referrals, deadlines)."""

    id: CaseId
    no: str
    shard: int
    version: int = 0
    opened_at: datetime
    status: CaseStatus = CaseStatus.REGISTERED
    dispute_type: str = UNCLASSIFIED
    region: str = ""
    street: str = ""
    risk: Risk = Risk.LOW
    sources: tuple[SourceId, ...] = ()
    aliases: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()
    override: str = ""
    set_aside: tuple[str, ...] = ()
    """Gates that the officer named in `override` answered for."""
    triage: tuple[str, str, str] | None = None
    """(mediation kind, mode, body)"""
    consent_asked: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    refused_by: str = ""
    referral: ReferralFile | None = None
    bounces: int = 0
    designation: str = ""
    routing_rule: str = ""
    """The routing row that a designation on this case became, while it has no last day."""
    mediation: MediationFile | None = None
    agreement: AgreementFile | None = None
    clocks: tuple[Clock, ...] = ()
    outcome: str | None = None
    closed_reason: str = ""
    notices: int = 0
    serials: int = 0
    merged_into: CaseId | None = None
    batch: str = ""
    """Number of the parent batch (群体) whose child this case is."""


class LinkFile(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """What stands between two sources (`a` < `b`). `evidence` is the digest that a rejection or a proposal rests on."""

    a: SourceId
    b: SourceId
    state: str
    by: str
    score: int = 0
    reasons: tuple[str, ...] = ()
    evidence: str = ""

"""Events about sources: what the hub made of agencies' records."""

from datetime import date, datetime

import msgspec

from santiao.domain.events.envelope import Event, Mention, Sealed
from santiao.domain.records import CodeField, QualityNote, Reference


class Version(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Where a version stands in its part's order: compare (source_version, source_updated_at, content_hash)."""

    content_hash: bytes
    source_version: int = 0
    source_updated_at: datetime | None = None


class GateFound(msgspec.Struct, frozen=True, gc=False, order=True):
    """A gate that a version's own content meets: gate, reason code, `rule@version` that found it."""

    gate: str
    reason: str
    rule: str


class SourceFacts(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """What a version of a part tells, personal data sealed.

    `stage` is `hub.stage@1`; `outcome` `hub.outcome@1`; `type` `hub.dispute_type@1` with how it was mapped; `region` six
    digits, `street` its street or town by name; `amount_fen` in fen; `gates` and `risks` were derived before sealing.
    `narrative` seals title, text, claim, place and unknown columns together; `raw` seals the item as it came.
    """

    kind: str = "dispute"
    type: str = "D99"
    type_mapping: str = "unmapped"
    region: str = ""
    street: str = ""
    stage: str = "reported"
    outcome: str | None = None
    settled_on: date | None = None
    reported_on: date | None = None
    registered_at: datetime | None = None
    source_deadline: datetime | None = None
    people: int | None = None
    amount_fen: int | None = None
    referral_no: str | None = None
    answer: str | None = None
    gates: tuple[GateFound, ...] = ()
    risks: tuple[str, ...] = ()
    codes: tuple[CodeField, ...] = ()
    mentions: tuple[Mention, ...] = ()
    references: tuple[Reference, ...] = ()
    quality: tuple[QualityNote, ...] = ()
    narrative: Sealed | None = None
    raw: Sealed | None = None


class SourceReported(Event, frozen=True, kw_only=True):
    """An agency's file on a dispute was seen for the first time (登记)."""

    source_id: str
    agency: str
    key: str
    key_base: str = ""
    key_rank: str = ""
    key_qualifier: str = ""
    aliases: tuple[str, ...] = ()
    at: Version
    facts: SourceFacts


class SourceCorrected(Event, frozen=True, kw_only=True):
    """Another version of a part is known. `stands` says whether it is the newest in the part's order; an older one is kept, not shown."""

    source_id: str
    aliases: tuple[str, ...] = ()
    key_qualifier: str = ""
    at: Version
    facts: SourceFacts
    stands: bool = True


class SourceConfirmed(Event, frozen=True, kw_only=True):
    """A whole snapshot told the standing version again at a later date: what is older than that date no longer counts."""

    source_id: str
    at: Version


class SourceSupplemented(Event, frozen=True, kw_only=True):
    """A further part of a known source came (feedback from the scene, a mediation's result)."""

    source_id: str
    part: str
    at: Version
    facts: SourceFacts
    stands: bool = True


class SourceWithdrawn(Event, frozen=True, kw_only=True):
    """The agency took its file back (撤回, 误报, 取消) or it was absent from two snapshots running."""

    source_id: str
    at: Version
    reason: str = ""
    absent: bool = False
    stands: bool = True


class SourceMerged(Event, frozen=True, kw_only=True):
    """The agency merged its file into another of its own (并案)."""

    source_id: str
    into: str
    at: Version
    stands: bool = True


class SourceUnmerged(Event, frozen=True, kw_only=True):
    """The agency took a merge back."""

    source_id: str
    at: Version
    stands: bool = True


class SourceSplit(Event, frozen=True, kw_only=True):
    """The agency split its file; the new numbers are no sources until delivered."""

    source_id: str
    into: tuple[str, ...]
    at: Version


class SourceRekeyed(Event, frozen=True, kw_only=True):
    """A source is shown under another key: an earlier matter under the same number became known."""

    source_id: str
    old_key: str
    new_key: str


class SourceSealedOff(Event, frozen=True, kw_only=True):
    """Informer's material (检举控告) was learned of after the source was taken: it is shut away and its keys are destroyed."""

    source_id: str
    reason: str


class RecordParked(Event, frozen=True, kw_only=True):
    """A part, or word of one (withdrawn, merged), came before its source. It waits, sealed, and counts as accepted."""

    source_id: str
    agency: str
    key: str
    key_base: str = ""
    part: str
    at: Version
    facts: SourceFacts


class GateHit(Event, frozen=True, kw_only=True):
    """A source's own content meets a gate: it must not be diverted. `gate` G1 to G10, `reason` a code of the gate's row."""

    source_id: str
    found: GateFound


class GateCleared(Event, frozen=True, kw_only=True):
    """A correction took the ground of a gate away."""

    source_id: str
    found: GateFound

"""The incoming fact: one `AgencyRecord` in canonical form, whatever agency and form it came in.

A connector writes it and cannot know whether the key was seen before; the hub alone says reported, corrected or withdrawn.
Every mapped cell keeps its raw text beside the typed value and what became of it (`status`); codes keep list, edition, code and
label verbatim beside the hub's code. Times are RFC 3339 instants with offset +08:00, or plain dates where no time was told.
"""

from datetime import date, datetime

import msgspec

from santiao.domain.vocabulary import (
    FieldStatus,
    IdentityKind,
    MappingStatus,
    NameClass,
    Op,
    PartyKind,
    PartyRole,
    PhoneKind,
    Precision,
    RelationKind,
)


class TextField(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A text cell: as it came, and as it is read."""

    raw: str | None = None
    value: str | None = None
    status: FieldStatus = FieldStatus.OK


class TimeField(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A time cell. `instant` for a time of day, `day` for a date only (a date is not midnight); both None when unreadable."""

    raw: str | None = None
    instant: datetime | None = None
    day: date | None = None
    precision: Precision | None = None
    status: FieldStatus = FieldStatus.OK


class MoneyField(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """An amount in fen (分); `approximate` for 约, 左右."""

    raw: str | None = None
    fen: int | None = None
    approximate: bool = False
    status: FieldStatus = FieldStatus.OK


class CodeField(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """An agency's code, verbatim, meaningful only with its list and edition, and the hub's code for it."""

    list: str
    edition: str = ""
    code: str | None = None
    label: str | None = None
    hub_code: str | None = None
    mapping_status: MappingStatus = MappingStatus.UNMAPPED


class Identity(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """An identity number: `value` is the canonical 18 characters (15 converted for matching only), None when it cannot be relied on."""

    kind: IdentityKind
    raw: str
    value: str | None = None
    status: FieldStatus = FieldStatus.OK


class Phone(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A telephone: `number` national digits (a masked one keeps its stars), extension apart."""

    raw: str
    number: str | None = None
    extension: str | None = None
    kind: PhoneKind = PhoneKind.UNKNOWN
    masked: bool = False
    status: FieldStatus = FieldStatus.OK


class Place(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Tokens of an address, for comparing only; the text itself stays in its field."""

    region: str | None = None
    street: str | None = None
    road: str | None = None
    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None


class Party(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A party mention (当事人): what one record tells of one person or organisation. `slot` is its place in the record."""

    slot: int
    role: PartyRole
    kind: PartyKind
    name: TextField
    name_class: NameClass
    org_key: str | None = None
    """Organisation name normalised for comparing."""
    ids: tuple[Identity, ...] = ()
    phones: tuple[Phone, ...] = ()
    address: TextField | None = None
    place: Place | None = None
    sex: CodeField | None = None
    born: date | None = None
    minor: bool | None = None
    represents: int | None = None


class Reference(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A number of another source, quoted in a field or in free text, in its canonical form."""

    kind: str
    number: str
    relation: RelationKind = RelationKind.SAME_DISPUTE
    origin: str = ""
    """Field path it stood in."""


class QualityNote(msgspec.Struct, frozen=True, gc=False):
    """Something about a cell that a reader must know: `code` from the connector's list, never the cell's content."""

    field: str
    code: str


class Decoder(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """How the bytes were read."""

    charset: str = "utf-8"
    repairs: tuple[str, ...] = ()


class DisputeFact(
    msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag_field="fact", tag="dispute"
):
    """An agency's present account of a dispute (矛盾纠纷)."""

    type: CodeField
    region: CodeField
    stage: CodeField
    outcome: CodeField | None = None
    settled_on: date | None = None
    title: TextField | None = None
    narrative: TextField | None = None
    claim: TextField | None = None
    place_text: TextField | None = None
    place: Place | None = None
    amount: MoneyField | None = None
    people: int | None = None
    codes: tuple[CodeField, ...] = ()
    """Further codes the gates and the routing read (police class, petition purpose, nature of an order)."""
    occurred: TimeField | None = None
    registered: TimeField | None = None
    source_deadline: TimeField | None = None
    handler: TextField | None = None
    parties: tuple[Party, ...] = ()


class SiteFeedback(
    msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, tag_field="fact", tag="site_feedback"
):
    """What the officers reported back from the scene (处警反馈); a part of the incident it belongs to."""

    result: CodeField
    stage: CodeField
    outcome: CodeField | None = None
    settled_on: date | None = None
    solved: bool | None = None
    narrative: TextField | None = None
    arrived: TimeField | None = None
    finished: TimeField | None = None
    parties: tuple[Party, ...] = ()


class MediationResult(
    msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, tag_field="fact", tag="mediation_result"
):
    """How a mediation ended, told by the body that held it."""

    outcome: CodeField
    stage: CodeField
    settled_on: date | None = None
    agreement_no: str | None = None
    narrative: TextField | None = None
    parties: tuple[Party, ...] = ()


class ReferralAnswer(
    msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, tag_field="fact", tag="referral_answer"
):
    """A body's answer to a referral letter: accepted, declined, returned or need_more, with its reason."""

    referral_no: str
    answer: str
    reason: CodeField | None = None
    answered: TimeField | None = None
    narrative: TextField | None = None


class Relation(
    msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag_field="fact", tag="relation"
):
    """What a MERGE, UNMERGE, SPLIT, WITHDRAW or SNAPSHOT_ABSENT says: the other keys it names, and the source's reason."""

    others: tuple[str, ...] = ()
    reason: CodeField | None = None


Body = DisputeFact | SiteFeedback | MediationResult | ReferralAnswer | Relation


class SealedBody(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag_field="fact", tag="sealed"):
    """A fact on its way to the hub (`santiao.records`): body, references, quality, further columns and raw bytes, sealed together."""

    alg: str
    key_id: bytes
    data: bytes


class AgencyRecord(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One agency fact in canonical form (`santiao.records`).

    `key` with `connector` names the source for ever, `key_base` says how others see it; `part` names the piece of it this
    record tells (empty: the file itself), each part with its own versions. `content_hash` is SM3 over the
    item's cells without those the declaration calls volatile, so that a resend under a new delivery id is a repeat.
    The versions of a part are ordered by (source_version, source_updated_at,
    content_hash), never by arrival.
    """

    connector: str
    feed: str
    key: str
    key_base: str = ""
    """Where an agency uses a number again for a later matter: the bare number. The earliest matter (`key_rank`) is shown under it."""
    key_rank: str = ""
    key_qualifier: str = ""
    """What tells a later matter apart, as this version sent it; the lowest version's counts."""
    part: str = ""
    op: Op = Op.UPSERT
    shard: int
    """First four digits of the city's division code; fixed when the source is first seen."""
    aliases: tuple[str, ...] = ()
    """Other numbers of this same source, canonical (court case numbers, delivery ids)."""
    source_version: int = 0
    source_updated_at: datetime | None = None
    occurred_at: datetime | None = None
    received_at: datetime
    reported_on: date | None = None
    """Day the source says the dispute was reported to it."""
    batch_id: str = ""
    ordinal: int = 0
    mapping_version: str = ""
    content_hash: bytes
    decoder: Decoder = Decoder()
    body: Body | SealedBody
    references: tuple[Reference, ...] = ()
    quality: tuple[QualityNote, ...] = ()
    extra: dict[str, str] = {}
    """Columns the declaration does not know, kept as they came."""
    raw: bytes = b""
    """The item as it came, bounded by the declaration; larger ones are cut and flagged."""

    @property
    def fact(self) -> Body:
        """The body in clear.

        Raises:
            TypeError: it is sealed; whoever takes records from a topic opens them first.
        """
        if isinstance(self.body, SealedBody):
            raise TypeError("the record is sealed")
        return self.body

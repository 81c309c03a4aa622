"""What an agency's cells mean: one struct per kind of value, as `connector.yaml` declares them.

The rule kept here: a declaration is complete in itself and validated when it is loaded, so that translation meets no surprise. Where
a rule takes an expression alone, the plain expression may stand for it.
"""

import msgspec

from santiao.connectors.expressions import Condition, Expression
from santiao.domain.vocabulary import MappingStatus, Op, PartyKind, PartyRole, RelationKind, Stage


class TextRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A text cell. `bytes`: the width of a byte-limited column; `markup`: HTML is taken out."""

    value: Expression
    nulls: tuple[str, ...] = ("text",)
    also_null: tuple[str, ...] = ()
    bytes: int | None = None
    markup: bool = False


class TimeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A time cell and how it may be written."""

    value: Expression
    patterns: tuple[str, ...] = ()
    also_null: tuple[str, ...] = ()


class ListRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A code list of the agency: a CSV in its folder with code, label, hub_code, mapping_status."""

    file: str
    id: str
    edition: str = ""
    levels: tuple[int, ...] = ()
    """Lengths at which a code's beginning names its parent (police 2, 4)."""


class CodeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A code of an agency's list. `defaults`: codes the agency's system sets silently where nobody chose."""

    value: Expression
    label: Expression | None = None
    list: str
    edition: Expression | None = None
    defaults: tuple[str, ...] = ()


class TypeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """The kind of dispute: the first code that says one; where it is broad or a default, the words of `text` decide."""

    codes: tuple[CodeRule, ...]
    text: tuple[Expression, ...] = ()
    among: tuple[str, ...] = ()
    """The kinds that words may tell here; empty: any."""
    words: dict[str, dict[str, int]] = {}
    """Words of this agency's own beside the general ones: weight by word by kind."""


class RegionRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One way to tell the region; the declaration lists them in order and the first that reaches a county wins.

    Exactly one of: `division` (a code of 6 to 15 digits), `name` (a division's name), `court` (a court's code or case number),
    `address` (free text). A key's digits are a `division` by `match`.
    """

    division: Expression | None = None
    name: Expression | None = None
    court: Expression | None = None
    address: Expression | None = None


class StageRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One row of the table that tells stage and outcome; the first whose conditions all hold counts."""

    when: tuple[Condition, ...] = ()
    stage: Stage
    outcome: str | None = None
    status: MappingStatus = MappingStatus.EXACT
    settled_on: tuple[str | TimeRule, ...] = ()
    settled: Expression | None = None
    """A text in whose words a settlement is looked for; found, `stage` is settled with `outcome`, else the next row counts."""
    solved: bool | None = None


class StatusRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """The agency's own word for where its file stands, kept beside the hub's stage."""

    value: Expression
    label: Expression | None = None
    list: str
    reason: Expression | None = None


class PartyRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One party, or one for every element of the list `each`, or every name of a cell of `several`, whose ids and phones align.

    `role` is a role or, with `role_of`, a table from the cell to roles. Paths inside `each` are of the element.
    """

    each: str = ""
    when: tuple[Condition, ...] = ()
    role: PartyRole = PartyRole.INVOLVED
    role_of: Expression | None = None
    roles: dict[str, PartyRole] = {}
    name: Expression | None = None
    several: bool = False
    kind_of: Expression | None = None
    kinds: dict[str, PartyKind] = {}
    ids: tuple[Expression, ...] = ()
    phones: tuple[Expression, ...] = ()
    address: Expression | None = None
    sex: CodeRule | None = None
    born: str | TimeRule | None = None
    represents: bool = False
    """An agent: stands for the applicant before it."""


class NarrativeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Where parties are told in free text: `texts` are searched, who is found has the `role`; one called the writer's kin is INVOLVED."""

    texts: tuple[Expression, ...]
    role: PartyRole = PartyRole.RESPONDENT
    cues: tuple[str, ...] = ()
    """Words of this agency's own forms before the other side's name, beside the general ones."""


class ReferenceRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A cell that quotes another source's number."""

    value: Expression
    kind: str
    relation: RelationKind = RelationKind.SAME_DISPUTE
    each: bool = False
    """The cell holds several, divided by commas."""


class RefusalRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What is understood and may not be taken."""

    when: tuple[Condition, ...]
    code: str
    en: str
    zh: str


class KeyRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """The source's key. `pattern`: what a usable key looks like (whole); `fold`: NFKC and no blanks. `also_null`: words that are no key."""

    value: Expression
    pattern: str = r"\S{1,80}"
    fold: bool = True
    also_null: tuple[str, ...] = ()
    rank: Expression | None = None
    qualifier: Expression | None = None
    """Where a number is used again for a later matter: what ranks the matters, and what tells them apart to others."""


class ShapeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One kind of item and the fact it tells."""

    when: tuple[Condition, ...] = ()
    table: str = ""
    fact: str = "dispute"
    key: KeyRule
    part: Expression | None = None
    op: Op | None = None
    op_of: Expression | None = None
    ops: dict[str, Op] = {}
    version: Expression | None = None
    updated_at: str | TimeRule | None = None
    occurred_at: str | TimeRule | None = None
    reported_on: tuple[str | TimeRule, ...] = ()
    aliases: tuple[ReferenceRule, ...] = ()
    references: tuple[ReferenceRule, ...] = ()
    quoted_in: tuple[Expression, ...] = ()
    """Free text that other sources' numbers are looked for in."""
    refuse: tuple[RefusalRule, ...] = ()
    follows: tuple[Condition, ...] = ()
    """True of an item that only calls again about an earlier one: it tells no kind of its own, and says so."""

    type: TypeRule | None = None
    region: tuple[RegionRule, ...] = ()
    stage: tuple[StageRule, ...] = ()
    status: StatusRule | None = None
    title: str | TextRule | None = None
    narrative: str | TextRule | None = None
    claim: str | TextRule | None = None
    place: str | TextRule | None = None
    handler: str | TextRule | None = None
    amount: Expression | None = None
    people: Expression | None = None
    codes: tuple[CodeRule, ...] = ()
    occurred: str | TimeRule | None = None
    registered: str | TimeRule | None = None
    deadline: str | TimeRule | None = None
    parties: tuple[PartyRule, ...] = ()
    told_in: NarrativeRule | None = None

    arrived: str | TimeRule | None = None
    finished: str | TimeRule | None = None
    agreement_no: Expression | None = None
    referral_no: Expression | None = None
    answer: Expression | None = None
    answers: dict[str, str] = {}
    reason: CodeRule | None = None
    others: tuple[ReferenceRule, ...] = ()
    answered: str | TimeRule | None = None


FACTS = frozenset({"dispute", "site_feedback", "mediation_result", "referral_answer", "relation"})

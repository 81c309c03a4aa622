"""What linking goes by, as data: `deploy/city/linking.yaml`.

The rule kept here: every weight, cap, gap, word list and threshold is a value of this policy; code holds only the rules that
combine them. Weights are bits of evidence (log2 of how much likelier two sources of one dispute agree so than two others).
"""

import msgspec

from santiao.domain.links.tokens import Kind


class Caps(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """How many sources may carry a value before it is common: then it neither links by itself nor brings candidates."""

    rin: int = 30
    org_id: int = 12
    name: int = 24
    org_sum: int = 24
    org_pair: int = 24
    phone: int = 24
    building: int = 40
    own: int = 1
    """A number that more sources bear than this is ambiguous: quoting it needs support."""
    quoted: int = 200

    def of(self, kind: Kind) -> int:
        """The cap for tokens of `kind`."""
        cap: int = getattr(self, _CAP_NAMES[kind])
        return cap

    def block(self, kind: Kind) -> int:
        """How many carriers a token may have and still bring candidates."""
        return self.quoted if kind is Kind.OWN else self.of(kind)


_CAP_NAMES = {
    Kind.OWN: "own",
    Kind.QUOTED: "quoted",
    Kind.RIN: "rin",
    Kind.ORG_ID: "org_id",
    Kind.NAME: "name",
    Kind.ORG_SUM: "org_sum",
    Kind.ORG_PAIR: "org_pair",
    Kind.PHONE: "phone",
    Kind.BUILDING: "building",
}


class Weights(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, kw_only=True):
    """Bits for and against. `rarity` bits are taken off for each doubling of a value's carriers past `rare_up_to`."""

    prior: float
    rarity: float
    rare_up_to: int
    identity: float
    org_identity: float
    name_and_birth: float
    name: float
    name_told: float
    stem: float
    org: float
    phone: float
    masked_phone: float
    surname: float
    relative: float
    """A telephone shared by two people of different names: a family's, or an agent's."""
    one_person: float
    """The most that one person's agreement may weigh, her home included: people have more than one dispute."""
    both_sides: float
    room: float
    building: float
    estate: float
    road: float
    amount: float
    amount_near: float
    amount_differs: float
    day: float
    topic: float
    topic_differs: float
    type_same: float
    type_apart: float
    region_differs: float
    near: float
    far: float
    very_far: float
    quoted_both: float
    counterpart_differs: float
    person_differs: float


class Text(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Words that reading a narrative goes by."""

    boilerplate: tuple[str, ...]
    """Phrases that every narrative of a kind has; they are taken out before anything is read from it."""
    disclaimers: tuple[str, ...]
    """Words by which a text says that the matter it quotes is another one."""
    shielded: tuple[str, ...]
    topics: dict[str, tuple[str, ...]]
    surnames: str
    compound_surnames: tuple[str, ...]
    never_in_names: str
    """Characters that no name has after its surname."""


class LinkingPolicy(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, kw_only=True):
    """The whole policy. `version` goes into events; days are calendar days."""

    version: int
    caps: Caps
    weights: Weights
    propose_at: int
    """Score in thousandths from which a pair is shown to a person."""
    candidate_limit: int
    component_limit: int
    """An automatic case never grows past so many sources."""
    near_days: int
    far_days: int
    renewal_gap_days: dict[str, int]
    """Per dispute type, `default` for the others: agreement longer ago than this means a new dispute."""
    compatible_types: tuple[tuple[str, ...], ...]
    any_type: tuple[str, ...]
    """Types that say too little to be incompatible with any."""
    text: Text

    def gap_after(self, dispute_type: str) -> int:
        """Days after an agreement from which the same people's next report is a new dispute."""
        return self.renewal_gap_days.get(dispute_type, self.renewal_gap_days["default"])

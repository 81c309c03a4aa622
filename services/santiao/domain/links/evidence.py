"""How much speaks for two sources being one dispute, in bits (Fellegi and Sunter), and by which reasons.

The rules kept here: agreement on a rare value weighs more than on a common one; of one kind of evidence only the best counts; what was
told on one side only says nothing. Which reasons are found never depends on how common a value is, only how much they weigh does.
"""

from collections.abc import Callable, Iterable
from math import log2

from santiao.domain.links.alignment import Agreement, Alignment, Match, are_opposed, stand_apart
from santiao.domain.links.policy import LinkingPolicy, Weights
from santiao.domain.links.profile import Profile, Side, short_token
from santiao.domain.links.tokens import Kind

Commonness = Callable[[Kind, int], int]
"""How many sources carry a token; counts past the cap may be cut short."""

Item = tuple[str, float, int]
"""One piece of evidence: its reason code, its bits, and the token it stands on (0 where it stands on none)."""

_NOBODY: frozenset[int] = frozenset()
_TOP_BITS = 24.0
_FURTHER_PARTY = 0.25
_REGION_DIGITS = 6
_THIN = frozenset({"surname", "birth"})


class Evidence:
    """All pieces for and against, and their sum."""

    __slots__ = ("_items", "bits")

    def __init__(self, items: list[Item]) -> None:
        self._items = items
        self.bits = max(-_TOP_BITS, min(_TOP_BITS, sum([item[1] for item in items])))

    @property
    def items(self) -> list[Item]:
        """The pieces in a fixed order."""
        return sorted(self._items)

    @property
    def reasons(self) -> frozenset[str]:
        """The codes of all pieces."""
        return frozenset([item[0] for item in self._items])


def weigh(a: Profile, b: Profile, alignment: Alignment, count: Commonness, policy: LinkingPolicy) -> Evidence:
    """Weigh all that two sources tell, whichever of the two is named first."""
    weights = policy.weights
    items: list[Item] = [("prior", weights.prior, 0)]
    told = _told_names(a, b) | _told_names(b, a) if a.names_told or b.names_told else _NOBODY
    room_left = weights.one_person
    if alignment.matches or alignment.shared_phones or told:
        room_left -= _weigh_people(alignment, told, count, weights, items)
    if not told:
        _weigh_differences(a, b, alignment.matches, weights, items)
    if (place := _weigh_place(a, b, weights)) is not None:
        reason, bits, token = place
        items.append((reason, min(bits, room_left), token))
    _weigh_matter(a, b, policy, items)
    if a.reported and b.reported:
        items.append(_weigh_time(abs(a.reported - b.reported), policy))
    if a.quotes and b.quotes and (both := {*a.quotes} & {*b.quotes}):
        items.append(("same_number_quoted", weights.quoted_both, min(both)))
    return Evidence(items)


def rarity_of(kind: Kind, token: int, count: Commonness, weights: Weights) -> float:
    """Bits to take off because others carry the value too."""
    carriers = count(kind, token)
    return 0.0 if carriers <= weights.rare_up_to else weights.rarity * log2(carriers / weights.rare_up_to)


def _weigh_people(
    alignment: Alignment, told: frozenset[int], count: Commonness, weights: Weights, items: list[Item]
) -> float:
    """Weigh who is the same in both; returns the bits of the one who agrees best.

    However surely one person is the same, two disputes of hers are: what speaks for one person is bounded (`one_person`), her home
    included, and only the other side adds to it.
    """
    weighed = [(_weigh_match(match, count, weights), match) for match in alignment.matches]
    if len(weighed) > 1:
        weighed.sort(key=_heaviest_first)
    best = 0.0
    counted: list[Match] = []
    for (reason, bits, token), match in weighed:
        if not all(stand_apart(match, other) for other in counted):
            continue
        opposed = any(are_opposed(match, other) for other in counted)
        share = min(bits, weights.one_person) * (1.0 if opposed or not counted else _FURTHER_PARTY)
        items.append((reason, share, token))
        best = best or share
        if opposed and reason not in _THIN:
            items.append(("both_sides", weights.both_sides, 0))
        counted.append(match)
    taken = {short_token(name) for match in counted for name in (match.left.name, match.right.name)}
    if fresh := told - taken:
        items.append(("name_in_text", weights.name_told, min(fresh)))
        if counted:
            items.append(("both_sides", weights.both_sides, 0))
    if alignment.shared_phones and not counted:
        items.append(("phone_of_another", weights.relative, alignment.shared_phones[0]))
    return best


def _heaviest_first(weighed: tuple[Item, Match]) -> tuple[float, Item, list[int]]:
    item, match = weighed
    return -item[1], item, sorted((match.left.slot, match.right.slot))


def _told_names(teller: Profile, named: Profile) -> frozenset[int]:
    if not teller.names_told:
        return _NOBODY
    names = frozenset([short_token(party.name) for party in named.parties if party.name and not party.is_org])
    return names.intersection(teller.names_told)


def _weigh_match(match: Match, count: Commonness, weights: Weights) -> Item:
    """The best that speaks for two mentions being one; a telephone adds to a name."""
    left, right, agreement = match.left, match.right, match.agreement
    best: Item = (
        ("surname", weights.surname, left.surname) if agreement & Agreement.SURNAME else ("birth", 0.0, left.born)
    )
    phone = 0.0
    if agreement & (Agreement.PHONE | Agreement.MASKED_PHONE):
        token = min({*left.masks} & {*right.masks}, default=0)
        is_whole = bool(agreement & Agreement.PHONE)
        bits = (weights.phone if is_whole else weights.masked_phone) - rarity_of(Kind.PHONE, token, count, weights)
        phone = max(0.0, bits)
        best = ("phone" if is_whole else "masked_phone", phone, token)
    if agreement & Agreement.STEM and weights.stem + phone >= best[1]:
        best = ("damaged_identity", weights.stem + phone, left.stem)
    if agreement & Agreement.NAME:
        is_org = left.is_org
        bits = weights.org if is_org else weights.name - rarity_of(Kind.NAME, left.name, count, weights)
        if agreement & Agreement.BIRTH:
            bits += weights.name_and_birth
        if max(0.0, bits) + phone >= best[1]:
            best = ("organisation" if is_org else "name", max(0.0, bits) + phone, left.name)
    if agreement & Agreement.IDENTITY:
        is_org, token = left.is_org, min({*left.ids} & {*right.ids})
        bits = weights.org_identity if is_org else weights.identity
        bits -= rarity_of(Kind.ORG_ID if is_org else Kind.RIN, token, count, weights)
        if bits >= best[1]:
            best = ("organisation_identity" if is_org else "identity", bits, token)
    return best


def _weigh_differences(a: Profile, b: Profile, matches: Iterable[Match], weights: Weights, items: list[Item]) -> None:
    """Both sources name a side, and name different people."""
    met = {side for match in matches for side in (match.left.side, match.right.side)}
    left = {(party.side, party.is_org) for party in a.parties if party.name and party.side not in met}
    if not left:
        return
    apart = {(party.side, party.is_org) for party in b.parties if party.name}.intersection(left)
    for side, reason, bits in (
        (Side.APPLICANT, "applicant_differs", weights.person_differs),
        (Side.RESPONDENT, "counterpart_differs", weights.counterpart_differs),
    ):
        if (side, True) in apart or (side, False) in apart:
            items.append((reason, bits, 0))


def _weigh_place(a: Profile, b: Profile, weights: Weights) -> Item | None:
    if a.buildings and b.buildings and (both := {*a.buildings} & {*b.buildings}):
        rooms = {*a.rooms} & {*b.rooms}
        return ("room", weights.room, min(rooms)) if rooms else ("building", weights.building, min(both))
    if a.estates and b.estates and (both := {*a.estates} & {*b.estates}):
        return ("estate", weights.estate, min(both))
    if a.roads and b.roads and (both := {*a.roads} & {*b.roads}):
        return ("road", weights.road, min(both))
    return None


def _weigh_matter(a: Profile, b: Profile, policy: LinkingPolicy, items: list[Item]) -> None:
    weights = policy.weights
    if a.amounts and b.amounts:
        items.append(_weigh_amounts(a, b, weights))
    if a.days and b.days and (both := {*a.days} & {*b.days}):
        items.append(("day", weights.day, min(both)))
    if a.topics and b.topics:
        items.append(
            ("topic", weights.topic, 0) if a.topics & b.topics else ("topic_differs", weights.topic_differs, 0)
        )
    if not types_agree(a, b, policy):
        items.append(("type_apart", weights.type_apart, 0))
    elif a.type == b.type and a.type not in policy.any_type:
        items.append(("type", weights.type_same, 0))
    if a.region != b.region and _is_district(a.region) and _is_district(b.region):
        items.append(("region_differs", weights.region_differs, 0))


def _weigh_amounts(a: Profile, b: Profile, weights: Weights) -> Item:
    best: Item = ("amount_differs", weights.amount_differs, 0)
    for left in a.amounts:
        for right in b.amounts:
            apart = abs(left.fen - right.fen)
            if not apart:
                return "amount", weights.amount, left.fen
            if apart <= left.off + right.off:
                best = ("amount_near", weights.amount_near, min(left.fen, right.fen))
    return best


def _weigh_time(apart: int, policy: LinkingPolicy) -> Item:
    weights = policy.weights
    if apart <= policy.near_days:
        return "near", weights.near, 0
    if apart > 2 * policy.far_days:
        return "very_far", weights.very_far, 0
    return ("far", weights.far, 0) if apart > policy.far_days else ("within", 0.0, 0)


def _is_district(region: str) -> bool:
    return len(region) == _REGION_DIGITS and not region.endswith("00")


def types_agree(a: Profile, b: Profile, policy: LinkingPolicy) -> bool:
    """True when the kinds of dispute can be one; a defaulted or vague one can be any."""
    if (
        a.type == b.type
        or not (a.type_is_sure and b.type_is_sure)
        or a.type in policy.any_type
        or b.type in policy.any_type
    ):
        return True
    return any(a.type in group and b.type in group for group in policy.compatible_types)

"""How much speaks for two sources being one dispute, in bits (Fellegi and Sunter), and by which reasons.

The rules kept here: agreement on a rare value weighs more than on a common one; of one kind of evidence only the best counts; what was
told on one side only says nothing.
"""

from collections.abc import Callable, Iterable
from math import log2

import msgspec

from santiao.domain.links.alignment import Agreement, Alignment, Match, are_opposed, stand_apart
from santiao.domain.links.policy import LinkingPolicy, Weights
from santiao.domain.links.profile import Profile, Side, short_token
from santiao.domain.links.tokens import Kind

Commonness = Callable[[Kind, int], int]
"""How many sources carry a token; counts past the cap may be cut short."""

_TOP_BITS = 24.0
_FURTHER_PARTY = 0.25
_REGION_DIGITS = 6


class Item(msgspec.Struct, frozen=True, order=True):
    """One piece of evidence: its reason code, its bits, and the token it stands on (0 where it stands on none)."""

    reason: str
    bits: float
    token: int = 0


class Evidence(msgspec.Struct, frozen=True):
    """All pieces for and against, and what of it the rules ask for."""

    items: tuple[Item, ...]
    told: tuple[Match | None, ...] = ()

    @property
    def bits(self) -> float:
        """Sum of all pieces, bounded."""
        return max(-_TOP_BITS, min(_TOP_BITS, sum(item.bits for item in self.items)))

    def has(self, *reasons: str) -> bool:
        """True when one of `reasons` is among the pieces."""
        return any(item.reason in reasons for item in self.items)


def weigh(a: Profile, b: Profile, alignment: Alignment, count: Commonness, policy: LinkingPolicy) -> Evidence:
    """Weigh all that two sources tell, whichever of the two is named first."""
    weights = policy.weights
    items = [Item("prior", weights.prior)]
    items += _weigh_people(a, b, alignment, count, policy)
    items += _weigh_places(a, b, weights)
    items += _weigh_matter(a, b, policy)
    items += _weigh_time(a, b, policy)
    if not {*a.quotes}.isdisjoint(b.quotes):
        items.append(Item("same_number_quoted", weights.quoted_both, min({*a.quotes} & {*b.quotes})))
    return Evidence(tuple(sorted(items)))


def rarity_of(kind: Kind, token: int, count: Commonness, weights: Weights) -> float:
    """Bits to take off because others carry the value too."""
    carriers = count(kind, token)
    return 0.0 if carriers <= weights.rare_up_to else weights.rarity * log2(carriers / weights.rare_up_to)


def _weigh_people(
    a: Profile, b: Profile, alignment: Alignment, count: Commonness, policy: LinkingPolicy
) -> Iterable[Item]:
    weights = policy.weights
    weighed = sorted(((_weigh_match(match, count, weights), match) for match in alignment.matches), key=_heaviest_first)
    counted: list[Match] = []
    for item, match in weighed:
        if all(stand_apart(match, other) for other in counted):
            opposed = any(are_opposed(match, other) for other in counted)
            share = 1.0 if not counted or opposed else _FURTHER_PARTY
            yield Item(item.reason, item.bits * share, item.token)
            if opposed and item.bits > weights.surname:
                yield Item("both_sides", weights.both_sides)
            counted.append(match)
    told = _told_names(a, b) | _told_names(b, a)
    taken = {short_token(match.left.name) for match in counted} | {short_token(match.right.name) for match in counted}
    fresh = told - taken
    if fresh:
        yield Item("name_in_text", weights.name_told, min(fresh))
        if counted:
            yield Item("both_sides", weights.both_sides)
    if alignment.shared_phones and not counted:
        yield Item("phone_of_another", weights.relative, alignment.shared_phones[0])
    yield from _weigh_differences(a, b, alignment.matches, weights, is_told=bool(told))


def _heaviest_first(weighed: tuple[Item, Match]) -> tuple[float, Item, list[int]]:
    item, match = weighed
    return -item.bits, item, sorted((match.left.slot, match.right.slot))


def _told_names(teller: Profile, named: Profile) -> set[int]:
    if not teller.names_told:
        return set()
    return {short_token(party.name) for party in named.parties if party.name and not party.is_org}.intersection(
        teller.names_told
    )


def _weigh_match(match: Match, count: Commonness, weights: Weights) -> Item:
    """The best that speaks for two mentions being one; a telephone adds to a name."""
    agreement, is_org = match.agreement, match.left.is_org
    found = [Item("surname", weights.surname, match.left.surname)] if agreement & Agreement.SURNAME else []
    phone = 0.0
    if agreement & (Agreement.PHONE | Agreement.MASKED_PHONE):
        token = min({*match.left.masks} & {*match.right.masks}, default=0)
        is_whole = bool(agreement & Agreement.PHONE)
        phone = max(
            0.0, (weights.phone if is_whole else weights.masked_phone) - rarity_of(Kind.PHONE, token, count, weights)
        )
        found.append(Item("phone" if is_whole else "masked_phone", phone, token))
    if agreement & Agreement.STEM:
        found.append(Item("damaged_identity", weights.stem + phone, match.left.stem))
    if agreement & Agreement.NAME:
        kind = Kind.ORG if is_org else Kind.NAME
        bits = (weights.org if is_org else weights.name) - rarity_of(kind, match.left.name, count, weights)
        if agreement & Agreement.BIRTH:
            bits += weights.name_and_birth
        found.append(Item("organisation" if is_org else "name", max(0.0, bits) + phone, match.left.name))
    if agreement & Agreement.IDENTITY:
        token = min({*match.left.ids} & {*match.right.ids})
        kind = Kind.ORG_ID if is_org else Kind.RIN
        bits = (weights.org_identity if is_org else weights.identity) - rarity_of(kind, token, count, weights)
        found.append(Item("organisation_identity" if is_org else "identity", max(0.0, bits), token))
    return max(found, key=_bits, default=Item("birth", 0.0, match.left.born))


def _bits(item: Item) -> float:
    return item.bits


def _weigh_differences(
    a: Profile, b: Profile, matches: Iterable[Match], weights: Weights, *, is_told: bool
) -> Iterable[Item]:
    """Both sources name a side, and name different people."""
    for side, reason, bits in (
        (Side.APPLICANT, "applicant_differs", weights.person_differs),
        (Side.RESPONDENT, "counterpart_differs", weights.counterpart_differs),
    ):
        left = [party for party in a.parties if party.side == side and party.name]
        right = [party for party in b.parties if party.side == side and party.name]
        met = any(side in {match.left.side, match.right.side} for match in matches)
        if (
            left
            and right
            and not met
            and not is_told
            and {each.is_org for each in left} & {each.is_org for each in right}
        ):
            yield Item(reason, bits)


def _weigh_places(a: Profile, b: Profile, weights: Weights) -> Iterable[Item]:
    for reason, left, right, bits in (
        ("room", a.rooms, b.rooms, weights.room),
        ("building", a.buildings, b.buildings, weights.building),
        ("estate", a.estates, b.estates, weights.estate),
        ("road", a.roads, b.roads, weights.road),
    ):
        if left and right and (both := {*left} & {*right}):
            yield Item(reason, bits, min(both))
            return


def _weigh_matter(a: Profile, b: Profile, policy: LinkingPolicy) -> Iterable[Item]:
    weights = policy.weights
    if a.amounts and b.amounts:
        yield _weigh_amounts(a, b, weights)
    if not {*a.days}.isdisjoint(b.days):
        yield Item("day", weights.day, min({*a.days} & {*b.days}))
    if a.topics and b.topics:
        yield Item("topic", weights.topic) if a.topics & b.topics else Item("topic_differs", weights.topic_differs)
    if not types_agree(a, b, policy):
        yield Item("type_apart", weights.type_apart)
    elif a.type == b.type and a.type not in policy.any_type:
        yield Item("type", weights.type_same)
    if _is_district(a.region) and _is_district(b.region) and a.region != b.region:
        yield Item("region_differs", weights.region_differs)


def _weigh_amounts(a: Profile, b: Profile, weights: Weights) -> Item:
    best = Item("amount_differs", weights.amount_differs)
    for left in a.amounts:
        for right in b.amounts:
            if left.fen == right.fen:
                return Item("amount", weights.amount, left.fen)
            if abs(left.fen - right.fen) <= left.off + right.off:
                best = Item("amount_near", weights.amount_near, min(left.fen, right.fen))
    return best


def _weigh_time(a: Profile, b: Profile, policy: LinkingPolicy) -> Iterable[Item]:
    if not (a.reported and b.reported):
        return
    apart = abs(a.reported - b.reported)
    if apart <= policy.near_days:
        yield Item("near", policy.weights.near)
    elif apart > 2 * policy.far_days:
        yield Item("very_far", policy.weights.very_far)
    elif apart > policy.far_days:
        yield Item("far", policy.weights.far)


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

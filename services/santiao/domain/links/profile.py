"""The profile of a source: all that linking may know of it, personal values blinded.

A source's profile is the union over its standing parts, whatever their order: `combine` is associative, commutative and idempotent. The
rule kept here: a profile is bounded (`MAX_*`), so that no delivery can make comparing slow.
"""

from itertools import combinations
from typing import TypeVar

import msgspec

from santiao.domain.links.tokens import IndexToken, Kind, borne, mixed, quoted
from santiao.domain.vocabulary import UNCLASSIFIED

MAX_PARTIES = 24
MAX_TOKENS = 12
"""Places, amounts, days, quoted numbers: at most so many of each."""
MAX_NAMES_TOLD = 48
MAX_ORGS = 6


class Side:
    """On which side of a dispute a party stands, as the record tells it."""

    UNKNOWN = 0
    APPLICANT = 1
    RESPONDENT = 2
    REPORTER = 3
    """Whoever called: perhaps a party, perhaps a relative or a passer-by."""
    HELPER = 4
    """An agent or guardian: in many disputes, a party to none."""


class Sex:
    """Sex as far as the source tells it."""

    UNKNOWN = 0
    MALE = 1
    FEMALE = 2


class PartyProfile(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, order=True, gc=False):
    """One party mention. Tokens are 0 where nothing was told.

    `ids` are valid identity numbers; `stem` is what still stands of a damaged one; `name` a full name, an organisation's key where
    `is_org`; `phones` whole numbers, `masks` what a masked number would show.
    """

    slot: int
    side: int = Side.UNKNOWN
    is_org: bool = False
    name: int = 0
    surname: int = 0
    sex: int = Sex.UNKNOWN
    born: int = 0
    stem: int = 0
    ids: tuple[int, ...] = ()
    phones: tuple[int, ...] = ()
    masks: tuple[int, ...] = ()


class Amount(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """A sum in fen with how far it may be off (21.1万 is rounded to a thousand yuan)."""

    fen: int
    off: int = 0


class Profile(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, gc=False):
    """What comparing knows of one source.

    Days are ordinals (`date.toordinal`), 0 where nothing was told. `reported` is when the dispute came to the agency, `settled` when by
    the source's own dates it ended in agreement. `own`, `quotes`, `merged`, `parted` are number tokens: borne, quoted, merged into by
    the agency, parted again. `names_told` are short tokens of what may be names in the text. `topics` is a bit set over the
    policy's word lists, `shielded` says that linking by anything but an explicit reference could harm (domestic violence).
    """

    agency: str = ""
    type: str = UNCLASSIFIED
    type_is_sure: bool = False
    region: str = ""
    reported: int = 0
    settled: int = 0
    own: tuple[int, ...] = ()
    quotes: tuple[int, ...] = ()
    merged: tuple[int, ...] = ()
    parted: tuple[int, ...] = ()
    parties: tuple[PartyProfile, ...] = ()
    rooms: tuple[int, ...] = ()
    buildings: tuple[int, ...] = ()
    estates: tuple[int, ...] = ()
    roads: tuple[int, ...] = ()
    amounts: tuple[Amount, ...] = ()
    days: tuple[int, ...] = ()
    topics: int = 0
    names_told: tuple[int, ...] = ()
    shielded: bool = False
    canonicaliser: int = 0


EMPTY = Profile()


Told = TypeVar("Told", int, Amount, PartyProfile)


def _union(left: tuple[Told, ...], right: tuple[Told, ...], bound: int = MAX_TOKENS) -> tuple[Told, ...]:
    """Sorted union, bounded. The smallest of a union are the smallest of the smallest, so the order of parts has no effect."""
    if not right or left == right:
        return left
    return tuple(sorted(set(left) | set(right)))[:bound] if left else right


def combine(*parts: Profile) -> Profile:
    """Union of the profiles of one source's standing parts, the same whatever their order."""
    whole = EMPTY
    for part in parts:
        whole = _join(whole, part)
    return whole


def _join(left: Profile, right: Profile) -> Profile:
    # The better told type wins: a sure one, then a classified one, then by code, so that order does not matter.
    main = min(left, right, key=lambda each: (not each.type_is_sure, each.type == UNCLASSIFIED, each.type))
    return Profile(
        agency=max(left.agency, right.agency),
        type=main.type,
        type_is_sure=main.type_is_sure,
        region=max(left.region, right.region),
        reported=min(left.reported or right.reported, right.reported or left.reported),
        settled=max(left.settled, right.settled),
        own=_union(left.own, right.own),
        quotes=_union(left.quotes, right.quotes),
        merged=_union(left.merged, right.merged),
        parted=_union(left.parted, right.parted),
        parties=_union(left.parties, right.parties, MAX_PARTIES),
        rooms=_union(left.rooms, right.rooms),
        buildings=_union(left.buildings, right.buildings),
        estates=_union(left.estates, right.estates),
        roads=_union(left.roads, right.roads),
        amounts=_union(left.amounts, right.amounts),
        days=_union(left.days, right.days),
        topics=left.topics | right.topics,
        names_told=_union(left.names_told, right.names_told, MAX_NAMES_TOLD),
        shielded=left.shielded or right.shielded,
        canonicaliser=max(left.canonicaliser, right.canonicaliser),
    )


def index_tokens(profile: Profile) -> tuple[IndexToken, ...]:
    """The tokens by which other sources find this one. Quoted numbers are among them, so that a source which comes later is found."""
    found = [IndexToken(Kind.OWN, number) for number in profile.own]
    if profile.quotes or profile.merged or profile.parted:
        numbers = sorted({*profile.quotes, *profile.merged, *profile.parted})
        found += [IndexToken(Kind.QUOTED, quoted(number)) for number in numbers]
    for party in profile.parties:
        slot, is_org = party.slot, party.is_org
        if party.ids:
            kind = Kind.ORG_ID if is_org else Kind.RIN
            found += [IndexToken(kind, token, slot) for token in party.ids]
        if party.name and not is_org:
            found.append(IndexToken(Kind.NAME, party.name, slot))
        elif party.name:
            found += [IndexToken(Kind.ORG_SUM, mixed(party.name, each.fen), slot) for each in profile.amounts]
        if party.masks:
            found += [IndexToken(Kind.PHONE, token, slot) for token in party.masks]
    if profile.buildings:
        found += [IndexToken(Kind.BUILDING, token) for token in profile.buildings]
    orgs = sorted({token for party in profile.parties if party.is_org for token in party.ids})
    found += [IndexToken(Kind.ORG_PAIR, mixed(one, other)) for one, other in combinations(orgs[:MAX_ORGS], 2)]
    return tuple(found)


def probe_tokens(profile: Profile) -> tuple[IndexToken, ...]:
    """The tokens to look up for candidates: a number borne is looked for where it is quoted, one quoted where it is borne or quoted.

    An organisation's number is counted and not looked up: whoever is linked by it agrees in a person's name or telephone as well, or in
    another organisation's number.
    """
    return _probes(index_tokens(profile))


def _probes(tokens: tuple[IndexToken, ...]) -> tuple[IndexToken, ...]:
    probes: list[IndexToken] = []
    for each in tokens:
        if each.kind == Kind.OWN:
            probes.append(IndexToken(Kind.QUOTED, quoted(each.token)))
            continue
        if each.kind != Kind.ORG_ID:
            probes.append(each)
        if each.kind == Kind.QUOTED:
            probes.append(IndexToken(Kind.OWN, borne(each.token)))
    return tuple(probes)


class TokenBook:
    """Tokens of profiles, each profile's made once: a step asks for them when it looks for candidates, counts and writes."""

    def __init__(self) -> None:
        self._index: dict[int, tuple[Profile, tuple[IndexToken, ...]]] = {}
        self._probe: dict[int, tuple[Profile, tuple[IndexToken, ...]]] = {}

    def index_of(self, profile: Profile) -> tuple[IndexToken, ...]:
        """As `index_tokens`."""
        # By identity: comparing two profiles costs more than making their tokens. Kept with it, so that no other takes its id.
        known = self._index.get(id(profile))
        if known is None:
            known = self._index[id(profile)] = (profile, index_tokens(profile))
        return known[1]

    def probes_of(self, profile: Profile) -> tuple[IndexToken, ...]:
        """As `probe_tokens`."""
        known = self._probe.get(id(profile))
        if known is None:
            known = self._probe[id(profile)] = (profile, _probes(self.index_of(profile)))
        return known[1]


def forget(profile: Profile, slot: int) -> Profile:
    """The profile without one party mention, for an erasure: the party's tokens and its name in the text are gone."""
    gone = [party for party in profile.parties if party.slot == slot]
    told = {short_token(party.name) for party in gone if party.name}
    return msgspec.structs.replace(
        profile,
        parties=tuple(party for party in profile.parties if party.slot != slot),
        names_told=tuple(name for name in profile.names_told if name not in told),
    )


def short_token(token: int) -> int:
    """Four bytes of a token: enough within a pair, half the room."""
    return token & 0xFFFFFFFF

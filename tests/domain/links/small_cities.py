"""Small cities for linking tests: the policy, records and profiles by hand, and random cities where everything meets everything."""

import hmac
from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import combinations
from pathlib import Path
from typing import TypedDict, Unpack

from hypothesis import strategies as st

from santiao.domain.links.comparison import compare
from santiao.domain.links.engine import Linker
from santiao.domain.links.features import ProfileReader
from santiao.domain.links.partition import Edge, Moment, Pair, pair_of, resolve
from santiao.domain.links.policy import LinkingPolicy
from santiao.domain.links.profile import Amount, PartyProfile, Profile, index_tokens
from santiao.domain.links.tokens import CANONICALISER, Kind
from santiao.domain.links.verdict import Decision
from santiao.domain.links.working import EmptyView
from santiao.domain.records import (
    AgencyRecord,
    CodeField,
    DisputeFact,
    Identity,
    Party,
    Phone,
    Place,
    Reference,
    TextField,
)
from santiao.domain.vocabulary import (
    IdentityKind,
    LinkState,
    MappingStatus,
    NameClass,
    PartyKind,
    PartyRole,
    PhoneKind,
    RelationKind,
)
from santiao.store.linking_files import load_linking_policy
from tests.architecture.sources import ROOT

CITY: Path = ROOT / "deploy" / "city"
POLICY: LinkingPolicy = load_linking_policy(CITY)
ZHANG, LI, WANG = "340398198503151238", "340398197608204565", "340398199201010020"
FIRM, OTHER_FIRM = "91340398MA0TE0T00W", "91340398MA0TE0T010"


def blind(purpose: str, canonical: str) -> bytes:
    """A keyed digest as the hub's."""
    return hmac.digest(b"test-key-linkage-2026", f"{purpose}|{canonical}".encode(), "sm3")[:8]


READER = ProfileReader(POLICY, blind)


def person(
    role: PartyRole, name: str, *, slot: int = 0, number: str = "", phone: str = "", place: Place | None = None
) -> Party:
    """A natural person as a connector tells one."""
    return Party(
        slot=slot,
        role=role,
        kind=PartyKind.NATURAL,
        name=TextField(raw=name, value=name),
        name_class=NameClass.FULL if len(name) > 1 else NameClass.SURNAME_ONLY,
        ids=(Identity(IdentityKind.RESIDENT, number, number),) if number else (),
        phones=(Phone(phone, phone, None, PhoneKind.MOBILE, "*" in phone),) if phone else (),
        place=place,
    )


def firm(name: str, *, slot: int = 1, code: str = "", role: PartyRole = PartyRole.RESPONDENT) -> Party:
    """An organisation as a connector tells one."""
    return Party(
        slot=slot,
        role=role,
        kind=PartyKind.ORG,
        name=TextField(raw=name, value=name),
        name_class=NameClass.ORG,
        org_key=name,
        ids=(Identity(IdentityKind.USCC, code, code),) if code else (),
    )


def quoting(number: str) -> Reference:
    """A number of another source that stands in a text."""
    return Reference("number", number, RelationKind.SAME_DISPUTE, "narrative")


class Told(TypedDict, total=False):
    """What `record` takes beside the parties."""

    kind: str
    day: date
    text: str
    settled: date | None
    references: tuple[Reference, ...]
    key_base: str
    place: Place | None
    mapping: MappingStatus


def record(connector: str, key: str, *parties: Party, **told: Unpack[Told]) -> AgencyRecord:
    """A dispute as a connector tells one."""
    settled, text = told.get("settled"), told.get("text", "")
    return AgencyRecord(
        connector=connector,
        feed="main",
        key=key,
        key_base=told.get("key_base", ""),
        shard=3403,
        received_at=datetime(2026, 4, 1, tzinfo=UTC),
        reported_on=told.get("day", date(2026, 1, 10)),
        content_hash=b"",
        references=told.get("references", ()),
        body=DisputeFact(
            type=CodeField(
                "list", hub_code=told.get("kind", "D08"), mapping_status=told.get("mapping", MappingStatus.EXACT)
            ),
            region=CodeField("GB/T 2260", hub_code="340302"),
            stage=CodeField("stage"),
            outcome=CodeField("outcome", hub_code="O10") if settled else None,
            settled_on=settled,
            narrative=TextField(value=text) if text else None,
            place=told.get("place"),
            parties=parties,
        ),
    )


def profile_of(connector: str, key: str, *parties: Party, **options: Unpack[Told]) -> Profile:
    """Profile of `record(...)`."""
    return READER.derive_profile(record(connector, key, *parties, **options))


def accepted(linker: Linker, sources: Iterable[str]) -> frozenset[Pair]:
    """The pairs that are linked."""
    return pairs_in(linker, sources, LinkState.ACCEPTED)


def pairs_in(linker: Linker, sources: Iterable[str], state: LinkState) -> frozenset[Pair]:
    """The pairs in a state."""
    return frozenset(
        pair_of(one, other)
        for one in sources
        for other, link in linker.working.links_of(one).items()
        if link.state is state
    )


def linked_at_once(city: dict[str, Profile], policy: LinkingPolicy) -> frozenset[Pair]:
    """What must stand in the end: every pair compared, counts as they are in the end, one resolution of the whole city."""
    counts: dict[int, int] = {}
    for profile in city.values():
        for token in {each.token for each in index_tokens(profile)}:
            counts[token] = counts.get(token, 0) + 1

    def count(_kind: Kind, token: int) -> int:
        return counts.get(token, 0)

    edges, barriers = [], set()
    for one, other in combinations(sorted(city), 2):
        verdict = compare(city[one], city[other], count, policy)
        if verdict.decision is Decision.AUTO:
            edges.append(Edge((one, other), verdict.strength))
        if verdict.is_barrier:
            barriers.add((one, other))
    moments = {
        name: Moment(each.reported, each.settled + policy.gap_after(each.type) if each.settled else 0)
        for name, each in city.items()
    }
    return resolve(edges, barriers, moments, policy.component_limit).accepted


def link_all(city: dict[str, Profile], policy: LinkingPolicy) -> Linker:
    """A linker that was told the sources in the city's order."""
    linker = Linker(EmptyView(), policy)
    for name, profile in city.items():
        linker.upsert(name, profile)
    return linker


# Three people, three firms, few of everything else: agreement, contradiction and commonness all come up in a handful of sources.
_SIDES = st.sampled_from([(1, 2), (1, 2), (1, 2), (1, 2), (1, 2), (2, 1), (3, 2), (1, 0), (4, 2)])


@st.composite
def _mention(draw: st.DrawFn, slot: int, side: int, who: int) -> PartyProfile:
    """What one source tells of one of the three people (0 to 2) or three firms (3 to 5)."""
    is_org = who >= 3
    phones = (5000 + who,) if draw(st.booleans()) else ()
    return PartyProfile(
        slot=slot,
        side=side,
        is_org=is_org,
        name=1000 + who if draw(st.integers(0, 3)) else 0,
        surname=0 if is_org else 2000 + who // 2,
        born=0 if is_org or draw(st.integers(0, 2)) else 3000 + who,
        ids=(4000 + who,) if draw(st.integers(0, 5)) else (),
        phones=phones,
        masks=tuple(phone + 1000 for phone in phones),
    )


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """A profile out of that world; numbers are even, as tokens of agencies' numbers are."""
    sides = draw(_SIDES)
    who = (draw(st.sampled_from([0, 0, 0, 1, 5])), draw(st.sampled_from([2, 2, 3, 4])))
    numbers = st.lists(st.integers(0, 5).map(lambda each: 70_000 + 2 * each), max_size=2, unique=True)
    reported = draw(st.sampled_from([0, 739_000, 739_020, 739_020, 739_200]))
    rarely = st.sampled_from([False, False, False, True])
    return Profile(
        agency="court",
        type=draw(st.sampled_from(["D08", "D08", "D08", "D07", "D03"])),
        type_is_sure=draw(st.booleans()),
        reported=reported,
        settled=reported + 5 if reported and draw(rarely) else 0,
        own=(70_000 + 2 * draw(st.integers(0, 5)),),
        quotes=tuple(sorted(draw(numbers))) if draw(rarely) else (),
        parted=tuple(sorted(draw(numbers))) if draw(rarely) else (),
        parties=tuple(draw(_mention(slot, side, who[slot])) for slot, side in enumerate(sides)),
        buildings=(80_000 + draw(st.integers(0, 1)),) if draw(st.booleans()) else (),
        amounts=draw(st.sampled_from([(), (Amount(1_000_000),), (Amount(1_020_000, 30_000),)])),
        topics=draw(st.sampled_from([0, 1, 1, 1, 2])),
        canonicaliser=CANONICALISER,
    )


def cities(most: int = 7) -> st.SearchStrategy[dict[str, Profile]]:
    """Some sources with their profiles."""
    names = [f"agency:{number}" for number in range(most)]
    return st.lists(profiles(), min_size=3, max_size=most).map(lambda found: dict(zip(names, found, strict=False)))

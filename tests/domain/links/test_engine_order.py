"""Guarantee 2a: any arrival, repetition, delay or correction of the same sources ends in the same automatic links."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from santiao.domain.links.engine import Linker
from santiao.domain.links.pairs import PairState
from santiao.domain.links.partition import TOO_LARGE, Pair, pair_of
from santiao.domain.links.policy import Caps, LinkingPolicy
from santiao.domain.links.profile import Profile, index_tokens
from santiao.domain.links.tokens import Kind
from santiao.domain.vocabulary import LinkState
from tests.domain.links.small_cities import POLICY, accepted, cities, link_all, linked_at_once, pairs_in, profiles

# Caps so low that values become common and rare again within a handful of sources.
TIGHT = msgspec.structs.replace(
    POLICY, caps=Caps(own=1, quoted=200, rin=3, org_id=2, name=2, org_sum=2, phone=2, building=3), component_limit=4
)
POLICIES = st.sampled_from([POLICY, TIGHT])


@given(cities(), POLICIES)
def test_one_by_one_ends_as_all_at_once(city: dict[str, Profile], policy: LinkingPolicy) -> None:
    linker = link_all(city, policy)
    assert accepted(linker, city) == linked_at_once(city, policy)


@given(st.data(), cities(), POLICIES)
def test_any_order_with_corrections_and_repeats_ends_the_same(
    data: st.DataObject, city: dict[str, Profile], policy: LinkingPolicy
) -> None:
    """Goal: no history shows in the end. Method: earlier versions and repeats mixed in, sources removed and brought again."""
    steps = list(city.items())
    steps += [(name, data.draw(profiles())) for name in data.draw(st.lists(st.sampled_from(sorted(city)), max_size=4))]
    shuffled = data.draw(st.permutations(steps))
    linker = Linker(link_all({}, policy).working, policy)
    for name, profile in shuffled:
        linker.upsert(name, profile)
        if data.draw(st.integers(0, 9)) == 0:
            linker.remove(name)
    for name in data.draw(st.permutations(sorted(city))):
        linker.upsert(name, city[name])
    assert accepted(linker, city) == linked_at_once(city, policy)


@given(st.data(), cities(), POLICIES)
def test_changes_told_add_up_to_what_stands(
    data: st.DataObject, city: dict[str, Profile], policy: LinkingPolicy
) -> None:
    linker = Linker(link_all({}, policy).working, policy)
    standing: set[Pair] = set()
    shown: set[Pair] = set()
    for name in [*city, *data.draw(st.lists(st.sampled_from(sorted(city)), max_size=4))]:
        profile = city[name] if name not in linker.working.changed_profiles else data.draw(profiles())
        is_gone = name in linker.working.changed_profiles and data.draw(st.integers(0, 4)) == 0
        changes = linker.remove(name) if is_gone else linker.upsert(name, profile)
        for change in changes.dissolved:
            standing.remove(change.pair)
        for change in changes.withdrawn:
            shown.remove(change.pair)
        for change in changes.accepted:
            assert change.pair not in standing
            standing.add(change.pair)
            shown.discard(change.pair)
        for change in changes.proposed:
            assert change.pair not in shown
            shown.add(change.pair)
        assert standing == accepted(linker, city)
        assert shown == pairs_in(linker, city, LinkState.PROPOSED)


@given(st.data(), cities())
def test_every_pair_that_size_begins_or_ceases_to_hold_apart_is_told(
    data: st.DataObject, city: dict[str, Profile]
) -> None:
    linker = Linker(link_all({}, TIGHT).working, TIGHT)
    held: set[Pair] = set()
    for name in [*city, *data.draw(st.lists(st.sampled_from(sorted(city)), max_size=4))]:
        is_known = name in linker.working.changed_profiles
        is_gone = is_known and data.draw(st.integers(0, 4)) == 0
        profile = data.draw(profiles()) if is_known else city[name]
        changes = linker.remove(name) if is_gone else linker.upsert(name, profile)
        before = held
        held = {
            pair_of(one, other)
            for one in city
            for other, state in linker.working.links_of(one).items()
            if state.held == TOO_LARGE
        }
        assert before ^ held <= set(changes.crowded)


class Stored:
    """A store that answers from what a working set changed, as the hub's tables will."""

    def __init__(self, linker: Linker, names: list[str]) -> None:
        working = linker.working
        self._profiles = {name: found for name in names if (found := working.profile(name)) is not None}
        self._links: dict[str, dict[str, PairState]] = {name: dict(working.links_of(name)) for name in names}
        self._carriers: dict[int, list[str]] = {}
        for name, profile in self._profiles.items():
            for token in {each.token for each in index_tokens(profile)}:
                self._carriers.setdefault(token, []).append(name)

    def profile(self, source: str) -> Profile | None:
        return self._profiles.get(source)

    def carriers(self, kind: Kind, token: int, limit: int) -> list[str]:
        assert kind
        return self._carriers.get(token, [])[:limit]

    def count(self, kind: Kind, token: int) -> int:
        return min(len(self._carriers.get(token, [])), 4 * TIGHT.caps.block(kind))

    def links_of(self, source: str) -> dict[str, PairState]:
        return self._links.get(source, {})


@given(st.data(), cities(), POLICIES)
def test_a_batch_over_a_store_ends_as_one_long_run(
    data: st.DataObject, city: dict[str, Profile], policy: LinkingPolicy
) -> None:
    """Goal: batch boundaries leave no trace. Method: a fresh working set over what was stored, at random points."""
    names = sorted(city)
    linker = link_all({}, policy)
    for name, profile in city.items():
        if data.draw(st.booleans()):
            linker = Linker(Stored(linker, names), policy)
        linker.upsert(name, data.draw(profiles()))
        linker.upsert(name, profile)
    assert accepted(linker, city) == linked_at_once(city, policy)

"""Which links stand: the outcome depends on the set of links alone, and nothing unconnected has a say."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from santiao.domain.links.partition import Edge, Moment, Pair, pair_of, resolve

_names = st.sampled_from([f"s{number}" for number in range(8)])
_pairs = st.tuples(_names, _names).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: pair_of(*pair))
_edges = st.dictionaries(_pairs, st.tuples(st.integers(0, 3), st.booleans()), max_size=14).map(
    lambda found: [Edge(pair, strength, by_person and strength == 0) for pair, (strength, by_person) in found.items()]
)
_moments = st.dictionaries(_names, st.builds(Moment, st.sampled_from([0, 5, 9]), st.sampled_from([0, 0, 7])))
_barriers = st.sets(_pairs, max_size=5)


def group_of(edges: list[Edge], seed: str) -> set[str]:
    group = {seed}
    while True:
        wider = group | {name for edge in edges if group & {*edge.pair} for name in edge.pair}
        if wider == group:
            return group
        group = wider


@given(st.data(), _edges, _barriers, _moments)
def test_the_order_of_links_does_not_matter(
    data: st.DataObject, edges: list[Edge], barriers: set[Pair], moments: Mapping[str, Moment]
) -> None:
    shuffled = data.draw(st.permutations(edges))
    assert resolve(edges, barriers, moments, 5) == resolve(shuffled, barriers, moments, 5)


@given(_edges, _barriers, _moments)
def test_one_connected_group_is_resolved_as_in_the_whole_city(
    edges: list[Edge], barriers: set[Pair], moments: Mapping[str, Moment]
) -> None:
    whole = resolve(edges, barriers, moments, 5)
    accepted: set[Pair] = set()
    for edge in edges:
        group = group_of(edges, edge.pair[0])
        inside = [each for each in edges if {*each.pair} <= group]
        kept = {pair for pair in barriers if {*pair} <= group}
        accepted |= resolve(inside, kept, {name: moments[name] for name in group & {*moments}}, 5).accepted
    assert accepted == whole.accepted


@given(_edges, _barriers, _moments)
def test_no_automatic_case_holds_what_must_be_apart_or_grows_too_large(
    edges: list[Edge], barriers: set[Pair], moments: Mapping[str, Moment]
) -> None:
    by_rule = [edge for edge in edges if not edge.by_person]
    resolution = resolve(by_rule, barriers, moments, 5)
    for case in resolution.cases:
        assert len(case) <= 5
        assert not any({*pair} <= case for pair in barriers)
        told = [moments.get(name, Moment()) for name in case]
        assert not any(0 < one.settled_until < other.reported for one in told for other in told if one is not other)


@given(_edges, _barriers, _moments)
def test_every_link_either_stands_or_is_held_with_a_reason(
    edges: list[Edge], barriers: set[Pair], moments: Mapping[str, Moment]
) -> None:
    resolution = resolve(edges, barriers, moments, 5)
    assert resolution.accepted | {*resolution.held} == {edge.pair for edge in edges}
    assert not resolution.accepted & {*resolution.held}
    assert all(resolution.held.values())
    assert {edge.pair for edge in edges if edge.by_person} <= resolution.accepted


def test_the_stronger_link_goes_first() -> None:
    edges = [Edge(("a", "b"), 1), Edge(("b", "c"), 2)]
    assert resolve(edges, {("a", "c")}, {}, 9).accepted == {("b", "c")}


def test_a_later_dispute_does_not_draw_an_earlier_ones_source_away() -> None:
    """`old` was settled; `told` is another source of it, silent about the agreement; `new` came long after."""
    moments = {"old": Moment(100, 220), "told": Moment(105), "new": Moment(340)}
    edges = [Edge(("old", "told"), 120), Edge(("new", "told"), 110)]
    resolution = resolve(edges, (), moments, 9)
    assert resolution.accepted == {("old", "told")}
    assert resolution.held == {("new", "told"): "after_agreement"}


def test_a_person_may_join_what_rules_keep_apart() -> None:
    edges = [Edge(("a", "b"), by_person=True)]
    assert resolve(edges, {("a", "b")}, {"a": Moment(1, 2), "b": Moment(9)}, 1).accepted == {("a", "b")}

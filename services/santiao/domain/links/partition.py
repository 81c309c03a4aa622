"""From links to cases: which automatic links stand, whatever order they came in.

The rules kept here. A person's link always stands. An automatic link stands unless it would bring together two sources that may not be in
one automatic case (a rejected or parted pair, a report after another's agreement), or would grow a case past the policy's limit; the
stronger link goes first, ties by the pair's own ids. So the outcome is a function of the set of links: no arrival order changes it, and
what is not connected by any link has no influence, so that resolving one connected group gives the same as resolving the whole city.
"""

from collections.abc import Collection, Iterable, Mapping

import msgspec

TOO_LARGE = "case_too_large"
"""Why a link is held back that would make a case larger than the policy allows."""
Pair = tuple[str, str]
"""Two source ids, the smaller first."""


def pair_of(one: str, other: str) -> Pair:
    """The pair in its one form."""
    return (one, other) if one < other else (other, one)


class Edge(msgspec.Struct, frozen=True, gc=False):
    """A link that may stand: `strength` orders, `by_person` goes before all others and needs no leave."""

    pair: Pair
    strength: int = 0
    by_person: bool = False


class Moment(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """When a source was reported, and until when a report still belongs to the agreement it tells of; 0 where not told."""

    reported: int = 0
    settled_until: int = 0


NO_MOMENT = Moment()


class Resolution(msgspec.Struct, frozen=True, gc=False):
    """`accepted` links stand; `held` ones do not, with the reason; `cases` are the groups of two sources or more."""

    accepted: frozenset[Pair]
    held: Mapping[Pair, str]
    cases: tuple[frozenset[str], ...]


class _Group:
    """A case as it grows."""

    __slots__ = ("earliest_end", "latest_report", "members")

    def __init__(self, member: str, moment: Moment) -> None:
        self.members = [member]
        self.latest_report = moment.reported
        self.earliest_end = moment.settled_until

    def absorb(self, other: "_Group") -> None:
        self.members += other.members
        self.latest_report = max(self.latest_report, other.latest_report)
        ends = [end for end in (self.earliest_end, other.earliest_end) if end]
        self.earliest_end = min(ends, default=0)

    def ends_before(self, other: "_Group") -> bool:
        """True when something here was settled too long before something there was reported."""
        return 0 < self.earliest_end < other.latest_report


def resolve(edges: Iterable[Edge], barriers: Collection[Pair], moments: Mapping[str, Moment], limit: int) -> Resolution:
    """Decide which of `edges` stand.

    `barriers` are pairs that may not come into one automatic case; `limit` is the most sources one may have.
    """
    ordered = sorted(edges, key=lambda edge: (not edge.by_person, -edge.strength, edge.pair))
    groups = {source: _Group(source, moments.get(source, NO_MOMENT)) for edge in ordered for source in edge.pair}
    apart = _by_source(barriers)
    for edge in ordered:
        one, other = groups[edge.pair[0]], groups[edge.pair[1]]
        if one is not other and (edge.by_person or not _forbids(one, other, groups, apart, limit)):
            _merge(one, other, groups)
    accepted = [edge.pair for edge in ordered if groups[edge.pair[0]] is groups[edge.pair[1]]]
    held = {
        edge.pair: _forbids(groups[edge.pair[0]], groups[edge.pair[1]], groups, apart, limit)
        for edge in ordered
        if groups[edge.pair[0]] is not groups[edge.pair[1]]
    }
    whole = {id(group): group for group in groups.values()}
    cases = tuple(sorted((frozenset(group.members) for group in whole.values() if len(group.members) > 1), key=min))
    return Resolution(frozenset(accepted), held, cases)


def _merge(one: _Group, other: _Group, groups: dict[str, _Group]) -> None:
    large, small = (one, other) if len(one.members) >= len(other.members) else (other, one)
    large.absorb(small)
    for member in small.members:
        groups[member] = large


def _forbids(
    one: _Group, other: _Group, groups: Mapping[str, _Group], apart: Mapping[str, Collection[str]], limit: int
) -> str:
    """Why two groups may not become one automatic case; empty when they may."""
    if one.ends_before(other) or other.ends_before(one):
        return "after_agreement"
    small, large = (one, other) if len(one.members) <= len(other.members) else (other, one)
    for member in small.members:
        if any(groups.get(each) is large for each in apart.get(member, ())):
            return "kept_apart"
    return TOO_LARGE if len(one.members) + len(other.members) > limit else ""


def _by_source(barriers: Iterable[Pair]) -> dict[str, set[str]]:
    apart: dict[str, set[str]] = {}
    for one, other in barriers:
        apart.setdefault(one, set()).add(other)
        apart.setdefault(other, set()).add(one)
    return apart

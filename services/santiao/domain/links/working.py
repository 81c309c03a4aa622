"""The working set of linking: what was read of the store, and what a run of steps changed on top of it.

The rule kept here: the store is asked through `LinkView` only and never written; whoever owns the store reads `changed_*` afterwards and
writes them in the same transaction as everything else.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from santiao.domain.links.pairs import VOID, PairState
from santiao.domain.links.partition import Pair, pair_of
from santiao.domain.links.profile import Profile, TokenBook
from santiao.domain.links.tokens import IndexToken, Kind


class LinkView(Protocol):
    """What linking asks of a store. Answers are those of one moment; nothing may change under a working set."""

    def profile(self, source: str) -> Profile | None:
        """The combined profile of a source, None when there is none."""
        ...

    def carriers(self, kind: Kind, token: int, limit: int) -> Sequence[str]:
        """Sources that carry a token, at most `limit`, all of them where there are no more."""
        ...

    def count(self, kind: Kind, token: int) -> int:
        """How many sources carry a token; may be cut short at four times the cap of its kind."""
        ...

    def links_of(self, source: str) -> Mapping[str, PairState]:
        """What stands between a source and others, by the other's id; void states left out."""
        ...


class EmptyView:
    """A store with nothing in it."""

    def profile(self, source: str) -> Profile | None:
        return None

    def carriers(self, kind: Kind, token: int, limit: int) -> Sequence[str]:
        return ()

    def count(self, kind: Kind, token: int) -> int:
        return 0

    def links_of(self, source: str) -> Mapping[str, PairState]:
        return {}


class _Shift:
    """How a token's carriers differ from the store's."""

    __slots__ = ("came", "left")

    def __init__(self) -> None:
        # Dicts keep the order of arrival, so that cutting a list short is deterministic.
        self.came: dict[str, None] = {}
        self.left: dict[str, None] = {}


class WorkingSet:
    """Reads through to a view and keeps what was changed."""

    def __init__(self, view: LinkView) -> None:
        self.tokens = TokenBook()
        self._view = view
        self._profiles: dict[str, Profile | None] = {}
        self._links: dict[str, dict[str, PairState]] = {}
        self._shifts: dict[int, _Shift] = {}
        self._changed_pairs: dict[Pair, None] = {}
        self._changed_profiles: dict[str, None] = {}

    def profile(self, source: str) -> Profile | None:
        if source not in self._profiles:
            self._profiles[source] = self._view.profile(source)
        return self._profiles[source]

    def count(self, kind: Kind, token: int) -> int:
        stored = self._view.count(kind, token)
        shift = self._shifts.get(token)
        return stored if shift is None else stored + len(shift.came) - len(shift.left)

    def carriers(self, kind: Kind, token: int, limit: int) -> tuple[str, ...]:
        shift = self._shifts.get(token)
        if shift is None:
            return tuple(self._view.carriers(kind, token, limit))
        stored = self._view.carriers(kind, token, limit + len(shift.left))
        return (*(each for each in stored if each not in shift.left), *shift.came)[:limit]

    def links_of(self, source: str) -> Mapping[str, PairState]:
        return self._links_of(source)

    def _links_of(self, source: str) -> dict[str, PairState]:
        found = self._links.get(source)
        if found is None:
            found = self._links[source] = dict(self._view.links_of(source))
        return found

    def link(self, one: str, other: str) -> PairState:
        """What stands between two sources."""
        return self._links_of(one).get(other, VOID)

    def put_link(self, one: str, other: str, state: PairState) -> None:
        """Remember what stands between two sources; a void state is forgotten."""
        for source, partner in ((one, other), (other, one)):
            links = self._links_of(source)
            if state.is_void:
                links.pop(partner, None)
            else:
                links[partner] = state
        self._changed_pairs[pair_of(one, other)] = None

    def put_profile(self, source: str, profile: Profile | None) -> tuple[list[IndexToken], list[IndexToken]]:
        """Set a source's profile; returns the tokens that it carries now and did not before, and those it no longer carries."""
        before = self._distinct(self.profile(source))
        after = self._distinct(profile)
        came = [each for token, each in after.items() if token not in before]
        left = [each for token, each in before.items() if token not in after]
        for each in came:
            shift = self._shifts.setdefault(each.token, _Shift())
            if source in shift.left:
                del shift.left[source]
            else:
                shift.came[source] = None
        for each in left:
            shift = self._shifts.setdefault(each.token, _Shift())
            if source in shift.came:
                del shift.came[source]
            else:
                shift.left[source] = None
        self._profiles[source] = profile
        self._changed_profiles[source] = None
        return came, left

    def _distinct(self, profile: Profile | None) -> dict[int, IndexToken]:
        """A source carries a token once, however many of its parties do."""
        return {} if profile is None else {each.token: each for each in self.tokens.index_of(profile)}

    @property
    def changed_profiles(self) -> Iterable[str]:
        """Sources whose profile was set, in order."""
        return tuple(self._changed_profiles)

    @property
    def changed_pairs(self) -> Iterable[Pair]:
        """Pairs whose state was set, in order."""
        return tuple(self._changed_pairs)

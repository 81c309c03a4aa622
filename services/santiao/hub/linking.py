"""Linking over the working set of a transaction: what pure linking asks of a store, answered from the shelf and the party index."""

from collections.abc import Iterable, Mapping, Sequence

from santiao.domain.ids import SourceId
from santiao.domain.links.engine import Linker
from santiao.domain.links.pairs import Changes, PairState
from santiao.domain.links.partition import TOO_LARGE
from santiao.domain.links.policy import LinkingPolicy
from santiao.domain.links.profile import Profile
from santiao.domain.links.tokens import Kind
from santiao.domain.prepared import PreparedRecord, SourceProfile
from santiao.domain.vocabulary import Op
from santiao.store.party_index import PartyIndex
from santiao.store.shelf import Shelf

_CERTAIN = frozenset({Kind.OWN, Kind.QUOTED, Kind.RIN, Kind.ORG_ID})
"""Kinds of token that a rule may link by: the cases of their carriers will probably be asked for."""
MERGE_PART = "~merge"
"""Where a source's profile keeps what its standing merge or unmerge tells."""


class _View:
    """`links.working.LinkView` over the shelf, as the database had it when the transaction began."""

    def __init__(self, shelf: Shelf, index: PartyIndex) -> None:
        self._shelf = shelf
        self._index = index
        self.profiles: dict[str, Profile | None] = {}

    def profile(self, source: str) -> Profile | None:
        if source not in self.profiles:
            stored = self._shelf.profile(SourceId(source))
            # Parts that wait for their file are kept and not yet compared: for linking the source is not there.
            self.profiles[source] = stored.whole() if stored is not None and "" in stored.parts else None
        return self.profiles[source]

    def carriers(self, kind: Kind, token: int, limit: int) -> Sequence[str]:
        return self._index.carriers(token, limit)

    def count(self, kind: Kind, token: int) -> int:
        return self._index.count(token)

    def links_of(self, source: str) -> Mapping[str, PairState]:
        return {other: state for other, state in self._shelf.pairs_of(SourceId(source)).items() if not state.is_void}


class LinkShelf:
    """The linker of one shard in one transaction."""

    def __init__(self, shelf: Shelf, policy: LinkingPolicy) -> None:
        self.shelf = shelf
        self.index = PartyIndex(shelf)
        self._view = _View(shelf, self.index)
        self._linker = Linker(self._view, policy)

    def prefetch(self, records: Iterable[PreparedRecord]) -> None:
        """Read in few questions what linking these records will ask for."""
        records = list(records)
        names = {record.source_id for record in records}
        self.shelf.prefetch_profiles(names)
        profiles = [record.profile for record in records if record.profile is not None]
        profiles.extend(part for name in names if (kept := self.shelf.profile(name)) for part in kept.parts.values())
        book = self._linker.working.tokens
        probes = {each for profile in profiles for each in book.probes_of(profile)}
        tokens = {each.token for each in probes}
        tokens.update(each.token for profile in profiles for each in book.index_of(profile))
        candidates = self.index.prefetch(tokens) | names
        self.shelf.prefetch_profiles(candidates)
        self.shelf.prefetch_links(candidates)
        joined = {other for name in names for other, state in self.shelf.pairs_of(name).items() if state.joins}
        self.shelf.prefetch_links(SourceId(other) for other in joined)
        self.shelf.prefetch_profiles(SourceId(other) for other in joined)
        likely = names | {
            name for each in probes if each.kind in _CERTAIN for name in self.index.carriers(each.token, 8)
        }
        self.shelf.prefetch_cases(
            {file.case_id for name in likely if (file := self.shelf.source(name)) is not None and file.case_id}
        )

    def relink(self, record: PreparedRecord) -> Changes:
        name = record.source_id
        stored = self.shelf.profile(name) or SourceProfile()
        if record.profile is None:
            return Changes()
        part = MERGE_PART if record.op in (Op.MERGE, Op.UNMERGE) else record.part
        changed = SourceProfile({**stored.parts, part: record.profile})
        self._view.profile(name)  # as the database has it, before the shelf holds the new one
        self.shelf.put_profile(name, changed)
        if "" not in changed.parts:
            return Changes()
        return self._linker.upsert(name, changed.whole())

    def drop(self, name: SourceId) -> Changes:
        self._view.profile(name)
        self.shelf.put_profile(name, SourceProfile())
        return self._linker.remove(name)

    def confirm(self, a: SourceId, b: SourceId) -> Changes:
        return self._linker.confirm(a, b)

    def reject(self, a: SourceId, b: SourceId) -> Changes:
        return self._linker.reject(a, b)

    def remembered(self, a: SourceId, b: SourceId) -> PairState:
        return self._linker.working.link(a, b)

    def crowded_with(self, name: SourceId) -> tuple[SourceId, ...]:
        links = self._linker.working.links_of(name)
        return tuple(sorted(SourceId(other) for other, state in links.items() if state.held == TOO_LARGE))

    def write(self) -> None:
        """Hand the linker's changes to the shelf's rows and write the party index. Before `shelf_rows.write`."""
        working = self._linker.working
        for a, b in working.changed_pairs:
            self.shelf.put_pair(SourceId(a), SourceId(b), working.link(a, b))
        changes = {}
        for source in working.changed_profiles:
            before, after = self._view.profile(source), working.profile(source)
            changes[SourceId(source)] = (
                working.tokens.index_of(before) if before is not None else (),
                working.tokens.index_of(after) if after is not None else (),
            )
        self.index.write(changes)

"""The working set of a transaction: files read from the database, and what its steps make of them.

`Shelf` is what pure deciders see as `Files`. `prefetch_*` reads for a whole batch at once; what was not foreseen is read when asked
for. `settle` takes a finished step in, `rows` in `shelf_rows.py` writes everything at the end in sorted runs.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy.engine import Connection

from santiao.domain.decisions import Owed, Step, TimerChange
from santiao.domain.events import Event, Meta
from santiao.domain.files import CaseFile, LinkFile, SourceFile
from santiao.domain.ids import CaseId, SourceId
from santiao.domain.links.pairs import PairState
from santiao.domain.prepared import PreparedRecord, SourceProfile, first_slot
from santiao.store import tables
from santiao.store.case_codec import decode_case
from santiao.store.database import Database

PK_BITS = 36

decode_source = msgspec.msgpack.Decoder(SourceFile).decode
decode_link = msgspec.msgpack.Decoder(LinkFile).decode
decode_pair = msgspec.msgpack.Decoder(PairState).decode
decode_profile = msgspec.msgpack.Decoder(SourceProfile).decode


class Shelf:
    """Files of one shard within one transaction, with the surrogates (`pk`) the tables use."""

    def __init__(self, database: Database, connection: Connection, shard: int) -> None:
        self.database = database
        self.connection = connection
        self.shard = shard
        self.position, self.case_serial, self.source_serial = self._lock()
        self.source_pks: dict[SourceId, int] = {}
        self.case_pks: dict[CaseId, int] = {}
        self.events: list[tuple[Meta, Event]] = []
        self.owed: list[Owed] = []
        self.timers: dict[str, TimerChange] = {}
        self.mentions: list[tuple[bytes, SourceId, int, int]] = []
        self.new_cases: set[CaseId] = set()
        self.changed_sources: set[SourceId] = set()
        self.changed_cases: set[CaseId] = set()
        self.changed_links: set[tuple[SourceId, SourceId]] = set()
        self.changed_profiles: set[SourceId] = set()
        self._sources: dict[SourceId, SourceFile | bytes | None] = {}
        self._link_rows: dict[SourceId, list[tuple[SourceId, SourceId, bytes | None, bytes | None]]] = {}
        self._names: dict[int, SourceId] = {}
        self._cases: dict[CaseId, CaseFile | None] = {}
        self._links: dict[SourceId, dict[tuple[SourceId, SourceId], LinkFile]] = {}
        self._pairs: dict[SourceId, dict[str, PairState]] = {}
        self.changed_pairs: dict[tuple[str, str], PairState] = {}
        self._profiles: dict[SourceId, SourceProfile | None] = {}
        self._siblings: dict[str, set[SourceId]] = {}

    def _lock(self) -> tuple[int, int, int]:
        """Lock the shard's row first; make it when the city is new."""
        suffix = "" if self.database.is_sqlite else " FOR UPDATE"
        select = f"SELECT position, case_serial, source_serial FROM shards WHERE shard = ?{suffix}"
        rows = self.database.fetch(self.connection, select, (self.shard,))
        if not rows:
            self.database.insert(self.connection, tables.shards, [(self.shard, 0, 0, 0, 0)], on_conflict="ignore")
            rows = self.database.fetch(self.connection, select, (self.shard,))
        position, case_serial, source_serial = rows[0]
        return position, case_serial, source_serial

    # --- Files, as deciders see them -------------------------------------------------------------------------------

    def source(self, name: SourceId) -> SourceFile | None:
        if name not in self._sources:
            self.prefetch_sources((name,))
        file = self._sources[name]
        if isinstance(file, bytes):
            file = self._sources[name] = decode_source(file)
        return file

    def siblings(self, base: str) -> tuple[SourceId, ...]:
        if base not in self._siblings:
            rows = self.database.select_in(self.connection, tables.sources, ("pk", "name", "data"), "base", (base,))
            self._siblings[base] = {self._keep_source(*row) for row in rows if row[0] >> PK_BITS == self.shard}
        return tuple(sorted(self._siblings[base]))

    def case(self, name: CaseId) -> CaseFile | None:
        if name not in self._cases:
            self.prefetch_cases((name,))
        return self._cases[name]

    def link(self, a: SourceId, b: SourceId) -> LinkFile | None:
        return self._links_known(a).get((a, b))

    def links_of(self, name: SourceId) -> tuple[LinkFile, ...]:
        return tuple(self._links_known(name).values())

    def next_case_serial(self, offset: int) -> int:
        return self.case_serial + offset + 1

    def profile(self, name: SourceId) -> SourceProfile | None:
        """A source's comparison profile, part by part."""
        if name not in self._profiles:
            self.prefetch_profiles((name,))
        return self._profiles[name]

    def _links_known(self, name: SourceId) -> dict[tuple[SourceId, SourceId], LinkFile]:
        if name not in self._links:
            self._open_links(name)
        return self._links[name]

    def name_of(self, pk: int) -> SourceId | None:
        """Name of a source that was read or made in this transaction."""
        return self._names.get(pk)

    def living_case(self, pk: int) -> CaseId | None:
        """The case that a surrogate names, or the one it was merged into."""
        rows = self.database.select_in(self.connection, tables.case_files, ("data",), "pk", (pk,))
        if not rows:
            return None
        file: CaseFile | None = decode_case(rows[0][0])
        while file is not None and file.merged_into is not None:
            file = self.case(file.merged_into)
        if file is not None:
            self.prefetch_cases((file.id,))
        return file.id if file is not None else None

    # --- reading for a batch ---------------------------------------------------------------------------------------

    def prefetch_sources(self, names: Iterable[SourceId]) -> None:
        """Read source files by name; unknown ones are remembered as unknown."""
        missing = [name for name in names if name not in self._sources]
        for name in missing:
            self._sources[name] = None
        for row in self.database.select_in(self.connection, tables.sources, ("pk", "name", "data"), "name", missing):
            self._keep_source(*row)

    def prefetch_source_pks(self, pks: Iterable[int]) -> list[SourceId]:
        """Read source files by surrogate; their names."""
        wanted = set(pks)
        missing = [pk for pk in wanted if pk not in self._names]
        for row in self.database.select_in(self.connection, tables.sources, ("pk", "name", "data"), "pk", missing):
            self._keep_source(*row)
        return [self._names[pk] for pk in sorted(wanted) if pk in self._names]

    def _keep_source(self, pk: int, name: str, data: bytes) -> SourceId:
        source_id = SourceId(name)
        if self._sources.get(source_id) is None:
            self._sources[source_id] = data  # most candidates are compared by profile alone: decoded when asked for
        self.source_pks[source_id] = pk
        self._names[pk] = source_id
        return source_id

    def prefetch_cases(self, names: Iterable[CaseId]) -> None:
        """Read case files by id; an alias of a merged case answers with the case it names, not with its heir."""
        missing = [name for name in names if name not in self._cases]
        for name in missing:
            self._cases[name] = None
        pairs = self.database.select_in(self.connection, tables.case_names, ("name", "case_pk"), "name", missing)
        for row in self.database.select_in(
            self.connection, tables.case_files, ("pk", "data"), "pk", [pk for _, pk in pairs]
        ):
            file = decode_case(row[1])
            self._cases[file.id] = file
            self.case_pks[file.id] = row[0]

    def prefetch_links(self, names: Iterable[SourceId]) -> list[SourceId]:
        """Read all links of these sources; the names at their other ends."""
        missing = [name for name in names if name not in self._link_rows]
        for name in missing:
            self._link_rows[name] = []
        pks = [self.source_pks[name] for name in missing if name in self.source_pks]
        rows = [
            row
            for column in ("a_pk", "b_pk")
            for row in self.database.select_in(
                self.connection, tables.links, ("a_pk", "b_pk", "data", "pair"), column, pks
            )
        ]
        others = set(self.prefetch_source_pks({pk for row in rows for pk in row[:2]}))
        wanted = set(missing)
        for a_pk, b_pk, data, pair in rows:
            a, b = self._names[a_pk], self._names[b_pk]
            for end in wanted & {a, b}:
                self._link_rows[end].append((a, b, data, pair))
        return sorted(others)

    def _open_links(self, name: SourceId) -> None:
        """Decode a source's links; what this transaction changed since stands."""
        if name not in self._link_rows:
            self.prefetch_links((name,))
        links: dict[tuple[SourceId, SourceId], LinkFile] = {}
        pairs: dict[str, PairState] = {}
        for a, b, data, pair in self._link_rows[name]:
            if data is not None:
                links[a, b] = decode_link(data)
            if pair is not None:
                pairs[b if a == name else a] = decode_pair(pair)
        self._links[name], self._pairs[name] = links, pairs

    def pairs_of(self, name: SourceId) -> dict[str, PairState]:
        """What linking remembers between a source and others, by the other's name."""
        if name not in self._pairs:
            self._open_links(name)
        return self._pairs[name]

    def put_pair(self, a: SourceId, b: SourceId, state: PairState) -> None:
        """Keep what linking remembers of a pair, `a` < `b`."""
        for end, far in ((a, b), (b, a)):
            self.pairs_of(end)[far] = state
        self.changed_pairs[a, b] = state

    def prefetch_profiles(self, names: Iterable[SourceId]) -> None:
        """Read comparison profiles."""
        missing = [name for name in names if name not in self._profiles]
        for name in missing:
            self._profiles[name] = None
        pks = {self.source_pks[name]: name for name in missing if name in self.source_pks}
        for pk, data in self.database.select_in(
            self.connection, tables.profiles, ("source_pk", "data"), "source_pk", pks
        ):
            self._profiles[pks[pk]] = decode_profile(data)

    # --- taking steps in -------------------------------------------------------------------------------------------

    def put_profile(self, name: SourceId, profile: SourceProfile) -> None:
        """Keep a source's new profile."""
        self._profiles[name] = profile
        self.changed_profiles.add(name)

    def remember_mentions(self, record: PreparedRecord) -> None:
        """Note which data keys this version's mentions and narrative are sealed under, for a later erasure."""
        subjects = {party.slot: party.ids[0] for party in record.profile.parties if party.ids} if record.profile else {}
        offset = first_slot(record.part)
        for mention in record.facts.mentions:
            if mention.sealed is not None:
                slot = mention.slot + offset
                self.mentions.append((mention.sealed.key_id, record.source_id, slot, subjects.get(slot, 0)))
        told = record.facts.narrative or record.facts.raw
        if told is not None:
            self.mentions.append((told.key_id, record.source_id, -1, 0))

    def settle(self, step: Step) -> None:
        """Take a finished step in: later steps of this transaction see its files."""
        for file in step.sources:
            if file.id not in self.source_pks:
                self.source_serial += 1
                pk = self.shard << PK_BITS | self.source_serial
                self.source_pks[file.id] = pk
                self._names[pk] = file.id
            if file.key_base:
                self._siblings.get(f"{file.agency}:{file.key_base}", set()).add(file.id)
            self._sources[file.id] = file
            self.changed_sources.add(file.id)
        for case in step.cases:
            if case.id not in self.case_pks:
                self.case_serial += 1
                self.case_pks[case.id] = self.shard << PK_BITS | self.case_serial
                self.new_cases.add(case.id)
            self._cases[case.id] = case
            self.changed_cases.add(case.id)
        for link in step.links:
            for name in (link.a, link.b):
                self._links_known(name)[link.a, link.b] = link
            self.changed_links.add((link.a, link.b))
        self.timers.update({timer.id: timer for timer in step.timers})
        self.owed.extend(step.owed)
        self.events.extend(step.events)
        self.position += len(step.events)

"""The parties of cases (当事人): the mentions and narratives of the standing versions, sealed as they are in the log.

Only the pool opens them. Mentions follow their source from case to case; a corrected version replaces the one before it, which stays in
the log. What was erased keeps its place and loses its ciphertext; a source that was sealed off loses its rows.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from santiao.domain.events import cases, privacy, sources
from santiao.domain.events.envelope import Mention, Sealed
from santiao.domain.events.sources import SourceFacts, Version
from santiao.projections.case_overview_sources import order_of
from santiao.projections.contract import Index, Key, Projection, TableSet, ViewTable
from santiao.projections.reading import Reading
from santiao.store.log import Entry

VIEW = "case_parties"


class PartyRow(msgspec.Struct, gc=False):
    """The standing version of one part of a source: its place in the part's order, its mentions, its sealed narrative."""

    source_id: str
    part: str
    part_order: bytes
    mentions: bytes
    narrative: bytes


class HolderRow(msgspec.Struct, gc=False):
    """Which case a source is in, and which parts beside the file itself have rows (JSON)."""

    source_id: str
    case_id: str = ""
    parts: str = "[]"
    sealed_off: int = 0


def _parts_of(entry: Entry, event: Any) -> Iterable[Key]:
    name = getattr(event, "source_id", None)
    return ((name, getattr(event, "part", "")),) if name else ((each, "") for each in getattr(event, "sources", ()))


def _sources_of(entry: Entry, event: Any) -> Iterable[Key]:
    name = getattr(event, "source_id", None)
    return (name,) if name else getattr(event, "sources", ())


PARTIES = ViewTable(name=VIEW, view=VIEW, row=PartyRow, key_columns=2, is_wide=True, looks_at=_parts_of)
HOLDERS = ViewTable(
    name="case_party_sources", view=VIEW, row=HolderRow, indexes=(Index(("case_id",)),), looks_at=_sources_of
)

_encode = msgspec.msgpack.Encoder().encode
_decode_mentions = msgspec.msgpack.Decoder(tuple[Mention, ...]).decode
_decode_sealed = msgspec.msgpack.Decoder(Sealed).decode
_encode_parts = msgspec.json.Encoder().encode
_decode_parts = msgspec.json.Decoder(list[str]).decode


class PartyFold:
    """Folds what versions tell of parties, and where their sources are."""

    def __init__(self, tables: TableSet) -> None:
        self.rows = tables.of(PARTIES)
        self.holders = tables.of(HOLDERS)

    def _holder(self, name: str) -> HolderRow:
        row = self.holders.change(name)
        if row is None:
            row = HolderRow(name)
            self.holders.put(row)
        return row

    def reported(self, at: Entry, event: sources.SourceReported) -> None:
        self._holder(event.source_id).case_id = at.case_id
        self._keep(event.source_id, "", event.at, event.facts)

    def corrected(self, at: Entry, event: sources.SourceCorrected) -> None:
        self._keep(event.source_id, "", event.at, event.facts)

    def supplemented(self, at: Entry, event: sources.SourceSupplemented) -> None:
        self._keep(event.source_id, event.part, event.at, event.facts)

    def parked(self, at: Entry, event: sources.RecordParked) -> None:
        if event.facts.kind != "relation":
            self._keep(event.source_id, event.part, event.at, event.facts)

    def _keep(self, name: str, part: str, version: Version, facts: SourceFacts) -> None:
        holder = self._holder(name)
        if holder.sealed_off:
            return
        order = order_of(version)
        row = self.rows.get((name, part))
        if row is not None and order <= row.part_order:
            return
        if part and row is None:
            holder.parts = _encode_parts(sorted({*_decode_parts(holder.parts), part})).decode()
        narrative = _encode(facts.narrative) if facts.narrative is not None else b""
        self.rows.put(PartyRow(name, part, order, _encode(facts.mentions), narrative))

    def confirmed(self, at: Entry, event: sources.SourceConfirmed) -> None:
        row = self.rows.change((event.source_id, ""))
        if row is not None:
            row.part_order = max(row.part_order, order_of(event.at))

    def sealed_off(self, at: Entry, event: sources.SourceSealedOff) -> None:
        holder = self._holder(event.source_id)
        for part in ("", *_decode_parts(holder.parts)):
            self.rows.delete((event.source_id, part))
        holder.parts, holder.sealed_off = "[]", 1

    def erased(self, at: Entry, event: privacy.SubjectErased) -> None:
        """Ciphertext under a destroyed key says nothing any more; it goes from the view, the mention stays as erased."""
        gone = set(event.key_ids)
        for name in event.sources:
            holder = self.holders.get(name)
            for part in ("", *_decode_parts(holder.parts)) if holder is not None else ():
                row = self.rows.change((name, part))
                if row is None:
                    continue
                row.mentions = _encode([_erase(mention, gone) for mention in _decode_mentions(row.mentions)])
                if row.narrative and _decode_sealed(row.narrative).key_id in gone:
                    row.narrative = b""

    def moved(self, at: Entry, event: cases.CaseOpened | cases.CaseMerged) -> None:
        for name in event.sources:
            self._move(at, name)

    def joined(self, at: Entry, event: cases.SourceJoined) -> None:
        self._move(at, event.source_id)

    def _move(self, at: Entry, name: str) -> None:
        row = self.holders.change(name)
        if row is not None:
            row.case_id = at.case_id


def _erase(mention: Mention, gone: set[bytes]) -> Mention:
    if mention.sealed is None or mention.sealed.key_id not in gone:
        return mention
    return msgspec.structs.replace(mention, sealed=None)


CASE_PARTIES = Projection(
    name=VIEW,
    version=1,
    tables=(PARTIES, HOLDERS),
    fold=PartyFold,
    handlers={
        "SourceReported": PartyFold.reported,
        "SourceCorrected": PartyFold.corrected,
        "SourceSupplemented": PartyFold.supplemented,
        "RecordParked": PartyFold.parked,
        "SourceConfirmed": PartyFold.confirmed,
        "SourceSealedOff": PartyFold.sealed_off,
        "SubjectErased": PartyFold.erased,
        "CaseOpened": PartyFold.moved,
        "CaseMerged": PartyFold.moved,
        "SourceJoined": PartyFold.joined,
    },
)


# --- queries -----------------------------------------------------------------------------------------------------------


class PartOfSource(msgspec.Struct, frozen=True):
    """What stands of one part of a source. A mention without `sealed`, and a `narrative` of None, was erased or never told.

    Everything that names or describes a person is sealed; the pool opens it with the keys' room.
    """

    case_id: str
    source_id: str
    part: str
    mentions: tuple[Mention, ...]
    narrative: Sealed | None


def parties_of(reading: Reading, case_ids: Sequence[str]) -> list[PartOfSource]:
    """Every standing mention of these cases, by source and part."""
    holders = {row.source_id: row.case_id for row in reading.among(HOLDERS, "case_id", case_ids)}
    rows = reading.among(PARTIES, "source_id", holders)
    return [
        PartOfSource(
            holders[row.source_id],
            row.source_id,
            row.part,
            _decode_mentions(row.mentions),
            _decode_sealed(row.narrative) if row.narrative else None,
        )
        for row in sorted(rows, key=lambda row: (row.source_id, row.part))
    ]

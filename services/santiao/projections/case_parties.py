"""The parties of cases (当事人): the mentions and narratives of the standing versions, sealed as they are in the log.

Only the pool opens them. Mentions belong to their source and are found through the case that the source is in; a corrected version
replaces the one before it, which stays in the log. What was erased keeps its place and loses its ciphertext; a source that was sealed
off keeps nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from santiao.domain.events import privacy, sources
from santiao.domain.events.envelope import Mention, Sealed
from santiao.domain.events.sources import SourceFacts, Version
from santiao.projections.case_overview_sources import order_of
from santiao.projections.case_queries import sources_of
from santiao.projections.contract import Key, Projection, TableSet, ViewTable
from santiao.projections.reading import Reading
from santiao.store.log import Entry

VIEW = "case_parties"
NO_MENTIONS = b"\x90"


class PartyRow(msgspec.Struct, gc=False):
    """The standing version of one part of a source: its place in the part's order, its mentions, its sealed narrative.

    The row of the file itself (`part` empty) names the other parts that have rows in `parts`, a JSON list.
    """

    source_id: str
    part: str
    part_order: bytes = b""
    mentions: bytes = NO_MENTIONS
    narrative: bytes = b""
    parts: str = "[]"
    sealed_off: int = 0


def _parts_of(entry: Entry, event: Any) -> Iterable[Key]:
    name = getattr(event, "source_id", None)
    if name is None:
        return [(each, "") for each in event.sources]
    return ((name, ""), (name, getattr(event, "part", "")))


PARTIES = ViewTable(name=VIEW, view=VIEW, row=PartyRow, key_columns=2, is_wide=True, looks_at=_parts_of)

_encode = msgspec.msgpack.Encoder().encode
_decode_mentions = msgspec.msgpack.Decoder(tuple[Mention, ...]).decode
_decode_sealed = msgspec.msgpack.Decoder(Sealed).decode
_encode_parts = msgspec.json.Encoder().encode
_decode_parts = msgspec.json.Decoder(list[str]).decode


class PartyFold:
    """Folds what versions tell of parties."""

    def __init__(self, tables: TableSet) -> None:
        self.rows = tables.of(PARTIES)

    def told(self, at: Entry, event: sources.SourceReported | sources.SourceCorrected) -> None:
        self._keep(event.source_id, "", event.at, event.facts)

    def supplemented(self, at: Entry, event: sources.SourceSupplemented) -> None:
        self._keep(event.source_id, event.part, event.at, event.facts)

    def parked(self, at: Entry, event: sources.RecordParked) -> None:
        if event.facts.kind != "relation":
            self._keep(event.source_id, event.part, event.at, event.facts)

    def _keep(self, name: str, part: str, version: Version, facts: SourceFacts) -> None:
        main = self._row(name, "")
        if main.sealed_off:
            return
        row = main
        if part:
            row = self._row(name, part)
            if not row.part_order:
                main.parts = _encode_parts(sorted({*_decode_parts(main.parts), part})).decode()
        order = order_of(version)
        if order > row.part_order:
            row.part_order, row.mentions = order, _encode(facts.mentions)
            row.narrative = _encode(facts.narrative) if facts.narrative is not None else b""

    def _row(self, name: str, part: str) -> PartyRow:
        row = self.rows.change((name, part))
        if row is None:
            row = PartyRow(name, part)
            self.rows.put(row)
        return row

    def confirmed(self, at: Entry, event: sources.SourceConfirmed) -> None:
        row = self._row(event.source_id, "")
        row.part_order = max(row.part_order, order_of(event.at))

    def sealed_off(self, at: Entry, event: sources.SourceSealedOff) -> None:
        main = self._row(event.source_id, "")
        for part in _decode_parts(main.parts):
            self.rows.delete((event.source_id, part))
        main.sealed_off, main.parts, main.mentions, main.narrative = 1, "[]", NO_MENTIONS, b""

    def erased(self, at: Entry, event: privacy.SubjectErased) -> None:
        """Ciphertext under a destroyed key says nothing any more; it goes from the view, the mention stays as erased."""
        gone = set(event.key_ids)
        for name in event.sources:
            main = self.rows.get((name, ""))
            for part in ("", *_decode_parts(main.parts)) if main is not None else ():
                row = self.rows.change((name, part))
                if row is None:
                    continue
                row.mentions = _encode([_erase(mention, gone) for mention in _decode_mentions(row.mentions)])
                if row.narrative and _decode_sealed(row.narrative).key_id in gone:
                    row.narrative = b""


def _erase(mention: Mention, gone: set[bytes]) -> Mention:
    if mention.sealed is None or mention.sealed.key_id not in gone:
        return mention
    return msgspec.structs.replace(mention, sealed=None)


CASE_PARTIES = Projection(
    name=VIEW,
    version=1,
    tables=(PARTIES,),
    fold=PartyFold,
    handlers={
        "SourceReported": PartyFold.told,
        "SourceCorrected": PartyFold.told,
        "SourceSupplemented": PartyFold.supplemented,
        "RecordParked": PartyFold.parked,
        "SourceConfirmed": PartyFold.confirmed,
        "SourceSealedOff": PartyFold.sealed_off,
        "SubjectErased": PartyFold.erased,
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
    """Every standing mention of these cases, by case, source and part; the case overview tells which sources are theirs."""
    held = sources_of(reading, case_ids)
    case_of = {source.source_id: case_id for case_id, sources in held.items() for source in sources}
    rows = [row for row in reading.among(PARTIES, "source_id", case_of) if row.part_order]
    return [
        PartOfSource(
            case_of[row.source_id],
            row.source_id,
            row.part,
            _decode_mentions(row.mentions),
            _decode_sealed(row.narrative) if row.narrative else None,
        )
        for row in sorted(rows, key=lambda row: (case_of[row.source_id], row.source_id, row.part))
    ]

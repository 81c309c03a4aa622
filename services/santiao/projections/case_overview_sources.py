"""How events change the source rows of the case overview. States are those of `domain/files.SourceFile`, told in columns.

A source's own order decides what stands, never the order of arrival; its places are kept as bytes that compare like the order itself.
"""

from struct import Struct
from typing import Any

import msgspec

from santiao.domain.events import sources as told
from santiao.domain.events.sources import GateFound, SourceFacts, Version
from santiao.domain.vocabulary import SourceState
from santiao.projections.case_overview_rows import SOURCES, SOURCES_PAST, SourcePastRow, SourceRow
from santiao.projections.contract import TableSet
from santiao.store.log import Entry, to_millis

_BIAS = 1 << 63
_pack = Struct(">QQ").pack
_encode = msgspec.json.Encoder().encode
_decode_hits = msgspec.json.Decoder(list[GateFound]).decode


def order_of(version: Version) -> bytes:
    """A version's place in its part's order, as bytes that compare alike: version, source time, content hash."""
    told_at = version.source_updated_at
    millis = to_millis(told_at) if told_at is not None else 0
    return _pack(version.source_version + _BIAS, millis + _BIAS) + version.content_hash


def read_hits(text: str) -> list[GateFound]:
    """The gates of a source row."""
    return _decode_hits(text)


class SourceFold:
    """Folds events into source rows."""

    def __init__(self, tables: TableSet) -> None:
        self.rows = tables.of(SOURCES)
        self.past = tables.of(SOURCES_PAST)

    def _change(self, at: Entry, name: str) -> SourceRow:
        """The row of a source, its facts as they were kept first."""
        row = self.rows.change(name)
        if row is None:
            raise KeyError(name)
        if row.reported and at.recorded_ms > row.since_ms:
            self.past.add(
                SourcePastRow(
                    row.source_id, row.since_ms, at.recorded_ms, row.case_id, row.ordinal, row.key, row.state, row.hits
                )
            )
            row.since_ms = at.recorded_ms
        row.updated_ms = at.recorded_ms
        return row

    def move(self, at: Entry, name: str, place: int) -> None:
        """Put a source that is known into the event's case, as the `place`-th that the event brings."""
        if self.rows.get(name) is not None:
            row = self._change(at, name)
            row.case_id, row.ordinal = at.case_id, at.position << 12 | place

    def reported(self, at: Entry, event: told.SourceReported) -> None:
        """The file itself came; what waited for it is there already."""
        name = event.source_id
        row = self.rows.change(name) or SourceRow(source_id=name, agency=event.agency, key=event.key)
        if row.case_id != at.case_id:  # else it was linked while it waited, and keeps its place
            row.case_id, row.ordinal = at.case_id, at.position << 12
        row.reported, row.since_ms, row.updated_ms, row.key = 1, at.recorded_ms, at.recorded_ms, event.key
        self._take_version(row, order_of(event.at), event.facts)
        self.rows.put(row)

    def corrected(self, at: Entry, event: told.SourceCorrected) -> None:
        self._take_version(self._change(at, event.source_id), order_of(event.at), event.facts)

    def _take_version(self, row: SourceRow, order: bytes, facts: SourceFacts) -> None:
        row.versions += 1
        if order > row.main_order:
            row.main_order = order
            row.dispute_type, row.stage, row.outcome = facts.type, facts.stage, facts.outcome
            row.reported_on = facts.reported_on.isoformat() if facts.reported_on else None
        self._be_present(row, order)

    def _be_present(self, row: SourceRow, order: bytes) -> None:
        if order > row.presence_order:
            row.presence_order, row.withdrawn, row.absent = order, 0, 0
        _settle(row)

    def confirmed(self, at: Entry, event: told.SourceConfirmed) -> None:
        row = self._change(at, event.source_id)
        order = order_of(event.at)
        row.main_order = max(row.main_order, order)
        self._be_present(row, order)

    def parked(self, at: Entry, event: told.RecordParked) -> None:
        if self.rows.get(event.source_id) is None:
            self.rows.put(SourceRow(source_id=event.source_id, agency=event.agency, key=event.key))

    def withdrawn(self, at: Entry, event: told.SourceWithdrawn) -> None:
        row = self._change(at, event.source_id)
        order = order_of(event.at)
        if order >= row.presence_order:
            row.presence_order, row.withdrawn, row.absent = order, 1, int(event.absent)
        _settle(row)

    def merged(self, at: Entry, event: told.SourceMerged) -> None:
        self._merge(at, event, event.into)

    def unmerged(self, at: Entry, event: told.SourceUnmerged) -> None:
        self._merge(at, event, "")

    def _merge(self, at: Entry, event: Any, into: str) -> None:
        row = self._change(at, event.source_id)
        order = order_of(event.at)
        if order > row.merge_order:
            row.merge_order, row.merged_into = order, into
        _settle(row)

    def rekeyed(self, at: Entry, event: told.SourceRekeyed) -> None:
        self._change(at, event.source_id).key = event.new_key

    def sealed_off(self, at: Entry, event: told.SourceSealedOff) -> None:
        row = self._change(at, event.source_id)
        row.sealed_off = 1
        _settle(row)

    def gate_hit(self, at: Entry, event: told.GateHit) -> None:
        row = self._change(at, event.source_id)
        row.hits = _encode(sorted({*read_hits(row.hits), event.found})).decode()

    def gate_cleared(self, at: Entry, event: told.GateCleared) -> None:
        row = self._change(at, event.source_id)
        row.hits = _encode([hit for hit in read_hits(row.hits) if hit != event.found]).decode()


def _settle(row: SourceRow) -> None:
    if row.sealed_off:
        state = SourceState.SEALED_OFF
    elif row.merged_into:
        state = SourceState.MERGED
    elif row.withdrawn:
        state = SourceState.WITHDRAWN
    else:
        state = SourceState.CORRECTED if row.versions > 1 else SourceState.LIVE
    row.state = str(state)

"""Translation: an item as its transport gives it into a record of the hub, or the fault that says why not.

The rule kept here: translation opens nothing and never raises for an item; what it cannot understand is quarantined with its raw bytes,
what it may not take is refused and leaves nothing behind.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache

import msgspec

from santiao.connectors.contract import Cell, RawItem
from santiao.connectors.converters.codes import CodeTable
from santiao.connectors.converters.references import ReferencePattern, canonical_number
from santiao.connectors.converters.region import RegionTable
from santiao.connectors.declaration import Declaration, columns_of
from santiao.connectors.expressions import (
    Expression,
    TextGetter,
    compile_conditions,
    compile_pattern,
    compile_text,
    is_empty,
    text_of,
)
from santiao.connectors.faults import fault, refusal
from santiao.connectors.fields import KeyReader, Notes, TimeReader, instant_of
from santiao.connectors.hashing import content_hash
from santiao.connectors.quotations import Quotations
from santiao.connectors.rules import ShapeRule
from santiao.connectors.shapes import FactReader, Words
from santiao.connectors.transports.timestamps import Clock
from santiao.domain.messages import Delivered, Fault, FaultKind
from santiao.domain.records import AgencyRecord, Decoder, DisputeFact, QualityNote, Relation
from santiao.domain.vocabulary import Op

_LOG = logging.getLogger(__name__)
_REPAIRS = ("mojibake_", "tail_repaired", "decoded_as_", "undecodable_bytes", "private_use_mapped")
_LONGEST_EXTRA = 4_000


class Translator:
    """Translates the items of one connector. Built once from its declaration; safe to share between threads."""

    def __init__(
        self,
        declaration: Declaration,
        *,
        tables: Mapping[str, CodeTable],
        regions: RegionTable,
        words: Words,
        patterns: tuple[ReferencePattern, ...],
        clock: Clock,
    ) -> None:
        self._name, self._feed = declaration.name, declaration.feed
        self._mapping_version = declaration.mapping_version
        self._item_bytes, self._raw_bytes = declaration.bounds.item_bytes, declaration.bounds.raw_bytes
        self._clock = clock
        self._shapes = [
            _Shape(rule, declaration, FactReader(rule, declaration, tables, regions, words), patterns)
            for rule in declaration.shapes.values()
        ]
        self._volatile = frozenset(declaration.volatile)
        self._headers = declaration.headers
        self._city_shard = int(declaration.city[:4])
        self._shard = None if declaration.shard is None else compile_pattern(declaration.shard.pattern)
        self._form = next((pattern.canonical for pattern in declaration.numbers), "plain")

    def translate(self, item: RawItem, received_at: datetime | None = None) -> Delivered:
        """One item into a `Delivered`. `received_at` is the item's own time of receipt, where it has one."""
        received = received_at or item.delivered_at or self._clock()
        told = item.fault
        record: AgencyRecord | None = None
        if told is None:
            outcome = self._record(item, received)
            if isinstance(outcome, Fault):
                told = outcome
            else:
                record = outcome
        is_refused = told is not None and told.kind is FaultKind.REFUSED
        return Delivered(
            connector=self._name,
            feed=self._feed,
            where=item.where,
            received_at=received,
            raw=b"" if is_refused else item.raw if told is None else item.head + item.raw,
            record=record,
            fault=told,
            counted=item.counted,
            nonce=item.nonce,
        )

    def _record(self, item: RawItem, received: datetime) -> AgencyRecord | Fault:
        cells = item.cells
        if cells is None:
            return fault("item.not_object", item.where)
        if len(item.raw) > self._item_bytes:
            return fault("item.oversize", item.where, str(self._item_bytes))
        if self._headers and not self._headers.keys().isdisjoint(cells):
            cells = self._renamed(cells)
        try:
            for shape in self._shapes:
                if shape.fits(cells, item):
                    return self._translate(shape, item, cells, received)
            return fault("item.no_shape", item.where)
        except Exception as failure:  # noqa: BLE001 (one item's failure is that item's fault, whatever it is)
            _LOG.error("translation of an item of %s failed: %s", self._name, type(failure).__name__)
            return fault("internal", item.where, type(failure).__name__)

    def _renamed(self, cells: Mapping[str, Cell]) -> dict[str, Cell]:
        """The cells under the declaration's own names. Of two spellings side by side the first that holds something counts."""
        renamed: dict[str, Cell] = {}
        for told, cell in cells.items():
            name = self._headers.get(told, told)
            if name not in renamed or is_empty(renamed[name]):
                renamed[name] = cell
        return renamed

    def _translate(
        self, shape: "_Shape", item: RawItem, cells: Mapping[str, Cell], received: datetime
    ) -> AgencyRecord | Fault:
        for applies, told in shape.refusals:
            if applies(cells):
                return told
        key = shape.key(cells)
        if not key:
            return fault("item.no_key", shape.key_path, shape.key_path)
        notes: Notes = []
        op = Op(item.op) if item.op else shape.op(cells)
        reported_on = shape.reported_on(cells)
        updated = item.delivered_at if shape.updated is None else instant_of(shape.updated.moment(cells, notes))
        if updated is not None and updated > received:
            notes.append(QualityNote("source_updated_at", "in_future"))
        is_absence = op is Op.SNAPSHOT_ABSENT
        body = Relation() if is_absence else shape.facts.read(cells, item.charset, reported_on, notes)
        if body is None:
            return fault("item.no_answer", item.where)
        narrative = body.narrative if isinstance(body, DisputeFact) else None
        texts = {} if narrative is None else {shape.narrative_path: narrative.value}
        if shape.follows is not None and shape.follows(cells):
            notes.append(QualityNote("type", "follow_up"))
        own = shape.own_numbers(cells, key, self._form)
        occurred = instant_of(shape.occurred.moment(cells)) if shape.occurred is not None else None
        version = shape.version(cells)
        raw = item.raw
        if len(raw) > self._raw_bytes:
            raw = raw[: self._raw_bytes]
            notes.append(QualityNote("raw", "cut"))
        return AgencyRecord(
            connector=self._name,
            feed=self._feed,
            key=f"{key}#{shape.rank(cells)}" if shape.ranked else key,
            key_base=key if shape.ranked else "",
            key_rank=shape.rank(cells),
            key_qualifier=shape.qualifier(cells),
            part=shape.part(cells),
            op=op,
            shard=self._shard_of(key),
            aliases=tuple([number for number in own if number != key]),
            source_version=int(version) if version.isdecimal() and len(version) < _MOST_DIGITS else 0,
            source_updated_at=updated,
            occurred_at=occurred,
            received_at=received,
            reported_on=reported_on,
            mapping_version=self._mapping_version,
            content_hash=content_hash(cells, self._volatile, item.charset),
            decoder=_decoder_of(item, notes),
            body=body,
            references=() if is_absence else shape.quotations.read(cells, texts, frozenset(own)),
            quality=tuple(dict.fromkeys(notes)) if notes else (),
            extra=shape.unknown(cells),
            raw=raw,
        )

    def _shard_of(self, key: str) -> int:
        if self._shard is not None and (found := self._shard.search(key)) is not None:
            return int(found[1])
        return self._city_shard


_MOST_DIGITS = 10


def _decoder_of(item: RawItem, notes: Notes) -> Decoder:
    """How the item's bytes were read, with every repair of a cell."""
    repairs = [note.code for note in notes if note.code.startswith(_REPAIRS)] if notes else ()
    if not repairs:
        return _decoder(item.charset, item.repairs)
    return Decoder(item.charset, (*item.repairs, *dict.fromkeys(repairs)))


@lru_cache(maxsize=64)
def _decoder(charset: str, repairs: tuple[str, ...]) -> Decoder:
    return Decoder(charset, repairs)


def _nothing(_cells: Mapping[str, Cell]) -> str:
    return ""


def _text(expression: Expression | None) -> TextGetter:
    return _nothing if expression is None else compile_text(expression)


class _Shape:
    """One shape as translation uses it."""

    def __init__(
        self, rule: ShapeRule, declaration: Declaration, facts: FactReader, patterns: tuple[ReferencePattern, ...]
    ) -> None:
        self.facts = facts
        self._table = rule.table
        self._applies = compile_conditions(rule.when)
        self.key = KeyReader(rule.key).read
        self.key_path = rule.key.value if isinstance(rule.key.value, str) else "key"
        self.ranked = rule.key.rank is not None
        self.rank, self.qualifier, self.part = _text(rule.key.rank), _text(rule.key.qualifier), _text(rule.part)
        self._op = Op.UPSERT if rule.op is None else rule.op
        self._op_of = None if rule.op_of is None else compile_text(rule.op_of)
        self._ops = rule.ops
        self.version = _text(rule.version)
        self.updated = (
            None if rule.updated_at is None else TimeReader(rule.updated_at, "source_updated_at", declaration)
        )
        occurred = rule.occurred_at if rule.occurred_at is not None else rule.occurred
        self.occurred = None if occurred is None else TimeReader(occurred, "occurred_at", declaration)
        self._reported = tuple(TimeReader(each, "reported_on", declaration) for each in rule.reported_on)
        self._aliases = Quotations(rule.aliases, (), patterns)
        self.quotations = Quotations(rule.references, rule.quoted_in, patterns)
        self.facts.others = Quotations(rule.others, (), patterns)
        narrative = (
            rule.narrative
            if isinstance(rule.narrative, str)
            else None
            if rule.narrative is None
            else rule.narrative.value
        )
        self.narrative_path = narrative if isinstance(narrative, str) else ""
        self.follows = compile_conditions(rule.follows) if rule.follows else None
        self.refusals: list[tuple[Callable[[Mapping[str, Cell]], bool], Fault]] = [
            (compile_conditions(each.when), refusal(each.code, _path_of(each.when[0].of), each.en, each.zh))
            for each in rule.refuse
        ]
        self._known = frozenset((*columns_of(rule), *declaration.volatile, *declaration.ignored))

    def fits(self, cells: Mapping[str, Cell], item: RawItem) -> bool:
        return (not self._table or self._table == item.table or not item.table) and self._applies(cells)

    def reported_on(self, cells: Mapping[str, Cell]) -> date | None:
        """The day the dispute was reported: the first of the declared times that tells one."""
        for reader in self._reported:
            moment = reader.moment(cells)
            if moment is not None:
                return moment.day
        return None

    def op(self, cells: Mapping[str, Cell]) -> Op:
        return self._op if self._op_of is None else self._ops.get(self._op_of(cells), self._op)

    def own_numbers(self, cells: Mapping[str, Cell], key: str, form: str) -> tuple[str, ...]:
        """The numbers that name this source: its key in canonical form, and its aliases."""
        own = key if form == "court" else canonical_number(key, form)
        told = self._aliases.declared(cells)
        return tuple(dict.fromkeys((own, *[each.number for each in told]))) if told else (own,)

    def unknown(self, cells: Mapping[str, Cell]) -> dict[str, str]:
        """Columns the declaration does not know, as text."""
        if cells.keys() <= self._known:
            return {}
        unknown = [name for name in cells if name not in self._known and name[:1] != "@"]
        return {name: told[:_LONGEST_EXTRA] for name in unknown if (told := _as_told(cells[name]))}


def _path_of(expression: object) -> str:
    return expression if isinstance(expression, str) else "item"


def _as_told(cell: Cell) -> str:
    if isinstance(cell, (list, dict)):
        return msgspec.json.encode(cell).decode() if cell else ""
    if isinstance(cell, bytes):
        return cell.decode("utf-8", errors="replace")
    return text_of(cell)

"""Readers of cells: each turns one declared rule into a function from an item's cells to a field of the record.

The rule kept here: a field keeps what came beside what was read and what became of it, and whatever a reader must tell about its cell is
a quality note, whose words are the converters' own and never the cell's content.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path

import msgspec

from santiao.connectors.contract import Cell
from santiao.connectors.converters.cells import Scalar
from santiao.connectors.converters.codes import CodeTable, parse_code_tables
from santiao.connectors.converters.money import convert_money
from santiao.connectors.converters.nulls import BLANK, NullMarkers, declare_markers
from santiao.connectors.converters.region import COUNTY, Region, RegionTable
from santiao.connectors.converters.text import convert_text
from santiao.connectors.converters.times import SHANGHAI, Moment, TimePatterns
from santiao.connectors.declaration import Declaration, DeclarationFault, time_patterns
from santiao.connectors.expressions import Expression, compile_expression, text_of
from santiao.connectors.rules import CodeRule, ListRef, RegionRule, TextRule, TimeRule
from santiao.domain.records import CodeField, MoneyField, QualityNote, TextField, TimeField
from santiao.domain.vocabulary import REGION_LIST, FieldStatus, MappingStatus

Cells = Mapping[str, Cell]
Notes = list[QualityNote]


def scalar(cell: Cell) -> Scalar:
    """A cell as a converter takes it; what is a list or an object is no value, and bytes are the text readers' own."""
    if isinstance(cell, (str, int, float)) or cell is None:
        return cell
    return cell.decode("utf-8", errors="replace") if isinstance(cell, bytes) else None


def add_notes(notes: Notes, field: str, codes: tuple[str, ...]) -> None:
    """Tell what a converter noted of a cell."""
    for code in codes:
        notes.append(QualityNote(field, code))


class TextReader:
    """A text cell; bytes are decoded by the item's charset."""

    def __init__(self, rule: str | TextRule, field: str, max_chars: int) -> None:
        if isinstance(rule, str):
            rule = TextRule(value=rule)
        self._get = compile_expression(rule.value)
        self._field = field
        self._nulls = declare_markers(rule.nulls, rule.also_null)
        self._bytes = rule.bytes
        self._markup = rule.markup
        self._max_chars = max_chars

    def __call__(self, cells: Cells, charset: str, notes: Notes) -> TextField | None:
        cell = self._get(cells)
        if cell is None or isinstance(cell, (list, dict)):
            return None
        if not isinstance(cell, (str, bytes)):
            cell = text_of(cell)
        read = convert_text(
            cell,
            nulls=self._nulls,
            charset=charset,
            byte_limit=self._bytes,
            markup=self._markup,
            max_chars=self._max_chars,
        )
        if read.notes:
            add_notes(notes, self._field, read.notes)
        if read.value is None and not cell:
            return None
        raw = cell.decode(charset, errors="replace") if isinstance(cell, bytes) else cell
        if len(raw) > self._max_chars:
            raw = raw[: self._max_chars]
        return TextField(raw, read.value, read.status)


class TimeReader:
    """A time cell, by the patterns its rule names or the declaration's default."""

    def __init__(self, rule: str | TimeRule, field: str, declaration: Declaration) -> None:
        if isinstance(rule, str):
            rule = TimeRule(value=rule)
        self._get = compile_expression(rule.value)
        self._field = field
        nulls = declare_markers(("time",), rule.also_null)
        self._patterns = TimePatterns(time_patterns(declaration, rule.patterns), nulls=nulls)

    def moment(self, cells: Cells, notes: Notes | None = None) -> Moment | None:
        """The time alone."""
        cell = self._get(cells)
        if cell is None or cell == "":
            return None
        read = self._patterns.read(scalar(cell))
        if read.notes and notes is not None:
            add_notes(notes, self._field, read.notes)
        return read.value

    def __call__(self, cells: Cells, notes: Notes) -> TimeField | None:
        cell = self._get(cells)
        if cell is None or cell == "":
            return None
        read = self._patterns.read(scalar(cell))
        if read.notes:
            add_notes(notes, self._field, read.notes)
        raw = text_of(cell)
        if read.value is None:
            return TimeField(raw, None, None, None, read.status)
        return TimeField(
            raw, read.value.instant, None if read.value.instant else read.value.day, read.value.precision, read.status
        )


def instant_of(moment: Moment | None) -> datetime | None:
    """An instant for ordering: a day told without a time of day counts at its end."""
    if moment is None:
        return None
    if moment.instant is not None:
        return moment.instant
    day = moment.day
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=SHANGHAI)


class MoneyReader:
    """An amount."""

    def __init__(self, expression: Expression) -> None:
        self._get = compile_expression(expression)

    def __call__(self, cells: Cells, notes: Notes) -> MoneyField | None:
        cell = self._get(cells)
        if cell is None or cell == "":
            return None
        read = convert_money(scalar(cell))
        if read.notes:
            add_notes(notes, "amount", read.notes)
        if read.value is None:
            return MoneyField(text_of(cell), None, status=read.status)
        return MoneyField(text_of(cell), read.value.fen, read.value.approximate, read.status)


class CodeReader:
    """A code of one of the agency's lists."""

    def __init__(self, rule: CodeRule, field: str, tables: Mapping[str, CodeTable]) -> None:
        self._get = compile_expression(rule.value)
        self._label: Callable[[Cells], Cell] | None = None if rule.label is None else compile_expression(rule.label)
        self._edition: Callable[[Cells], Cell] | None = (
            None if rule.edition is None else compile_expression(rule.edition)
        )
        self._defaults = frozenset(rule.defaults)
        self._table = tables[rule.list]
        self._field = field
        self._cache: dict[tuple[str, str], tuple[CodeField, tuple[str, ...]] | None] = {}

    def __call__(self, cells: Cells, notes: Notes) -> CodeField | None:
        code = text_of(self._get(cells))
        label = text_of(self._label(cells)) if self._label is not None else ""
        key = (code, label)
        if key in self._cache:
            known = self._cache[key]
        else:
            known = self._look_up(code, label)
            if len(self._cache) < _CACHED:
                self._cache[key] = known
        if known is None:
            return None
        field, codes = known
        if codes:
            add_notes(notes, self._field, codes)
        if self._edition is not None and (edition := text_of(self._edition(cells))):
            return msgspec.structs.replace(field, edition=edition[:40])
        return field

    def _look_up(self, code: str, label: str) -> tuple[CodeField, tuple[str, ...]] | None:
        read = self._table.lookup(code or None, label or None, nulls=_CODE_NULLS)
        field = read.value
        if field is None:
            return None
        if code in self._defaults or (not code and label in self._defaults):
            field = msgspec.structs.replace(field, mapping_status=MappingStatus.DEFAULTED_BY_SOURCE)
        return field, read.notes


_CACHED = 5000
_CODE_NULLS: NullMarkers = BLANK


def load_code_tables(declaration: Declaration, folder: Path) -> dict[str, CodeTable]:
    """The code lists of a connector's folder, by the names its declaration gives them.

    Raises:
        DeclarationFault: a list cannot be read; names file and line.
    """
    tables: dict[str, CodeTable] = {}
    for name, listed in declaration.lists.items():
        tables[name] = _load_table(listed, folder)
    return tables


def _load_table(listed: ListRef, folder: Path) -> CodeTable:
    path = folder / listed.file
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            found = parse_code_tables(lines, prefix_levels=listed.levels)
    except (OSError, ValueError) as failure:
        raise DeclarationFault(f"{path}: {failure}") from failure
    table = found.get((listed.id, listed.edition))
    if table is None:
        told = ", ".join(f"{list_id}@{edition}" for list_id, edition in found)
        raise DeclarationFault(
            f"{path}: holds {told or 'no rows'}, not {listed.id}@{listed.edition}; mend `lists` or the file. 代码表不符。"
        )
    return table


class RegionReader:
    """The region, by the first rule that reaches a county; a city where none does."""

    def __init__(self, rules: tuple[RegionRule, ...], regions: RegionTable, city: str) -> None:
        self._regions = regions
        self._city = city
        self._within = city[:4]
        self._ways: list[tuple[str, Callable[[Cells], Cell]]] = []
        for rule in rules:
            for way in ("division", "court", "name", "address"):
                expression = getattr(rule, way)
                if expression is not None:
                    self._ways.append((way, compile_expression(expression)))
        self._cache: dict[tuple[str, str], Region | None] = {}

    def __call__(self, cells: Cells, notes: Notes) -> CodeField:
        raw = label = ""
        best: Region | None = None
        for way, get in self._ways:
            told = text_of(get(cells))
            if not told:
                continue
            region = self._read(way, told)
            if region is None:
                continue
            if best is None or region.level > best.level:
                best, raw, label = region, told if way in {"division", "court"} else "", region.name
            if region.level >= COUNTY:
                if way not in {"division", "court"} and self._ways[0][0] in {"division", "court"}:
                    notes.append(QualityNote("region", f"by_{way}"))
                break
        if best is None:
            return CodeField(REGION_LIST, "", None, None, self._city, MappingStatus.DEFAULTED_BY_SOURCE)
        exact = best.level >= COUNTY
        return CodeField(
            REGION_LIST,
            "",
            raw or None,
            label or None,
            best.code,
            MappingStatus.EXACT if exact else MappingStatus.BROADER,
        )

    def _read(self, way: str, told: str) -> Region | None:
        key = (way, told)
        if len(told) <= _CACHED_TEXT and key in self._cache:
            return self._cache[key]
        if way in {"division", "court"}:
            read = (
                self._regions.convert_code(told)
                if told.isdigit()
                else self._regions.convert_name(told, within=self._within)
            )
        else:
            read = self._regions.convert_name(told[:_ADDRESS], within=self._within)
        region = read.value if read.status in {FieldStatus.OK, FieldStatus.UNMAPPED} else None
        if len(told) <= _CACHED_TEXT and len(self._cache) < _CACHED:
            self._cache[key] = region
        return region


_CACHED_TEXT = 40
_ADDRESS = 300


def day_of(moment: Moment | None) -> date | None:
    """The calendar day of a time that tells one: not of a month or a year."""
    if moment is None or moment.precision.value in {"YEAR", "MONTH"}:
        return None
    return moment.day

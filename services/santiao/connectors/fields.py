"""Readers of cells: each turns one declared rule into a function from an item's cells to a field of the record.

The rule kept here: a field keeps what came beside what was read and what became of it, and whatever a reader must tell about its cell is
a quality note, whose words are the converters' own and never the cell's content.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache

import msgspec

from santiao.connectors.contract import Cell
from santiao.connectors.converters.cells import Scalar, fold
from santiao.connectors.converters.money import convert_money
from santiao.connectors.converters.nulls import NUMBER, declare_markers
from santiao.connectors.converters.text import convert_text
from santiao.connectors.converters.times import SHANGHAI, Moment, TimePatterns
from santiao.connectors.declaration import Declaration, time_patterns
from santiao.connectors.expressions import Expression, compile_expression, compile_pattern, compile_text, text_of
from santiao.connectors.memory import remember
from santiao.connectors.rules import KeyRule, TextRule, TimeRule
from santiao.domain.records import MoneyField, QualityNote, TextField, TimeField

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
        self._short = _ANY_LENGTH if rule.bytes is None else rule.bytes // 4 - 1
        self._known: Callable[[str], tuple[TextField | None, Notes]] = remember(lambda cell: self._read(cell, "utf-8"))

    def __call__(self, cells: Cells, charset: str, notes: Notes) -> TextField | None:
        cell = self._get(cells)
        if cell is None or cell == "" or isinstance(cell, (list, dict)):
            return None
        if isinstance(cell, bytes):
            field, told = self._read(cell, charset)
        else:
            text = cell if isinstance(cell, str) else text_of(cell)
            # Characters that cannot fill their column say the same in every charset.
            field, told = self._known(text) if len(text) < self._short else self._read(text, charset)
        if told:
            notes += told
        return field

    def _read(self, cell: str | bytes, charset: str) -> tuple[TextField | None, Notes]:
        read = convert_text(
            cell,
            nulls=self._nulls,
            charset=charset,
            byte_limit=self._bytes,
            markup=self._markup,
            max_chars=self._max_chars,
        )
        told = [QualityNote(self._field, code) for code in read.notes]
        if read.value is None and not cell:
            return None, told
        raw = cell.decode(charset, errors="replace") if isinstance(cell, bytes) else cell
        return TextField(raw[: self._max_chars], read.value, read.status), told


_ANY_LENGTH = 1 << 62


class TimeRead(msgspec.Struct, frozen=True, gc=False):
    """What a time cell said: the time, the field as a record keeps it, and what is to be told of the cell."""

    moment: Moment | None
    field: TimeField
    codes: tuple[str, ...]


class TimeReader:
    """A time cell, by the patterns its rule names or the declaration's default."""

    def __init__(self, rule: str | TimeRule, field: str, declaration: Declaration) -> None:
        if isinstance(rule, str):
            rule = TimeRule(value=rule)
        self._get = compile_expression(rule.value)
        self._field = field
        patterns = time_patterns(declaration, rule.patterns)
        self._read, self._known = _time_reading(patterns, rule.also_null)

    def moment(self, cells: Cells, notes: Notes | None = None) -> Moment | None:
        """The time alone."""
        read = self._look(cells)
        if read is None:
            return None
        if read.codes and notes is not None:
            add_notes(notes, self._field, read.codes)
        return read.moment

    def __call__(self, cells: Cells, notes: Notes) -> TimeField | None:
        read = self._look(cells)
        if read is None:
            return None
        if read.codes:
            add_notes(notes, self._field, read.codes)
        return read.field

    def _look(self, cells: Cells) -> TimeRead | None:
        cell = self._get(cells)
        if isinstance(cell, str):
            return self._known(cell) if cell else None
        return None if cell is None else self._read(cell)


@lru_cache(maxsize=256)
def _time_reading(
    patterns: tuple[str, ...], also_null: tuple[str, ...]
) -> tuple[Callable[[Cell], TimeRead], Callable[[str], TimeRead]]:
    """How times of these patterns are read, plainly and remembered: several rules read one column, and rows of a batch share times."""
    forms = TimePatterns(patterns, nulls=declare_markers(("time",), also_null))

    def read(cell: Cell) -> TimeRead:
        told = forms.read(scalar(cell))
        moment, raw = told.value, text_of(cell)
        if moment is None:
            return TimeRead(None, TimeField(raw, None, None, None, told.status), told.notes)
        day = None if moment.instant else moment.day
        return TimeRead(moment, TimeField(raw, moment.instant, day, moment.precision, told.status), told.notes)

    return read, remember(read)


def instant_of(moment: Moment | None) -> datetime | None:
    """An instant for ordering: a day told without a time of day counts at its end."""
    if moment is None:
        return None
    if moment.instant is not None:
        return moment.instant
    day = moment.day
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=SHANGHAI)


class KeyReader:
    """The key: usable, in its canonical form, or ""."""

    def __init__(self, rule: KeyRule) -> None:
        self._told = compile_text(rule.value)
        self._pattern = compile_pattern(rule.pattern)
        self._fold = rule.fold
        self._nulls = frozenset(word.casefold() for word in rule.also_null)
        self._known = remember(self._usable)

    def read(self, cells: Mapping[str, Cell]) -> str:
        return self._known(self._told(cells))

    def _usable(self, told: str) -> str:
        key = fold(told) if self._fold else told
        if not key or key.casefold() in self._nulls or NUMBER.cover(key):
            return ""
        return key if self._pattern.fullmatch(key) else ""


class MoneyReader:
    """An amount."""

    def __init__(self, expression: Expression) -> None:
        self._get = compile_expression(expression)
        self._known = remember(_read_money)

    def __call__(self, cells: Cells, notes: Notes) -> MoneyField | None:
        cell = self._get(cells)
        if cell is None or cell == "":
            return None
        field, codes = self._known(cell) if isinstance(cell, str) else _read_money(cell)
        if codes:
            add_notes(notes, "amount", codes)
        return field


def _read_money(cell: Cell) -> tuple[MoneyField, tuple[str, ...]]:
    read = convert_money(scalar(cell))
    if read.value is None:
        return MoneyField(text_of(cell), None, status=read.status), read.notes
    return MoneyField(text_of(cell), read.value.fen, read.value.approximate, read.status), read.notes


def day_of(moment: Moment | None) -> date | None:
    """The calendar day of a time that tells one: not of a month or a year."""
    if moment is None or moment.precision.value in {"YEAR", "MONTH"}:
        return None
    return moment.day

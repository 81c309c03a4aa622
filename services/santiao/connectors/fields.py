"""Readers of cells: each turns one declared rule into a function from an item's cells to a field of the record.

The rule kept here: a field keeps what came beside what was read and what became of it, and whatever a reader must tell about its cell is
a quality note, whose words are the converters' own and never the cell's content.
"""

from collections.abc import Mapping
from datetime import date, datetime

from santiao.connectors.contract import Cell
from santiao.connectors.converters.cells import Converted, Scalar
from santiao.connectors.converters.money import convert_money
from santiao.connectors.converters.nulls import declare_markers
from santiao.connectors.converters.text import convert_text
from santiao.connectors.converters.times import SHANGHAI, Moment, TimePatterns
from santiao.connectors.declaration import Declaration, time_patterns
from santiao.connectors.expressions import Expression, compile_expression, text_of
from santiao.connectors.rules import TextRule, TimeRule
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
        self._patterns = _TimeMemory(TimePatterns(time_patterns(declaration, rule.patterns), nulls=nulls))

    def moment(self, cells: Cells, notes: Notes | None = None) -> Moment | None:
        """The time alone."""
        cell = self._get(cells)
        if cell is None or cell == "":
            return None
        read = self._patterns.read(cell)
        if read.notes and notes is not None:
            add_notes(notes, self._field, read.notes)
        return read.value

    def __call__(self, cells: Cells, notes: Notes) -> TimeField | None:
        cell = self._get(cells)
        if cell is None or cell == "":
            return None
        read = self._patterns.read(cell)
        if read.notes:
            add_notes(notes, self._field, read.notes)
        raw = text_of(cell)
        if read.value is None:
            return TimeField(raw, None, None, None, read.status)
        return TimeField(
            raw, read.value.instant, None if read.value.instant else read.value.day, read.value.precision, read.status
        )


_TIMES: dict[tuple[tuple[str, ...], str], Converted[Moment]] = {}
_MOST_TIMES = 8_192


class _TimeMemory:
    """Reads times, each text once while it is remembered: several rules read one column, and rows of a batch share times.

    Emptied when full; an entry that another thread adds meanwhile is the same.
    """

    def __init__(self, patterns: TimePatterns) -> None:
        self._patterns = patterns
        self._key = patterns.patterns

    def read(self, cell: Cell) -> Converted[Moment]:
        if not isinstance(cell, str):
            return self._patterns.read(scalar(cell))
        key = (self._key, cell)
        known = _TIMES.get(key)
        if known is None:
            if len(_TIMES) >= _MOST_TIMES:
                _TIMES.clear()
            known = _TIMES[key] = self._patterns.read(cell)
        return known


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


def day_of(moment: Moment | None) -> date | None:
    """The calendar day of a time that tells one: not of a month or a year."""
    if moment is None or moment.precision.value in {"YEAR", "MONTH"}:
        return None
    return moment.day

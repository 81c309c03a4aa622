"""What a cell is before conversion, what a converter answers, and how one cell with several values is taken apart.

The rule kept here: folding (NFKC, no blanks) is for identifiers and numbers only. In narrative it would turn Ⅱ into II and ㎡ into m2.
"""

import re
import unicodedata
from datetime import date
from typing import Generic, Never, TypeVar

import msgspec

from santiao.domain.vocabulary import FieldStatus

Scalar = str | int | float | date | None
"""A cell of one value, as JSON, a sheet or a column gives it. A `datetime` is a `date` too."""

ValueT_co = TypeVar("ValueT_co", covariant=True)


class Converted(msgspec.Struct, Generic[ValueT_co], frozen=True, gc=False):
    """What one cell said: the typed value, what became of the cell, and short codes for whoever judges its quality.

    `notes` are codes such as `tail_repaired`; they never hold any of the cell's content.
    """

    value: ValueT_co | None
    status: FieldStatus = FieldStatus.OK
    notes: tuple[str, ...] = ()


_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_EXACT_IN_DOUBLE = 10**15


def as_text(cell: Scalar) -> str | None:
    """Text of a scalar cell. A float past 15 digits keeps its exponent, so that a damaged number is seen to be one."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT_IN_DOUBLE else repr(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def fold(text: str) -> str:
    """Fold an identifier: full width to half width (NFKC) and every blank removed, also inside."""
    if text.isascii():
        return text if text.isalnum() else _BLANKS.sub("", text)
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text))


_WIDE = {0xFF01 + offset: 0x21 + offset for offset in range(94) if chr(0x21 + offset).isalnum()}
_WIDE |= {ord("－"): ord("-"), ord("＊"): ord("*"), ord("＋"): ord("+")}
_ANY_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ－＊＋]")


def narrow(text: str) -> str:
    """Full-width letters and digits in half width, one character for one, so that places in a text stay the same."""
    return text.translate(_WIDE) if _ANY_WIDE.search(text) else text


def invalid(note: str) -> Converted[Never]:
    """A cell that does not say what its column should: the raw is kept, the value is not."""
    return Converted(None, FieldStatus.INVALID, (note,))


def damaged(note: str) -> Converted[Never]:
    """A cell that another program has spoilt: never repaired, because a repaired number would be another person's."""
    return Converted(None, FieldStatus.DAMAGED, (note,))


def words(text: str) -> tuple[str, ...]:
    """A list of words written as a line of them."""
    return tuple(text.split())


_SEPARATORS = re.compile(r"[、，,;；/／\\|｜\r\n]+")
MAX_PIECES = 200
"""No cell is taken apart into more values than this; what follows stays in the last piece."""


def split_cell(text: str) -> tuple[str, ...]:
    """Take apart a cell of several values at 、，；/ | and line breaks.

    Blank pieces inside are dropped; null markers are kept, so that the second name still stands beside the second number.
    """
    pieces = _SEPARATORS.split(text, maxsplit=MAX_PIECES - 1)
    return tuple(piece for piece in map(str.strip, pieces) if piece)

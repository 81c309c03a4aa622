"""Null markers (空值标记): what agencies write where they have nothing to write.

The rule kept here: a marker is declared per column. A lone 0 is no phone number, but it is a channel code; so sets are named and a
declaration picks them, and adds its own.
"""

from collections.abc import Iterable, Mapping
from typing import Never

import msgspec

from santiao.connectors.converters.cells import Converted, fold, words
from santiao.domain.vocabulary import FieldStatus

NULL: Converted[Never] = Converted(None, FieldStatus.NULL_MARKER)
_LONGEST_MARKER = 32

DITTO = frozenset({"同上", "〃", "同前", "″", "''", '"', "“", "”", "〞", "ditto"})
"""Marks that mean "as in the row above". A table reader carries down; a cell that still holds one tells nothing."""


class NullMarkers(msgspec.Struct, frozen=True):
    """A column's null markers. `zeros`: a cell of zeros and separators only is null; `endings`: a short cell so ending is null."""

    name: str
    markers: frozenset[str]
    zeros: bool = False
    endings: tuple[str, ...] = ()

    def cover(self, text: str | None) -> bool:
        """True when the cell is empty or one of the markers, whatever its case, width or blanks."""
        if text is None or text in self.markers:
            return True
        if len(text) > _LONGEST_MARKER:
            return not text.strip()
        if text.isascii() and text.isdigit():
            return self.zeros and not text.strip("0")
        folded = fold(text).casefold()
        return (
            not folded
            or folded in self.markers
            or (self.zeros and not folded.strip("0-/:.t"))
            or (bool(self.endings) and len(folded) <= _SHORT and folded.endswith(self.endings))
        )


_SHORT = 8
_BLANK = frozenset({"", "null", "none", "nil", "nan", "undefined", "\\n", "<null>", "(null)", "[null]"})
_WRITTEN = (
    _BLANK
    | DITTO
    | frozenset(
        words(
            "无 没有 空 暂无 不详 未知 不明 不清 不清楚 不知道 未填 未填写 未登记 未提供 未采集 未录入 拒绝提供 无法提供 不愿提供 "
            "略 详见附件 见附件 附件 (无) 无。 / // \\ - -- --- — —— – ─ ── _ . 。 .. … …… * ** *** ? ?? ??? x xx xxx n/a na #n/a "
            "#value! #ref!"
        )
    )
)

BLANK = NullMarkers("blank", _BLANK)
"""For codes and flags: every written value may mean something, 0 above all."""
TEXT = NullMarkers("text", _WRITTEN)
PLACE = NullMarkers("place", _WRITTEN, endings=("不详", "未知", "不明"))
NUMBER = NullMarkers("number", _WRITTEN, zeros=True, endings=("不详", "未知", "不明", "附件"))
"""For identity numbers, organisation codes and phones."""
TIME = NullMarkers("time", _WRITTEN, zeros=True)

NULL_SETS: Mapping[str, NullMarkers] = {each.name: each for each in (BLANK, TEXT, PLACE, NUMBER, TIME)}


def declare_markers(names: Iterable[str], extra: Iterable[str] = ()) -> NullMarkers:
    """One column's markers: the named sets together, and the declaration's own.

    Raises:
        KeyError: a name is not in `NULL_SETS`.
    """
    chosen = [NULL_SETS[name] for name in names]
    own = frozenset(fold(marker).casefold() for marker in extra)
    return NullMarkers(
        name="+".join(each.name for each in chosen) or "own",
        markers=own.union(*(each.markers for each in chosen)) | {""},
        zeros=any(each.zeros for each in chosen),
        endings=tuple(dict.fromkeys(ending for each in chosen for ending in each.endings)),
    )


def is_ditto(text: str) -> bool:
    """True when the cell says "as above", whatever its width."""
    return text.strip() in DITTO or fold(text).casefold() in DITTO

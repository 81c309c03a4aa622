"""The content hash of an item: SM3 over its cells in canonical form, without those that change while the fact does not.

The rule kept here: a row hashes the same whether it came from a table, a CSV or a sheet: blanks at the ends go, an empty cell is no
cell, a number is its text, and the order of cells does not count.
"""

import hashlib
from collections.abc import Mapping

import msgspec

from santiao.connectors.contract import Cell
from santiao.connectors.converters.text import decode
from santiao.connectors.expressions import text_of

_ENCODER = msgspec.json.Encoder(order="sorted")


def content_hash(cells: Mapping[str, Cell], volatile: frozenset[str], charset: str = "utf-8") -> bytes:
    """Thirty-two bytes. `charset` is that of cells that are still bytes.

    `volatile` names cells of the outermost level, or `list.member` inside its elements.
    """
    kept: dict[str, object] = {}
    for name, cell in cells.items():
        if name in volatile:
            continue
        if isinstance(cell, str):
            stripped = cell.strip()
            if stripped:
                kept[name] = stripped
        elif isinstance(cell, bytes):
            kept[name] = decode(cell, charset).value or ""
        elif cell is not None and (value := _canonical(cell, name, volatile)) is not None:
            kept[name] = value
    return hashlib.new("sm3", _ENCODER.encode(kept)).digest()


def _canonical(cell: Cell, name: str, volatile: frozenset[str]) -> object:
    if isinstance(cell, dict):
        members: dict[str, object] = {}
        for member, inner in cell.items():
            place = f"{name}.{member}"
            if place not in volatile and (value := _canonical(inner, place, volatile)) is not None:
                members[member] = value
        return members or None
    if isinstance(cell, list):
        return [value for inner in cell if (value := _canonical(inner, name, volatile)) is not None] or None
    return text_of(cell) or None

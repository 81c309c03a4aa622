"""The content hash of an item: SM3 over its cells in canonical form, without those that change while the fact does not.

The rule kept here: a row hashes the same whether it came from a table, a CSV or a sheet: blanks at the ends go, an empty cell is no
cell, a number is its text, the mark a driver leaves for a cut character goes, and the order of cells does not count.
"""

import hashlib
from collections.abc import Mapping

import msgspec

from santiao.connectors.contract import Cell
from santiao.connectors.converters.text import decode
from santiao.connectors.expressions import text_of

_ENCODER = msgspec.json.Encoder(order="sorted")
_EMPTY = hashlib.new("sm3")


def content_hash(cells: Mapping[str, Cell], volatile: frozenset[str], charset: str = "utf-8") -> bytes:
    """Thirty-two bytes. `charset` is that of cells that are still bytes, `volatile` names the cells left out."""
    kept: dict[str, object] = {}
    for name, cell in cells.items():
        if isinstance(cell, str):
            stripped = cell.strip()
            if stripped[-1:] == "\ufffd":
                stripped = stripped.rstrip("\ufffd")
            if stripped:
                kept[name] = stripped
        elif cell is None:
            continue
        elif isinstance(cell, (list, dict)):
            if cell:
                kept[name] = cell
        elif isinstance(cell, bytes):
            kept[name] = decode(cell, charset).value or ""
        else:
            kept[name] = text_of(cell)
    for name in volatile:
        kept.pop(name, None)
    digest = _EMPTY.copy()  # Asking OpenSSL for the algorithm by name each time costs more than the digest.
    digest.update(_ENCODER.encode(kept))
    return digest.digest()

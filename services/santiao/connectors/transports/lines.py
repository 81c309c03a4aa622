"""JSON lines: one delivery or one event a line, numbered as an editor numbers them.

The rule kept here: a line that is no JSON is one quarantined item, and the next line is read; a blank line is none.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from santiao.connectors.contract import RawItem
from santiao.connectors.faults import fault
from santiao.connectors.forms import Bounds
from santiao.connectors.transports.answers import BOM, UNREADABLE, unreadable
from santiao.domain.errors import DeliveryFailed


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line: where it stands, its bytes, and the object it holds or the item that says why there is none."""

    where: str
    raw: bytes
    value: dict[str, object] = {}
    item: RawItem | None = None


def read_lines(path: Path, bounds: Bounds) -> Iterator[Line]:
    """Yield the lines of a file that are not blank, each within the bounds of one item.

    Raises:
        DeliveryFailed: the file cannot be opened.
    """
    try:
        stream = path.open("rb")
    except OSError as failure:
        raise DeliveryFailed(
            "source.unreadable", f"{path} cannot be opened: {failure.strerror}", f"无法打开 {path}：{failure.strerror}"
        ) from failure
    limit = bounds.item_bytes
    with stream:
        number = 0
        while raw := stream.readline(limit + 1):
            number += 1
            if number == 1:
                raw = raw.removeprefix(BOM)
            where = f"{path.name}:{number}"
            if len(raw) > limit:
                while raw and not raw.endswith(b"\n"):
                    raw = stream.readline(limit)
                yield Line(
                    where, b"", item=RawItem(where=where, raw=b"", fault=fault("item.oversize", where, str(limit)))
                )
            elif raw.strip():
                yield parse_line(raw, where)


def parse_line(raw: bytes, where: str) -> Line:
    """One line by itself."""
    try:
        value: object = msgspec.json.decode(raw)
    except UNREADABLE as failure:
        return Line(where, raw, item=RawItem(where=where, raw=raw, fault=unreadable("item", failure, raw, where)))
    if not isinstance(value, dict):
        return Line(where, raw, item=RawItem(where=where, raw=raw, fault=fault("item.not_object", where)))
    return Line(where, raw, value)

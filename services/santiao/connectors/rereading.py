"""Reading a quarantined item's own bytes again after a mend: the declaration's, the code list's or the code's.

The rule kept here: the bytes say what they are (a table row as it was kept, JSON, XML, a workbook, a delivery's body, rows below their
header), and are read by the same code that reads a delivery of that form.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from santiao.connectors.contract import Cell, RawItem
from santiao.connectors.declaration import Declaration
from santiao.connectors.faults import fault
from santiao.connectors.forms import DropForm, HookForm, SnapshotForm, TableFilesForm
from santiao.connectors.sources import Sources
from santiao.connectors.transports.files import day_in_name
from santiao.connectors.transports.hook_lines import read_delivery_body
from santiao.connectors.transports.ledger import SINCE
from santiao.connectors.transports.table_columns import decode_row
from santiao.domain.errors import InvalidRecord

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def reread(declaration: Declaration, sources: Sources, raw: bytes, where: str, received_at: datetime) -> list[RawItem]:
    """The items that an item's bytes hold now: one as a rule, several where a whole file was quarantined.

    `where` and `received_at` are those of the item; a form that cannot be read gives one item that says so.
    """
    try:
        found = _read(declaration, sources, raw, where, received_at)
    except InvalidRecord as failure:
        return [RawItem(where=where, raw=raw, fault=fault("form.unsupported", where, failure.path))]
    return [msgspec.structs.replace(item, where=_place(where, item.where), delivered_at=received_at) for item in found]


def _read(declaration: Declaration, sources: Sources, raw: bytes, where: str, received_at: datetime) -> list[RawItem]:
    start = raw[:16].lstrip()
    kept = _kept_row(raw) if declaration.live.table is not None else None
    if kept is not None:
        return [RawItem(where=where, raw=raw, table=kept[0], cells=kept[1])]
    if start.startswith(b"{"):
        if any(isinstance(form, HookForm) for form in declaration.forms):
            return [read_delivery_body(raw, where, received_at)]
        return sources.parse_body(raw, "application/json")
    if start.startswith(b"<") and any(isinstance(form, DropForm) for form in declaration.forms):
        return sources.parse_body(raw, "application/xml")
    if start.startswith(b"PK\x03\x04"):
        return list(_dated(sources.parse_body(raw, _WORKBOOK), declaration, where, received_at))
    if any(isinstance(form, TableFilesForm | SnapshotForm) for form in declaration.forms):
        return list(_dated(sources.parse_body(raw, "text/csv"), declaration, where, received_at))
    return sources.parse_body(raw, "application/json")


def _kept_row(raw: bytes) -> tuple[str, dict[str, Cell]] | None:
    try:
        return decode_row(raw)
    except InvalidRecord:
        return None


def _dated(items: list[RawItem], declaration: Declaration, where: str, received_at: datetime) -> Iterator[RawItem]:
    """Rows of a ledger read as they do since the day that its name tells: what the row said before is no longer known."""
    form = next((form for form in declaration.forms if isinstance(form, SnapshotForm)), None)
    if form is None:
        yield from items
        return
    day = day_in_name(where, form.name_pattern) or received_at
    for item in items:
        yield (
            item
            if item.cells is None
            else msgspec.structs.replace(item, cells={**item.cells, SINCE: day.date().isoformat()})
        )


def _place(where: str, place: str) -> str:
    """Where an item of a whole file stands: the file's name, and the item's number in it."""
    _, mark, number = place.partition("#")
    return f"{where}#{number}" if mark and "#" not in where else where

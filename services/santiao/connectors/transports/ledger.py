"""Whole-snapshot ledgers (台账) as CSV or XLSX: the header wherever it stands, ditto marks carried down, absence from two in a row.

The rules kept here: title, header, total and blank rows are no items; a row that one snapshot lacks is only missing, one that two
snapshots in a row lack is absent; a snapshot that is not newer than the last one compared is read for its rows alone.
"""

import base64
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from santiao.connectors.contract import Cell, Page, RawItem
from santiao.connectors.converters.cells import fold
from santiao.connectors.converters.nulls import DITTO, is_ditto
from santiao.connectors.expressions import is_empty, text_of
from santiao.connectors.faults import fault
from santiao.connectors.forms import SnapshotForm
from santiao.connectors.hashing import content_hash
from santiao.connectors.transports.files import day_in_name, list_deliveries, read_delivery
from santiao.connectors.transports.reading import FilesRead, Reading
from santiao.connectors.transports.separated import choose_charset, is_wide, named, read_rows
from santiao.connectors.transports.snapshot import Snapshots, compare
from santiao.connectors.transports.workbook import SheetRow, WorkbookFault, read_workbook
from santiao.domain.messages import FaultKind, Watermark
from santiao.domain.vocabulary import Op

_ARCHIVE = b"PK\x03\x04"
_DITTO_FIRST = frozenset({*(mark[0] for mark in DITTO), "＂", "＇", "ｄ"})
_TABLE_COLUMNS = 4
"""A sheet none of whose rows is wider is prose, not a table that lost its header."""


class _Line(msgspec.Struct, frozen=True):
    """A row of any form: place, sheet, bytes, cells."""

    where: str
    sheet: str
    raw: bytes
    cells: tuple[Cell, ...]


class Ledger:
    """Reads a folder of ledgers in the order of their names, or one of them."""

    def __init__(self, form: SnapshotForm, reading: Reading) -> None:
        self._form = form
        self._reading = reading
        self._header = frozenset(form.header)

    def read(self, source: str, watermark: Watermark | None) -> Iterator[Page]:
        state = {} if watermark is None else dict(watermark.state)
        read = FilesRead(state)
        compared = _Compared(state)
        for path in read.unread(list_deliveries(source, self._form.files)):
            name, items = path.name, self._read_file(path)
            day = day_in_name(name, self._form.name_pattern)
            told = name if day is None else day.date().isoformat()
            items, absent = self._compare(items, told, compared)
            delivered_at = None if day is None else min(day, self._reading.clock())
            gone = tuple(self._absent(number, name, told, delivered_at) for number in absent)
            read.add(path)
            yield Page((*items, *gone), self._reading.watermark(state))
        yield Page((), self._reading.watermark(state))

    def _read_file(self, path: Path) -> tuple[RawItem, ...]:
        delivery = read_delivery(path, self._reading.bounds.file_bytes)
        if delivery.fault is not None:
            return (RawItem(where=path.name, raw=b"", fault=delivery.fault),)
        return tuple(self.read_bytes(delivery.data, path.name))

    def read_bytes(self, data: bytes, name: str) -> Iterator[RawItem]:
        """The rows of one ledger."""
        now = self._reading.clock()
        day = day_in_name(name, self._form.name_pattern)
        delivered_at = None if day is None or day.date() > now.date() else min(day, now)
        try:
            for taken, item in enumerate(self._rows(self._lines(data, name), name, data), start=1):
                if taken > self._reading.bounds.items:
                    yield RawItem(
                        where=name, raw=b"", fault=fault("file.too_many", name, str(self._reading.bounds.items))
                    )
                    return
                yield msgspec.structs.replace(item, delivered_at=delivered_at)
        except WorkbookFault as failure:
            is_kept = failure.fault.kind is FaultKind.QUARANTINED
            yield RawItem(where=name, raw=data if is_kept else b"", fault=failure.fault)

    def _lines(self, data: bytes, name: str) -> Iterator[_Line]:
        if data.startswith(_ARCHIVE) or name.lower().endswith(".xlsx"):
            for row in read_workbook(data, name, self._reading.bounds):
                yield _Line(row.where, row.sheet, _raw_of(row), row.cells)
            return
        if data.startswith(_KEPT_ROWS):
            for cells in msgspec.json.Decoder(list[Any]).decode_lines(data):
                yield _Line(name, "", msgspec.json.encode(cells), tuple(cells))
            return
        if is_wide(data):
            raise WorkbookFault(fault("file.charset", name, "、".join(self._form.charsets)))
        for line in read_rows(data, choose_charset(data, self._form.charsets)):
            yield _Line(f"{name}:{line.line}", "", line.raw, line.cells)

    def _rows(self, lines: Iterable[_Line], name: str, data: bytes) -> Iterator[RawItem]:
        """Rows below a header, keyed by its names; every sheet has its own. A table without one is one item that says so."""
        for sheet, group in groupby(lines, key=lambda line: line.sheet):
            names: tuple[str, ...] = ()
            head = b""
            before: dict[str, Cell] = {}
            is_table = False
            for line in group:
                if all(is_empty(cell) for cell in line.cells):
                    continue
                headings = self._headings(line.cells)
                if headings:
                    names, head, before = headings, line.raw, {}
                elif not names:
                    is_table = is_table or sum(not is_empty(cell) for cell in line.cells) >= _TABLE_COLUMNS
                elif not self._is_total(line.cells):
                    before = self._carried(named(names, line.cells), before)
                    yield RawItem(where=line.where, raw=line.raw, cells=before, head=head)
            if is_table and not names:
                where = f"{name}/{sheet}" if sheet else name
                yield RawItem(where=where, raw=data, fault=fault("file.no_header", where, "、".join(self._form.header)))

    def _headings(self, cells: tuple[Cell, ...]) -> tuple[str, ...]:
        """The names of a header row; empty for any other row. A header of two rows is known by its lower one."""
        headers = self._reading.headers
        names = tuple(headers.get(name, name) for name in ("".join(text_of(cell).split()) for cell in cells))
        return names if self._header <= set(names) else ()

    def _is_total(self, cells: tuple[Cell, ...]) -> bool:
        told = next((text_of(cell) for cell in cells if not is_empty(cell)), "")
        return fold(told).rstrip(":：") in self._form.totals

    def _carried(self, cells: dict[str, Cell], before: dict[str, Cell]) -> dict[str, Cell]:
        for name, cell in cells.items():
            if isinstance(cell, str) and cell.lstrip()[:1].casefold() in _DITTO_FIRST and is_ditto(cell):
                cells[name] = before.get(name)
        for name in self._form.carry:
            if is_empty(cells.get(name)) and not is_empty(before.get(name)):
                cells[name] = before[name]
        return cells

    def _compare(
        self, items: tuple[RawItem, ...], told: str, compared: "_Compared"
    ) -> tuple[tuple[RawItem, ...], tuple[str, ...]]:
        """The rows, each with the day since which it reads as it does (`@since`), and the keys that are absent by now."""
        is_whole = bool(items) and all(item.fault is None or item.fault.code.startswith("item.") for item in items)
        present: set[str] = set()
        dated: list[RawItem] = []
        for item in items:
            key = "" if item.cells is None else fold(text_of(item.cells.get(self._form.key)))
            if not key or item.cells is None:
                dated.append(item)
                continue
            present.add(key)
            since = compared.since(key, content_hash(item.cells, frozenset()).hex()[:12], told)
            dated.append(msgspec.structs.replace(item, cells={**item.cells, SINCE: since}))
        return tuple(dated), compared.take(present, told) if is_whole else ()

    def _absent(self, number: str, name: str, told: str, delivered_at: datetime | None) -> RawItem:
        return RawItem(
            where=f"{name}~{number}",
            raw=b"",
            cells={self._form.key: number, SINCE: told},
            op=Op.SNAPSHOT_ABSENT.value,
            counted=False,
            delivered_at=delivered_at,
        )


class _Compared:
    """What the snapshots before told of every row: its content and since when, and which rows the last one lacked.

    Reading old snapshots once more begins a chain of its own (`_now`), so that a row gets the same day as when it was read first.
    """

    def __init__(self, state: dict[str, str]) -> None:
        self.state = state
        lines = (line.split("\t") for line in _unpack(state.get("rows", "")))
        self._rows = {key: (content, since) for key, content, since in lines}
        self._missing = frozenset(_unpack(state.get("missing", "")))
        self._now: dict[str, tuple[str, str]] = {}

    def since(self, key: str, content: str, told: str) -> str:
        """The day since which the row reads so."""
        before = self._now.get(key) or self._rows.get(key)
        day = before[1] if before is not None and before[0] == content else told
        self._now[key] = (content, day)
        return day

    def take(self, present: set[str], told: str) -> tuple[str, ...]:
        """Note a snapshot's rows; returns those that it and the one before lacked."""
        before = Snapshots(self.state.get("snapshot", ""), frozenset(self._rows), self._missing)
        after, absent = compare(before, told, present)
        if after is before:
            return ()
        self._missing = after.missing
        known = {**self._rows, **{key: self._now[key] for key in present}}
        self._rows = {key: row for key, row in known.items() if key in after.known}
        for key in absent:
            self._now.pop(key, None)
        lines = ("\t".join((key, *row)) for key, row in self._rows.items())
        self.state.update(snapshot=after.name, rows=_pack(lines), missing=_pack(self._missing))
        self.state["absence"] = "judged" if after.is_judged else "too many keys"
        return absent


SINCE = "@since"
"""Cell that a ledger's reader adds: the day since which the row reads as it does."""


def _raw_of(row: SheetRow) -> bytes:
    """A workbook's row has no bytes of its own: it is kept as a line of JSON, and so is its header."""
    return msgspec.json.encode(row.cells) + b"\n"


_KEPT_ROWS = b"["


def _pack(lines: Iterable[str]) -> str:
    """Lines in little room: a ledger has thousands."""
    text = "\n".join(sorted(lines))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode() if text else ""


def _unpack(packed: str) -> list[str]:
    return zlib.decompress(base64.b64decode(packed)).decode().split("\n") if packed else []

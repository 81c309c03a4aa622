"""Snapshots of a front-end database's tables as CSV files, one a table and day.

The rule kept here: days are read in order, and all tables of a day before the next day; the whole table is in every file, so most rows
come again and are repeats.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

from santiao.connectors.contract import Cell, Page, RawItem
from santiao.connectors.faults import fault
from santiao.connectors.forms import TableFile, TableFilesForm
from santiao.connectors.transports.files import list_deliveries, natural_order, read_delivery
from santiao.connectors.transports.reading import FilesRead, Reading
from santiao.connectors.transports.separated import Row, choose_charset, is_wide, named, read_rows
from santiao.connectors.transports.timestamps import latest_told
from santiao.domain.messages import Watermark

_NUMBERS = re.compile(r"\d+")


class TableFiles:
    """Reads a folder of table snapshots, or one such file."""

    def __init__(self, form: TableFilesForm, reading: Reading) -> None:
        self._form = form
        self._reading = reading

    def read(self, source: str, watermark: Watermark | None) -> Iterator[Page]:
        state = {} if watermark is None else dict(watermark.state)
        read = FilesRead(state)
        paths = list_deliveries(source, (each.files for each in self._form.tables))
        for path in read.unread(sorted(paths, key=lambda path: self._order(path.name))):
            items = tuple(self._items(path))
            read.add(path)
            yield Page(items, self._reading.watermark(state))
        yield Page((), self._reading.watermark(state))

    def _order(self, name: str) -> tuple[object, ...]:
        """By the numbers in the name after the table's, then by the table's place in the declaration."""
        place = next(
            (i for i, each in enumerate(self._form.tables) if fnmatchcase(name, each.files)), len(self._form.tables)
        )
        table = self._table_of(name)
        told = name if table is None else name.removeprefix(table.table)
        return (tuple(int(number) for number in _NUMBERS.findall(told)), place, natural_order(name))

    def _table_of(self, name: str) -> TableFile | None:
        return next((each for each in self._form.tables if fnmatchcase(name, each.files)), None)

    def _items(self, path: Path) -> Iterator[RawItem]:
        delivery = read_delivery(path, self._reading.bounds.file_bytes)
        if delivery.fault is not None:
            yield RawItem(where=path.name, raw=b"", fault=delivery.fault)
            return
        yield from self.read_bytes(delivery.data, path.name, self._table_of(path.name))

    def read_bytes(self, data: bytes, name: str, table: TableFile | None = None) -> Iterator[RawItem]:
        """The rows of one CSV document. Without `table`, each row's own cells say what it is."""
        if is_wide(data):
            told = fault("file.charset", name, "、".join(self._form.charsets))
            yield RawItem(where=name, raw=data, fault=told)
            return
        charset = choose_charset(data, self._form.charsets)
        rows = read_rows(data, charset)
        header = next(rows, None)
        if header is None or not any(header.cells):
            return
        names = tuple(self._name_of(cell, charset) for cell in header.cells)
        taken: list[tuple[Row, dict[str, Cell] | None]] = []
        for row in rows:
            if not any(row.cells):
                continue
            if len(taken) >= self._reading.bounds.items:
                yield RawItem(where=name, raw=b"", fault=fault("file.too_many", name, str(self._reading.bounds.items)))
                return
            fits = len(row.cells) <= len(names) or not any(row.cells[len(names) :])
            taken.append((row, named(names, row.cells) if fits else None))
        changed = (
            table.changed if table is not None else tuple(each for every in self._form.tables for each in every.changed)
        )
        delivered_at = self._latest(taken, changed)
        for row, cells in taken:
            where = f"{name}:{row.line}"
            if cells is None:
                extra = str(len(row.cells) - len(names))
                ragged = fault("item.ragged", where, extra)
                yield RawItem(where=where, raw=row.raw, fault=ragged, delivered_at=delivered_at, head=header.raw)
            else:
                yield RawItem(
                    where=where,
                    raw=row.raw,
                    cells=cells,
                    table="" if table is None else table.table,
                    delivered_at=delivered_at,
                    charset=charset,
                    head=header.raw,
                )

    def _name_of(self, cell: str | bytes, charset: str) -> str:
        text = (cell.decode(charset, errors="replace") if isinstance(cell, bytes) else cell).strip()
        return self._reading.headers.get(text, text)

    def _latest(self, taken: list[tuple[Row, dict[str, Cell] | None]], changed: tuple[str, ...]) -> datetime | None:
        """The latest time a row tells."""
        now = self._reading.clock()
        texts = {str(cells.get(column) or "") for _, cells in taken if cells is not None for column in changed}
        return latest_told(texts, self._form.times, now)

"""Workbooks (XLSX) into rows: every sheet people can see, merged cells filled, nothing unpacked beyond its bounds.

The rule kept here: what a workbook says of its own size is checked before it is opened; hidden sheets, rows and columns that a person
does not see are no delivery.
"""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time

import msgspec
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from santiao.connectors.contract import Cell
from santiao.connectors.faults import fault
from santiao.connectors.forms import Bounds
from santiao.domain.messages import Fault

_MAX_RATIO = 200
_MAX_COLUMNS = 500
_RATIO_COUNTS_FROM = 1024 * 1024


class SheetRow(msgspec.Struct, frozen=True):
    """One row of a sheet: where it stands, and its cells."""

    where: str
    sheet: str
    cells: tuple[Cell, ...]


class WorkbookFault(Exception):
    """The workbook could not be read; `fault` says why."""

    def __init__(self, told: Fault) -> None:
        super().__init__(told.code)
        self.fault = told


def check_expansion(data: bytes, name: str, bounds: Bounds) -> None:
    """Look at the archive's own list before anything is unpacked.

    Raises:
        WorkbookFault: it is no archive, or unpacks to more than its bounds in size or ratio.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as failure:
        raise WorkbookFault(fault("file.not_workbook", name, "no archive")) from failure
    expanded = sum(entry.file_size for entry in entries)
    if expanded > bounds.expanded_bytes or (expanded > _RATIO_COUNTS_FROM and expanded > _MAX_RATIO * len(data)):
        raise WorkbookFault(fault("file.expansion", name, f"{expanded} bytes"))


def read_workbook(data: bytes, name: str, bounds: Bounds) -> Iterator[SheetRow]:
    """Yield the rows of every visible sheet.

    Raises:
        WorkbookFault: not a workbook, or beyond its bounds.
    """
    check_expansion(data, name, bounds)
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, OSError, TypeError, zipfile.BadZipFile, SyntaxError) as failure:
        raise WorkbookFault(fault("file.not_workbook", name, type(failure).__name__)) from failure
    try:
        for sheet in workbook.worksheets:
            if sheet.sheet_state == "visible":
                yield from _rows(sheet, name)
    finally:
        workbook.close()


def _rows(sheet: Worksheet, name: str) -> Iterator[SheetRow]:
    filled: dict[tuple[int, int], Cell] = {}
    for merged in sheet.merged_cells.ranges:
        if merged.min_col == merged.max_col:
            value = _cell(sheet.cell(merged.min_row, merged.min_col).value)
            filled.update({(row, merged.min_col): value for row in range(merged.min_row, merged.max_row + 1)})
    last = min(sheet.max_column or 0, _MAX_COLUMNS)
    for number, values in enumerate(sheet.iter_rows(max_col=last, values_only=True), start=1):
        cells = tuple(_cell(value) for value in values)
        if filled:
            cells = tuple(filled.get((number, column), cell) for column, cell in enumerate(cells, start=1))
        yield SheetRow(f"{name}/{sheet.title}!{number}", sheet.title, cells)


def _cell(value: object) -> Cell:
    if isinstance(value, (datetime, date, time)):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)

"""Workbooks (XLSX) into rows: every sheet people can see, merged cells filled, nothing unpacked beyond its bounds.

The rule kept here: what a workbook says of its own size is checked before it is opened; hidden sheets, rows and columns that a person
does not see are no delivery.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time

import msgspec
import openpyxl
from defusedxml import DefusedXmlException
from openpyxl.worksheet.worksheet import Worksheet

from santiao.connectors.contract import Cell
from santiao.connectors.faults import fault
from santiao.connectors.forms import Bounds
from santiao.domain.messages import Fault

_MAX_RATIO = 200
_MAX_COLUMNS = 500
_RATIO_COUNTS_FROM = 1024 * 1024
_MAX_GRID = 40_000_000
"""Cells between the first and the last one of a sheet; most of them are empty where one stands far below."""
_MAX_JOINED = 500_000
_MERGED = re.compile(
    rb"""<(?:\w+:)?mergeCell\s+ref\s*=\s*["']\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})["']"""
)
_MERGED_AT_ALL = re.compile(rb"<(?:\w+:)?mergeCell[\s/>]")


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
    """Look at the archive's own list, and at what its sheets join, before anything is taken apart.

    Raises:
        WorkbookFault: it is no archive, or unpacks to more than its bounds in size, ratio or joined cells.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            expanded = sum(entry.file_size for entry in entries)
            is_bomb = expanded > bounds.expanded_bytes or expanded > max(_RATIO_COUNTS_FROM, _MAX_RATIO * len(data))
            sheets = [entry for entry in entries if not is_bomb and entry.filename.startswith("xl/worksheets/")]
            joined = sum(_joined_cells(archive.read(entry)) for entry in sheets)
    except Exception as failure:  # what a damaged archive raises is as various as the damage
        raise WorkbookFault(fault("file.not_workbook", name, "no archive", "不是压缩包")) from failure
    if is_bomb:
        raise WorkbookFault(fault("file.expansion", name, f"{expanded} bytes", f"{expanded} 字节"))
    if joined > _MAX_JOINED:
        raise WorkbookFault(fault("file.expansion", name, f"{joined} joined cells", f"合并 {joined} 格"))


def _joined_cells(sheet: bytes) -> int:
    """How many cells a sheet's merged ranges cover: one line can name seventeen thousand million.

    Raises:
        ValueError: the sheet is not written as workbooks are, or names a range otherwise.
    """
    if b"\0" in sheet[:100]:
        raise ValueError("not UTF-8")
    corners = _MERGED.findall(sheet)
    if len(corners) != len(_MERGED_AT_ALL.findall(sheet)):
        raise ValueError("unusual range")
    return sum(
        (int(bottom) - int(top) + 1) * (_column(right) - _column(left) + 1) for left, top, right, bottom in corners
    )


def _column(letters: bytes) -> int:
    """A column's number: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def read_workbook(data: bytes, name: str, bounds: Bounds) -> Iterator[SheetRow]:
    """Yield the rows of every visible sheet.

    Raises:
        WorkbookFault: not a workbook, or beyond its bounds.
    """
    check_expansion(data, name, bounds)
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
    except Exception as failure:  # what a damaged workbook raises is as various as the damage
        if _is_defused(failure):
            raise WorkbookFault(fault("file.dtd", name)) from failure
        raise WorkbookFault(fault("file.not_workbook", name, type(failure).__name__, "结构损坏")) from failure
    try:
        for sheet in workbook.worksheets:
            if sheet.sheet_state == "visible":
                yield from _rows(sheet, name)
    finally:
        workbook.close()


def _is_defused(failure: BaseException | None) -> bool:
    """True when a part of the workbook declares a document type or entities, whatever the library made of that."""
    while failure is not None:
        if isinstance(failure, DefusedXmlException):
            return True
        failure = failure.__cause__ or failure.__context__
    return False


def _rows(sheet: Worksheet, name: str) -> Iterator[SheetRow]:
    filled: dict[tuple[int, int], Cell] = {}
    for merged in sheet.merged_cells.ranges:
        if merged.min_col == merged.max_col:
            value = _cell(sheet.cell(merged.min_row, merged.min_col).value)
            filled.update({(row, merged.min_col): value for row in range(merged.min_row, merged.max_row + 1)})
    last = min(sheet.max_column or 0, _MAX_COLUMNS)
    if last * (sheet.max_row or 0) > _MAX_GRID:
        raise WorkbookFault(
            fault("file.expansion", f"{name}/{sheet.title}", f"{sheet.max_row} rows", f"{sheet.max_row} 行")
        )
    for number, values in enumerate(sheet.iter_rows(max_col=last, values_only=True), start=1):
        cells = tuple(_cell(value) for value in values)
        if filled:
            cells = tuple(filled.get((number, column), cell) for column, cell in enumerate(cells, start=1))
        yield SheetRow(f"{name}/{sheet.title}!{number}", sheet.title, cells)


def _cell(value: object) -> Cell:
    if isinstance(value, (datetime, date, time)):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)

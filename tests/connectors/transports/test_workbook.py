"""Workbooks: what a person sees is read, and nothing unpacks beyond its bounds."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from santiao.connectors.forms import Bounds
from santiao.connectors.transports.workbook import WorkbookFault, read_workbook
from tests.connectors.sheets import first_sheet


def saved(workbook: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _whole() -> bytes:
    workbook = openpyxl.Workbook()
    for row in (["案件编号", "状态"], ["K1", "审理中"], ["K2", "结案"]):
        first_sheet(workbook).append(row)
    return saved(workbook)


WHOLE = _whole()


def test_hidden_sheets_are_not_read() -> None:
    workbook = openpyxl.Workbook()
    first_sheet(workbook).title = "台账"
    first_sheet(workbook).append(["a"])
    hidden = workbook.create_sheet("字典")
    hidden.append(["secret"])
    hidden.sheet_state = "hidden"
    workbook.create_sheet("底稿").sheet_state = "veryHidden"
    rows = list(read_workbook(saved(workbook), "x.xlsx", Bounds()))
    assert [(row.where, row.cells) for row in rows] == [("x.xlsx/台账!1", ("a",))]


def test_cells_merged_downwards_hold_their_value_in_every_row() -> None:
    workbook = openpyxl.Workbook()
    sheet = first_sheet(workbook)
    for row in (["区劳动仲裁院", 1], [None, 2], [None, 3], ["甲", 4]):
        sheet.append(row)
    sheet.merge_cells("A1:A3")
    rows = [row.cells for row in read_workbook(saved(workbook), "x.xlsx", Bounds())]
    assert rows == [("区劳动仲裁院", 1), ("区劳动仲裁院", 2), ("区劳动仲裁院", 3), ("甲", 4)]


def test_cells_merged_sideways_hold_their_value_once() -> None:
    workbook = openpyxl.Workbook()
    first_sheet(workbook).append(["劳动争议台账", None, None])
    first_sheet(workbook).merge_cells("A1:C1")
    assert [row.cells for row in read_workbook(saved(workbook), "x.xlsx", Bounds())] == [("劳动争议台账", None, None)]


def test_dates_numbers_and_formulas() -> None:
    workbook = openpyxl.Workbook()
    first_sheet(workbook).append(
        [datetime(2026, 3, 1, 8, tzinfo=UTC).replace(tzinfo=None), date(2026, 3, 1), 12.5, True, "=1+1", "'x"]
    )
    ((row),) = read_workbook(saved(workbook), "x.xlsx", Bounds())
    assert row.cells[:4] == ("2026-03-01 08:00:00", "2026-03-01 00:00:00", 12.5, True)
    assert row.cells[4] is None


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 cut", b"<html/>"])
def test_what_is_no_workbook_says_so(data: bytes) -> None:
    with pytest.raises(WorkbookFault) as told:
        list(read_workbook(data, "x.xlsx", Bounds()))
    assert told.value.fault.code == "file.not_workbook"


def test_an_archive_that_is_no_workbook_says_so() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    with pytest.raises(WorkbookFault) as told:
        list(read_workbook(out.getvalue(), "x.xlsx", Bounds()))
    assert told.value.fault.code == "file.not_workbook"


def bomb(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as entry:
            for _ in range(size // (1 << 20)):
                entry.write(b"0" * (1 << 20))
    return out.getvalue()


def test_a_workbook_that_unpacks_beyond_its_bounds_is_refused_before_it_is_opened() -> None:
    packed = bomb(8 << 20)
    for bounds in (Bounds(expanded_bytes=1 << 20), Bounds()):
        with pytest.raises(WorkbookFault) as told:
            list(read_workbook(packed, "x.xlsx", bounds))
        assert told.value.fault.code == "file.expansion"
        assert told.value.fault.path == "x.xlsx"


def with_sheet(change: Callable[[bytes], bytes]) -> bytes:
    """A workbook of one cell whose sheet was changed by hand."""
    workbook = openpyxl.Workbook()
    first_sheet(workbook).append(["a"])
    source, out = zipfile.ZipFile(io.BytesIO(saved(workbook))), io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for entry in source.namelist():
            data = source.read(entry)
            archive.writestr(entry, change(data) if entry.startswith("xl/worksheets/") else data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        (b"A1:XFD1048576", "file.expansion"),
        (b"$A$1:$XFD$1048576", "file.expansion"),
        (b"A1:&#88;FD1048576", "file.not_workbook"),
        (b"nonsense", "file.not_workbook"),
    ],
)
def test_a_range_that_joins_a_whole_sheet_is_never_filled(reference: bytes, code: str) -> None:
    merged = b'<mergeCells count="1"><mergeCell ref="' + reference + b'"/></mergeCells>'
    packed = with_sheet(lambda sheet: sheet.replace(b"</sheetData>", b"</sheetData>" + merged))
    with pytest.raises(WorkbookFault) as told:
        list(read_workbook(packed, "x.xlsx", Bounds()))
    assert told.value.fault.code == code


def test_a_cell_at_the_far_end_of_a_sheet_is_never_reached_row_by_row() -> None:
    far = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
    with pytest.raises(WorkbookFault) as told:
        list(read_workbook(with_sheet(lambda sheet: sheet.replace(b"</sheetData>", far)), "x.xlsx", Bounds()))
    assert told.value.fault.code == "file.expansion"


def test_a_sheet_with_entities_is_refused() -> None:
    head = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(WorkbookFault) as told:
        list(read_workbook(with_sheet(lambda sheet: head + sheet), "x.xlsx", Bounds()))
    assert told.value.fault.code == "file.dtd"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_damaged_workbook_is_read_or_says_that_it_is_none(damages: list[tuple[float, int]]) -> None:
    data = bytearray(WHOLE)
    for place, byte in damages:
        data[int(place * (len(data) - 1))] = byte
    with suppress(WorkbookFault):
        list(read_workbook(bytes(data), "x.xlsx", Bounds()))

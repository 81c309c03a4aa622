"""Whole-snapshot ledgers: the header wherever it stands, ditto marks, totals, and absence only after two snapshots agree."""

import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from santiao.connectors.contract import RawItem
from santiao.connectors.forms import SnapshotForm
from santiao.connectors.transports.ledger import SINCE, Ledger
from santiao.domain.messages import Watermark
from santiao.domain.vocabulary import Op
from tests.connectors.sheets import first_sheet
from tests.connectors.transports.readings import fault_codes, items_of, reading

FORM = SnapshotForm(
    files=("*.csv", "*.xlsx"),
    key="案件编号",
    header=("案件编号", "状态"),
    carry=("受理机构",),
    charsets=("utf-8", "gb18030"),
)


def write(folder: Path, day: int, *rows: str) -> None:
    lines = ["劳动争议台账,,,", "填报单位：某院,,,", "案件编号,受理机构,申请人,状态", *rows, "合计,,2,", ",,,"]
    (folder / f"台账_202603{day:02}.csv").write_bytes("\r\n".join(lines).encode("gb18030"))


def keys(items: Sequence[RawItem]) -> list[str]:
    return [str((item.cells or {})["案件编号"]) for item in items]


def test_titles_headers_totals_and_blank_rows_are_no_items(tmp_path: Path) -> None:
    write(tmp_path, 1, "K1,甲院,张三,审理中", "K2,乙院,李四,审理中")
    items = items_of(Ledger(FORM, reading()).read(str(tmp_path), None))
    assert keys(items) == ["K1", "K2"]
    assert items[0].where == "台账_20260301.csv:4"
    assert items[0].head.decode("gb18030").startswith("案件编号")


def test_ditto_marks_are_carried_in_every_column_and_blanks_only_where_declared(tmp_path: Path) -> None:
    write(tmp_path, 1, "K1,甲院,张三,审理中", "K2,同上,〃,同上", 'K3,,,""""', 'K5,,,"', "K4,丙院,李四,结案")
    items = items_of(Ledger(FORM, reading()).read(str(tmp_path), None))
    assert [[item.cells[name] for name in ("受理机构", "申请人", "状态")] for item in items if item.cells] == [
        ["甲院", "张三", "审理中"],
        ["甲院", "张三", "审理中"],
        ["甲院", "", "审理中"],
        ["甲院", "", "审理中"],
        ["丙院", "李四", "结案"],
    ]


def test_absence_counts_only_when_two_snapshots_agree(tmp_path: Path) -> None:
    write(tmp_path, 1, "K1,甲院,张三,审理中", "K2,乙院,李四,审理中", "K3,乙院,王五,审理中")
    write(tmp_path, 8, "K1,甲院,张三,审理中", "K3,乙院,王五,审理中")
    write(tmp_path, 15, "K1,甲院,张三,审理中", "K2,乙院,李四,审理中")
    write(tmp_path, 22, "K1,甲院,张三,审理中", "K2,乙院,李四,审理中")
    write(tmp_path, 29, "K1,甲院,张三,审理中", "K2,乙院,李四,审理中")
    pages = list(Ledger(FORM, reading()).read(str(tmp_path), None))
    absent = [(item.where, item.op, item.counted) for item in items_of(pages) if item.op]
    assert absent == [("台账_20260322.csv~K3", Op.SNAPSHOT_ABSENT.value, False)]


def test_absence_is_told_from_the_watermark_as_well_as_in_one_run(tmp_path: Path) -> None:
    reader, watermark, told = Ledger(FORM, reading()), None, []
    for day, rows in (
        (1, ("K1,甲院,张三,审理中", "K2,乙院,李四,审理中")),
        *((day, ("K1,甲院,张三,审理中",)) for day in (8, 15)),
    ):
        write(tmp_path, day, *rows)
        pages = list(reader.read(str(tmp_path), watermark))
        watermark = pages[-1].watermark
        told += [item.where for item in items_of(pages) if item.op]
    assert told == ["台账_20260315.csv~K2"]


def test_reading_old_snapshots_again_makes_nothing_absent(tmp_path: Path) -> None:
    write(tmp_path, 1, "K1,甲院,张三,审理中")
    write(tmp_path, 8, "K1,甲院,张三,审理中", "K2,乙院,李四,审理中")
    reader = Ledger(FORM, reading())
    *_, last = reader.read(str(tmp_path), None)
    assert last.watermark is not None
    again = Watermark(
        "agency",
        "feed",
        {name: told for name, told in last.watermark.state.items() if name != "read"},
        last.watermark.observed_at,
    )
    items = items_of(reader.read(str(tmp_path), again))
    assert not [item for item in items if item.op]
    assert len(items) == 3


def test_a_snapshot_that_could_not_be_read_makes_nothing_absent(tmp_path: Path) -> None:
    write(tmp_path, 1, "K1,甲院,张三,审理中")
    for day in (8, 15):
        (tmp_path / f"台账_202603{day:02}.xlsx").write_bytes(b"PK\x03\x04 cut")
    items = items_of(Ledger(FORM, reading()).read(str(tmp_path), None))
    assert fault_codes(items) == ["", "file.not_workbook", "file.not_workbook"]


def test_a_row_keeps_the_day_since_which_it_reads_as_it_does(tmp_path: Path) -> None:
    write(tmp_path, 1, "K1,甲院,张三,审理中")
    write(tmp_path, 8, "K1,甲院,张三,审理中")
    write(tmp_path, 15, "K1,甲院,张三,结案")
    write(tmp_path, 22, "K1,甲院,张三,审理中")
    items = items_of(Ledger(FORM, reading()).read(str(tmp_path), None))
    assert [item.cells[SINCE] for item in items if item.cells] == [
        "2026-03-01",
        "2026-03-01",
        "2026-03-15",
        "2026-03-22",
    ]


def test_a_table_without_its_header_is_one_item_that_names_the_headings(tmp_path: Path) -> None:
    (tmp_path / "台账_20260301.csv").write_text("编号,机构,申请人,情况\nK1,甲,张三,x\n")
    (item,) = items_of(Ledger(FORM, reading()).read(str(tmp_path), None))
    assert item.fault is not None
    assert item.fault.code == "file.no_header"
    assert "案件编号、状态" in item.fault.detail


@pytest.mark.parametrize("heading", ["立案号", "案件编号 ", "案件\n编号"])
def test_other_spellings_of_a_heading(tmp_path: Path, heading: str) -> None:
    (tmp_path / "台账_20260301.csv").write_text(f'"{heading}",状态\nK1,结案\n')
    (item,) = items_of(Ledger(FORM, reading({"立案号": "案件编号"})).read(str(tmp_path), None))
    assert item.cells is not None
    assert item.cells["案件编号"] == "K1"


def test_every_sheet_has_its_own_header() -> None:
    workbook = openpyxl.Workbook()
    first_sheet(workbook).append(["案件编号", "状态", "受理机构"])
    first_sheet(workbook).append(["K1", "审理中", "甲院"])
    other = workbook.create_sheet("二")
    other.append(["说明"])
    other.append(["状态", "案件编号"])
    other.append(["结案", "K2"])
    workbook.create_sheet("说明").append(["本表每周更新"])
    out = io.BytesIO()
    workbook.save(out)
    first, second = Ledger(FORM, reading()).read_bytes(out.getvalue(), "台账_20260301.xlsx")
    assert first.cells == {"案件编号": "K1", "状态": "审理中", "受理机构": "甲院"}
    assert second.cells == {"案件编号": "K2", "状态": "结案"}
    assert second.where == "台账_20260301.xlsx/二!3"


def test_too_many_rows_are_told_once(tmp_path: Path) -> None:
    write(tmp_path, 1, *(f"K{n},甲院,张三,审理中" for n in range(9)))
    items = items_of(Ledger(FORM, reading(items=4)).read(str(tmp_path), None))
    assert fault_codes(items) == ["", "", "", "", "file.too_many"]

"""Snapshots of tables as CSV: day by day, both tables of a day, and rows as they came."""

from datetime import datetime, timedelta
from pathlib import Path

from santiao.connectors.forms import TableFile, TableFilesForm
from santiao.connectors.transports.table_files import TableFiles
from tests.connectors.conftest import NOW
from tests.connectors.transports.readings import fault_codes, items_of, reading

FORM = TableFilesForm(
    tables=(TableFile("T_A", "T_A.*.csv", ("GXSJ",)), TableFile("T_B", "T_B.*.csv", ("GXSJ",))),
    charsets=("utf-8", "gb18030"),
    times="%Y%m%d%H%M%S",
)


def write(folder: Path, name: str, *rows: str, charset: str = "utf-8") -> None:
    (folder / name).write_bytes("\r\n".join(("BH,NR,GXSJ", *rows, "")).encode(charset))


def test_all_tables_of_a_day_come_before_the_next_day_and_day_10_after_day_9(tmp_path: Path) -> None:
    for day in ("day10", "day9", "day1"):
        for table in ("T_B", "T_A"):
            write(tmp_path, f"{table}.{day}.csv", f"{table}{day},x,20260313120000")
    (tmp_path / "T_C.day1.csv").write_text("BH\n1\n")
    (tmp_path / "notes.txt").write_text("no delivery")
    items = items_of(TableFiles(FORM, reading()).read(str(tmp_path), None))
    assert [item.where.split(".csv")[0] for item in items] == [
        "T_A.day1",
        "T_B.day1",
        "T_A.day9",
        "T_B.day9",
        "T_A.day10",
        "T_B.day10",
    ]
    assert [item.table for item in items[:2]] == ["T_A", "T_B"]


def test_a_feed_goes_on_where_it_stood(tmp_path: Path) -> None:
    reader = TableFiles(FORM, reading())
    write(tmp_path, "T_A.day1.csv", "1,x,20260313120000")
    *_, last = reader.read(str(tmp_path), None)
    write(tmp_path, "T_A.day2.csv", "2,x,20260314120000")
    assert [item.where for item in items_of(reader.read(str(tmp_path), last.watermark))] == ["T_A.day2.csv:2"]


def test_the_delivery_is_as_new_as_its_latest_row_that_is_not_ahead_of_the_clock(tmp_path: Path) -> None:
    ahead = (NOW + timedelta(days=30)).strftime("%Y%m%d%H%M%S")
    write(tmp_path, "T_A.day1.csv", "1,x,20260313120000", "2,x,20260314080000", f"3,x,{ahead}", "4,x,不详")
    items = items_of(TableFiles(FORM, reading()).read(str(tmp_path), None))
    assert {item.delivered_at for item in items} == {datetime(2026, 3, 14, 8, tzinfo=NOW.tzinfo)}


def test_a_row_with_more_cells_than_the_header_is_quarantined_and_the_next_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        "T_A.day1.csv",
        "1,借款,已还,20260313120000",
        "2,好,20260313120000",
        "3,短",
        ",,",
        "4,空尾,20260313120000,,",
    )
    items = items_of(TableFiles(FORM, reading()).read(str(tmp_path), None))
    assert fault_codes(items) == ["item.ragged", "", "", ""]
    assert items[0].head.startswith(b"BH,NR")
    assert items[2].cells == {"BH": "3", "NR": "短"}


def test_a_file_in_the_second_charset_with_a_cut_cell(tmp_path: Path) -> None:
    rows = "\n".join(f"{n},{'夫妻因琐事争吵，已劝解' * 20},20260313120000" for n in range(20))
    data = f"BH,NR,GXSJ\n{rows}\n20,".encode("gb18030") + "纠纷".encode("gb18030")[:-1] + b",20260313120000\n"
    (tmp_path / "T_A.day1.csv").write_bytes(data)
    items = items_of(TableFiles(FORM, reading()).read(str(tmp_path), None))
    assert items[-1].cells is not None
    assert items[-1].cells["NR"] == "纠纷".encode("gb18030")[:-1]
    assert items[0].cells is not None
    assert str(items[0].cells["NR"]).startswith("夫妻")
    assert items[-1].charset == "gb18030"


def test_too_large_and_too_many_are_refused_and_named(tmp_path: Path) -> None:
    write(tmp_path, "T_A.day1.csv", *(f"{n},x,20260313120000" for n in range(5)))
    items = items_of(TableFiles(FORM, reading(items=3)).read(str(tmp_path), None))
    assert fault_codes(items)[-1] == "file.too_many"
    (large,) = items_of(TableFiles(FORM, reading(file_bytes=20)).read(str(tmp_path), None))
    assert large.fault is not None
    assert (large.fault.code, large.fault.path, large.raw) == ("file.oversize", "T_A.day1.csv", b"")


def test_other_vendors_headings_stand_for_the_declared_ones(tmp_path: Path) -> None:
    (tmp_path / "T_A.day1.csv").write_text("BH, SJGXSJ \n1,20260313120000\n")
    (item,) = items_of(TableFiles(FORM, reading({"SJGXSJ": "GXSJ"})).read(str(tmp_path), None))
    assert item.cells == {"BH": "1", "GXSJ": "20260313120000"}


def test_an_empty_file_is_no_item(tmp_path: Path) -> None:
    (tmp_path / "T_A.day1.csv").write_bytes(b"")
    assert items_of(TableFiles(FORM, reading()).read(str(tmp_path), None)) == []

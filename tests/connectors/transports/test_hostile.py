"""Files that mean harm or are broken: each is told with its place in both languages, and what stands beside it is read."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from santiao.connectors.registry import Connectors
from santiao.domain.messages import Delivered
from tests.connectors.conftest import NOW

HEADER = "JJDBH,GXSJ,BJNR,LXDH"


def rows(*narratives: str) -> bytes:
    """A day's table, one incident a narrative."""
    lines = [f"2026031234030200{200 + n:04},20260312101500,{told}," for n, told in enumerate(narratives)]
    return "\n".join([HEADER, *lines, ""]).encode("gb18030")


def read(connectors: Connectors, agency: str, folder: Path, name: str, data: bytes) -> list[Delivered]:
    (folder / name).write_bytes(data)
    if name.endswith(".xml"):
        (folder / name).with_suffix(".ok").touch()
    return [item for batch in connectors[agency].read(str(folder)) for item in batch.items]


def codes(items: list[Delivered]) -> list[str]:
    return ["" if item.fault is None else item.fault.code for item in items]


def ledger_with(part: str, edit: Callable[[bytes], bytes]) -> bytes:
    """A workbook one of whose parts was edited by hand."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.worksheets[0].append(["案件编号", "状态", "申请人姓名"])
    book.worksheets[0].append(["蚌劳人仲调〔2026〕0088号", "调解中", "王五"])
    book.save(out)
    edited = io.BytesIO()
    with zipfile.ZipFile(out) as plain, zipfile.ZipFile(edited, "w", zipfile.ZIP_DEFLATED) as spoilt:
        for name in plain.namelist():
            spoilt.writestr(name, edit(plain.read(name)) if name == part else plain.read(name))
        spoilt.writestr("../../outside.txt", "x")
    return edited.getvalue()


def test_a_cell_beyond_every_bound_is_refused_and_the_next_row_is_read(connectors: Connectors, tmp_path: Path) -> None:
    data = rows("漏水", '"' + "长" * 10_000_000 + '"', "噪声")
    items = read(connectors, "police-110", tmp_path, "T_JJDB.day1.csv", data)
    assert codes(items) == ["", "item.oversize", ""]
    assert items[1].where == "T_JJDB.day1.csv:3"
    assert items[1].raw == b""


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    ("agency", "name", "text"),
    [
        ("police-110", "T_JJDB.day1.csv", f"{HEADER}\n1,2,3,4\n"),
        ("human-resources", "台账_20260313.csv", "案件编号,状态\n1,2\n"),
        ("petitions", "XFJ_340300_20260313_003.xml", "<L><Xfj/></L>"),
    ],
)
def test_a_charset_of_two_bytes_is_told_as_such(
    connectors: Connectors, tmp_path: Path, agency: str, name: str, text: str, charset: str
) -> None:
    mark = {"utf-16": "", "utf-16-le": "\ufeff", "utf-16-be": "\ufeff"}[charset]
    items = read(connectors, agency, tmp_path, name, (mark + text).encode(charset))
    assert codes(items) == ["file.charset"]
    assert items[0].fault is not None
    assert "编码" in items[0].fault.detail_zh
    assert items[0].raw


def test_of_two_columns_of_one_name_the_first_that_tells_counts(connectors: Connectors, tmp_path: Path) -> None:
    text = "JJDBH,GXSJ,BJNR,SFDZ,AFDZ,BJNR\n20260312340302000187,20260312101500,漏水,,治淮路,\n"
    (item,) = read(connectors, "police-110", tmp_path, "T_JJDB.day1.csv", text.encode("gb18030"))
    assert item.record is not None
    fact = item.record.body
    assert getattr(fact, "narrative").value == "漏水"  # noqa: B009 (the fact is a dispute)
    assert getattr(fact, "place_text").value == "治淮路"  # noqa: B009 (the fact is a dispute)


def answer(*elements: str) -> bytes:
    return ('{"code":200,"data":{"records":[' + ",".join(elements) + "]}}").encode()


GOOD = '{"caseId":"8a8182f59b1c0001","updateTime":"2026-03-12 10:15:00"}'


@pytest.mark.parametrize(
    "element",
    [
        '{"caseId":"8a8182f59b1c0002","facts":' + "[" * 90_000 + "]" * 90_000 + "}",
        '{"caseId":"8a8182f59b1c0002","facts":"\\ud800"}',
        '{"caseId":"8a8182f59b1c0002","caseAmount":' + "9" * 10_000 + "}",
        "7",
    ],
)
def test_an_element_beyond_reason_does_not_take_its_answer_along(
    connectors: Connectors, tmp_path: Path, element: str
) -> None:
    items = read(connectors, "court", tmp_path, "page-0001.json", answer(GOOD, element, GOOD.replace("0001", "0003")))
    if len(items) == 1:  # nested deeper than the decoder follows at all
        assert codes(items) == ["file.not_json"]
        return
    assert [code.partition(".")[0] for code in codes(items)] == ["", "item", ""]
    assert items[1].where == "page-0001.json#2"


def test_an_answer_that_ends_in_the_middle_says_where(connectors: Connectors, tmp_path: Path) -> None:
    data = answer(GOOD, GOOD)[:-20]
    (item,) = read(connectors, "court", tmp_path, "page-0001.json", data)
    assert item.fault is not None
    assert (item.fault.code, item.raw) == ("file.truncated", data)
    assert f"byte {len(data)}" in item.fault.detail
    assert f"第 {len(data)} 字节" in item.fault.detail_zh


def test_a_mark_before_json_is_none_of_it(connectors: Connectors, tmp_path: Path) -> None:
    assert codes(read(connectors, "court", tmp_path, "page-0001.json", b"\xef\xbb\xbf" + answer(GOOD))) == [""]


def test_a_mark_before_the_first_line_is_none_of_it(connectors: Connectors, tmp_path: Path) -> None:
    event = {"specversion": "1.0", "id": "1", "source": "urn:x", "type": "cn.peoples-mediation.dispute.registered.v1"}
    data = {"fileNo": "治淮路街道人调〔2026〕第0012号"}
    line = json.dumps({**event, "time": NOW.isoformat(), "data": data}, ensure_ascii=False).encode()
    items = read(connectors, "peoples-mediation", tmp_path, "events.jsonl", b"\xef\xbb\xbf" + line + b"\r\n")
    assert codes(items) == [""]


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_workbook_with_entities_is_refused(connectors: Connectors, tmp_path: Path, part: str) -> None:
    declared = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    data = ledger_with(part, lambda told: declared + told.split(b"?>", 1)[-1])
    items = read(connectors, "human-resources", tmp_path, "台账_20260313.xlsx", data)
    assert (codes(items), items[0].raw) == (["file.dtd"], b"")


def test_a_workbook_that_names_a_way_out_writes_nothing(connectors: Connectors, tmp_path: Path) -> None:
    folder = tmp_path / "in" / "side"
    folder.mkdir(parents=True)
    items = read(connectors, "human-resources", folder, "台账_20260313.xlsx", ledger_with("", lambda told: told))
    assert codes(items) == [""]
    assert not (tmp_path / "outside.txt").exists()


def test_an_undeclared_document_says_line_and_column_in_both_languages(connectors: Connectors, tmp_path: Path) -> None:
    (item,) = read(connectors, "petitions", tmp_path, "XFJ_340300_20260313_003.xml", b"<L>\n<Xfj>&x;</Xfj></L>")
    assert item.fault is not None
    assert "line 2, column 6" in item.fault.detail
    assert "第 2 行第 6 列" in item.fault.detail_zh
    assert item.where == "XFJ_340300_20260313_003.xml"

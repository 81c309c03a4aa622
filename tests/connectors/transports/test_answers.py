"""Saved answers of a service: a busy one is no item, one that is no JSON is one item, the rest goes on."""

import json
from pathlib import Path

import pytest

from santiao.connectors.forms import AnswersForm
from santiao.connectors.transports.answers import Answers
from tests.connectors.conftest import NOW
from tests.connectors.transports.readings import fault_codes, items_of, reading

FORM = AnswersForm(items="data.records", changed=("updateTime",), times="%Y-%m-%d %H:%M:%S")


def answer(*records: object, code: object = 200) -> bytes:
    return json.dumps({"code": code, "data": {"records": list(records)}}, ensure_ascii=False).encode()


def test_pages_come_in_the_order_of_their_numbers_and_keep_each_elements_bytes(tmp_path: Path) -> None:
    for number in (10, 9, 1):
        (tmp_path / f"page-{number}.json").write_bytes(answer({"caseId": f"c{number}", "n": 1.50}))
    (tmp_path / "other.json").write_bytes(answer({"caseId": "x"}))
    items = items_of(Answers(FORM, reading()).read(str(tmp_path), None))
    assert [item.where for item in items] == ["page-1.json#1", "page-9.json#1", "page-10.json#1"]
    assert items[0].raw == b'{"caseId": "c1", "n": 1.5}'


def test_a_page_that_is_no_json_is_one_item_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "page-1.json").write_bytes(b"<html>502 Bad Gateway</html>")
    (tmp_path / "page-2.json").write_bytes(answer({"caseId": "c2"})[:-4])
    (tmp_path / "page-3.json").write_bytes(answer({"caseId": "c3"}, "no object", None))
    items = items_of(Answers(FORM, reading()).read(str(tmp_path), None))
    assert fault_codes(items) == ["file.not_json", "file.truncated", "", "item.not_object", "item.not_object"]
    assert items[0].raw == b"<html>502 Bad Gateway</html>"


@pytest.mark.parametrize("code", [429, "500", "busy"])
def test_a_busy_answer_is_no_item(tmp_path: Path, code: object) -> None:
    (tmp_path / "page-1.json").write_bytes(answer({"caseId": "c1"}, code=code))
    first, *_ = Answers(FORM, reading()).read(str(tmp_path), None)
    assert first.items == ()
    assert first.busy == f"page-1.json: code {code}"


@pytest.mark.parametrize("body", [b'{"code":0,"data":{}}', b'{"code":0,"data":{"records":{"a":1}}}', b'{"code":0}'])
def test_an_answer_without_its_list_says_where_the_list_was_looked_for(body: bytes) -> None:
    (item,) = Answers(FORM, reading()).read_bytes(body, "page-1.json").items
    assert item.fault is not None
    assert item.fault.code == "file.no_items"
    assert "data.records" in item.fault.detail


def test_nesting_without_end_is_one_quarantined_item() -> None:
    body = b'{"code":200,"data":{"records":[' + b"[" * 200_000
    assert fault_codes(Answers(FORM, reading()).read_bytes(body, "page-1.json").items) == ["file.not_json"]
    closed = b'{"code":200,"data":{"records":[' + b"[" * 5000 + b"]" * 5000 + b"]}}"
    assert fault_codes(Answers(FORM, reading()).read_bytes(closed, "page-1.json").items) == ["file.not_json"]


def test_an_answer_is_as_new_as_its_latest_record(tmp_path: Path) -> None:
    times = ("2026-03-13 08:00:00", "2026-03-14 08:00:00", "2027-01-01 00:00:00", None)
    page = Answers(FORM, reading()).read_bytes(answer(*({"updateTime": each} for each in times)), "page-1.json")
    assert {item.delivered_at.isoformat() for item in page.items if item.delivered_at} == {"2026-03-14T08:00:00+08:00"}
    assert NOW.year == 2026


def test_too_many_records_are_refused_whole() -> None:
    page = Answers(FORM, reading(items=2)).read_bytes(answer({}, {}, {}), "page-1.json")
    assert fault_codes(page.items) == ["file.too_many"]

"""A polled service's list is read whole though it moves."""

import msgspec
import pytest

from santiao.connectors.transports.rest import RestSettings
from santiao.connectors.transports.rest_session import TokenSettings
from santiao.domain.messages import FaultKind
from tests.connectors.transports.court_service import CourtService, Reader


def test_all_pages_are_read_and_a_second_poll_finds_nothing_new(service: CourtService) -> None:
    for number in range(8):
        service.put(f"c{number}", "漏水", seconds_ago=600 - number)
    reader = Reader(service)
    assert sorted(reader.poll()) == [(f"c{number}", "漏水") for number in range(8)]
    assert reader.poll() == []
    service.put("c3", "漏水，已修")
    assert reader.poll() == [("c3", "漏水，已修")]


def test_a_record_that_moves_while_pages_are_read_takes_none_with_it(service: CourtService) -> None:
    """By page numbers c3 would move up onto the page already read, and be skipped."""
    for number in range(9):
        service.put(f"c{number}", "漏水", seconds_ago=86_400 - number)

    def move_the_first() -> None:
        if len(service.asked) == 2:
            service.put("c0", "漏水，双方争吵")

    service.before_page = move_the_first
    found = Reader(service).poll()
    assert {case for case, _ in found} == {f"c{number}" for number in range(9)}
    assert ("c0", "漏水，双方争吵") in found


def test_a_second_that_fills_several_pages_is_read_whole_though_it_moves(service: CourtService) -> None:
    for number in range(14):
        service.put(f"c{number:02}", "批量更新", seconds_ago=86_400)

    def move_one_a_page() -> None:
        service.clock.move(seconds=1)
        if len(service.asked) <= 6:
            service.put(f"c{len(service.asked):02}", f"第{len(service.asked)}次改")

    service.before_page = move_one_a_page
    reader = Reader(service)
    found = reader.poll() + reader.poll()
    assert {case for case, _ in found} == {f"c{number:02}" for number in range(14)}
    assert set(found) >= {(case, record["facts"]) for case, record in service.records.items()}


def test_a_list_in_another_order_is_read_until_nothing_new_comes(service: CourtService) -> None:
    service.order = lambda record: record["caseId"][::-1]
    for number in range(20):
        service.put(f"c{number:02}", "漏水", seconds_ago=(number * 7 % 20) * 60)
    reader = Reader(service)
    assert len(reader.poll()) == 20
    assert reader.poll() == []


def test_a_list_that_never_settles_keeps_its_watermark(service: CourtService) -> None:
    service.order = lambda record: record["caseId"][::-1]
    for number in range(9):
        service.put(f"c{number}", "漏水", seconds_ago=86_400 * (9 - number))

    def change_one() -> None:
        service.clock.move(seconds=1)
        service.put(f"c{len(service.asked) % 9}", f"第{len(service.asked)}次改")

    service.before_page = change_one
    reader = Reader(service)
    reader.poll()
    assert reader.watermark is not None
    assert "high" not in reader.watermark.state
    service.before_page = lambda: None
    reader.poll()
    assert "high" in reader.watermark.state


def test_the_same_second_with_another_body_is_an_item_and_an_expiring_address_is_none(service: CourtService) -> None:
    service.put("c1", "漏水", seconds_ago=60)
    reader = Reader(service)
    reader.poll()
    assert reader.poll() == []
    service.put("c1", "漏水，另附照片", seconds_ago=60)
    assert reader.poll() == [("c1", "漏水，另附照片")]


def test_a_time_in_the_future_moves_the_watermark_no_further_than_now(service: CourtService) -> None:
    service.put("c1", "漏水", seconds_ago=-86_400 * 30)
    reader = Reader(service)
    assert len(reader.poll()) == 1
    service.put("c2", "欠薪")
    assert reader.poll() == [("c2", "欠薪")]


def test_an_element_that_cannot_be_read_is_one_item_and_the_others_go_on(service: CourtService) -> None:
    records = (
        b'[{"caseId":"c1","facts":"a","updateTime":"2026-03-12 08:00:00"},"c2",{"caseId":1e999},{"caseId":"\xff"}]'
    )
    page = b'{"code":200,"data":{"hasNext":false,"records":' + records + b"}}"
    service.instead = [(200, {}, page), (200, {}, page)]
    reader = Reader(service)
    items = [item for read in reader.pages() for item in read.items]
    assert [item.fault.kind if item.fault else None for item in items] == [None, *[FaultKind.QUARANTINED] * 3]
    assert [item.where for item in items] == [f"page1#{place}" for place in (1, 2, 3, 4)]
    assert [bytes(item.raw) for item in items[1:]] == [b'"c2"', b'{"caseId":1e999}', b'{"caseId":"\xff"}']
    assert not [item for read in reader.pages() for item in read.items]


def test_settings_are_read_from_a_declaration() -> None:
    declared = {
        "service": {"exchange": {"hosts": ["court.example.org"]}, "path": "/list", "token": {"path": "/token"}},
        "fixed": {"courtCode": "340302", "caseStatus": ["170"]},
    }
    assert msgspec.convert(declared, RestSettings).service.token == TokenSettings(path="/token")
    with pytest.raises(msgspec.ValidationError, match="does not sort"):
        msgspec.convert({**declared, "times": "%d.%m.%Y"}, RestSettings)
    with pytest.raises(msgspec.ValidationError, match="earliest"):
        msgspec.convert({**declared, "earliest": "yesterday"}, RestSettings)

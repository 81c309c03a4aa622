"""A polled service's list is read whole though it moves, and what the service says of itself is heard."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from santiao.connectors.contract import Page
from santiao.connectors.transports.exchange import ExchangeSettings
from santiao.connectors.transports.rest import RestSettings, RestTransport
from santiao.connectors.transports.rest_session import ServiceSecrets, TokenSettings
from santiao.domain.errors import DeliveryFailed
from santiao.domain.messages import FaultKind, Watermark
from tests.connectors.transports.conftest import HandClock
from tests.connectors.transports.court_service import CLIENT, CourtService


@pytest.fixture
def service(clock: HandClock) -> Iterator[CourtService]:
    with CourtService(clock).running() as service:
        yield service


class Reader:
    """The hub's side: it keeps the watermark of the last page it took."""

    def __init__(
        self, service: CourtService, settings: RestSettings | None = None, secrets: ServiceSecrets = CLIENT
    ) -> None:
        self._url = service.url
        self.transport = RestTransport(
            settings or service.settings(), connector="court", feed="list", clock=service.clock, secrets=secrets
        )
        self.watermark: Watermark | None = None

    def pages(self) -> Iterator[Page]:
        for page in self.transport.read(self._url, self.watermark):
            self.watermark = page.watermark or self.watermark
            yield page

    def poll(self) -> list[tuple[str, str]]:
        """Case and facts of each item of one poll."""
        return [told(item.raw) for page in self.pages() for item in page.items]


def told(raw: bytes) -> tuple[str, str]:
    record = json.loads(raw)
    return record["caseId"], record["facts"]


def answer(**content: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps(content).encode()


def test_all_pages_are_read_and_a_second_poll_finds_nothing_new(service: CourtService) -> None:
    for number in range(8):
        service.put(f"c{number}", "漏水", seconds_ago=600 - number)
    reader = Reader(service)
    assert sorted(reader.poll()) == [(f"c{number}", "漏水") for number in range(8)]
    assert reader.poll() == []
    service.put("c3", "漏水，已修")
    assert reader.poll() == [("c3", "漏水，已修")]


@pytest.mark.parametrize("code", [200, "200", "0000"])
def test_a_source_says_success_in_several_ways(service: CourtService, code: int | str) -> None:
    service.ok_code = code
    service.put("c1", "漏水")
    assert Reader(service).poll() == [("c1", "漏水")]


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


def test_a_token_is_used_again_until_it_runs_out(service: CourtService) -> None:
    service.put("c1", "漏水")
    reader = Reader(service)
    reader.poll()
    reader.poll()
    assert service.tokens_given == 1
    service.clock.move(seconds=550)
    reader.poll()
    assert service.tokens_given == 2


def test_a_token_that_the_source_took_back_is_had_anew(service: CourtService) -> None:
    service.put("c1", "漏水")
    reader = Reader(service)
    reader.poll()
    service.tokens_given += 1
    service.put("c2", "欠薪")
    assert reader.poll() == [("c2", "欠薪")]


def test_wrong_credentials_are_told_without_them(service: CourtService) -> None:
    wrong = ServiceSecrets(client_id=CLIENT.client_id, client_secret="hunter2", gateway_token=CLIENT.gateway_token)
    with pytest.raises(DeliveryFailed, match=r"rest\.no_token") as caught:
        Reader(service, secrets=wrong).poll()
    unsigned = ServiceSecrets(client_id=CLIENT.client_id, client_secret="hunter2", gateway_token="hunter3")
    with pytest.raises(DeliveryFailed) as caught_too:
        Reader(service, secrets=unsigned).poll()
    assert "hunter" not in f"{caught.value}{caught_too.value}{wrong!r}"


@pytest.mark.parametrize(
    ("instead", "reason"),
    [
        ((200, {}, '{"code":500,"message":"系统繁忙","data":null}'.encode()), "code 500"),
        ((500, {}, b'{"code":"-1"}'), "code -1"),
        ((503, {"Retry-After": "90"}, b"busy"), "HTTP 503, again after 90 s"),
        ((429, {}, b"{}"), "HTTP 429"),
        (answer(code="张三 <busy>", data=None), "code busy"),
    ],
)
def test_a_source_that_is_busy_is_asked_again_and_nothing_is_lost(
    service: CourtService, instead: tuple[int, dict[str, str], bytes], reason: str
) -> None:
    for number in range(7):
        service.put(f"c{number}", "漏水", seconds_ago=600 - number)
    service.instead = [None, instead]
    reader = Reader(service)
    pages = list(reader.pages())
    assert (pages[-1].busy, pages[-1].items, pages[-1].watermark) == (reason, (), None)
    found = {told(item.raw)[0] for page in pages for item in page.items} | {case for case, _ in reader.poll()}
    assert found == {f"c{number}" for number in range(7)}


@pytest.mark.parametrize(
    ("instead", "code"),
    [
        ((200, {}, b"<html><body><h1>502 Bad Gateway</h1> \xe5\xbc\xa0\xe4\xb8\x89</body></html>"), "rest.not_json"),
        ((502, {}, b"<html></html>"), "rest.status"),
        ((404, {}, b"{}"), "rest.status"),
        ((302, {"Location": "http://127.0.0.1:1/elsewhere"}, b""), "http.redirect"),
        ((200, {}, b"[" * 100_000), "rest.not_json"),
        ((200, {}, b"{" + b" " * 300_000 + b"}"), "http.too_large"),
        ((200, {"Content-Encoding": "gzip"}, gzip.compress(b" " * 50_000_000)), "http.too_large"),
        ((200, {"Content-Encoding": "gzip"}, b"no gzip at all"), "http.unreachable"),
        ((200, {"Content-Encoding": "br"}, b"?"), "http.packed"),
        (answer(code=200, data={"records": {"caseId": "c1"}}), "rest.shape"),
        (answer(code=200, data=None), "rest.shape"),
        (answer(code=200), "rest.shape"),
        ((200, {}, b"[]"), "rest.not_json"),
    ],
)
def test_an_answer_that_is_no_list_is_asked_for_again(
    service: CourtService, instead: tuple[int, dict[str, str], bytes], code: str
) -> None:
    service.put("c1", "漏水")
    service.instead = [instead]
    reader = Reader(service)
    with pytest.raises(DeliveryFailed) as caught:
        reader.poll()
    assert caught.value.code == code
    assert "张三" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert reader.poll() == [("c1", "漏水")]


def test_a_packed_answer_is_read(service: CourtService) -> None:
    page = json.dumps({"code": 200, "data": {"hasNext": False, "records": [{"caseId": "c1", "facts": "漏水"}]}})
    service.instead = [(200, {"Content-Encoding": "gzip"}, gzip.compress(page.encode()))]
    assert Reader(service).poll() == [("c1", "漏水")]


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


def test_a_source_that_says_neither_more_nor_total_is_read_until_a_page_is_short(service: CourtService) -> None:
    settings = service.settings()
    silent = msgspec.structs.replace(settings.service, more="data.none", total="data.none")
    for number in range(6):
        service.put(f"c{number}", "漏水", seconds_ago=600 - number)
    assert len(Reader(service, msgspec.structs.replace(settings, service=silent)).poll()) == 6


def test_a_slow_answer_is_given_up(service: CourtService) -> None:
    service.put("c1", "漏水")
    settings = service.settings()
    hasty = msgspec.structs.replace(settings.service.exchange, total_seconds=0.05)
    service.drip_seconds = 0.01
    reader = Reader(
        service, msgspec.structs.replace(settings, service=msgspec.structs.replace(settings.service, exchange=hasty))
    )
    with pytest.raises(DeliveryFailed, match=r"http\.timeout"):
        reader.poll()


def test_a_source_that_is_not_there_is_asked_again_later(service: CourtService) -> None:
    settings = service.settings()
    nobody = msgspec.structs.replace(settings.service, exchange=ExchangeSettings(hosts=("127.0.0.1:1",)))
    reader = Reader(service, msgspec.structs.replace(settings, service=nobody))
    with pytest.raises(DeliveryFailed, match=r"http\.unreachable"):
        list(reader.transport.read("http://127.0.0.1:1", None))


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("http://169.254.169.254/latest", "http.host_not_allowed"),
        ("http://127.0.0.1:9", "http.host_not_allowed"),
        ("http://court.example.org", "http.no_tls"),
        ("https://user:hunter2@court.example.org", "http.url"),
        ("ftp://court.example.org", "http.url"),
        ("file:///etc/passwd", "http.url"),
        ("no url", "http.url"),
    ],
)
def test_only_declared_hosts_are_called(service: CourtService, source: str, code: str) -> None:
    settings = service.settings()
    declared = msgspec.structs.replace(settings.service, exchange=ExchangeSettings(hosts=("court.example.org",)))
    reader = Reader(service, msgspec.structs.replace(settings, service=declared))
    with pytest.raises(DeliveryFailed) as caught:
        list(reader.transport.read(source, None))
    assert caught.value.code == code
    assert "hunter2" not in str(caught.value)
    assert service.asked == []


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

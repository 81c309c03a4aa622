"""What a polled service says of itself is heard: token, success, being busy, and answers that are none."""

import gzip
import json
from typing import Any

import msgspec
import pytest

from santiao.connectors.transports.rest_session import ServiceSecrets
from santiao.domain.errors import DeliveryFailed
from tests.connectors.transports.court_service import CLIENT, CourtService, Reader, Reply, told


def answer(**content: Any) -> Reply:
    return 200, {}, json.dumps(content).encode()


@pytest.mark.parametrize("code", [200, "200", "0000"])
def test_a_source_says_success_in_several_ways(service: CourtService, code: int | str) -> None:
    service.ok_code = code
    service.put("c1", "漏水")
    assert Reader(service).poll() == [("c1", "漏水")]


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
    service: CourtService, instead: Reply, reason: str
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
def test_an_answer_that_is_no_list_is_asked_for_again(service: CourtService, instead: Reply, code: str) -> None:
    service.put("c1", "漏水")
    service.instead = [instead]
    reader = Reader(service)
    with pytest.raises(DeliveryFailed) as caught:
        reader.poll()
    assert caught.value.code == code
    assert "张三" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert reader.poll() == [("c1", "漏水")]


def test_a_source_that_says_neither_more_nor_total_is_read_until_a_page_is_short(service: CourtService) -> None:
    settings = service.settings()
    silent = msgspec.structs.replace(settings.service, more="data.none", total="data.none")
    for number in range(6):
        service.put(f"c{number}", "漏水", seconds_ago=600 - number)
    assert len(Reader(service, msgspec.structs.replace(settings, service=silent)).poll()) == 6


def patient(service: CourtService, tries: int = 3) -> Reader:
    settings = service.settings()
    return Reader(
        service,
        msgspec.structs.replace(
            settings, service=msgspec.structs.replace(settings.service, tries=tries, pause_seconds=0.001)
        ),
    )


BUSY: Reply = (503, {}, b"busy")
HTML: Reply = (200, {}, b"<html></html>")


def test_a_source_that_is_busy_for_a_moment_is_asked_again_at_once(service: CourtService) -> None:
    service.put("c1", "漏水")
    service.instead = [BUSY, HTML]
    assert patient(service).poll() == [("c1", "漏水")]
    service.put("c2", "欠薪")
    service.instead = [HTML, BUSY, BUSY]
    reader = patient(service)
    assert reader.poll() == []
    assert len(reader.poll()) == 2


def test_a_source_that_wants_to_be_left_alone_is_not_asked_at_once(service: CourtService) -> None:
    service.instead = [(503, {"Retry-After": "90"}, b"busy")]
    assert [page.busy for page in patient(service).pages()] == ["HTTP 503, again after 90 s"]
    assert len(service.asked) == 1


def test_a_closed_network_may_want_neither_token_nor_signature(service: CourtService) -> None:
    service.put("c1", "漏水")
    service.is_open = True
    assert Reader(service, secrets=ServiceSecrets()).poll() == [("c1", "漏水")]
    service.is_open = False
    with pytest.raises(DeliveryFailed, match=r"rest\.unauthorised"):
        Reader(service, secrets=ServiceSecrets()).poll()

"""An exchange goes only where it may, takes no longer than it may, and brings no more than it may."""

import gzip
import json

import msgspec
import pytest

from santiao.connectors.transports.exchange import ExchangeSettings
from santiao.domain.errors import DeliveryFailed
from tests.connectors.transports.court_service import CourtService, Reader


def test_a_packed_answer_is_read(service: CourtService) -> None:
    page = json.dumps({"code": 200, "data": {"hasNext": False, "records": [{"caseId": "c1", "facts": "漏水"}]}})
    service.instead = [(200, {"Content-Encoding": "gzip"}, gzip.compress(page.encode()))]
    assert Reader(service).poll() == [("c1", "漏水")]


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

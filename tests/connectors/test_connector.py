"""A connector as the hub uses it: batches, one body by HTTP, one delivery of a webhook."""

import io
import json
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from santiao.connectors.registry import Connectors
from santiao.connectors.transports.webhook import WebhookSettings, sign
from santiao.domain.errors import DeliveryFailed, InvalidRecord
from tests.connectors.agencies.items import record_of
from tests.connectors.conftest import NOW
from tests.connectors.sheets import first_sheet

JSON = "application/json"


def pages(folder: Path, count: int, *, first: int = 1) -> None:
    records = [
        {"caseId": f"8a8182f5{n:08}", "caseStatus": "110", "updateTime": "2026-03-12 10:15:00"} for n in range(count)
    ]
    body = json.dumps({"code": 200, "data": {"records": records}})
    (folder / f"page-{first}.json").write_text(body)


def test_batches_hold_500_and_the_watermark_goes_with_the_last(connectors: Connectors, tmp_path: Path) -> None:
    pages(tmp_path, 1201)
    batches = list(connectors["court"].read(str(tmp_path)))
    assert [len(batch.items) for batch in batches] == [500, 500, 201, 0]
    assert [batch.watermark is not None for batch in batches] == [False, False, True, True]


@pytest.mark.parametrize("count", [499, 500, 501, 1000])
def test_nothing_is_lost_or_twice_at_a_batchs_edge(connectors: Connectors, tmp_path: Path, count: int) -> None:
    pages(tmp_path, count)
    keys = [record_of(item).key for batch in connectors["court"].read(str(tmp_path)) for item in batch.items]
    assert len(keys) == len(set(keys)) == count


def test_reading_again_reads_everything_and_going_on_nothing(connectors: Connectors, tmp_path: Path) -> None:
    connector = connectors["court"]
    pages(tmp_path, 3)
    *_, last = connector.read(str(tmp_path))
    assert sum(len(batch.items) for batch in connector.read(str(tmp_path), last.watermark)) == 0
    assert sum(len(batch.items) for batch in connector.read(str(tmp_path), last.watermark, again=True)) == 3


def test_a_source_of_a_form_the_connector_lacks_is_told(connectors: Connectors, tmp_path: Path) -> None:
    for name, source in (
        ("petitions", "https://example.invalid/x"),
        ("court", "sqlite:////nowhere.db"),
        ("police-110", "ftp://x/y"),
        ("petitions", str(tmp_path / "nowhere")),
    ):
        with pytest.raises(DeliveryFailed):
            list(connectors[name].read(source))


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"caseId": "8a8182f59b1c0001", "caseStatus": "110"}, 1),
        ([{"caseId": "8a8182f59b1c0001"}, {"caseId": "8a8182f59b1c0002"}], 2),
        ({"code": 200, "data": {"records": [{"caseId": "8a8182f59b1c0001"}]}}, 1),
        ([], 0),
    ],
)
def test_json_bodies(connectors: Connectors, body: object, count: int) -> None:
    told = connectors["court"].parse_body(json.dumps(body).encode(), "application/json; charset=utf-8", NOW)
    assert [each.fault for each in told] == [None] * count
    assert all(each.received_at == NOW for each in told)


@pytest.mark.parametrize("body", [b"{cut", b"\xff\xfe", b'"text"', b"5", b"[" * 100_000])
def test_a_body_that_cannot_be_read_is_one_quarantined_item(connectors: Connectors, body: bytes) -> None:
    (told,) = connectors["court"].parse_body(body, JSON, NOW)
    assert told.fault is not None
    assert told.fault.code in {"item.not_json", "item.not_object"}


def test_events_of_an_agency_that_has_another_form_are_its_items(connectors: Connectors) -> None:
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "urn:court",
        "type": "cn.court.case.v1",
        "data": {"caseId": "8a8182f59b1c0001", "caseStatus": "110"},
    }
    body, batch = json.dumps(event).encode(), json.dumps([event, {**event, "id": "2"}]).encode()
    (one,) = connectors["court"].parse_body(body, "application/cloudevents+json", NOW)
    assert record_of(one).key == "8a8182f59b1c0001"
    (same,) = connectors["court"].parse_body(body, JSON, NOW)
    assert record_of(same).content_hash == record_of(one).content_hash
    assert len(connectors["court"].parse_body(batch, "application/cloudevents-batch+json", NOW)) == 2


def test_a_workbook_by_http(connectors: Connectors) -> None:
    workbook = openpyxl.Workbook()
    first_sheet(workbook).append(["案件编号", "状态"])
    first_sheet(workbook).append(["龙劳人仲案〔2026〕12号", "审理中"])
    out = io.BytesIO()
    workbook.save(out)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    (told,) = connectors["human-resources"].parse_body(out.getvalue(), kind, NOW)
    assert record_of(told).key == "龙劳人仲案〔2026〕12号"


@pytest.mark.parametrize(("name", "kind"), [("court", "text/csv"), ("petitions", "text/html"), ("court", "")])
def test_content_types_nobody_declared(connectors: Connectors, name: str, kind: str) -> None:
    with pytest.raises(InvalidRecord) as told:
        connectors[name].parse_body(b"x", kind, NOW)
    assert told.value.code == "form.unsupported"


def test_a_webhooks_delivery_is_judged_at_the_door(connectors: Connectors) -> None:
    connector = connectors["hotline-12345"]
    body = b'{"orderNo":"BB2603120007","createTime":"2026-03-12 09:00:00","eventType":"ORDER_CREATED","version":1}'
    headers = sign(WebhookSettings(), "secret", body, sent_at=NOW, nonce="n1")
    good = connector.receive_hook(headers, body, NOW)
    assert record_of(good).source_version == 1
    assert good.nonce == "n1"
    for wrong, at, nonces, code in (
        (headers, NOW, frozenset({"n1"}), "webhook.replayed_nonce"),
        (headers, NOW + timedelta(minutes=6), frozenset(), "webhook.wrong_time"),
        ({**headers, "X-Sign": "0" * 64}, NOW, frozenset(), "webhook.wrong_signature"),
        ({}, NOW, frozenset(), "webhook.unsigned"),
    ):
        refused = connector.receive_hook(wrong, body, at, nonces)
        assert refused.fault is not None
        assert (refused.fault.code, refused.raw, refused.record) == (code, b"", None)


def test_a_connector_without_a_webhook_says_so(connectors: Connectors) -> None:
    assert connectors["court"].hook is None
    with pytest.raises(InvalidRecord):
        connectors["court"].receive_hook({}, b"{}", NOW)

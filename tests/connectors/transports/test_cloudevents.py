"""Events come whole in any of the three forms, each by itself, and what is wrong with one is said by pointer."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.contract import RawItem
from santiao.connectors.transports.cloudevents import EventLimits, read_event
from santiao.connectors.transports.cloudevents_http import BATCH, STRUCTURED, mode_of, read_request
from santiao.domain.messages import FaultKind
from tests.connectors.transports.cloudevents_sender import write_batch, write_binary, write_event

NOW = datetime(2026, 3, 12, 8, 0, 0, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/committees/34030201",
    "type": "cn.example.mediation.registered",
    "time": "2026-03-12T15:04:05+08:00",
    "data": {"caseNo": "龙调〔2026〕12号", "parties": [{"name": "张三"}]},
}


def without(name: str) -> dict[str, Any]:
    return {other: value for other, value in EVENT.items() if other != name}


def structured(event: object) -> RawItem:
    (item,) = read_request(STRUCTURED, {}, json.dumps(event).encode(), where="request", now=NOW)
    return item


def complaint(item: RawItem) -> tuple[str, str]:
    assert item.fault is not None, item.cells
    return item.fault.code, item.fault.path


def test_a_structured_event_is_one_item_with_attributes_and_data() -> None:
    item = structured(EVENT)
    assert item.cells == EVENT
    assert item.delivered_at == datetime(2026, 3, 12, 7, 4, 5, tzinfo=UTC)
    assert (item.where, item.fault) == ("request", None)


def test_a_binary_event_gives_the_same_cells_and_can_be_read_again() -> None:
    headers, body = write_binary(EVENT)
    (item,) = read_request(headers.pop("content-type"), headers, body, where="request", now=NOW)
    assert item.cells == EVENT | {"datacontenttype": "application/json"}
    assert read_event(item.raw, where="again", now=NOW).cells == item.cells


def test_a_batch_gives_each_event_and_each_fault_by_itself() -> None:
    body = json.dumps([EVENT, without("id"), "no event", EVENT | {"id": "e-2"}]).encode()
    items = read_request(f"{BATCH}; charset=UTF-8", {}, body, where="request", now=NOW)
    assert [item.where for item in items] == ["request#0", "request#1", "request#2", "request#3"]
    assert [item.cells and item.cells["id"] for item in items] == ["e-1", None, None, "e-2"]
    assert [complaint(item) for item in items[1:3]] == [("event.missing", "/1/id"), ("event.not_object", "/2")]
    assert json.loads(items[1].raw) == without("id")


def test_an_empty_batch_has_no_items() -> None:
    assert read_request(BATCH, {}, b" [ ] ", where="request", now=NOW) == ()


@pytest.mark.parametrize(
    ("content_type", "headers", "mode"),
    [
        ("application/cloudevents+json", {}, "structured"),
        ("Application/CloudEvents+JSON;charset=utf-8", {}, "structured"),
        ("application/cloudevents-batch+json", {"ce-id": "1"}, "batch"),
        ("application/json", {"ce-specversion": "1.0"}, "binary"),
        ("application/json", {}, None),
        ("", {}, None),
    ],
)
def test_how_a_request_carries_events(content_type: str, headers: dict[str, str], mode: str | None) -> None:
    assert mode_of(content_type, headers) == mode


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (without("specversion"), ("event.missing", "/specversion")),
        (EVENT | {"source": ""}, ("event.missing", "/source")),
        (EVENT | {"type": None}, ("event.missing", "/type")),
        (EVENT | {"specversion": "0.3"}, ("event.version", "/specversion")),
        (EVENT | {"id": 7}, ("event.attribute", "/id")),
        (EVENT | {"subject": ""}, ("event.attribute", "/subject")),
        (EVENT | {"subject": "a\u0000b"}, ("event.attribute", "/subject")),
        (EVENT | {"time": "2026-03-12 15:04:05"}, ("event.attribute", "/time")),
        (EVENT | {"time": "2026-02-30T15:04:05Z"}, ("event.attribute", "/time")),
        (EVENT | {"dataschema": "no-scheme"}, ("event.attribute", "/dataschema")),
        (EVENT | {"dataschema": "http://[half"}, ("event.attribute", "/dataschema")),
        (EVENT | {"traceParent": "x"}, ("event.attribute", "/traceParent")),
        (EVENT | {"张三": "x"}, ("event.attribute", "/?")),
        (EVENT | {"weight": 1.5}, ("event.attribute", "/weight")),
        (EVENT | {"count": 2**31}, ("event.attribute", "/count")),
        (EVENT | {"more": {"a": 1}}, ("event.attribute", "/more")),
        (EVENT | {"data_base64": "e30="}, ("event.data_twice", "/data_base64")),
        (without("data") | {"data_base64": "%%%"}, ("event.data", "/data_base64")),
        (without("data") | {"data_base64": 5}, ("event.data", "/data_base64")),
        (without("data") | {"data_base64": b64encode(b"{").decode()}, ("event.data", "/data_base64")),
        ([EVENT], ("event.not_object", "")),
    ],
)
def test_what_is_wrong_is_said_by_pointer(event: object, expected: tuple[str, str]) -> None:
    item = structured(event)
    assert complaint(item) == expected
    assert item.fault is not None
    assert item.fault.kind is FaultKind.QUARANTINED
    assert "张三" not in f"{item.fault.detail}{item.fault.detail_zh}{item.fault.path}"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 9999, b'{"id": NaN}'])
def test_a_body_that_is_no_json_is_one_item(body: bytes) -> None:
    (item,) = read_request(STRUCTURED, {}, body, where="request", now=NOW)
    assert complaint(item) == ("event.not_json", "")
    (of_batch,) = read_request(BATCH, {}, body, where="request", now=NOW)
    assert complaint(of_batch) == ("event.not_object" if body.startswith(b"{") else "event.not_json", "")
    assert (item.raw, of_batch.raw) == (body, body)


def test_a_batch_that_is_no_array_is_one_item() -> None:
    (item,) = read_request(BATCH, {}, json.dumps(EVENT).encode(), where="request", now=NOW)
    assert complaint(item) == ("event.not_object", "")


def test_what_is_beyond_its_bounds_is_refused_and_not_kept() -> None:
    limits = EventLimits(event_bytes=300, batch_bytes=1000, batch_events=2, depth=3)
    large = write_event(EVENT | {"data": "x" * 400})
    deep = EVENT | {"data": [[[["too deep"]]]]}
    refused = [
        *read_request(STRUCTURED, {}, large, where="r", now=NOW, limits=limits),
        *read_request("text/plain", {"ce-id": "1"}, b"x" * 400, where="r", now=NOW, limits=limits),
        *read_request(BATCH, {}, write_batch([EVENT | {"data": 1}] * 3), where="r", now=NOW, limits=limits),
        *read_request(BATCH, {}, b" " * 1001, where="r", now=NOW, limits=limits),
        *read_request(STRUCTURED, {}, write_event(deep), where="r", now=NOW, limits=limits),
    ]
    assert [complaint(item)[0] for item in refused] == [
        "event.oversize",
        "event.oversize",
        "event.too_many",
        "event.oversize",
        "event.too_deep",
    ]
    assert all(item.fault and item.fault.kind is FaultKind.REFUSED and item.raw == b"" for item in refused)
    assert read_event(write_event(EVENT | {"data": [[["deep"]]]}), where="r", now=NOW, limits=limits).fault is None


def test_data_comes_as_its_content_type_says() -> None:
    def data(content: bytes, content_type: str) -> object:
        item = structured(
            without("data") | {"datacontenttype": content_type, "data_base64": b64encode(content).decode()}
        )
        return None if item.cells is None else item.cells["data"]

    assert data(b'{"a":1}', "application/json") == {"a": 1}
    assert data(b'{"a":1}', "application/vnd.mediation+json") == {"a": 1}
    assert data("龙调".encode("gb18030"), "text/plain; charset=gb18030") == "龙调"
    assert data(b"\x00\xff", "application/octet-stream") == b"\x00\xff"


def test_a_request_in_another_charset_is_read() -> None:
    body = json.dumps(EVENT, ensure_ascii=False).encode("gb18030")
    (item,) = read_request(f"{STRUCTURED}; charset=gb18030", {}, body, where="request", now=NOW)
    assert item.cells == EVENT
    (broken,) = read_request(f"{STRUCTURED}; charset=no-such-thing", {}, body, where="request", now=NOW)
    assert complaint(broken) == ("event.not_json", "")


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ("a%20b", "a b"),
        ('"quoted \\" text"', 'quoted " text'),
        ("%E9%BE%99", "龙"),
        (" plain ", "plain"),
        ("50%", "50%"),
    ],
)
def test_a_header_says_an_attribute(told: str, value: str) -> None:
    headers, body = write_binary(EVENT)
    content_type = headers.pop("content-type")
    (item,) = read_request(content_type, headers | {"ce-subject": told}, body, where="request", now=NOW)
    assert item.cells is not None
    assert item.cells["subject"] == value


def test_a_header_that_is_no_text_is_said_by_pointer() -> None:
    headers, body = write_binary(EVENT)
    (item,) = read_request("application/json", headers | {"ce-subject": "%FF"}, body, where="request", now=NOW)
    assert complaint(item) == ("event.attribute", "/subject")
    (item,) = read_request("application/json", headers, b"{", where="request", now=NOW)
    assert complaint(item) == ("event.data", "/data")


def test_a_time_ahead_of_ours_is_no_time_of_delivery() -> None:
    assert structured(EVENT | {"time": (NOW + timedelta(seconds=1)).isoformat()}).delivered_at is None
    assert structured(EVENT | {"time": "2026-03-12t07:04:05.123456789z"}).delivered_at is not None
    assert structured(without("time")).delivered_at is None


ATTRIBUTE_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=30
)
# Blanks around a header's value belong to HTTP, so the binding cannot carry them.
HEADER_TEXT = ATTRIBUTE_TEXT.filter(lambda text: text == text.strip() and not text.startswith('"'))
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=8,
)
EVENTS = st.fixed_dictionaries(
    {"specversion": st.just("1.0"), "id": HEADER_TEXT, "source": HEADER_TEXT, "type": HEADER_TEXT},
    optional={
        "subject": HEADER_TEXT,
        "santiaobatch": HEADER_TEXT,
        "data": JSON_VALUES.filter(lambda data: data is not None),
    },
)


@given(events=st.lists(EVENTS, max_size=4))
def test_what_is_written_is_read(events: list[dict[str, Any]]) -> None:
    batch = read_request(BATCH, {}, write_batch(events), where="request", now=NOW)
    assert [item.cells for item in batch] == events
    for event in events:
        assert read_event(write_event(event), where="line", now=NOW).cells == event
        headers, body = write_binary(event)
        assert all(value.isascii() and value.isprintable() for value in headers.values())
        (item,) = read_request(headers.pop("content-type", ""), headers, body, where="request", now=NOW)
        assert item.cells is not None
        assert {name: cell for name, cell in item.cells.items() if name != "datacontenttype"} == event


@given(
    content_type=st.sampled_from([STRUCTURED, BATCH, "application/json", "text/plain"]), body=st.binary(max_size=200)
)
def test_nothing_that_is_sent_raises(content_type: str, body: bytes) -> None:
    read_request(content_type, {"ce-id": "1"}, body, where="request", now=NOW)
    read_request(content_type, {"ce-" + content_type: "1"}, body, where="request", now=NOW)

"""A webhook's deliveries saved as lines: judged as at the live hook, by the time each line says it was received."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from santiao.connectors.forms import HookForm
from santiao.connectors.transports.hook_lines import SENT_AT, HookLines
from santiao.connectors.transports.webhook import sign
from tests.connectors.conftest import NOW
from tests.connectors.transports.readings import fault_codes, items_of, reading

FORM = HookForm(secret="HOOK")
SECRET = "s3cret"


def line(
    body: str = '{"orderNo":"A1"}', *, nonce: str = "n1", at: datetime = NOW, skew: float = 0, secret: str = SECRET
) -> dict[str, object]:
    sent_at = at + timedelta(seconds=skew)
    headers = sign(FORM.signature, secret, body.encode(), sent_at=sent_at, nonce=nonce)
    return {"received_at": at.isoformat(), "headers": headers, "body": body}


def write(path: Path, lines: Iterable[object]) -> str:
    path.write_text("".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in lines))
    return str(path)


def hook(**bounds: int) -> HookLines:
    return HookLines(FORM, reading(None, **bounds), (SECRET,))


def test_good_deliveries_carry_when_they_were_received_and_sent(tmp_path: Path) -> None:
    (item,) = items_of(hook().read(write(tmp_path / "a.jsonl", [line(skew=-20)]), None))
    assert item.cells == {"orderNo": "A1", SENT_AT: (NOW - timedelta(seconds=20)).isoformat()}
    assert item.delivered_at == NOW
    assert item.raw == b'{"orderNo":"A1"}'


def test_what_is_refused_at_the_door_leaves_nothing_and_uses_up_no_nonce(tmp_path: Path) -> None:
    told = [
        line(nonce="n1", secret="other"),
        line(nonce="n2", skew=301),
        line(nonce="n3", skew=-301),
        {**line(nonce="n4"), "body": '{"orderNo":"B2"}'},
        {**line(), "headers": {}},
        line(nonce="n1"),
        line(nonce="n2", skew=299),
    ]
    items = items_of(hook().read(write(tmp_path / "a.jsonl", told), None))
    assert fault_codes(items) == [
        "webhook.wrong_signature",
        "webhook.wrong_time",
        "webhook.wrong_time",
        "webhook.wrong_signature",
        "webhook.unsigned",
        "",
        "",
    ]
    assert [item.raw for item in items[:5]] == [b""] * 5


def test_a_nonce_is_taken_once_even_from_another_file_and_run(tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", [line(nonce="n1"), line(nonce="n1", at=NOW + timedelta(seconds=1))])
    *_, last = pages = list(hook().read(first, None))
    assert fault_codes(items_of(pages)) == ["", "webhook.replayed_nonce"]
    second = write(tmp_path / "b.jsonl", [line(nonce="n1", at=NOW + timedelta(seconds=200))])
    assert fault_codes(items_of(hook().read(second, last.watermark))) == ["webhook.replayed_nonce"]


def test_the_same_line_read_again_is_no_replay(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", [line(nonce="n1")])
    *_, last = hook().read(source, None)
    assert last.watermark is not None
    copy = write(tmp_path / "copy.jsonl", [line(nonce="n1")])
    assert fault_codes(items_of(hook().read(copy, last.watermark))) == [""]


def test_nonces_are_forgotten_when_the_time_alone_refuses_them(tmp_path: Path) -> None:
    told = [line(nonce=f"n{hour}", at=NOW + timedelta(hours=hour)) for hour in range(50)]
    *_, last = hook().read(write(tmp_path / "a.jsonl", told), None)
    assert last.watermark is not None
    assert len(last.watermark.state["nonces"].split("\n")) == 1


def test_a_line_that_is_no_delivery_is_quarantined_and_the_next_is_read(tmp_path: Path) -> None:
    told = [
        "{cut",
        "[1]",
        '{"received_at":"2026-05-01T12:00:00+08:00"}',
        {**line(), "received_at": "yesterday"},
        {**line(), "received_at": 5},
        "",
        line("not json", nonce="n8"),
        line('["list"]', nonce="n9"),
        line(nonce="n10"),
    ]
    items = items_of(hook().read(write(tmp_path / "a.jsonl", told), None))
    assert fault_codes(items) == [
        "item.not_json",
        "item.not_object",
        "item.not_delivery",
        "item.time",
        "item.time",
        "item.not_json",
        "item.not_object",
        "",
    ]
    assert items[-1].where == "a.jsonl:9"


def test_a_line_beyond_its_bounds_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", [line('{"a":"' + "x" * 5000 + '"}', nonce="n1"), line(nonce="n2")])
    items = items_of(hook(item_bytes=2000).read(source, None))
    assert fault_codes(items) == ["item.oversize", ""]
    assert items[1].where == "a.jsonl:2"


def test_pages_are_no_longer_than_a_batch_and_only_the_last_of_a_file_moves_the_watermark(tmp_path: Path) -> None:
    told = [line(nonce=f"n{n}", at=NOW + timedelta(seconds=n)) for n in range(1100)]
    pages = list(hook().read(write(tmp_path / "a.jsonl", told), None))
    assert [len(page.items) for page in pages] == [500, 500, 100, 0]
    assert [page.watermark is not None for page in pages] == [False, False, True, True]

"""The hotline's webhook: acknowledged when kept, 401 for signature, nonce and time alone, 403 for content."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from santiao.connectors.transports.webhook import WebhookSettings, sign
from tests.api.conftest import HOOK_SECRET, Served

PATH = "/v1/hooks/hotline-12345"


def order(number: str, **more: Any) -> bytes:
    told = {
        "eventId": f"e-{number}",
        "eventType": "ORDER_CREATED",
        "orderNo": number,
        "version": 1,
        "createTime": "2026-03-10 19:05:11",
        "planTime": "2026-03-19 18:00:00",
        "formTypeName": "投诉",
        "businessType": ["城乡建设", "物业管理", "房屋漏水"],
        "title": "反映楼上漏水",
        "contentText": "市民来电反映楼上漏水。",
        "cusName": "章女士",
        "cusPhone": "138****0011",
        "areaCode": "龙子湖区",
        **more,
    }
    return msgspec.json.encode(told)


def push(
    served: Served, body: bytes, *, nonce: str, secret: str = HOOK_SECRET, late: float = 0, **more: str
) -> httpx.Response:
    sent_at = datetime.now(UTC) - timedelta(seconds=late)
    headers = {**sign(WebhookSettings(), secret, body, sent_at=sent_at, nonce=nonce), "X-App-Id": "city12345", **more}
    return served.client.post(PATH, headers={**headers, "Content-Type": "application/json"}, content=body)


def test_a_good_delivery_is_acknowledged(served: Served) -> None:
    answer = push(served, order("BB2603100001"), nonce="n-good")
    assert (answer.status_code, answer.json()) == (200, {"code": 0})


def test_a_retry_with_its_own_nonce_is_acknowledged_again(served: Served) -> None:
    body = order("BB2603100002")
    assert push(served, body, nonce="n-try-1").json() == {"code": 0}
    assert push(served, body, nonce="n-try-2").json() == {"code": 0}


def test_what_is_not_understood_is_acknowledged_and_kept(served: Served) -> None:
    answer = push(served, b'{"eventType": "ORDER_CREATED"}', nonce="n-odd")
    assert (answer.status_code, answer.json()) == (200, {"code": 0})
    kept = served.client.get(
        "/v1/quarantine?connector=hotline-12345", headers=served.headers("mediation-centre", actor="operator")
    )
    assert len(kept.json()["items"]) == 1
    assert push(served, b"no json", nonce="n-no-json").json() == {"code": 0}


@pytest.mark.parametrize(
    ("nonce", "secret", "late"),
    [("n-secret", "another", 0), ("n-late", HOOK_SECRET, 301), ("n-early", HOOK_SECRET, -400), ("", HOOK_SECRET, 0)],
)
def test_who_did_not_sign_now_is_turned_away(served: Served, nonce: str, secret: str, late: float) -> None:
    answer = push(served, order("BB2603100003"), nonce=nonce, secret=secret, late=late)
    assert (answer.status_code, answer.json()["code"]) == (401, 40101)
    assert answer.json()["message"]


def test_an_unsigned_delivery_is_turned_away(served: Served) -> None:
    answer = served.client.post(PATH, content=order("BB2603100003"))
    assert (answer.status_code, answer.json()["code"]) == (401, 40101)


def test_a_nonce_counts_once(served: Served) -> None:
    assert push(served, order("BB2603100004"), nonce="n-once").status_code == 200
    again = push(served, order("BB2603100004"), nonce="n-once")
    assert (again.status_code, again.json()["code"]) == (401, 40101)


def test_of_two_at_the_same_moment_one_gets_in(served: Served) -> None:
    body, answers = order("BB2603100005"), []
    sent_at = datetime.now(UTC)
    headers = {**sign(WebhookSettings(), HOOK_SECRET, body, sent_at=sent_at, nonce="n-race")}
    barrier = threading.Barrier(4)

    def run() -> None:
        barrier.wait()
        answers.append(served.client.post(PATH, headers=headers, content=body).status_code)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 401, 401, 401]


def test_a_changed_body_is_not_the_signed_one(served: Served) -> None:
    body = order("BB2603100006")
    headers = sign(WebhookSettings(), HOOK_SECRET, body, sent_at=datetime.now(UTC), nonce="n-changed")
    answer = served.client.post(PATH, headers=headers, content=order("BB2603100007"))
    assert answer.json()["code"] == 40101


def test_refused_content_is_403(served: Served) -> None:
    informed = order("BB2603100008", formTypeName="举报", contentText="市民举报某单位干部收受贿赂、滥用职权。")
    answer = push(served, informed, nonce="n-informer")
    assert (answer.status_code, answer.json()["code"]) == (403, 40301)


def test_a_body_beyond_its_bound_is_turned_away_in_the_hooks_own_form(served: Served) -> None:
    answer = push(served, b" " * 1_100_000, nonce="n-large")
    assert (answer.status_code, answer.json()["code"]) == (413, 41301)


def test_an_agency_without_a_webhook_has_none(served: Served) -> None:
    assert served.client.post("/v1/hooks/court", content=b"{}").status_code == 404
    assert served.client.post("/v1/hooks/nobody", content=b"{}").status_code == 404

"""A delivery is good when it is the sender's, of now, and the first with its nonce; whatever else is sent, nothing breaks."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.transports.webhook import Objection, Verdict, WebhookSettings, sign, verify_signature
from santiao.domain.messages import FaultKind

SECRET = "a secret for tests"
NOW = datetime(2026, 3, 10, 11, 5, 11, 123_000, tzinfo=UTC)
SETTINGS = WebhookSettings()
BODY = b'{"orderNo":"BB2603100077"}'
TEXTS = st.text(max_size=80)
HEADERS = st.dictionaries(st.sampled_from(["X-Timestamp", "X-Nonce", "X-Sign", "x-sign", "Content-Type"]), TEXTS)
NONCES = st.text("0123456789abcdef", min_size=1, max_size=64)
SKEWS = st.integers(-300, 300)


def verdict(
    headers: dict[str, str], body: bytes = BODY, at: datetime = NOW, used: frozenset[str] = frozenset()
) -> Verdict:
    return verify_signature(SETTINGS, [SECRET], headers, body, received_at=at, nonces=used)


def signed(body: bytes = BODY, nonce: str = "9f3c", at: datetime = NOW) -> dict[str, str]:
    return sign(SETTINGS, SECRET, body, sent_at=at, nonce=nonce)


def test_the_signature_is_what_the_protocol_says() -> None:
    message = "1773140711123\n9f3c\n" + hashlib.new("sm3", BODY).hexdigest()
    expected = hmac.new(SECRET.encode(), message.encode(), lambda: hashlib.new("sm3")).hexdigest()
    assert signed() == {"X-Timestamp": "1773140711123", "X-Nonce": "9f3c", "X-Sign": expected}


def test_a_good_delivery_tells_the_nonce_to_remember_and_until_when() -> None:
    assert verdict(signed()) == Verdict(None, "9f3c", NOW + timedelta(minutes=5))


def test_a_nonce_may_be_forgotten_once_its_time_alone_refuses_it() -> None:
    until = verdict(signed()).remember_until
    assert until is not None
    assert verdict(signed(), at=until).is_good
    assert verdict(signed(), at=until + timedelta(seconds=1)).objection is Objection.WRONG_TIME


def test_names_of_headers_come_in_any_case() -> None:
    assert verdict({name.lower(): value for name, value in signed().items()}).is_good


def test_a_time_in_seconds_is_signed_and_read() -> None:
    settings = WebhookSettings(unit="s", skew_seconds=10)
    headers = sign(settings, SECRET, BODY, sent_at=NOW, nonce="n")
    assert headers["X-Timestamp"] == "1773140711"
    assert verify_signature(settings, [SECRET], headers, BODY, received_at=NOW).is_good
    late = NOW + timedelta(seconds=11)
    assert not verify_signature(settings, [SECRET], headers, BODY, received_at=late).is_good


def test_a_secret_can_be_changed_while_deliveries_go_on() -> None:
    assert verify_signature(SETTINGS, ["the next secret", SECRET], signed(), BODY, received_at=NOW).is_good
    assert verify_signature(SETTINGS, [], signed(), BODY, received_at=NOW).objection is Objection.WRONG_SIGNATURE


@pytest.mark.parametrize(
    ("headers", "objection"),
    [
        ({}, Objection.UNSIGNED),
        (signed() | {"X-Sign": ""}, Objection.UNSIGNED),
        (signed() | {"X-Nonce": ""}, Objection.UNSIGNED),
        (signed() | {"X-Nonce": "n" * 65}, Objection.UNSIGNED),
        (signed() | {"X-Nonce": "随机"}, Objection.UNSIGNED),
        (signed() | {"X-Timestamp": "yesterday"}, Objection.UNSIGNED),
        (signed() | {"X-Timestamp": "-1773140711123"}, Objection.UNSIGNED),
        (signed() | {"X-Timestamp": "9" * 400}, Objection.UNSIGNED),
        (signed() | {"X-Sign": signed()["X-Sign"].upper()}, Objection.WRONG_SIGNATURE),
        (signed() | {"X-Sign": "签名"}, Objection.WRONG_SIGNATURE),
        (signed() | {"X-Sign": "\udc80"}, Objection.WRONG_SIGNATURE),
        (signed() | {"X-Nonce": "other"}, Objection.WRONG_SIGNATURE),
        (signed() | {"X-Timestamp": "1773140711124"}, Objection.WRONG_SIGNATURE),
        (signed(at=NOW - timedelta(hours=1)), Objection.WRONG_TIME),
        (signed(at=NOW + timedelta(hours=1)), Objection.WRONG_TIME),
    ],
)
def test_each_objection_is_told_and_remembers_nothing(headers: dict[str, str], objection: Objection) -> None:
    assert verdict(headers) == Verdict(objection)


def test_a_nonce_is_good_once() -> None:
    used = frozenset({verdict(signed()).nonce})
    assert verdict(signed(), used=used) == Verdict(Objection.REPLAYED_NONCE)
    again = signed(at=NOW + timedelta(minutes=2))
    assert verdict(again, at=NOW + timedelta(minutes=2), used=used).objection is Objection.REPLAYED_NONCE


def test_a_stranger_learns_nothing_of_nonces_or_of_our_clock() -> None:
    headers = signed(at=NOW - timedelta(hours=1)) | {"X-Sign": "0" * 64}
    assert verdict(headers, used=frozenset({"9f3c"})).objection is Objection.WRONG_SIGNATURE


@pytest.mark.parametrize("objection", list(Objection))
def test_a_refusal_names_the_mend_in_both_languages_and_nothing_of_the_delivery(objection: Objection) -> None:
    fault = Verdict(objection).fault("deliveries.jsonl:12")
    assert (fault.kind, fault.code, fault.path) == (FaultKind.REFUSED, objection.value, "deliveries.jsonl:12")
    assert fault.detail
    assert fault.detail_zh
    assert not set(signed().values()) & set(fault.detail.split())


@given(headers=HEADERS, body=st.binary(max_size=200), at=st.datetimes(timezones=st.just(UTC)))
def test_nothing_a_stranger_sends_is_good_or_raises(headers: dict[str, str], body: bytes, at: datetime) -> None:
    assert not verdict(headers, body, at).is_good


@given(body=st.binary(max_size=200), nonce=NONCES, skew=SKEWS)
def test_all_that_is_signed_in_time_is_good(body: bytes, nonce: str, skew: int) -> None:
    assert verdict(signed(body, nonce, NOW), body, NOW + timedelta(seconds=skew)) == Verdict(
        None, nonce, NOW + timedelta(minutes=5)
    )


@given(body=st.binary(max_size=60), other=st.binary(max_size=60), nonce=NONCES)
def test_no_other_body_is_good(body: bytes, other: bytes, nonce: str) -> None:
    assert verdict(signed(body, nonce), other).is_good is (body == other)

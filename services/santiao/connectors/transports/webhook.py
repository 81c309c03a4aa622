"""Who sent a webhook delivery, and whether it was sent just now and for the first time.

The rules kept here: the signature is judged first and in constant time, so that who lacks the secret learns nothing else and uses up no
nonce; nothing a stranger sends raises an error. A refused delivery leaves a reason and a digest.

Source: `X-Sign = HMAC-SM3(secret, X-Timestamp LF X-Nonce LF SM3-hex(body))`, both digests in lower-case hex, timestamp in milliseconds.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal, Protocol

import msgspec

from santiao.domain.messages import Fault, FaultKind

_NONCE_CHARS_MAX = 64
_TIMESTAMP_DIGITS_MAX = 14


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a source signs: its headers' names, the unit of its time, and how far its clock may be from ours."""

    timestamp_header: str = "X-Timestamp"
    nonce_header: str = "X-Nonce"
    signature_header: str = "X-Sign"
    unit: Literal["ms", "s"] = "ms"
    skew_seconds: int = 300


class Objection(StrEnum):
    """Why a delivery is refused at the door; the value is the fault's code."""

    UNSIGNED = "webhook.unsigned"
    WRONG_SIGNATURE = "webhook.wrong_signature"
    WRONG_TIME = "webhook.wrong_time"
    REPLAYED_NONCE = "webhook.replayed_nonce"


_WORDS = {
    Objection.UNSIGNED: (
        "the time, nonce or signature is missing or malformed; sign every delivery",
        "缺少时间戳、随机数或签名，或格式不符",
    ),
    Objection.WRONG_SIGNATURE: (
        "the signature does not fit secret, time, nonce and body; check the secret",
        "签名不符，请核对密钥",
    ),
    Objection.WRONG_TIME: (
        "the time is too far from ours; check the clock, and sign each try anew",
        "时间戳超出允许偏差，请校时并在重试时重新签名",
    ),
    Objection.REPLAYED_NONCE: (
        "the nonce was used before; sign each try with a new one",
        "随机数已使用过，重试时请更换",
    ),
}


class NonceMemory(Protocol):
    """The nonces of this source that were accepted before. The store keeps a nonce in the transaction that takes its delivery."""

    def __contains__(self, nonce: object, /) -> bool: ...


class Verdict(msgspec.Struct, frozen=True):
    """What was found. A good one carries the nonce to remember, and until when: later the time alone refuses it."""

    objection: Objection | None = None
    nonce: str = ""
    remember_until: datetime | None = None

    @property
    def is_good(self) -> bool:
        """True when the delivery is the sender's, of now, and the first with its nonce."""
        return self.objection is None

    def fault(self, path: str) -> Fault:
        """The refusal of a delivery that is not good. `path` says where it came in."""
        assert self.objection is not None, "a good delivery is not refused"
        english, chinese = _WORDS[self.objection]
        return Fault(kind=FaultKind.REFUSED, code=self.objection, path=path, detail=english, detail_zh=chinese)


def verify_signature(
    settings: WebhookSettings,
    secrets: Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    *,
    received_at: datetime,
    nonces: NonceMemory = frozenset(),
) -> Verdict:
    """Judge a delivery. Never raises, whatever a stranger sends.

    Args:
        secrets: any of these signs; two while a secret is being changed. None of them: nothing is good.
        headers: as received; their names in any case.
        body: the bytes as received, before anything was parsed.
        received_at: when the delivery reached the hub, with an offset; the time is measured against it.
        nonces: those accepted before. Two deliveries at once may both pass; the store's transaction lets in one.
    """
    named = {name.lower(): value.strip() for name, value in headers.items()}
    timestamp = named.get(settings.timestamp_header.lower(), "")
    nonce = named.get(settings.nonce_header.lower(), "")
    signature = named.get(settings.signature_header.lower(), "")
    if not (_is_number(timestamp) and _is_nonce(nonce) and signature):
        return Verdict(Objection.UNSIGNED)
    # All secrets are tried, so that the time taken does not say which was the one.
    fits = [_is_equal(signature, _signature(secret, timestamp, nonce, body)) for secret in secrets]
    if not any(fits):
        return Verdict(Objection.WRONG_SIGNATURE)
    sent = int(timestamp) / (1000 if settings.unit == "ms" else 1)
    if abs(received_at.timestamp() - sent) > settings.skew_seconds:
        return Verdict(Objection.WRONG_TIME)
    if nonce in nonces:
        return Verdict(Objection.REPLAYED_NONCE)
    return Verdict(
        nonce=nonce, remember_until=datetime.fromtimestamp(sent, UTC) + timedelta(seconds=settings.skew_seconds)
    )


def sign(settings: WebhookSettings, secret: str, body: bytes, *, sent_at: datetime, nonce: str) -> dict[str, str]:
    """The headers with which a source sends `body` at `sent_at`; for its simulation and for tests."""
    milliseconds = round(sent_at.timestamp() * 1000)
    timestamp = str(milliseconds if settings.unit == "ms" else milliseconds // 1000)
    return {
        settings.timestamp_header: timestamp,
        settings.nonce_header: nonce,
        settings.signature_header: _signature(secret, timestamp, nonce, body),
    }


def _signature(secret: str, timestamp: str, nonce: str, body: bytes) -> str:
    digest, keyed = _SM3.copy(), _keyed(secret).copy()
    digest.update(body)
    keyed.update(f"{timestamp}\n{nonce}\n{digest.hexdigest()}".encode())
    return keyed.hexdigest()


_SM3 = hashlib.new("sm3")
"""Asking OpenSSL for the algorithm by name each time costs more than the digest of a short body."""


@lru_cache(maxsize=16)
def _keyed(secret: str) -> hmac.HMAC:
    return hmac.new(secret.encode(), digestmod="sm3")


def _is_equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _TIMESTAMP_DIGITS_MAX


def _is_nonce(text: str) -> bool:
    return 0 < len(text) <= _NONCE_CHARS_MAX and text.isascii() and text.isprintable()

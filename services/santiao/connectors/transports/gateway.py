"""The signature of a city's gateway (x-tif), which every call through it carries.

The rule kept here: the gateway's signature does not cover the body, so a digest of the body goes beside it in a header of our own.
Source: `x-tif-signature = SHA256(timestamp + token + nonce + timestamp)`, hex, timestamp in seconds.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

BODY_DIGEST_HEADER = "x-santiao-body-sm3"


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a gateway is called: who we are to it, and whether it wants its hex in capitals."""

    paas_id: str
    hex_case: Literal["lower", "upper"] = "lower"
    skew_seconds: int = 300


def sign(timestamp: int, token: str, nonce: str, hex_case: Literal["lower", "upper"] = "lower") -> str:
    """The signature over a time in seconds and a nonce."""
    signature = hashlib.sha256(f"{timestamp}{token}{nonce}{timestamp}".encode()).hexdigest()
    return signature.upper() if hex_case == "upper" else signature


def signed_headers(settings: GatewaySettings, token: str, now: datetime, nonce: str, body: bytes) -> dict[str, str]:
    """What a call at `now` carries. `nonce` is never used twice."""
    timestamp = int(now.timestamp())
    return {
        "x-tif-paasid": settings.paas_id,
        "x-tif-timestamp": str(timestamp),
        "x-tif-nonce": nonce,
        "x-tif-signature": sign(timestamp, token, nonce, settings.hex_case),
        BODY_DIGEST_HEADER: hashlib.new("sm3", body).hexdigest(),
    }


def is_signed(settings: GatewaySettings, token: str, now: datetime, headers: Mapping[str, str], body: bytes) -> bool:
    """True when a call carries this gateway's signature, made lately, and its body is the one that was digested.

    `headers` by lower-case name. Who keeps nonces refuses one that comes twice.
    """
    told = headers.get("x-tif-timestamp", "")
    if not (told.isascii() and told.isdigit() and len(told) <= 12):
        return False
    nonce = headers.get("x-tif-nonce", "")
    expected = sign(int(told), token, nonce)
    is_ours = hmac.compare_digest(headers.get("x-tif-signature", "").lower().encode(), expected.encode())
    is_whole = hmac.compare_digest(
        headers.get(BODY_DIGEST_HEADER, "").lower().encode(), hashlib.new("sm3", body).hexdigest().encode()
    )
    is_recent = abs(now.timestamp() - int(told)) <= timedelta(seconds=settings.skew_seconds).total_seconds()
    return is_ours and is_whole and is_recent and headers.get("x-tif-paasid") == settings.paas_id

"""The gateway's signature, by the published vector, and what makes a call not ours."""

from datetime import UTC, datetime, timedelta

import pytest

from santiao.connectors.transports.gateway import BODY_DIGEST_HEADER, GatewaySettings, is_signed, sign, signed_headers

NOW = datetime.fromtimestamp(1767596400, UTC)
TOKEN = "TEST-TOKEN-0001"
VECTOR = "b78afc06ad19550b11e89e14ba161b2f041d4476b76952e97adcd9aeab73905e"
SETTINGS = GatewaySettings(paas_id="hub3403")
BODY = b'{"courtCode":"340302"}'


def test_the_published_vector() -> None:
    assert sign(1767596400, TOKEN, "a1b2c3d4e5") == VECTOR
    assert sign(1767596400, TOKEN, "a1b2c3d4e5", "upper") == VECTOR.upper()


def test_what_a_call_carries() -> None:
    assert signed_headers(SETTINGS, TOKEN, NOW, "a1b2c3d4e5", b"abc") == {
        "x-tif-paasid": "hub3403",
        "x-tif-timestamp": "1767596400",
        "x-tif-nonce": "a1b2c3d4e5",
        "x-tif-signature": VECTOR,
        BODY_DIGEST_HEADER: "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    }


@pytest.mark.parametrize("hex_case", ["lower", "upper"])
def test_a_signed_call_is_known(hex_case: str) -> None:
    settings = GatewaySettings(paas_id="hub3403", hex_case="upper" if hex_case == "upper" else "lower")
    headers = signed_headers(settings, TOKEN, NOW, "n", BODY)
    assert is_signed(settings, TOKEN, NOW + timedelta(minutes=5), headers, BODY)


@pytest.mark.parametrize(
    "changed",
    [
        {"x-tif-signature": "0" * 64},
        {"x-tif-signature": "签名"},
        {"x-tif-nonce": "other"},
        {"x-tif-timestamp": "1767596401"},
        {"x-tif-timestamp": "１７６７５９６４００"},
        {"x-tif-timestamp": "soon"},
        {"x-tif-paasid": "another"},
        {BODY_DIGEST_HEADER: ""},
    ],
)
def test_a_call_that_was_changed_is_not_ours(changed: dict[str, str]) -> None:
    assert not is_signed(SETTINGS, TOKEN, NOW, signed_headers(SETTINGS, TOKEN, NOW, "n", BODY) | changed, BODY)


def test_a_call_with_another_body_or_made_long_ago_is_not_ours() -> None:
    headers = signed_headers(SETTINGS, TOKEN, NOW, "n", BODY)
    assert not is_signed(SETTINGS, TOKEN, NOW, headers, BODY + b" ")
    assert not is_signed(SETTINGS, TOKEN, NOW + timedelta(seconds=301), headers, BODY)
    assert not is_signed(SETTINGS, TOKEN, NOW, {}, BODY)

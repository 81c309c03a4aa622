"""The blind index is HMAC-SM3, whatever way it is computed."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.store.blind import BlindIndex


@pytest.mark.parametrize(
    ("purpose", "canonical", "token"),
    [("RIN", "340398198503151238", "16f84677c85a1bb2"), ("NAMEBIRTH", "张三|19850315", "c6d150f2c69eba6e")],
)
def test_known_values(purpose: str, canonical: str, token: str) -> None:
    assert BlindIndex(b"test-key-linkage-2026").token(purpose, canonical).hex() == token


@given(st.binary(max_size=150), st.text(), st.text())
def test_it_is_the_standards_hmac_for_every_key(key: bytes, purpose: str, canonical: str) -> None:
    blind = BlindIndex(key)
    try:
        message = f"{purpose}|{canonical}".encode()
    except UnicodeEncodeError:
        return
    assert blind.token(purpose, canonical) == blind.token(purpose, canonical) == hmac.digest(key, message, "sm3")[:8]

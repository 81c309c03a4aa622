"""The blind index's hashing: HMAC-SM3 by OpenSSL, keyed, so that a number in the index cannot be tried out.

A plain digest of a resident number is enumerable in minutes. Values are canonical before they come here; key and canonicaliser
versions stand beside the store's settings (`BLIND_VERSION`), and another version means indexing anew.
"""

import hashlib

BLIND_VERSION = "sm3-1"
_BLOCK = 64
_TOKEN_BYTES = 8


class BlindIndex:
    """Keyed tokens. `token(purpose, canonical)` gives 8 bytes; the purpose separates kinds of value."""

    def __init__(self, key: bytes) -> None:
        # RFC 2104 with both keyed blocks hashed once: a token costs two copies of a state instead of a new HMAC, half the time.
        padded = (key if len(key) <= _BLOCK else hashlib.new("sm3", key).digest()).ljust(_BLOCK, b"\0")
        self._inner = hashlib.new("sm3", bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.new("sm3", bytes(byte ^ 0x5C for byte in padded))

    def token(self, purpose: str, canonical: str) -> bytes:
        """HMAC-SM3 over `purpose|canonical`, first 8 bytes."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(f"{purpose}|{canonical}".encode())
        outer.update(inner.digest())
        return outer.digest()[:_TOKEN_BYTES]

"""The blind index's hashing: HMAC-SM3 by OpenSSL, keyed, so that a number in the index cannot be tried out.

A plain digest of a resident number is enumerable in minutes. Values are canonical before they come here; key and canonicaliser
versions stand beside the store's settings (`BLIND_VERSION`), and another version means indexing anew.
"""

import hmac

BLIND_VERSION = "sm3-1"


class BlindIndex:
    """Keyed tokens. `token(purpose, canonical)` gives 8 bytes; the purpose separates kinds of value."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, purpose: str, canonical: str) -> bytes:
        """HMAC-SM3 over `purpose|canonical`, first 8 bytes."""
        return hmac.digest(self._key, f"{purpose}|{canonical}".encode(), "sm3")[:8]

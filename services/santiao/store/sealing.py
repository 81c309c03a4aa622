"""Sealing: AES-256-GCM-SIV with a nonce derived from event id and field path, so that a replay with the same keys gives the same
bytes and a nonce met twice does no harm. The envelope names its algorithm; SM4 can stand beside it.
"""

import hashlib
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from santiao.domain.errors import StoreFailure
from santiao.domain.events.envelope import Sealed

ALGORITHM: Final = "AES256-GCM-SIV"


def seal(key: bytes, key_id: bytes, event_id: bytes, path: str, plain: bytes) -> Sealed:
    """Seal `plain` as the field `path` of the event `event_id`."""
    nonce = hashlib.blake2b(event_id + path.encode(), digest_size=12, person=b"seal").digest()
    return Sealed(ALGORITHM, key_id, nonce + AESGCMSIV(key).encrypt(nonce, plain, key_id))


def unseal(key: bytes, sealed: Sealed) -> bytes:
    """The plain bytes.

    Raises:
        StoreFailure: wrong key, or the bytes were changed.
    """
    if sealed.alg != ALGORITHM:
        raise StoreFailure(
            "seal.algorithm", f"sealed with {sealed.alg}, which this version cannot open", "封装算法不受支持"
        )
    try:
        return AESGCMSIV(key).decrypt(sealed.data[:12], sealed.data[12:], sealed.key_id)
    except InvalidTag:
        raise StoreFailure(
            "seal.broken",
            "a sealed field does not open: wrong master key or changed bytes",
            "密封字段无法打开：主密钥不符或数据被改动",
        ) from None

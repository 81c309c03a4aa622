"""Passwords of people: made by the hub, shown once, kept as a memory-hard hash (scrypt) with its own cost and salt.

The rule kept here: the cost stands beside the hash, so that it can rise without locking anybody out; checking takes as long for a person
who does not exist.
"""

import hmac
import os
import secrets

import msgspec
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH = 16


class Cost(msgspec.Struct, frozen=True, array_like=True):
    """scrypt's parameters; the default takes 32 MiB, three times over."""

    n: int = 2**15
    r: int = 8
    p: int = 3


class _Hash(msgspec.Struct, frozen=True, array_like=True):
    cost: Cost
    salt: bytes
    digest: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Hash).decode


def make_password() -> str:
    """A new password: four groups that can be read aloud, about 79 bits."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(letters[start : start + 4] for start in range(0, _LENGTH, 4))


def hash_password(password: str, cost: Cost) -> bytes:
    """What is kept of a password."""
    salt = os.urandom(16)
    return _encode(_Hash(cost, salt, _derive(password, cost, salt)))


def fits_password(password: str, kept: bytes) -> bool:
    """True when the password is the one that was hashed; compared in constant time."""
    known = _decode(kept)
    return hmac.compare_digest(_derive(password, known.cost, known.salt), known.digest)


def _derive(password: str, cost: Cost, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=cost.n, r=cost.r, p=cost.p).derive(password.encode("utf-8", "replace"))

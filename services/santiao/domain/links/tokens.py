"""Tokens: values made comparable without being readable.

A personal value becomes the first eight bytes of a keyed digest, an agency's own number (no personal value) of a plain one; both are
kept as signed 64-bit integers, as every database stores them. The kind goes into the digest, so that one value under two kinds gives two
tokens, and a token alone says what it is. The rule kept here: values are canonical before they are hashed, and `CANONICALISER`
rises whenever that canonical form changes, because every token made before then stops matching.
"""

import hashlib
from collections.abc import Callable
from enum import IntEnum

import msgspec

Blind = Callable[[str, str], bytes]
"""`blind(purpose, canonical)`: a keyed digest, at least eight bytes."""

CANONICALISER = 1


class Kind(IntEnum):
    """What a token was made of."""

    OWN = 1
    """A number under which an agency keeps this source."""
    QUOTED = 2
    """A number that this source quotes."""
    RIN = 3
    ORG_ID = 4
    """Nine characters of GB 11714; a credit code (统一社会信用代码) holds them too."""
    NAME = 5
    ORG_SUM = 6
    """An organisation's name with a sum in dispute: the name alone would find all its disputes."""
    PHONE = 7
    """What stays of a telephone when it is masked: first three and last four digits; a landline whole."""
    BUILDING = 8
    ORG_PAIR = 9
    """The numbers of two organisations that one source sets against each other."""


class IndexToken(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One row of the party index: `slot` is the party it stands with, -1 for the source itself."""

    kind: Kind
    token: int
    slot: int = -1


def as_token(digest: bytes) -> int:
    """The first eight bytes as a signed integer; never 0, which stands for nothing told."""
    return int.from_bytes(digest[:8], "big", signed=True) or 1


def own_number(number: str) -> int:
    """Token of an agency's number, for the source that bears it; always even."""
    return as_token(hashlib.blake2b(number.encode(), digest_size=8, person=b"number").digest()) & ~1


def mixed(one: int, other: int) -> int:
    """One token of two values that count together."""
    both = one.to_bytes(8, "big", signed=True) + other.to_bytes(8, "big", signed=True)
    return as_token(hashlib.blake2b(both, digest_size=8, person=b"mixed").digest())


def quoted(own: int) -> int:
    """Token of the same number for a source that quotes it; always odd."""
    return own | 1


def borne(quote: int) -> int:
    """Token of a quoted number for the source that bears it."""
    return quote & ~1

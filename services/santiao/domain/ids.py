"""Identifiers: always derived, never random, so that a replay gives the same bytes.

Digests are BLAKE2b with a personalisation word per kind of id; no personal value goes in, only agencies' numbers and hashes.
"""

import hashlib
from base64 import b32encode
from datetime import date
from typing import NewType

MessageId = NewType("MessageId", bytes)
"""16 bytes naming one message (a record version, a command, a timer that fired)."""
EventId = NewType("EventId", bytes)
SourceId = NewType("SourceId", str)
"""`connector:key`, unique over the hub."""
CaseId = NewType("CaseId", str)
"""26 characters; a keyed hash of the founding source; never changes."""

_SPOKEN = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz")
"""From the standard's base 32 to letters and digits that are not taken for one another."""

_DOUBLED = str.maketrans("0123456789", "0246813579")
"""Luhn's doubling: what a digit counts for in every second place."""


def derive_message_id(kind: str, *parts: str | bytes) -> MessageId:
    """Sixteen bytes from `kind` ("record", "command", "timer") and what makes the message itself and no other."""
    digest = hashlib.blake2b(digest_size=16, person=kind.encode()[:16])
    for part in parts:
        piece = part.encode() if isinstance(part, str) else part
        digest.update(len(piece).to_bytes(4, "big"))
        digest.update(piece)
    return MessageId(digest.digest())


def derive_event_id(message_id: MessageId, ordinal: int) -> EventId:
    """The id of the `ordinal`-th event that a message caused."""
    return EventId(hashlib.blake2b(message_id + ordinal.to_bytes(4, "big"), digest_size=16, person=b"event").digest())


def source_id(connector: str, key: str) -> SourceId:
    """The hub's name of an agency's file."""
    return SourceId(f"{connector}:{key}")


def derive_case_id(secret: bytes, founding: SourceId) -> CaseId:
    """Case id of the case that `founding` opens: keyed, so that an agency's number cannot be read back or tried."""
    digest = hashlib.blake2b(founding.encode(), key=secret, digest_size=16, person=b"case").digest()
    return CaseId(b32encode(bytes(4) + digest)[6:].translate(_SPOKEN).decode())


def numbering_region(shard: int, region: str) -> str:
    """The region that a number of this city names: serials are the city's own, so two cities' numbers must not name one region."""
    return region if region.startswith(f"{shard:04d}") else f"{shard:04d}00"


def format_case_no(opened_on: date, region: str, serial: int) -> str:
    """A number to be said over the telephone: `SD` + yyyymmdd + region + serial of six digits + Luhn check digit; digits only."""
    return _spoken_number("SD", opened_on, region, serial)


def format_batch_no(formed_on: date, region: str, serial: int) -> str:
    """A batch's number (群体), formed as a case's, with `QT`."""
    return _spoken_number("QT", formed_on, region, serial)


def _spoken_number(prefix: str, day: date, region: str, serial: int) -> str:
    body = f"{day.isoformat().replace('-', '')}{region or '000000'}{serial:06d}"
    total = sum(map(int, body[-1::-2].translate(_DOUBLED))) + sum(map(int, body[-2::-2]))
    return f"{prefix}{body}{-total % 10}"

"""The words of a verdict on two sources: decision, rule, veto, and the evidence as a person saw it.

The rule kept here: a piece of evidence is named by what agrees, never by how much it weighed, so that a rejection stands until something
new agrees and not until a weight changes.
"""

from collections.abc import Iterable
from enum import StrEnum
from zlib import crc32

import msgspec

from santiao.domain.links.tokens import Kind

_MAX_PIECES = 24


class Decision(StrEnum):
    """What becomes of a pair."""

    AUTO = "auto"
    PROPOSE = "propose"
    NONE = "none"


class Rule(StrEnum):
    """By which rule a pair is linked, the strongest first."""

    EXPLICIT_REFERENCE = "explicit_reference"
    BOTH_IDENTITIES = "both_ids"
    IDENTITY_AND_COUNTERPART = "one_id_and_counterpart"


class Veto(StrEnum):
    """Why a pair may not be linked by rule. `PARTED` and `AFTER_AGREEMENT` also keep two out of one automatic case by way of others."""

    AFTER_AGREEMENT = "after_agreement"
    PARTED = "parted"
    TYPES_APART = "types_apart"
    SIDES_SWAPPED = "sides_swapped"
    AMOUNTS_APART = "amounts_apart"
    MATTERS_APART = "matters_apart"
    REFERENCE_UNSUPPORTED = "reference_unsupported"
    SHIELDED = "shielded"


class TokenUse(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """A token whose commonness a verdict depends on."""

    kind: Kind
    token: int


class Verdict(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What two profiles are to each other.

    `score` in thousandths; `strength` orders automatic links when a case has room for one only; `reasons` and `vetoes` are codes;
    `rests_on` are the tokens whose crossing of the cap may change the decision; `evidence` lists the pieces (see `has_new_evidence`).
    """

    decision: Decision
    score: int
    strength: int = 0
    reasons: tuple[str, ...] = ()
    vetoes: tuple[str, ...] = ()
    rests_on: tuple[TokenUse, ...] = ()
    evidence: str = ""

    @property
    def is_barrier(self) -> bool:
        """True when the two may not come into one automatic case by way of others either.

        An agreement that came before keeps two apart as well; the partition knows that from the days themselves.
        """
        return Veto.PARTED in self.vetoes


NOTHING = Verdict(decision=Decision.NONE, score=0)


def evidence_of(pieces: Iterable[tuple[str, int]]) -> str:
    """What agrees, as short digests in a fixed order: enough to tell later whether anything is new, nothing to read a value from."""
    marks = {f"{crc32(f'{reason}|{token}'.encode()):08x}" for reason, token in pieces}
    return ".".join(sorted(marks)[:_MAX_PIECES])


def has_new_evidence(before: str, now: str) -> bool:
    """True when `now` holds a piece that `before` did not."""
    return bool(now) and not {*now.split(".")} <= {*before.split(".")}

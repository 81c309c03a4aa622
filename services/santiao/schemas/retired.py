"""Event types of majors that are no longer written, kept so that every byte ever stored can be read.

A retired type never changes again. Its bytes are read with it, and `upcast` leads from it to the present type.
"""

from datetime import date
from typing import ClassVar

from santiao.domain.events import Event, Sealed


class ReferralSentV1(Event, frozen=True, kw_only=True, tag="ReferralSent"):
    """A referral letter went out. There was one clock only: `due`, the last day on which the body might answer."""

    version: ClassVar[int] = 1

    referral_id: str
    body: str
    mode: str
    edge: str
    basis: str
    bounce: int = 0
    origin_source: str = ""
    origin_key: str = ""
    due: date
    silence: str = "back_to_sender"
    letter: Sealed | None = None


RETIRED: dict[tuple[str, int], type[Event]] = {("ReferralSent", 1): ReferralSentV1}
"""(wire name, major) to the type that reads it."""

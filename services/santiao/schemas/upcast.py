"""Upcasters: how an old major is read as its successor. Each is a pure function, one major up; the codec applies the chain.

The table is written out, so that what is missing is seen: `santiao schemas check` refuses a major without a way up.
"""

from collections.abc import Callable
from typing import Any

from santiao.domain.events import Event
from santiao.domain.events.referrals import ReferralSent
from santiao.schemas.retired import ReferralSentV1

Upcaster = Callable[[Any], Event]
"""Takes the event as its own major's type, gives it as the next major's."""


def upcast(name: str, major: int, event: Event, present: int) -> Event:
    """Lead an event of an old major to the present one, step by step.

    Raises:
        LookupError: a step has no upcaster; the message names it.
    """
    for step in range(major, present):
        way_up = UPCASTERS.get((name, step))
        if way_up is None:
            raise LookupError(
                f"no upcaster leads {name} from major {step} to {step + 1}; add it to santiao/schemas/upcast.py"
            )
        event = way_up(event)
    return event


def _split_referral_due(event: ReferralSentV1) -> ReferralSent:
    """Major 1 knew one clock. It was the hub's; what the law's clock said then is not known and stays unsaid."""
    return ReferralSent(
        referral_id=event.referral_id,
        body=event.body,
        mode=event.mode,
        edge=event.edge,
        basis=event.basis,
        bounce=event.bounce,
        origin_source=event.origin_source,
        origin_key=event.origin_key,
        hub_due=event.due.isoformat(),
        legal_due=None,
        silence=event.silence,
        letter=event.letter,
    )


UPCASTERS: dict[tuple[str, int], Upcaster] = {("ReferralSent", 1): _split_referral_due}
"""(wire name, from major) to the function that makes the next major."""

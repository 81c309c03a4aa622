"""Firing timers without overtaking an answer: a timer fires only when all that was received before it was due has been consumed.

The rule kept here: a pass notes the moment, waits until every polled feed has been read since and every batch that had begun is
through, and then fires what was due at that moment and no later. A feed that cannot be had holds nothing up.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from santiao.hub.timers import TimerKeeper
from santiao.runtimes.intake import Intake

_RUN = 200


class Feed(Protocol):
    """A polled feed, as far as timers must know it."""

    def has_read_since(self, moment: float) -> bool:
        """True when a poll that began after `moment` (monotonic) is over."""
        ...


class _Pass(NamedTuple):
    began: float
    until: datetime


class Clockwork:
    """Fires the timers of a hub."""

    def __init__(self, keeper: TimerKeeper, intake: Intake, feeds: Sequence[Feed], now: Callable[[], datetime]) -> None:
        self._keeper = keeper
        self._intake = intake
        self._feeds = feeds
        self._now = now
        self._pass: _Pass | None = None

    def turn(self) -> bool:
        """Fire what may fire; True when more is due already."""
        if self._pass is None:
            due, now = self._keeper.next_due(), self._now()
            if due is None or due > now:
                return False
            self._pass = _Pass(time.monotonic(), now)
        if not self._has_consumed_all():
            return False
        until = self._pass.until
        has_more = self._keeper.fire_due(until=until, limit=_RUN) >= _RUN
        if not has_more:
            self._pass = None
        return has_more

    def _has_consumed_all(self) -> bool:
        assert self._pass is not None
        began = self._pass.began
        return self._intake.has_taken_all_since(began) and all(feed.has_read_since(began) for feed in self._feeds)

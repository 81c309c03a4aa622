"""How often one caller may ask: a token bucket per caller, in memory.

The rule kept here: a bucket is bounded in number too, so that strangers with many addresses fill no memory; forgetting a bucket is
forgiving its caller.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from santiao.pool.access import RateRule

_BUCKETS = 20_000


class Buckets:
    """Buckets by caller. `monotonic` says how time passes, in seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: str, rule: RateRule) -> int:
        """Take one token; 0, or the seconds to wait when there is none."""
        now = self._monotonic()
        with self._lock:
            level, then = self._levels.pop(caller, (float(rule.burst), now))
            level = min(float(rule.burst), level + (now - then) * rule.per_second)
            wait = 0 if level >= 1 else math.ceil((1 - level) / rule.per_second)
            self._levels[caller] = (level - 1 if wait == 0 else level, now)
            if len(self._levels) > _BUCKETS:
                self._levels.popitem(last=False)
        return wait

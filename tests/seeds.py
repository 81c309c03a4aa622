"""The seed of a run of chance: another each time, the same under CI, told so that what failed can be run again."""

import os
import random
from collections.abc import Callable

from hypothesis import settings

SEED = "seed"
"""The property under which a test tells its seed; the closing lines of the run show it."""
AGAIN = "SANTIAO_TEST_SEED"
_UNDER_CI = 20260331


def choose_seed(tell: Callable[[str, object], None]) -> int:
    """The seed that was asked for, or one of chance; `tell` is pytest's `record_property`."""
    fresh = _UNDER_CI if settings().derandomize else random.SystemRandom().randrange(1 << 30)
    seed = int(os.environ.get(AGAIN, fresh))
    tell(SEED, seed)
    return seed

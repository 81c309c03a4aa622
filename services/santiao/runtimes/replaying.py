"""What trying something again came to, said the same way for quarantine and dead letters."""

from collections.abc import Callable

import msgspec

ReplayProgress = Callable[[str, int, int], None]
"""(what, tried, of how many)"""


class ReplayReport(msgspec.Struct, frozen=True, kw_only=True):
    """How many of how many: `matched` the filters, `taken` now, `left` where they were."""

    matched: int
    taken: int
    left: int
    dry_run: bool = False

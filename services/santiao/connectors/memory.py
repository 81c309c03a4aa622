"""Conversions remembered: the rows of a feed repeat their cells, and a cell that was read need not be read again.

The rule kept here: only what depends on the cell alone is remembered, a bounded number of cells of bounded length, in this process and
for as long as one source is read; `forget` leaves nothing of what they said.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar
from weakref import WeakSet

Read_co = TypeVar("Read_co", covariant=True)

MOST = 4_096
LONGEST = 1_000
"""Characters of a cell that is remembered; a longer one hardly comes twice."""
_REMEMBERED: "WeakSet[Callable[..., object]]" = WeakSet()


def remember(read: Callable[[str], Read_co], most: int = MOST) -> Callable[[str], Read_co]:
    """The same function of one text, which remembers the last `most` answers. Safe to share between threads."""
    known = remembered(lru_cache(maxsize=most)(read))

    def remembering(text: str) -> Read_co:
        return known(text) if len(text) <= LONGEST else read(text)

    return remembering


Known = TypeVar("Known", bound=Callable[..., object])


def remembered(known: Known) -> Known:
    """The same cached function, made known to `forget`."""
    _REMEMBERED.add(known)
    return known


def forget() -> None:
    """Drop every answer remembered in this process."""
    for known in tuple(_REMEMBERED):
        clear: Callable[[], None] = getattr(known, "cache_clear")  # noqa: B009 (the type of a cached function hides it)
        clear()

"""What every reader of files is given, and the record of which files were read.

The rule kept here: a file that was read is not read again by a feed that goes on, and one that was not yet complete is not forgotten,
however many came after it.
"""

from collections.abc import Iterable

import msgspec

from santiao.connectors.forms import Bounds
from santiao.connectors.transports.timestamps import Clock
from santiao.domain.messages import Watermark

_REMEMBERED = 500


class Reading(msgspec.Struct, frozen=True):
    """The feed a reader works for, its bounds, its other spellings of columns, and the clock."""

    connector: str
    feed: str
    bounds: Bounds
    headers: dict[str, str]
    clock: Clock

    def watermark(self, state: dict[str, str]) -> Watermark:
        """How far the feed has been read, observed now."""
        return Watermark(self.connector, self.feed, dict(state), self.clock())


class FilesRead:
    """The names a feed has read. The newest are remembered one by one; everything before `floor` counts as read."""

    def __init__(self, state: dict[str, str]) -> None:
        self._state = state
        self._names = [name for name in state.get("files", "").split("\n") if name]
        self._known = set(self._names)

    def unread(self, names: Iterable[str]) -> list[str]:
        """Those of `names` that were not read, in their order."""
        return [name for name in names if name not in self._known]

    def add(self, name: str) -> None:
        """Note that `name` was read."""
        if name not in self._known:
            self._known.add(name)
            self._names.append(name)
        self._state["files"] = "\n".join(self._names[-_REMEMBERED:])

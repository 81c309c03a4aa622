"""What every reader of files is given, and the record of which files were read.

The rule kept here: a file that was read is not read again by a feed that goes on, unless it was sent again or has grown; one that was
not yet complete is not forgotten, however many came after it.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from santiao.connectors.forms import Bounds
from santiao.connectors.transports.dropped import Entry, NamesRead
from santiao.connectors.transports.timestamps import Clock
from santiao.domain.messages import Watermark


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
    """The files a feed has read, each as it was then: one that was sent again or has grown since is read once more."""

    def __init__(self, state: dict[str, str]) -> None:
        self._state = state
        self._names = NamesRead.decode(state.get("read", ""), _REMEMBERED)
        self._listed: dict[str, Entry] = {}

    def unread(self, paths: Iterable[Path]) -> list[Path]:
        """Those of `paths` that were not read as they are now, in their order."""
        unread: list[Path] = []
        for path in paths:
            try:
                told = path.stat()
            except OSError:
                continue  # it went since the folder was listed
            entry = Entry(path.name, told.st_size, int(told.st_mtime))
            if not self._names.has(entry):
                self._listed[path.name] = entry
                unread.append(path)
        return unread

    def add(self, path: Path) -> None:
        """Note that `path` was read, as it was when it was listed."""
        self._names.add(self._listed[path.name])
        self._state["read"] = self._names.encode()


_REMEMBERED = 10_000

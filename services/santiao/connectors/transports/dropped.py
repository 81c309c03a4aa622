"""Dropped files (文件交换): which of a folder are complete, which were read before, and which numbers never came.

The rules kept here: a file without its marker is not read and is no item, and is read when the marker comes, however late; a file is
read again when it was sent again under its name; a file that was lost leaves a hole in its day's numbers, and the hole is told. The
folder is only ever read: where it lies (`Shelf`) and what stands in a document are others' matters.
"""

import re
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from fnmatch import fnmatchcase
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import Protocol

import msgspec

from santiao.connectors.contract import Page, RawItem
from santiao.connectors.faults import fault
from santiao.connectors.transports.files import natural_order
from santiao.connectors.transports.timestamps import Clock
from santiao.domain.messages import Watermark

_TOLD_MAX = 50
_NAME_CHARS_MAX = 255


class DropSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a declaration says of a drop.

    `files` are patterns of names (`fnmatch`); `marker` the ending of the empty file that says one is complete, instead of the file's
    own ending or after it, "" where none is used. `name_pattern` is a regular expression with a group `number` (and `day`, for
    people): numbers run on from 1 among files whose names are otherwise the same. A jump of more than `series_step` begins another
    series, as agencies number what they send again far above. `remembered` bounds the names the watermark holds.
    """

    files: tuple[str, ...]
    marker: str = ".ok"
    name_pattern: str = ""
    series_step: int = 20
    file_bytes: int = 64 * 1024 * 1024
    remembered: int = 10_000


class Entry(msgspec.Struct, frozen=True):
    """A file as its folder lists it; `modified` in seconds, as the folder's own clock has it."""

    name: str
    size: int
    modified: int

    @property
    def fingerprint(self) -> str:
        """Six characters that change when the file was sent again."""
        return b64encode(blake2b(f"{self.size}:{self.modified}".encode(), digest_size=4).digest()).decode().rstrip("=")


class Shelf(Protocol):
    """A folder of dropped files, opened for reading; a context manager that closes it.

    Raises:
        DeliveryFailed: it cannot be opened, listed or read.
    """

    def entries(self) -> Iterable[Entry]:
        """The plain files in it: no folders, no links."""
        ...

    def read(self, name: str, limit: int) -> bytes | None:
        """A file's bytes, at most `limit` of them; None when it has gone since it was listed."""
        ...


class NamesRead:
    """The files a feed has read, by name and fingerprint."""

    def __init__(self, names: Mapping[str, str], limit: int) -> None:
        self._names = dict(names)
        self._limit = limit

    @classmethod
    def decode(cls, packed: str, limit: int) -> "NamesRead":
        """Read what `encode` wrote."""
        lines = zlib.decompress(b64decode(packed)).decode().split("\n") if packed else []
        return cls(dict(line.split("\t") for line in lines), limit)

    def encode(self) -> str:
        """Packed for the watermark; past the limit the first in order are forgotten, and come as repeats if they still lie there."""
        names = sorted(self._names, key=natural_order)[-self._limit :]
        lines = "\n".join(f"{name}\t{self._names[name]}" for name in names)
        return b64encode(zlib.compress(lines.encode(), 9)).decode() if lines else ""

    def has(self, entry: Entry) -> bool:
        """True when this very file was read; one sent again under its name was not."""
        return self._names.get(entry.name) == entry.fingerprint

    def add(self, entry: Entry) -> None:
        self._names[entry.name] = entry.fingerprint

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)


class DroppedFiles:
    """Reads the complete documents of a shelf, in the natural order of their names, a page each."""

    def __init__(
        self,
        settings: DropSettings,
        *,
        connector: str,
        feed: str,
        clock: Clock,
        open_shelf: Callable[[str], AbstractContextManager[Shelf]],
        read_document: Callable[[bytes, str], Iterable[RawItem]],
    ) -> None:
        self._settings = settings
        self._connector = connector
        self._feed = feed
        self._clock = clock
        self._open_shelf = open_shelf
        self._read_document = read_document

    def read(self, source: str, watermark: Watermark | None) -> Iterator[Page]:
        """Yield the documents that are complete and were not read; at last a page without items, with what is amiss in its state.

        State: `read` the names, `gaps` the numbers that never came, as `20260130:1`, `waiting` the files without their marker.

        Raises:
            DeliveryFailed: the folder could not be opened or read; what was read so far stands.
        """
        state = {} if watermark is None else dict(watermark.state)
        names = NamesRead.decode(state.get("read", ""), self._settings.remembered)
        with self._open_shelf(source) as shelf:
            entries = list(shelf.entries())
            ready, waiting = self.sort(entries)
            for entry in ready:
                if names.has(entry) or (data := shelf.read(entry.name, self._settings.file_bytes + 1)) is None:
                    continue
                if len(data) != min(entry.size, self._settings.file_bytes + 1):
                    continue  # It is still being written, whatever its marker says; the next poll finds it whole.
                items = self._items(entry, data)
                names.add(entry)
                state["read"] = names.encode()
                yield Page(items, self._watermark(state))
        state["gaps"] = ",".join(
            gaps({*names, *(entry.name for entry in ready), *waiting}, self._settings)[-_TOLD_MAX:]
        )
        state["waiting"] = ",".join(waiting[-_TOLD_MAX:])
        yield Page((), self._watermark(state))

    def sort(self, entries: Iterable[Entry]) -> tuple[list[Entry], list[str]]:
        """The deliveries among `entries` that are complete, and the names of those that wait for their marker."""
        listed = {entry.name: entry for entry in entries}
        wanted = [
            name
            for name in sorted(listed, key=natural_order)
            if is_plain_name(name) and any(fnmatchcase(name, pattern) for pattern in self._settings.files)
        ]
        waiting = [name for name in wanted if not self._is_complete(name, listed)]
        return [listed[name] for name in wanted if name not in set(waiting)], waiting

    def _is_complete(self, name: str, listed: Mapping[str, Entry]) -> bool:
        marker = self._settings.marker
        return not marker or name + marker in listed or PurePosixPath(name).stem + marker in listed

    def _items(self, entry: Entry, data: bytes) -> tuple[RawItem, ...]:
        limit = self._settings.file_bytes
        if len(data) > limit:
            return (RawItem(where=entry.name, raw=b"", fault=fault("file.oversize", entry.name, str(limit))),)
        return tuple(self._read_document(data, entry.name))

    def _watermark(self, state: Mapping[str, str]) -> Watermark:
        return Watermark(self._connector, self._feed, dict(state), self._clock())


def gaps(names: Iterable[str], settings: DropSettings) -> list[str]:
    """Numbers missing before one that came, as `day:number`, in order of their files' names.

    A number is missing from its series only once a later one of the same series is there: until then it may still come.
    """
    if not settings.name_pattern:
        return []
    series: dict[tuple[str, str], set[int]] = {}
    for name in names:
        found = re.search(settings.name_pattern, name)
        if found is not None:
            day = found.groupdict().get("day") or ""
            alike = f"{name[: found.start('number')]}*{name[found.end('number') :]}"
            series.setdefault((alike, day), set()).add(int(found["number"]))
    ordered = sorted(series.items(), key=lambda entry: natural_order(entry[0][0]))
    return [f"{day}:{number}" for (_, day), numbers in ordered for number in _missing(numbers, settings.series_step)]


def _missing(numbers: set[int], step: int) -> list[int]:
    missing: list[int] = []
    before = 0
    for number in sorted(numbers):
        if number - before <= step:
            missing.extend(range(before + 1, number))
        before = number
    return missing


def is_plain_name(name: str) -> bool:
    """True for a name that stays in its folder and can be shown: no separators, no control characters, not hidden."""
    return 0 < len(name) <= _NAME_CHARS_MAX and name[0] != "." and name.isprintable() and not set(name) & {"/", "\\"}

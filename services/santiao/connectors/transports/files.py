"""Files of a delivery: which of a folder are deliveries, in which order, and their bytes within bounds.

The rules kept here: only names that match a declared pattern are read, and no folder below the one that was named; numbers in names
count as numbers, so that day10 comes after day9; nothing larger than its bound is ever in memory.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from santiao.connectors.converters.times import SHANGHAI
from santiao.connectors.faults import fault
from santiao.domain.errors import DeliveryFailed
from santiao.domain.messages import Fault

_NUMBERS = re.compile(r"(\d+)")


class Delivery(msgspec.Struct, frozen=True):
    """One file of a source: its name as people know it, its bytes or the fault that kept them away."""

    name: str
    data: bytes = b""
    fault: Fault | None = None


def natural_order(name: str) -> tuple[tuple[int, int | str], ...]:
    """Sort key under which numbers in a name count as numbers; no two names have the same."""
    parts = (part for part in _NUMBERS.split(name) if part)
    return (*((0, int(part)) if part.isdecimal() else (1, part) for part in parts), (-1, name))


def list_deliveries(source: str, patterns: Iterable[str]) -> list[Path]:
    """The deliveries `source` names, in natural order: the file itself, or those of a folder that match a pattern.

    Raises:
        DeliveryFailed: there is no such file or folder, or it may not be read.
    """
    path = Path(source)
    try:
        if path.is_file():
            return [path]
        if not path.is_dir():
            raise DeliveryFailed(
                "source.missing",
                f"there is no file or folder {source}; check the path",
                f"没有文件或目录 {source}，请检查路径",
            )
        wanted = tuple(patterns)
        names = [
            entry.name
            for entry in path.iterdir()
            if entry.is_file() and any(fnmatchcase(entry.name, each) for each in wanted)
        ]
    except OSError as failure:
        raise DeliveryFailed(
            "source.unreadable",
            f"{source} cannot be opened: {failure.strerror}",
            f"无法打开 {source}：{failure.strerror}",
        ) from failure
    return [path / name for name in sorted(names, key=natural_order)]


def read_delivery(path: Path, limit: int) -> Delivery:
    """A file's bytes, or the fault `file.oversize` when it has more than `limit`.

    Raises:
        DeliveryFailed: the file cannot be opened.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as failure:
        raise DeliveryFailed(
            "source.unreadable", f"{path} cannot be opened: {failure.strerror}", f"无法打开 {path}：{failure.strerror}"
        ) from failure
    if len(data) > limit:
        return Delivery(path.name, fault=fault("file.oversize", path.name, str(limit)))
    return Delivery(path.name, data)


def day_in_name(name: str, pattern: str) -> datetime | None:
    """The end of the day a file's name tells by the group `day` (yyyymmdd) of `pattern`; None when it tells none.

    A day without a time of day is told at its end: nothing that happened on it lies after it.
    """
    if not pattern or (found := re.search(pattern, name)) is None or not (day := found.groupdict().get("day")):
        return None
    try:
        return datetime(int(day[:4]), int(day[4:6]), int(day[6:8]), 23, 59, 59, tzinfo=SHANGHAI)
    except ValueError:
        return None


def latest(times: Iterable[datetime | None], now: datetime) -> datetime | None:
    """The latest of the times a delivery carries; those after `now` are a clock that runs fast, and do not count."""
    return max((time for time in times if time is not None and time <= now), default=None)

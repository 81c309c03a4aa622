"""The times by which sources order their rows: read, written in the source's own form, and never ahead of the clock.

The rule kept here: a time that cannot be read moves no watermark, and a time in the future moves it no further than now.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from santiao.domain.calendar import SHANGHAI

Clock = Callable[[], datetime]
"""Says what time it is, with an offset."""

_SAMPLES = (
    datetime(2019, 12, 31, 23, 59, 59, tzinfo=SHANGHAI),
    datetime(2020, 1, 1, 0, 0, 0, tzinfo=SHANGHAI),
    datetime(2020, 1, 1, 9, 0, 1, tzinfo=SHANGHAI),
    datetime(2020, 1, 1, 10, 0, 0, tzinfo=SHANGHAI),
    datetime(2020, 1, 31, 0, 0, 0, tzinfo=SHANGHAI),
    datetime(2020, 2, 1, 0, 0, 0, tzinfo=SHANGHAI),
    datetime(2020, 10, 2, 0, 0, 0, tzinfo=SHANGHAI),
)


def check_format(pattern: str) -> None:
    """Raise ValueError unless texts in this form sort as their times do and can be read back."""
    texts = [sample.strftime(pattern) for sample in _SAMPLES]
    if texts != sorted(texts) or len(set(texts)) != len(texts):
        raise ValueError(
            f"a time written as {pattern!r} does not sort as text; declare a form that goes from year to second"
        )
    datetime.strptime(texts[0], pattern).astimezone(SHANGHAI)


def read_time(text: str, pattern: str) -> datetime | None:
    """The time, in Asia/Shanghai; None where the text is no such time."""
    places = _places_of(pattern)
    try:
        if places is None:
            moment = datetime.strptime(text, pattern).replace(tzinfo=SHANGHAI)
            # strptime takes a single digit for two; such a text would not sort where its time does.
            return moment if moment.strftime(pattern) == text else None
        if len(text) != places.length or not text.isascii():
            return None
        parts = [text[start:end] for start, end in places.numbers]
        if not "".join(parts).isdigit() or any(text[place] != mark for place, mark in places.marks):
            return None
        year, month, day, hour, minute, second = map(int, parts)
        return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
    except ValueError:
        return None


def latest_told(texts: Iterable[str], pattern: str, now: datetime) -> datetime | None:
    """The latest of the times told; those after `now` are a clock that runs fast, and do not count."""
    if _places_of(pattern) is None:
        times = (read_time(text, pattern) for text in texts)
        return max((time for time in times if time is not None and time <= now), default=None)
    for text in sorted(texts, reverse=True):  # in this form texts sort as their times do, so that few need be read
        time = read_time(text, pattern)
        if time is not None and time <= now:
            return time
    return None


class _Places(msgspec.Struct, frozen=True):
    """Where the numbers of a time stand in its text, from year to second, and the marks between them."""

    length: int
    numbers: tuple[tuple[int, int], ...]
    marks: tuple[tuple[int, str], ...]


@lru_cache(maxsize=256)
def _places_of(pattern: str) -> _Places | None:
    """Reading by place is ten times faster than strptime, and feeds of millions of rows are read. None for a pattern it cannot read."""
    found = re.fullmatch(r"%Y(.?)%m(.?)%d(.{0,2}?)%H(.?)%M(.?)%S", pattern)
    if found is None or "%" in "".join(found.groups()):
        return None
    numbers, marks, place = [(0, 4)], [], 4
    for mark in found.groups():
        marks += [(place + offset, char) for offset, char in enumerate(mark)]
        place += len(mark)
        numbers.append((place, place + 2))
        place += 2
    return _Places(place, tuple(numbers), tuple(marks))


def write_time(moment: datetime, pattern: str) -> str:
    """The time as the source writes it."""
    return moment.astimezone(SHANGHAI).strftime(pattern)


def with_offset(moment: datetime) -> datetime:
    """A database's own time; one without an offset is Asia/Shanghai."""
    return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)


def sort_text(moment: datetime | None) -> str:
    """Text that sorts as the time does, for remembering what was seen; "" for no time."""
    return "" if moment is None else f"{max(int(moment.timestamp()), 0):012d}"


def advanced(high: datetime | None, seen: datetime | None, now: datetime) -> datetime | None:
    """How far a feed has been read after a row of time `seen`: never back, never beyond now."""
    if seen is None:
        return high
    clamped = min(seen, now)
    return clamped if high is None else max(high, clamped)


def overlap_start(high: datetime | None, minutes: int) -> datetime | None:
    """Where the next poll begins; None from the beginning."""
    return None if high is None else high - timedelta(minutes=minutes)

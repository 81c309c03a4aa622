"""The times by which sources order their rows: read, written in the source's own form, and never ahead of the clock.

The rule kept here: a time that cannot be read moves no watermark, and a time in the future moves it no further than now.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

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


@lru_cache(maxsize=1024)
def read_time(text: str, pattern: str) -> datetime | None:
    """The time, in Asia/Shanghai; None where the text is no such time."""
    try:
        moment = datetime.strptime(text, pattern).replace(tzinfo=SHANGHAI)
    except ValueError:
        return None
    # strptime takes a single digit for two; such a text would not sort where its time does.
    return moment if moment.strftime(pattern) == text else None


def write_time(moment: datetime, pattern: str) -> str:
    """The time as the source writes it."""
    return moment.astimezone(SHANGHAI).strftime(pattern)


def with_offset(moment: datetime) -> datetime:
    """A database's own time; one without an offset is Asia/Shanghai."""
    return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)


def sort_text(moment: datetime | None) -> str:
    """Text that sorts as the time does, for remembering what was seen; "" for no time."""
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def advanced(high: datetime | None, seen: datetime | None, now: datetime) -> datetime | None:
    """How far a feed has been read after a row of time `seen`: never back, never beyond now."""
    if seen is None:
        return high
    clamped = min(seen, now)
    return clamped if high is None else max(high, clamped)


def overlap_start(high: datetime | None, minutes: int) -> datetime | None:
    """Where the next poll begins; None from the beginning."""
    return None if high is None else high - timedelta(minutes=minutes)

"""Times in views: stored as milliseconds, told as RFC 3339 with the offset of Asia/Shanghai, asked for as a time or a day.

Rows keep integers because both databases compare them alike and no zone can be lost on the way.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from santiao.domain.errors import Rejection
from santiao.store.log import to_millis

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEVER = 1 << 53
"""Later than any time; what has no end sorts last."""
_DAY = timedelta(days=1)


def tell(millis: int) -> str:
    """RFC 3339 with offset."""
    spec = "milliseconds" if millis % 1000 else "seconds"
    return datetime.fromtimestamp(millis / 1000, SHANGHAI).isoformat(timespec=spec)


@lru_cache(maxsize=4096)
def end_of_day(day: str) -> int:
    """The first instant at which a date (YYYY-MM-DD) is over."""
    return to_millis(datetime.combine(date.fromisoformat(day) + _DAY, time(), SHANGHAI))


def due_at(end: str) -> int:
    """The first instant at which a deadline's end, a date or an RFC 3339 time, is missed."""
    return end_of_day(end) if len(end) == 10 else to_millis(datetime.fromisoformat(end))


@lru_cache(maxsize=4096)
def _day_of_quarter(quarter: int) -> str:
    return datetime.fromtimestamp(quarter * 900, SHANGHAI).date().isoformat()


def day_of(millis: int) -> str:
    """The day in Asia/Shanghai; every offset the zone has had changed on a quarter of an hour."""
    return _day_of_quarter(millis // 900_000)


def parse_as_of(text: str) -> int:
    """The last instant that `text` covers: a time with offset, or a date, which means the end of that day in Asia/Shanghai.

    Raises:
        Rejection: it is neither.
    """
    try:
        if len(text) == 10:
            return end_of_day(text) - 1
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Rejection(
            "as_of.invalid",
            "as_of is YYYY-MM-DD or an RFC 3339 time with offset",
            "截至时间应为 YYYY-MM-DD 或带时区的时间",
            "as_of",
        )
    return to_millis(moment)

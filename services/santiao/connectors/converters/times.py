"""Times (时间): a cell read by the patterns its column declares, never by guessing.

The rules kept here: what was told decides the precision, and a date is not midnight; no agency sends a zone, so every time is
Asia/Shanghai at +08:00; an impossible time (20260310256100) is INVALID and keeps its raw; a sentinel date is a null marker.

Patterns are written yyyy MM dd HH mm ss (one letter M, d, H, m, s: with or without a leading zero), other characters stand for
themselves. Named ones: `iso`, `dotnet` (/Date(ms)/), `excel` (serial day), `epoch-s`, `epoch-ms`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache

import msgspec

from santiao.connectors.converters.cells import Converted, Scalar, as_text, invalid
from santiao.connectors.converters.nulls import NULL, TIME, NullMarkers
from santiao.domain.vocabulary import FieldStatus, Precision

SHANGHAI = timezone(timedelta(hours=8))
"""Asia/Shanghai has had no other offset since 1991; births, which could be older, are dates."""
MIDNIGHT = time(0)
SENTINELS = frozenset({date(1, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(9999, 12, 31)})
_SPECIAL = frozenset({"iso", "dotnet", "excel", "epoch-s", "epoch-ms"})
_TOKENS = {
    "yyyy": r"(?P<year>[0-9]{4})",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "dd": r"(?P<day>[0-9]{2})",
    "d": r"(?P<day>[0-9]{1,2})",
    "HH": r"(?P<hour>[0-9]{2})",
    "H": r"(?P<hour>[0-9]{1,2})",
    "mm": r"(?P<minute>[0-9]{2})",
    "m": r"(?P<minute>[0-9]{1,2})",
    "ss": r"(?P<second>[0-9]{2})(?:\.[0-9]{1,9})?",
    "s": r"(?P<second>[0-9]{1,2})(?:\.[0-9]{1,9})?",
}
_TOKEN = re.compile("yyyy|MM|M|dd|d|HH|H|mm|m|ss|s")
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?\s*(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_DOTNET = re.compile(r"\\?/Date\((-?[0-9]{1,15})([+-][0-9]{4})?\)\\?/")
_NUMBER = re.compile(r"-?[0-9]{1,16}(?:\.[0-9]{1,12})?")
_LONGEST = 64
_SERIAL_ORIGIN = date(1899, 12, 30)
_SERIALS = range(1, 110_000)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(msgspec.Struct, frozen=True, gc=False):
    """A time as told.

    `day` is the calendar day in Shanghai, the first one of a month or a year told; `instant`, with zone, is set only when a time of
    day was told.
    """

    precision: Precision
    day: date
    instant: datetime | None = None


Reader = Callable[[str], "Converted[Moment] | None"]


class TimePatterns:
    """The patterns of one column, tried in their declared order.

    `midnight_is_day`: the column pads a date with 00:00:00, so that midnight tells a day only.

    Raises:
        ValueError: a pattern is unknown, or tells no year.
    """

    def __init__(
        self,
        patterns: Iterable[str],
        *,
        sentinels: frozenset[date] = SENTINELS,
        nulls: NullMarkers = TIME,
        midnight_is_day: bool = False,
    ) -> None:
        self.patterns = tuple(patterns)
        self._sentinels = sentinels
        self._nulls = nulls
        self._midnight_is_day = midnight_is_day
        self._readers = tuple(_reader(pattern) for pattern in self.patterns)
        if not self._readers:
            raise ValueError("a time column needs at least one pattern; 时间列至少要声明一种格式")

    def read(self, cell: Scalar) -> Converted[Moment]:
        """Read one cell.

        Status: NULL_MARKER (also for a sentinel date, note `sentinel_date`); INVALID `impossible_time` when it has the form of a
        pattern and names no time, `pattern_mismatch` when it has none; else OK, with note `hour_24` where 24:00 was the next day.
        """
        if isinstance(cell, date):
            return self._judge(_from_object(cell))
        raw = as_text(cell)
        if raw is None or not raw:
            return NULL
        if len(raw) > _LONGEST:
            return invalid("pattern_mismatch")
        text = raw if raw.isascii() else unicodedata.normalize("NFKC", raw)
        text = text.strip()
        outcome: Converted[Moment] | None = None
        for reader in self._readers:
            read = reader(text)
            if read is not None and read.value is not None:
                return self._judge(read)
            outcome = outcome or read
        if self._nulls.cover(text):
            return NULL
        return outcome or invalid("pattern_mismatch")

    def _judge(self, read: Converted[Moment]) -> Converted[Moment]:
        moment = read.value
        if moment is None:
            return read
        if moment.day in self._sentinels:
            return Converted(None, FieldStatus.NULL_MARKER, ("sentinel_date",))
        if self._midnight_is_day and moment.instant is not None and moment.instant.time() == MIDNIGHT:
            return Converted(Moment(Precision.DAY, moment.day), read.status, read.notes)
        return read


@cache
def _reader(pattern: str) -> Reader:
    if pattern in _SPECIAL:
        readers: dict[str, Reader] = {
            "iso": _read_iso,
            "dotnet": _read_dotnet,
            "excel": _read_serial,
            "epoch-s": lambda text: _read_epoch(text, 1000),
            "epoch-ms": lambda text: _read_epoch(text, 1),
        }
        return readers[pattern]
    form, precision = _compile(pattern)
    places = [form.groupindex[unit] - 1 for unit in _UNITS if unit in form.groupindex]

    def read(text: str) -> Converted[Moment] | None:
        hit = form.fullmatch(text)
        if hit is None:
            return None
        values = hit.groups()
        return _build(precision, [int(values[place]) for place in places])

    return read


def _compile(pattern: str) -> tuple[re.Pattern[str], Precision]:
    form, position, told = "", 0, set[str]()
    for token in _TOKEN.finditer(pattern):
        form += re.escape(pattern[position : token.start()]) + _TOKENS[token[0]]
        told.add(token[0][0])
        position = token.end()
    form += re.escape(pattern[position:])
    for letters, precision in (
        ("yMdHms", Precision.SECOND),
        ("yMdHm", Precision.MINUTE),
        ("yMd", Precision.DAY),
        ("yM", Precision.MONTH),
        ("y", Precision.YEAR),
    ):
        if told == set(letters):
            return re.compile(form), precision
    raise ValueError(f"time pattern {pattern!r} tells no year, or leaves a gap between its units; 时间格式不完整")


_UNITS = ("year", "month", "day", "hour", "minute", "second")
_DAY_UNITS = 3


def _build(precision: Precision, numbers: list[int]) -> Converted[Moment]:
    """The moment of numbers from the year on, as far as they were told."""
    try:
        if len(numbers) <= _DAY_UNITS:
            return Converted(Moment(precision, date(*numbers, *(1, 1)[len(numbers) - 1 :])))
        year, month, day, hour, minute, *rest = numbers
        return _at(date(year, month, day), hour, minute, rest[0] if rest else 0, precision)
    except (ValueError, OverflowError):
        return invalid("impossible_time")


def _at(day: date, hour: int, minute: int, second: int, precision: Precision) -> Converted[Moment]:
    if hour == 24 and minute == 0 and second == 0:
        following = day + timedelta(days=1)
        return Converted(
            Moment(precision, following, datetime(following.year, following.month, following.day, tzinfo=SHANGHAI)),
            notes=("hour_24",),
        )
    return Converted(
        Moment(precision, day, datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=SHANGHAI))
    )


def _read_iso(text: str) -> Converted[Moment] | None:
    hit = _ISO.fullmatch(text)
    if hit is None:
        return None
    year, month, day, hour, minute, second, zone = hit.groups()
    try:
        told = date(int(year), int(month), int(day))
        if hour is None:
            return Converted(Moment(Precision.DAY, told))
        precision = Precision.MINUTE if second is None else Precision.SECOND
        read = _at(told, int(hour), int(minute), int(second or 0), precision)
        if zone is None or read.value is None or read.value.instant is None:
            return read
        offset = (
            timedelta(0)
            if zone == "Z"
            else timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:])) * (-1 if zone[0] == "-" else 1)
        )
        instant = read.value.instant.replace(tzinfo=timezone(offset)).astimezone(SHANGHAI)
        return Converted(Moment(precision, instant.date(), instant), notes=read.notes)
    except (ValueError, OverflowError):
        return invalid("impossible_time")


def _read_dotnet(text: str) -> Converted[Moment] | None:
    hit = _DOTNET.fullmatch(text)
    return None if hit is None else _from_epoch_ms(int(hit[1]))


def _read_serial(text: str) -> Converted[Moment] | None:
    if not _NUMBER.fullmatch(text):
        return None
    whole, _, fraction = text.partition(".")
    if int(whole) not in _SERIALS:
        return invalid("impossible_time")
    day = _SERIAL_ORIGIN + timedelta(days=int(whole))
    if not fraction.strip("0"):
        return Converted(Moment(Precision.DAY, day))
    instant = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(
        seconds=round(float(f"0.{fraction}") * 86_400)
    )
    return Converted(Moment(Precision.SECOND, instant.date(), instant))


def _read_epoch(text: str, unit_ms: int) -> Converted[Moment] | None:
    return _from_epoch_ms(int(text) * unit_ms) if re.fullmatch("-?[0-9]{1,15}", text) else None


def _from_epoch_ms(milliseconds: int) -> Converted[Moment]:
    try:
        instant = (_EPOCH + timedelta(milliseconds=milliseconds)).astimezone(SHANGHAI)
    except OverflowError:
        return invalid("impossible_time")
    return Converted(Moment(Precision.SECOND, instant.date(), instant))


def _from_object(cell: date) -> Converted[Moment]:
    """A sheet that gives typed cells: a `datetime` without zone is Shanghai's, and at midnight it is a date cell."""
    if not isinstance(cell, datetime):
        return Converted(Moment(Precision.DAY, cell))
    if cell.tzinfo is None and cell.time() == MIDNIGHT:
        return Converted(Moment(Precision.DAY, cell.date()))
    instant = cell.replace(tzinfo=SHANGHAI) if cell.tzinfo is None else cell.astimezone(SHANGHAI)
    return Converted(Moment(Precision.SECOND, instant.date(), instant))


def format_moment(moment: Moment) -> str:
    """The moment as others read it: RFC 3339 with +08:00, or the date, month or year that was told."""
    if moment.instant is not None:
        return moment.instant.isoformat(timespec="seconds")
    text = moment.day.isoformat()
    return {Precision.YEAR: text[:4], Precision.MONTH: text[:7]}.get(moment.precision, text)

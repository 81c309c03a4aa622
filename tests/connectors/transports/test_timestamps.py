"""Times are read as strptime reads them and written again, and never lead a feed back or ahead of the clock."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.transports.timestamps import (
    advanced,
    check_format,
    overlap_start,
    read_time,
    sort_text,
    with_offset,
    write_time,
)
from santiao.domain.calendar import SHANGHAI

PATTERNS = [
    "%Y%m%d%H%M%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d%H:%M:%S",
    "%Y/%m/%dT%H.%M.%S",
    "%Y%m%d",
    "%Y-%m-%dT%H:%M:%S+08:00",
]
EPOCH = datetime(1970, 1, 1, 8, tzinfo=SHANGHAI)
MOMENTS = st.integers(-30_000_000_000, 250_000_000_000).map(lambda seconds: EPOCH + timedelta(seconds=seconds))
DIGITS = st.text("0123456789", min_size=14, max_size=14)
TEXTS = st.text(max_size=20) | DIGITS | st.from_regex(r"2\d{3}-[01]\d-[0-3]\d [0-2]\d:[0-6]\d:[0-6]\d", fullmatch=True)


def oracle(text: str, pattern: str) -> datetime | None:
    try:
        moment = datetime.strptime(text, pattern).replace(tzinfo=SHANGHAI)
    except ValueError:
        return None
    return moment if moment.strftime(pattern) == text else None


@given(text=TEXTS, pattern=st.sampled_from(PATTERNS))
def test_a_text_is_a_time_exactly_when_strptime_says_so(text: str, pattern: str) -> None:
    assert read_time(text, pattern) == oracle(text, pattern)


@given(moment=MOMENTS, pattern=st.sampled_from(PATTERNS))
def test_what_is_written_is_read(moment: datetime, pattern: str) -> None:
    read = read_time(write_time(moment, pattern), pattern)
    assert read == (moment if "%S" in pattern else moment.replace(hour=0, minute=0, second=0))


@pytest.mark.parametrize(
    "text",
    [
        "20260310256100",
        "2026031221360",
        "２０２６０３１２２１３６１０",
        " 20260312213610",
        "+0260312213610",
        "00000000000000",
        "",
    ],
)
def test_a_text_that_is_no_time_is_none(text: str) -> None:
    assert read_time(text, "%Y%m%d%H%M%S") is None


@pytest.mark.parametrize("pattern", PATTERNS[:4])
def test_a_form_from_year_to_second_may_order_rows(pattern: str) -> None:
    check_format(pattern)


@pytest.mark.parametrize("pattern", ["%d.%m.%Y %H:%M:%S", "%Y%m%d", "%Y-%-m-%-d %H:%M:%S", "%y%m%d%I%M%S", "now"])
def test_a_form_that_does_not_sort_may_not(pattern: str) -> None:
    with pytest.raises(ValueError, match="does not sort"):
        check_format(pattern)


@given(one=MOMENTS, other=MOMENTS)
def test_texts_for_remembering_sort_as_their_times(one: datetime, other: datetime) -> None:
    # Before 1970 there was no source; all of it is one moment.
    one, other = max(one, EPOCH), max(other, EPOCH)
    assert (sort_text(one) < sort_text(other)) is (one < other)
    assert sort_text(None) == ""


@given(high=st.none() | MOMENTS, seen=st.none() | MOMENTS, now=MOMENTS)
def test_a_feed_goes_neither_back_nor_ahead_of_the_clock(
    high: datetime | None, seen: datetime | None, now: datetime
) -> None:
    after = advanced(high, seen, now)
    if seen is None:
        assert after == high
    else:
        assert after is not None
        assert after == (min(seen, now) if high is None else max(high, min(seen, now)))


def test_a_time_without_offset_is_the_citys() -> None:
    noon = datetime(2026, 3, 12, 12)  # noqa: DTZ001 - a database's own time has no offset
    assert with_offset(noon) == noon.replace(tzinfo=SHANGHAI)
    assert overlap_start(with_offset(noon), 10) == with_offset(noon) - timedelta(minutes=10)
    assert overlap_start(None, 10) is None

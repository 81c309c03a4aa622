"""Times (N16): by the column's patterns, with the precision that was told, in Shanghai."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from santiao.connectors.converters.cells import Scalar
from santiao.connectors.converters.times import MIDNIGHT, SENTINELS, SHANGHAI, TimePatterns, format_moment
from santiao.domain.vocabulary import FieldStatus, Precision

PATTERNS = [
    "yyyyMMddHHmmss",
    "yyyy-MM-ddHH:mm:ss",
    "iso",
    "yyyy/M/d H:m",
    "yyyy/M/d",
    "yyyy.M.d",
    "yyyy年M月d日",
    "yyyy年M月",
    "yyyy年",
    "dotnet",
    "excel",
]
EVERY = TimePatterns(PATTERNS)
days = st.dates(date(1901, 1, 1), date(2150, 12, 31)).filter(lambda day: day not in SENTINELS)
instants = st.builds(
    lambda day, second: datetime.combine(day, MIDNIGHT, SHANGHAI) + timedelta(seconds=second),
    days,
    st.integers(1, 86_399),
)


@pytest.mark.parametrize(
    ("cell", "precision", "written"),
    [
        ("20260312213455", Precision.SECOND, "2026-03-12T21:34:55+08:00"),
        ("2026-03-1209:15:30", Precision.SECOND, "2026-03-12T09:15:30+08:00"),
        ("2026-03-12 16:20:05", Precision.SECOND, "2026-03-12T16:20:05+08:00"),
        ("2026-03-12 16:20:05.0", Precision.SECOND, "2026-03-12T16:20:05+08:00"),
        ("2026-03-13T08:40:00", Precision.SECOND, "2026-03-13T08:40:00+08:00"),
        ("2026-03-13T08:40:00Z", Precision.SECOND, "2026-03-13T16:40:00+08:00"),
        ("2026-03-13 08:40", Precision.MINUTE, "2026-03-13T08:40:00+08:00"),
        ("2026-03-13", Precision.DAY, "2026-03-13"),
        ("2026/3/12", Precision.DAY, "2026-03-12"),
        ("2026/3/12 9:05", Precision.MINUTE, "2026-03-12T09:05:00+08:00"),
        ("2026.3.20", Precision.DAY, "2026-03-20"),
        ("2026年3月5日", Precision.DAY, "2026-03-05"),
        ("２０２６年３月５日", Precision.DAY, "2026-03-05"),
        ("2026年3月", Precision.MONTH, "2026-03"),
        ("2026年", Precision.YEAR, "2026"),
        ("46093", Precision.DAY, "2026-03-12"),
        (46093, Precision.DAY, "2026-03-12"),
        (46093.5, Precision.SECOND, "2026-03-12T12:00:00+08:00"),
        ("/Date(947001600000)/", Precision.SECOND, "2000-01-05T00:00:00+08:00"),
        (date(2026, 3, 12), Precision.DAY, "2026-03-12"),
        (datetime(2026, 3, 12), Precision.DAY, "2026-03-12"),  # noqa: DTZ001 - as a sheet gives it
        (datetime(2026, 3, 12, 1, tzinfo=UTC), Precision.SECOND, "2026-03-12T09:00:00+08:00"),
        ("20260312240000", Precision.SECOND, "2026-03-13T00:00:00+08:00"),
        ("2026-12-31 24:00:00", Precision.SECOND, "2027-01-01T00:00:00+08:00"),
    ],
)
def test_a_time_is_read_with_the_precision_it_was_told_with(cell: Scalar, precision: Precision, written: str) -> None:
    read = EVERY.read(cell)
    assert read.value is not None
    assert read.status is FieldStatus.OK
    assert read.value.precision is precision
    assert format_moment(read.value) == written
    assert (read.value.instant is None) == (precision in {Precision.YEAR, Precision.MONTH, Precision.DAY})


@pytest.mark.parametrize(
    "cell",
    [
        "20260310256100",
        "2026-02-30",
        "2026-03-10T25:61:00",
        "2025/2/29",
        "2026年13月",
        "20260310240001",
        "9" * 14,
        "2026-03-10 12:00:60",
    ],
)
def test_an_impossible_time_is_invalid(cell: str) -> None:
    read = EVERY.read(cell)
    assert (read.value, read.status, read.notes) == (None, FieldStatus.INVALID, ("impossible_time",))


@pytest.mark.parametrize("cell", ["三月", "2026-3", "12/3/2026", "20260312", "2026-03-12 16", "请见附件一"])
def test_a_form_the_column_does_not_declare_is_not_guessed(cell: str) -> None:
    read = TimePatterns(["yyyyMMddHHmmss", "iso"]).read(cell)
    assert (read.value, read.status, read.notes) == (None, FieldStatus.INVALID, ("pattern_mismatch",))


@pytest.mark.parametrize(
    "cell",
    [
        "",
        None,
        "无",
        "/",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "00000000000000",
        "0001-01-01T00:00:00",
        "1900-01-01",
        "9999-12-31",
        "19000101000000",
    ],
)
def test_markers_and_sentinel_dates_are_null(cell: str | None) -> None:
    assert EVERY.read(cell).status is FieldStatus.NULL_MARKER


def test_a_column_that_pads_dates_with_midnight_tells_days() -> None:
    padded = TimePatterns(["iso"], midnight_is_day=True)
    told = padded.read("2026-03-09T00:00:00").value
    assert told is not None
    assert (told.precision, told.instant) == (Precision.DAY, None)
    later = padded.read("2026-03-09T00:00:01").value
    assert later is not None
    assert later.precision is Precision.SECOND


def test_epochs_are_read_by_their_declared_unit() -> None:
    for pattern, cell in (("epoch-s", "1773385200"), ("epoch-ms", "1773385200000"), ("epoch-s", 1773385200)):
        read = TimePatterns([pattern]).read(cell).value
        assert read is not None
        assert format_moment(read) == "2026-03-13T15:00:00+08:00"


@pytest.mark.parametrize("pattern", ["", "MM-dd", "yyyy-dd", "HH:mm", "yyyyMMddHH", "yyyy-MM-dd ss", "no such"])
def test_a_pattern_that_leaves_a_gap_is_a_fault_of_the_declaration(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        TimePatterns([pattern])


def test_a_column_without_patterns_is_a_fault_of_the_declaration() -> None:
    with pytest.raises(ValueError, match="at least one"):
        TimePatterns([])


@given(instants)
def test_every_instant_survives_every_form(instant: datetime) -> None:
    forms = ("%Y%m%d%H%M%S", "%Y-%m-%d%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
    written = [instant.strftime(form).zfill(14) for form in forms]
    milliseconds = (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    zoned: list[Scalar] = [f"/Date({milliseconds})/", instant.isoformat(), instant.astimezone(UTC).isoformat(), instant]
    for cell in [*written, *zoned]:
        moment = EVERY.read(cell).value
        assert moment is not None
        assert moment.instant == instant
        assert moment.instant.utcoffset() == timedelta(hours=8)
        assert format_moment(moment) == instant.isoformat()


@given(days)
def test_every_day_survives_every_form_and_is_not_midnight(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    assume(serial < 100_000)
    cells = (
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day}",
        serial,
        f"{serial}.0",
    )
    for cell in cells:
        moment = EVERY.read(cell).value
        assert moment is not None
        assert (moment.day, moment.instant, moment.precision) == (day, None, Precision.DAY)


@given(st.text(alphabet="0123456789-/:T .年月日Z+\\()Date", max_size=30))
def test_no_cell_makes_it_fail(cell: str) -> None:
    read = EVERY.read(cell)
    assert (read.value is not None) == (read.status is FieldStatus.OK)

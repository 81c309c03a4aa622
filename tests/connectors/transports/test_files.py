"""Which files of a folder are deliveries, in which order, and what is said when there are none to open."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.transports.files import day_in_name, latest, list_deliveries, natural_order, read_delivery
from santiao.connectors.transports.reading import FilesRead
from santiao.domain.errors import DeliveryFailed
from tests.connectors.conftest import NOW


@given(st.lists(st.integers(0, 10**12), unique=True))
def test_numbers_in_names_count_as_numbers(numbers: list[int]) -> None:
    names = [f"T.day{number}.csv" for number in numbers]
    assert sorted(names, key=natural_order) == [f"T.day{number}.csv" for number in sorted(numbers)]


@given(st.lists(st.text("0123²٣ab.", max_size=6), unique=True))
def test_any_names_have_one_order(names: list[str]) -> None:
    assert sorted(names, key=natural_order) == sorted(names, key=natural_order)


def test_only_files_of_the_folder_itself_that_match_are_deliveries(tmp_path: Path) -> None:
    for name in ("page-2.json", "page-10.json", "PAGE-1.JSON", "page-3.json.part", ".page-4.json"):
        (tmp_path / name).touch()
    (tmp_path / "page-5.json").mkdir()
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "page-1.json").touch()
    assert [path.name for path in list_deliveries(str(tmp_path), ["page-*.json"])] == ["page-2.json", "page-10.json"]
    assert list_deliveries(str(tmp_path / "below"), ["*.csv"]) == []


def test_a_file_named_by_itself_is_a_delivery_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "x.txt").touch()
    assert list_deliveries(str(tmp_path / "x.txt"), ["*.csv"]) == [tmp_path / "x.txt"]


def test_what_is_not_there_is_told_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(DeliveryFailed, match="nowhere"):
        list_deliveries(str(tmp_path / "nowhere"), ["*"])
    with pytest.raises(DeliveryFailed, match="nowhere"):
        read_delivery(tmp_path / "nowhere", 10)


def test_never_more_than_the_bound_is_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"12345")
    assert read_delivery(tmp_path / "x", 5).data == b"12345"
    large = read_delivery(tmp_path / "x", 4)
    assert large.data == b""
    assert large.fault is not None
    assert large.fault.code == "file.oversize"


@pytest.mark.parametrize(
    ("name", "pattern", "day"),
    [
        ("台账_20260306.csv", r"(?P<day>\d{8})", 6),
        ("台账_20261306.csv", r"(?P<day>\d{8})", None),
        ("台账.csv", r"(?P<day>\d{8})", None),
        ("台账_20260306.csv", "", None),
    ],
)
def test_a_day_in_a_name_is_its_end(name: str, pattern: str, day: int | None) -> None:
    told = day_in_name(name, pattern)
    assert told == (None if day is None else datetime(2026, 3, day, 23, 59, 59, tzinfo=NOW.tzinfo))


def test_times_ahead_of_the_clock_do_not_count() -> None:
    assert latest([None, NOW - timedelta(days=2), NOW, NOW + timedelta(seconds=1)], NOW) == NOW
    assert latest([NOW + timedelta(days=1)], NOW) is None


def test_a_file_is_read_once_until_it_is_sent_again_or_grows(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.jsonl", "b.jsonl")]
    for path in paths:
        path.write_text("1\n")
    state: dict[str, str] = {}
    read = FilesRead(state)
    for path in read.unread(paths):
        read.add(path)
    assert FilesRead(dict(state)).unread(paths) == []
    with paths[1].open("a") as stream:
        stream.write("2\n")
    assert FilesRead(dict(state)).unread([*paths, tmp_path / "gone"]) == [paths[1]]


def test_what_grows_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("1\n")
    state: dict[str, str] = {}
    read = FilesRead(state)
    (path,) = read.unread([tmp_path / "a.jsonl"])
    path.write_text("1\n2\n")
    read.add(path)
    assert FilesRead(state).unread([path]) == [path]

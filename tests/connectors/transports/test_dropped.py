"""Dropped files are read once each, when they are complete, whatever order they come in; what never came is told."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from santiao.connectors.transports.dropped import Entry, NamesRead, Shelf, gaps, is_plain_name
from santiao.domain.messages import FaultKind
from tests.connectors.transports.drop import SETTINGS, Reader, Sender, name_of
from tests.connectors.transports.hand_clock import HandClock


@pytest.fixture
def sender(tmp_path: Path) -> Sender:
    return Sender(tmp_path)


@pytest.fixture
def reader(tmp_path: Path, clock: HandClock) -> Reader:
    return Reader(str(tmp_path), clock)


def test_files_are_read_once_in_the_order_of_their_numbers(sender: Sender, reader: Reader) -> None:
    sender.send(2, "b")
    sender.send(10, "c", day=20260312)
    sender.send(1, "a1\na2")
    assert reader.poll() == ["c", "a1", "a2", "b"]
    assert reader.poll() == []
    sender.send(3, "d")
    assert reader.poll() == ["d"]


def test_a_file_without_its_marker_waits_however_long(sender: Sender, reader: Reader) -> None:
    sender.write(name_of(1), "a")
    sender.send(2, "b")
    assert reader.poll() == ["b"]
    assert reader.state("waiting") == name_of(1)
    assert reader.state("gaps") == ""
    for number in range(3, 9):
        sender.send(number, str(number))
    reader.poll()
    sender.write(name_of(1, ending="ok"), "")
    assert reader.poll() == ["a"]
    assert reader.state("waiting") == ""


def test_a_marker_may_stand_after_the_whole_name_or_not_be_used(
    sender: Sender, tmp_path: Path, clock: HandClock
) -> None:
    sender.write(name_of(1), "a")
    sender.write(name_of(1) + ".ok", "")
    sender.write(name_of(2), "b")
    assert Reader(str(tmp_path), clock).poll() == ["a"]
    assert Reader(str(tmp_path), clock, msgspec.structs.replace(SETTINGS, marker="")).poll() == ["a", "b"]


def test_a_file_sent_again_under_its_name_is_read_again(sender: Sender, reader: Reader) -> None:
    sender.send(1, "cut o")
    assert reader.poll() == ["cut o"]
    sender.send(1, "cut off no more")
    assert reader.poll() == ["cut off no more"]
    assert reader.poll() == []


def test_a_file_sent_twice_under_two_names_is_read_twice(sender: Sender, reader: Reader) -> None:
    sender.send(1, "a")
    sender.send(51, "a")
    assert reader.poll() == ["a", "a"]


def test_a_number_that_never_came_is_told_and_may_still_come(sender: Sender, reader: Reader) -> None:
    sender.send(2, "b")
    sender.send(4, "d", day=20260314)
    sender.send(1, "a", day=20260314)
    reader.poll()
    assert reader.state("gaps") == "20260313:1,20260314:2,20260314:3"
    sender.send(1, "late")
    assert reader.poll() == ["late"]
    assert reader.state("gaps") == "20260314:2,20260314:3"


def test_numbers_of_another_series_are_no_gap(sender: Sender, reader: Reader) -> None:
    for number in (1, 2, 51, 53, 81):
        sender.send(number, "a")
    reader.poll()
    assert reader.state("gaps") == "20260313:52"


def test_a_file_that_was_cleared_away_after_reading_is_no_gap(sender: Sender, reader: Reader) -> None:
    sender.send(1, "a")
    sender.send(2, "b")
    reader.poll()
    for ending in ("xml", "ok"):
        (sender.folder / name_of(1, ending=ending)).unlink()
    sender.send(3, "c")
    assert reader.poll() == ["c"]
    assert reader.state("gaps") == ""


def test_what_is_no_delivery_is_not_read(sender: Sender, reader: Reader, tmp_path: Path) -> None:
    sender.write("classes.csv", "a")
    sender.write("XFJ_notes.txt", "a")
    (tmp_path / "replies").mkdir()
    sender.write("replies/" + name_of(1), "a")
    (tmp_path / name_of(2)).mkdir()
    sender.write("elsewhere", "not theirs")
    (tmp_path / name_of(3)).symlink_to(tmp_path / "elsewhere")
    for number in (1, 2, 3):
        sender.write(name_of(number, ending="ok"), "")
    os.mkfifo(tmp_path / name_of(4))
    sender.write(name_of(4, ending="ok"), "")
    assert reader.poll() == []


def test_a_file_beyond_its_bound_is_refused_and_the_next_is_read(sender: Sender, reader: Reader) -> None:
    sender.send(1, "x" * 1001)
    sender.send(2, "b")
    sender.send(3, "x" * 1000)
    items = [item for page in reader.files.read(str(sender.folder), None) for item in page.items]
    assert [item.fault and (item.fault.kind, item.fault.code, item.fault.path) for item in items] == [
        (FaultKind.REFUSED, "file.oversize", name_of(1)),
        None,
        None,
    ]
    assert items[0].raw == b""


def test_a_file_that_grows_while_it_is_read_is_read_when_it_is_whole(tmp_path: Path, clock: HandClock) -> None:
    told = Entry(name_of(1), 5, 1)

    class Growing:
        whole = False

        def entries(self) -> list[Entry]:
            size = 10 if self.whole else 5
            return [msgspec.structs.replace(told, size=size), Entry(name_of(1, ending="ok"), 0, 1)]

        def read(self, name: str, limit: int) -> bytes | None:
            return b"0123456789"[:limit]

    shelf = Growing()

    @contextmanager
    def open_shelf(_source: str) -> Iterator[Shelf]:
        yield shelf

    reader = Reader("", clock)
    reader.files = reader.made(SETTINGS, clock, open_shelf)
    assert reader.poll() == []
    shelf.whole = True
    assert reader.poll() == ["0123456789"]


def test_what_is_remembered_stays_small(tmp_path: Path) -> None:
    names = NamesRead({}, 3000)
    entries = [
        Entry(name_of(number, day), number * 317, number)
        for day in range(20260101, 20260132)
        for number in range(1, 150)
    ]
    for entry in entries:
        names.add(entry)
    packed = names.encode()
    assert len(packed) < 40_000
    again = NamesRead.decode(packed, 3000)
    assert [again.has(entry) for entry in entries] == [False] * (len(entries) - 3000) + [True] * 3000


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("XFJ_1.xml", True),
        ("台账 1.csv", True),
        ("", False),
        (".hidden", False),
        ("../up", False),
        ("a\nb", False),
        ("a\tb", False),
    ],
)
def test_a_name_stays_in_its_folder(name: str, plain: bool) -> None:
    assert is_plain_name(name) is plain


def test_gaps_are_told_only_where_names_have_numbers() -> None:
    assert gaps([name_of(2)], msgspec.structs.replace(SETTINGS, name_pattern="")) == []
    assert gaps(["XFJ_2.xml", "XFJ_4.xml"], msgspec.structs.replace(SETTINGS, name_pattern=r"XFJ_(?P<number>\d+)")) == [
        ":1",
        ":3",
    ]

"""Parked records are decided again after a mend, in order, and nobody else is touched."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest

from santiao.domain.advance import advance_record
from santiao.domain.errors import NotFound
from santiao.store import intake, tables
from tests.stories.telling import Story

BAD, GOOD = "20260302340302000187", "20260302340302000188"


class Poison(Exception):
    """What a step raises while the code is wrong."""


@contextmanager
def poisoned(key: str) -> Iterator[None]:
    """The code is wrong for one source: its steps raise, in receiving and in replay."""

    def advance(draft, record, linking, policy, *, is_repeat):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        if record.key == key:
            raise Poison("a cell of 张三")
        return advance_record(draft, record, linking, policy, is_repeat=is_repeat)

    with patch("santiao.hub.transaction.advance_record", advance), patch("santiao.hub.release.advance_record", advance):
        yield


@pytest.fixture
def parked(story: Story) -> Story:
    """A hub where one source's three versions are parked and another's is taken."""
    with poisoned(BAD):
        story.report("police-110", BAD, on="2026-03-02", version=1)
        story.report("police-110", GOOD, on="2026-03-03")
        story.report("police-110", BAD, on="2026-03-04", version=2, says="楼上又漏水了。")
    story.report("police-110", BAD, on="2026-03-05", version=3, says="漏水第三次。")
    return story


def test_what_raised_is_parked_with_what_comes_after_it(parked: Story) -> None:
    letters = parked.hub.dead_letters.find()
    assert [(each.kind, each.agency, each.about, each.order) for each in letters] == [
        ("record", "police-110", BAD, place) for place in range(3)
    ]
    assert [each.cause for each in letters] == [
        "Poison in its step",
        "waits behind a parked record",
        "waits behind a parked record",
    ]
    assert "张三" not in str(letters)
    assert parked.case_of("police-110", GOOD).sources == (f"police-110:{GOOD}",)


def test_replay_before_the_mend_leaves_everything_parked(parked: Story) -> None:
    before = parked.happened()
    with poisoned(BAD):
        report = parked.hub.dead_letters.replay([])
    assert (report.matched, report.taken, report.left) == (3, 0, 3)
    assert parked.happened() == before


def test_replay_after_the_mend_decides_in_order_and_counts_nothing_twice(parked: Story) -> None:
    with parked.hub.database.readable() as connection:
        totals = intake.read_counts(connection)
    assert parked.hub.dead_letters.replay([], dry_run=True).matched == 3
    report = parked.hub.dead_letters.replay([])
    assert (report.matched, report.taken, report.left) == (3, 3, 0)
    assert parked.hub.dead_letters.find() == []
    told = parked.happened()
    assert told.count("SourceReported") == 2
    assert told.count("SourceCorrected") == 2
    with parked.hub.database.readable() as connection:
        assert intake.read_counts(connection) == totals
        assert len(connection.execute(tables.inbox.select()).all()) == 4
    assert list(parked.hub.refolder.differences()) == []


def test_the_same_records_again_are_repeats_afterwards(parked: Story) -> None:
    parked.hub.dead_letters.replay([])
    before = parked.happened()
    again = Story.report(parked, "police-110", BAD, on="2026-03-05", version=3, says="漏水第三次。")
    assert again.state == "repeated"
    assert parked.happened() == before


def test_a_named_letter_takes_its_source_along_and_leaves_others(parked: Story) -> None:
    with poisoned(GOOD):
        parked.report("police-110", GOOD, on="2026-03-06", version=5, says="另一件事。")
    last = [each for each in parked.hub.dead_letters.find() if each.about == BAD][-1]
    report = parked.hub.dead_letters.replay([last.id])
    assert (report.matched, report.taken) == (3, 3)
    assert [each.about for each in parked.hub.dead_letters.find()] == [GOOD]


def test_a_later_version_that_raises_keeps_what_is_behind_it(parked: Story) -> None:
    seen = []

    def advance(draft, record, linking, policy, *, is_repeat):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        seen.append(record.at.source_version)
        if record.at.source_version == 2:
            raise Poison
        return advance_record(draft, record, linking, policy, is_repeat=is_repeat)

    with patch("santiao.hub.release.advance_record", advance):
        report = parked.hub.dead_letters.replay([])
    assert (report.taken, report.left, seen) == (1, 2, [1, 2])
    assert parked.hub.dead_letters.find()[0].cause == "Poison in its step"


def test_filters_and_names(parked: Story) -> None:
    desk = parked.hub.dead_letters
    assert desk.find(agency="court") == []
    assert len(desk.find(kind="record", cause="waits")) == 2
    assert desk.show(desk.find()[0].id).about == BAD
    with pytest.raises(NotFound):
        desk.show("0123")

"""A feed with nothing new, a feed that does not answer and a feed nobody asks are three different things."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.contract import Page, RawItem
from santiao.connectors.transports.polling import (
    Condition,
    FeedHealth,
    PollSettings,
    due_at,
    judge,
    pause_after,
    poll,
    pushed,
)
from santiao.domain.calendar import SHANGHAI
from santiao.domain.errors import DeliveryFailed, StoreFailure
from santiao.domain.messages import Watermark
from tests.connectors.transports.hand_clock import HandClock

SETTINGS = PollSettings(every_seconds=60, pause_max_seconds=600, answer_hours=1, news_hours=24)
ITEM = RawItem(where="T_JJDB/A1", raw=b"{}", cells={})
NOW = datetime(2026, 3, 12, 9, tzinfo=SHANGHAI)


def page(*items: RawItem, **state: str) -> Page:
    return Page(items, Watermark("police-110", "front-end", state, NOW))


def failing(*pages: Page) -> Iterator[Page]:
    yield from pages
    raise DeliveryFailed("database.failed", "the database could not be read")


def nothing(_page: Page) -> None:
    return


def test_a_feed_with_news_one_with_nothing_new_and_one_that_is_silent(clock: HandClock) -> None:
    health = poll([page(ITEM), page()], nothing, FeedHealth(), clock)
    assert judge(health, SETTINGS, clock.now) is Condition.LIVELY
    for _ in range(30):
        clock.move(hours=1)
        health = poll([page()], nothing, health, clock)
    assert (health.answered_at, health.news_at) == (clock.now, clock.now - timedelta(hours=30))
    assert judge(health, SETTINGS, clock.now) is Condition.SILENT


def test_a_feed_that_nobody_asks_is_not_called_silent(clock: HandClock) -> None:
    assert judge(FeedHealth(), SETTINGS, clock.now) is Condition.NEVER_ASKED
    health = poll([page(ITEM)], nothing, FeedHealth(), clock)
    assert judge(health, SETTINGS, clock.now + timedelta(seconds=180)) is Condition.LIVELY
    assert judge(health, SETTINGS, clock.now + timedelta(seconds=181)) is Condition.NOT_POLLED


def test_a_feed_that_does_not_answer_is_retried_and_then_told(clock: HandClock) -> None:
    health = poll([page(ITEM)], nothing, FeedHealth(), clock)
    for _ in range(7):
        clock.move(minutes=10)
        health = poll(failing(), nothing, health, clock)
        expected = Condition.RETRYING if clock.now - NOW <= timedelta(hours=1) else Condition.UNANSWERED
        assert judge(health, SETTINGS, clock.now) is expected
    assert (health.failures, health.reason, health.answered_at) == (7, "database.failed", NOW)
    health = poll([page()], nothing, health, clock)
    assert (health.failures, health.reason, judge(health, SETTINGS, clock.now)) == (0, "", Condition.LIVELY)


def test_a_source_that_is_busy_is_left_alone_as_long_as_it_asks(clock: HandClock) -> None:
    health = poll([page(ITEM), Page((), busy="HTTP 503, again after 3600 s")], nothing, FeedHealth(), clock)
    assert (health.failures, health.answered_at, health.news_at) == (1, None, clock.now)
    assert due_at(health, SETTINGS, "court") == clock.now + timedelta(seconds=3600)
    assert judge(health, SETTINGS, clock.now + timedelta(seconds=3600)) is Condition.UNANSWERED


def test_what_was_taken_before_a_failure_stands(clock: HandClock) -> None:
    taken: list[Page] = []
    health = poll(failing(page(ITEM)), taken.append, FeedHealth(), clock)
    assert (len(taken), health.news_at, health.failures) == (1, clock.now, 1)


def test_a_failure_of_the_hub_itself_is_not_laid_at_the_sources_door(clock: HandClock) -> None:
    def full(_page: Page) -> None:
        raise StoreFailure("store.full", "the disk is full")

    with pytest.raises(StoreFailure):
        poll([page(ITEM)], full, FeedHealth(), clock)


def test_what_is_amiss_is_noted_until_it_is_mended(clock: HandClock) -> None:
    health = poll([page(gaps="20260130:1", waiting="", read="x", absence="judged")], nothing, FeedHealth(), clock)
    assert health.notes == {"gaps": "20260130:1"}
    assert poll([page(gaps="")], nothing, health, clock).notes == {}


def test_records_that_are_no_items_are_no_news(clock: HandClock) -> None:
    absent = RawItem(where="ledger~1", raw=b"", cells={}, op="SNAPSHOT_ABSENT", counted=False)
    assert poll([page(absent)], nothing, FeedHealth(), clock).news_at is None


def test_a_feed_that_is_pushed_is_judged_by_its_news_alone(clock: HandClock) -> None:
    settings = PollSettings(every_seconds=0, news_hours=24)
    assert judge(FeedHealth(), settings, clock.now) is Condition.NEVER_ASKED
    health = pushed(FeedHealth(), clock.now)
    assert judge(health, settings, clock.now + timedelta(hours=24)) is Condition.LIVELY
    assert judge(health, settings, clock.now + timedelta(hours=25)) is Condition.SILENT


@given(failures=st.integers(0, 10_000), feed=st.text(max_size=10), retry_after=st.integers(0, 86_400))
def test_a_pause_grows_and_stays_within_its_bounds(failures: int, feed: str, retry_after: int) -> None:
    health = FeedHealth(asked_at=NOW, failures=failures)
    pause = pause_after(health, SETTINGS, feed)
    assert timedelta(seconds=60) <= pause <= timedelta(seconds=660)
    assert pause == pause_after(health, SETTINGS, feed)
    asked = FeedHealth(asked_at=NOW, failures=failures + 1, retry_after=retry_after)
    assert pause_after(asked, SETTINGS, feed) >= timedelta(seconds=retry_after)

"""A feed that goes silent is told apart from one that answers and has nothing new."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from santiao.projections.feed_health import Feed, FeedState, agency_days, read_feed_health, state_of
from santiao.projections.reading import ViewReader
from santiao.store import tables
from tests.projections.lives import Life

HOUR = 3_600_000
NOW = 1_772_000_000_000
FEED = Feed("court", "list", timedelta(hours=2), timedelta(hours=24))


@pytest.mark.parametrize(
    ("answered", "news", "state"),
    [
        (0, 0, FeedState.FRESH),
        (2, 2, FeedState.FRESH),
        (1, 24, FeedState.FRESH),
        (1, 25, FeedState.QUIET),
        (2, 4000, FeedState.QUIET),
        (3, 3, FeedState.SILENT),
        (3, 25, FeedState.SILENT),
        (4000, 4000, FeedState.SILENT),
        (None, None, FeedState.UNSEEN),
    ],
)
def test_silence_is_not_the_same_as_nothing_new(answered: int | None, news: int | None, state: FeedState) -> None:
    """Hours since the feed last answered, and since it last told something."""
    moments = [None if hours is None else NOW - hours * HOUR for hours in (answered, news)]
    assert state_of(FEED, moments[0], moments[1], NOW) is state


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    lived = Life(tmp_path)
    lived.receive(*lived.records[:20])
    lived.hub.catch_up()
    yield lived
    lived.hub.close()


def test_a_feed_is_told_with_what_the_log_heard_and_what_its_agency_sent(life: Life) -> None:
    agencies = sorted({record.connector for record in life.taken})
    feeds = [
        Feed(name, life.hub.connectors[name].declaration.feed, timedelta(hours=2), timedelta(hours=24))
        for name in agencies
    ]
    rows = {name: (NOW - hours * HOUR, NOW - 25 * HOUR) for name, hours in zip(agencies, (1, 3, 1), strict=False)}
    with life.hub.database.writable() as connection:
        connection.execute(tables.watermarks.delete())
        for feed in feeds:
            if feed.connector in rows:
                answered, news = rows[feed.connector]
                values = {"connector": feed.connector, "feed": feed.name, "observed_ms": answered, "news_ms": news}
                connection.execute(tables.watermarks.insert().values(state=b"", **values))
    with ViewReader(life.hub.views).reading() as reading, life.hub.database.readable() as store:
        found = read_feed_health(reading, store, feeds, now_ms=NOW)
        days = agency_days(reading, "2000-01-01", "2099-12-31")
    expected = [FeedState.QUIET, FeedState.SILENT, FeedState.QUIET]
    expected += [FeedState.UNSEEN] * (len(agencies) - 3)
    assert [each.state for each in found] == expected[: len(agencies)]
    assert all(each.last_event_at is not None for each in found)
    assert sum(each.received for each in found) == len(life.taken)
    sources = {(record.connector, record.key) for record in life.taken}
    assert sum(day.reported for day in days) + sum(day.parked for day in days) >= len(sources) * 0.5
    assert {day.agency for day in days} == set(agencies)

"""The health of feeds (数据通道): who answers, who told something, and what became of it; for the operator also what is stuck.

The rule kept here: nothing on this page is of any case; what could not be understood is named by place and reason, never shown.
"""

from collections import Counter
from collections.abc import Sequence

import msgspec
from starlette.responses import Response

from santiao.console.services import DeadLetter, ShelvedItem
from santiao.console.visits import Visit
from santiao.pool.access import Resource
from santiao.projections.feed_health import FeedHealth, read_feed_health
from santiao.store.log import to_millis

SHOWN_MAX = 50


class Stuck(msgspec.Struct, frozen=True):
    """What waits for the operator: items not understood by reason, the first of them, and what was given up."""

    reasons: tuple[tuple[str, str, str, int], ...]
    items: tuple[ShelvedItem, ...]
    count: int
    letters: tuple[DeadLetter, ...]
    letter_count: int


def show_feeds(visit: Visit) -> Response:
    """All feeds."""
    services = visit.services
    services.policy.check_resource(visit.caller, Resource.FEED_HEALTH)
    with services.views.reading() as reading, services.database.readable() as store:
        feeds = read_feed_health(reading, store, services.feeds, now_ms=to_millis(visit.now))
    stuck = _stuck(visit) if Resource.QUARANTINE in visit.rights.resources else None
    return visit.show(
        "feeds.html", feeds=feeds, adds_up=[_adds_up(feed) for feed in feeds], totals=_totals(feeds), stuck=stuck
    )


def _adds_up(feed: FeedHealth) -> bool:
    return feed.received == feed.accepted + feed.repeated + feed.quarantined + feed.refused


def _totals(feeds: Sequence[FeedHealth]) -> dict[str, int]:
    names = ("received", "accepted", "repeated", "quarantined", "refused", "blocked")
    # Several feeds of one connector share its counts.
    of_connectors = {feed.connector: feed for feed in feeds}
    return {name: sum(getattr(feed, name) for feed in of_connectors.values()) for name in names}


def _stuck(visit: Visit) -> Stuck:
    items = visit.services.quarantine.find()
    letters = visit.services.dead_letters.find()
    counted = Counter((item.connector, item.code, item.detail_zh or item.detail) for item in items)
    reasons = tuple((*key, number) for key, number in counted.most_common())
    return Stuck(reasons, tuple(items[:SHOWN_MAX]), len(items), tuple(letters[:SHOWN_MAX]), len(letters))

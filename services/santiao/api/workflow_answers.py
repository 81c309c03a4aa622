"""What is told of links, counts and feeds, field by field, and how views' rows fill it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from santiao.projections.feed_health import FeedHealth
from santiao.projections.linking import LinkDetail, LinkItem
from santiao.projections.statistics_queries import Cell, Statistics


class LinkAnswer(LinkItem, frozen=True, kw_only=True):
    """A link: `score` in thousandths; `source_a` and `source_b` are the ids that commands take."""

    source_a: str
    source_b: str
    decided_at: str


class CountsAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Counts under one value of each dimension asked for; null is a number that is not told."""

    day: str = ""
    region: str = ""
    dispute_type: str = ""
    channel: str = ""
    counts: dict[str, int | None] = {}


class StatisticsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of a period, both days included, by some dimensions and in all."""

    first: date
    last: date
    by: tuple[str, ...]
    items: tuple[CountsAnswer, ...]
    total: dict[str, int | None]
    next: str | None = None


class FeedHealthAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A feed: fresh, quiet (answers and has nothing new), silent (does not answer) or unseen; counts are its connector's."""

    connector: str
    feed: str
    state: str
    last_answer_at: str | None
    last_news_at: str | None
    last_event_at: str | None
    received: int
    accepted: int
    repeated: int
    quarantined: int
    refused: int
    blocked: int
    waiting_in_quarantine: int


class FeedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A change; `cursor` is the place after it, `data` the event's facts, none of them about a person."""

    cursor: str
    case_id: str
    type: str
    data: dict[str, Any]


def link_values(link: LinkDetail) -> dict[str, Any]:
    """A link under the names of `LinkAnswer`."""
    return {
        **msgspec.structs.asdict(link.item),
        "source_a": link.a,
        "source_b": link.b,
        "decided_at": link.decided_at,
    }


def feed_health_values(feed: FeedHealth) -> dict[str, Any]:
    """A feed under the names of `FeedHealthAnswer`."""
    return msgspec.structs.asdict(feed)


def statistics_rows(found: Statistics) -> Iterator[dict[str, Any]]:
    """The cells, the total last."""
    for cell in (*found.cells, found.total):
        yield {**_keys(found, cell), "counts": cell.counts}


def _keys(found: Statistics, cell: Cell) -> dict[str, str]:
    return {dimension.value: key for dimension, key in zip(found.by, cell.keys, strict=False)}

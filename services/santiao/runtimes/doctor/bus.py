"""Whether records and events get through Kafka: which partition waits and gets nowhere, since when, and whether events are published.

The rule kept here: progress is seen where the effect is (the store's offsets), by two looks with a pause between. A burst that has just
come is no fault; what stands still with messages waiting is.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.engine import Connection

from santiao.domain.errors import NotFound, SantiaoError
from santiao.runtimes.doctor.finding import Finding, good, wrong
from santiao.store import tables
from santiao.store.database import Database
from santiao.store.log import from_millis

PAUSE_SECONDS = 2.0


class _Place(NamedTuple):
    """How far something is, how far it should be, and when it last moved (milliseconds; 0 for never)."""

    reached: int
    end: int
    moved_ms: int


def examine_bus(
    database: Database,
    records: str,
    events: str,
    ends: Callable[[], Mapping[int, int]],
    *,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Finding]:
    """Findings about the topics `records` and `events`; `ends` asks the brokers where each partition of records ends."""
    try:
        yield from _partitions(database, records, ends, pause)
    except SantiaoError as error:
        yield wrong(
            "kafka", error.detail, error.detail_zh, "check SANTIAO_KAFKA, the brokers, and: santiao topics create"
        )
        return
    yield from _relay(database, f"{events}:relayed", pause)


def _partitions(
    database: Database, topic: str, ends: Callable[[], Mapping[int, int]], pause: Callable[[float], None]
) -> Iterator[Finding]:
    def look() -> dict[int, _Place]:
        told = ends()
        if not told:
            raise NotFound("topic.missing", f"there is no topic {topic}", f"没有主题 {topic}")
        with database.readable() as connection:
            stands = _stands(connection, topic)
        return {number: _Place(*_of(stands, number, end)) for number, end in told.items()}

    still = _standing_still(look, pause)
    for number, place in sorted(still.items()):
        yield wrong(
            f"partition {topic}/{number}",
            f"{place.end - place.reached} messages wait and none is taken{_since(place)}",
            f"有 {place.end - place.reached} 条消息等待且无进展",
            "santiao worker --only receive  # does one run? its /health/ready and its log say why it does not go on",
        )
    if not still:
        yield good("partitions of records", "none stands still with messages waiting", "无停滞的分区")


def _relay(database: Database, mark: str, pause: Callable[[float], None]) -> Iterator[Finding]:
    def look() -> dict[int, _Place]:
        with database.readable() as connection:
            stands = _stands(connection, mark)
            heads = {row.shard: row.position for row in connection.execute(select(tables.shards))}
        return {shard: _Place(*_of(stands, shard, head)) for shard, head in heads.items()}

    still = _standing_still(look, pause)
    for shard, place in sorted(still.items()):
        yield wrong(
            f"relay of shard {shard}",
            f"{place.end - place.reached} events are not published and none is{_since(place)}",
            f"有 {place.end - place.reached} 个事件未转发且无进展",
            "santiao worker --only relay  # does one run? its log says whether it holds the lease and what the brokers answer",
        )
    if not still:
        yield good("relay", "every event is published, or on its way", "事件转发正常")


def _standing_still(look: Callable[[], dict[int, _Place]], pause: Callable[[float], None]) -> dict[int, _Place]:
    """What has something waiting and does not move between two looks."""
    before = {name: place for name, place in look().items() if place.reached < place.end}
    if not before:
        return {}
    pause(PAUSE_SECONDS)
    after = look()
    return {
        name: after[name] for name, place in before.items() if name in after and after[name].reached == place.reached
    }


def _stands(connection: Connection, topic: str) -> dict[int, tuple[int, int]]:
    """Next offset and when it moved, by partition (or by shard, where the relay keeps its own)."""
    offsets = tables.offsets
    rows = connection.execute(offsets.select().where(offsets.c.topic == topic))
    return {row.partition: (row.next_offset, row.updated_ms) for row in rows}


def _of(stands: Mapping[int, tuple[int, int]], name: int, end: int) -> tuple[int, int, int]:
    reached, moved_ms = stands.get(name, (0, 0))
    return reached, end, moved_ms


def _since(place: _Place) -> str:
    return f" since {from_millis(place.moved_ms):%Y-%m-%d %H:%M:%S} UTC" if place.moved_ms else "; none ever was"

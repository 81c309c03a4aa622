"""The health of feeds (数据通道): what the log heard of each agency by day, joined with what only the store knows of each feed.

A feed that goes silent is told apart from one that has nothing new: the first was not answered for longer than its declaration allows,
the second was answered and told nothing. Rows are kept by shard, so that shards are folded apart and added up when asked.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from santiao.projections.contract import Key, Projection, TableSet, ViewTable
from santiao.projections.moments import day_of, tell
from santiao.projections.reading import Reading
from santiao.store import intake, tables
from santiao.store.log import Entry

VIEW = "feed_health"


class AgencyRow(msgspec.Struct, gc=False):
    """What the log last heard of an agency in a shard."""

    agency: str
    shard: int
    received_ms: int
    recorded_ms: int
    position: int


class AgencyDayRow(msgspec.Struct, gc=False):
    """What became of an agency's files on a day (by time of receiving, Asia/Shanghai)."""

    agency: str
    day: str
    shard: int
    reported: int = 0
    corrected: int = 0
    supplemented: int = 0
    confirmed: int = 0
    withdrawn: int = 0
    merged: int = 0
    parked: int = 0
    gated: int = 0


def _agency_of(event: Any) -> str:
    return str(event.source_id).partition(":")[0]


def _agencies_of(entry: Entry, event: Any) -> Iterable[Key]:
    return ((_agency_of(event), entry.shard),)


def _days_of(entry: Entry, event: Any) -> Iterable[Key]:
    return ((_agency_of(event), day_of(entry.received_ms), entry.shard),)


AGENCIES = ViewTable(name="feed_agencies", view=VIEW, row=AgencyRow, key_columns=2, looks_at=_agencies_of)
AGENCY_DAYS = ViewTable(name="feed_days", view=VIEW, row=AgencyDayRow, key_columns=3, looks_at=_days_of)


class FeedFold:
    """Counts what agencies' files tell."""

    def __init__(self, tables: TableSet) -> None:
        self.agencies = tables.of(AGENCIES)
        self.days = tables.of(AGENCY_DAYS)

    def count(self, at: Entry, event: Any) -> AgencyDayRow:
        """Note that the agency was heard of; the day's row."""
        agency = _agency_of(event)
        heard = self.agencies.change((agency, at.shard))
        if heard is None:
            self.agencies.put(AgencyRow(agency, at.shard, at.received_ms, at.recorded_ms, at.position))
        else:
            heard.received_ms = max(heard.received_ms, at.received_ms)
            heard.recorded_ms, heard.position = max(heard.recorded_ms, at.recorded_ms), at.position
        key = (agency, day_of(at.received_ms), at.shard)
        row = self.days.change(key)
        if row is None:
            row = AgencyDayRow(*key)
            self.days.put(row)
        return row


def _counts(column: str) -> Callable[[FeedFold, Entry, Any], None]:
    def fold(fold: FeedFold, at: Entry, event: Any) -> None:
        row = fold.count(at, event)
        setattr(row, column, getattr(row, column) + 1)

    return fold


FEED_HEALTH = Projection(
    name=VIEW,
    version=1,
    tables=(AGENCIES, AGENCY_DAYS),
    fold=FeedFold,
    handlers={
        "SourceReported": _counts("reported"),
        "SourceCorrected": _counts("corrected"),
        "SourceSupplemented": _counts("supplemented"),
        "SourceConfirmed": _counts("confirmed"),
        "SourceWithdrawn": _counts("withdrawn"),
        "SourceMerged": _counts("merged"),
        "RecordParked": _counts("parked"),
        "GateHit": _counts("gated"),
    },
)


# --- queries -----------------------------------------------------------------------------------------------------------


class FeedState(StrEnum):
    """Fresh: told something within its time. Quiet: answers and has nothing new. Silent: does not answer. Unseen: never answered."""

    FRESH = "fresh"
    QUIET = "quiet"
    SILENT = "silent"
    UNSEEN = "unseen"


class Feed(msgspec.Struct, frozen=True):
    """A declared feed: within `answers_within` it must answer, within `tells_within` one expects news."""

    connector: str
    name: str
    answers_within: timedelta
    tells_within: timedelta


class FeedHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One feed. The counts, and `last_event_at`, are those of its whole connector."""

    connector: str
    feed: str
    state: FeedState
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


class AgencyDay(msgspec.Struct, frozen=True):
    """What became of an agency's files on a day, over all shards."""

    agency: str
    day: str
    reported: int
    corrected: int
    supplemented: int
    confirmed: int
    withdrawn: int
    merged: int
    parked: int
    gated: int


def read_feed_health(reading: Reading, store: Connection, feeds: Iterable[Feed], *, now_ms: int) -> list[FeedHealth]:
    """How each declared feed is, at `now_ms`; `store` is a read of the log's database."""
    counts = intake.read_counts(store)
    watermarks = {(row.connector, row.feed): row for row in store.execute(select(tables.watermarks))}
    waiting = _waiting(store)
    heard: dict[str, int] = {}
    for row in reading.rows(AGENCIES):
        heard[row.agency] = max(heard.get(row.agency, 0), row.received_ms)
    found = []
    for feed in feeds:
        mark = watermarks.get((feed.connector, feed.name))
        answered, news = (mark.observed_ms, mark.news_ms) if mark is not None else (None, None)
        numbers = {
            word: counts.get(f"{feed.connector}|{word}", 0)
            for word in ("received", "accepted", "repeated", "quarantined", "refused", "blocked")
        }
        last = heard.get(feed.connector)
        found.append(
            FeedHealth(
                connector=feed.connector,
                feed=feed.name,
                state=state_of(feed, answered, news, now_ms),
                last_answer_at=tell(answered) if answered is not None else None,
                last_news_at=tell(news) if news is not None else None,
                last_event_at=tell(last) if last is not None else None,
                waiting_in_quarantine=waiting.get(feed.connector, 0),
                **numbers,
            )
        )
    return found


def state_of(feed: Feed, answered_ms: int | None, news_ms: int | None, now_ms: int) -> FeedState:
    """Silence comes before quiet: who does not answer has not said that there is nothing."""
    if answered_ms is None or news_ms is None:
        return FeedState.UNSEEN
    if now_ms - answered_ms > feed.answers_within / timedelta(milliseconds=1):
        return FeedState.SILENT
    return FeedState.QUIET if now_ms - news_ms > feed.tells_within / timedelta(milliseconds=1) else FeedState.FRESH


def _waiting(store: Connection) -> Mapping[str, int]:
    rows = store.execute(
        select(tables.quarantine.c.connector, func.count())
        .where(tables.quarantine.c.state == "open")
        .group_by(tables.quarantine.c.connector)
    )
    return {row[0]: row[1] for row in rows}


def agency_days(reading: Reading, first_day: str, last_day: str) -> list[AgencyDay]:
    """Counts by agency and day, days YYYY-MM-DD, both included."""
    columns = AgencyDay.__struct_fields__
    sums = ", ".join(f"sum({name})" for name in columns[2:])
    sql = (
        f"SELECT agency, day, {sums} FROM {reading.table(AGENCY_DAYS)} WHERE day >= ? AND day <= ? "
        "GROUP BY agency, day ORDER BY agency, day"
    )
    return [AgencyDay(row[0], row[1], *map(int, row[2:])) for row in reading.execute(sql, (first_day, last_day))]

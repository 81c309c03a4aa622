"""Figures read from the store: intake by connector, the log, views, timers, outbox, dead letters, feeds.

The rule kept here: what the store counts is read from the store, so that it adds up after any crash. It is the same whoever asks, so one
process of a cluster tells it: the API. Only open rows are counted, because those that are done grow for years.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.engine import Connection, make_url

from santiao.domain.errors import SantiaoError
from santiao.projections.projector import Projector
from santiao.store import tables
from santiao.store.database import Database
from santiao.store.intake import read_counts
from santiao.store.log import to_millis
from santiao.telemetry.labels import label

_FATES = ("received", "accepted", "repeated", "quarantined", "refused", "blocked")
_RELAYED = ":relayed"
"""How the relay marks in `offsets`, by shard, what it has published."""
_OPEN = ("due", "claimed", "dead")


class StoreFigures(Collector):
    """Figures read from the store whenever they are asked for."""

    def __init__(self, database: Database, projector: Projector, now: Callable[[], datetime]) -> None:
        self._database = database
        self._projector = projector
        self._now = now

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: registering must not touch the store."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """All figures; `santiao_store_up` alone when the store does not answer."""
        up = GaugeMetricFamily("santiao_store_up", "1 when the store answers.")
        try:
            found = [*self._intake(), *self._store(), *self._views()]
        except SantiaoError:
            up.add_metric((), 0)
            yield up
            return
        up.add_metric((), 1)
        yield up
        yield from found

    def _intake(self) -> Iterator[Metric]:
        with self._database.readable() as connection:
            counts = read_counts(connection)
        family = CounterMetricFamily(
            "santiao_items", "Items by connector and what became of them.", labels=("connector", "fate")
        )
        for name, number in sorted(counts.items()):
            connector, _, fate = name.rpartition("|")
            if fate in _FATES:
                family.add_metric((label(connector), fate), number)
        yield family

    def _store(self) -> Iterator[Metric]:
        with self._database.readable() as connection:
            yield from self._log(connection)
            yield from self._timers(connection)
            yield from self._waiting(connection)
            yield from self._feeds(connection)
        if self._database.is_sqlite:
            yield _gauge("santiao_wal_bytes", "Size of SQLite's write-ahead log.", wal_bytes(self._database.url))

    def _log(self, connection: Connection) -> Iterator[Metric]:
        events = CounterMetricFamily("santiao_events", "Events in the log by shard.", labels=("shard",))
        for shard, position in connection.execute(select(tables.shards.c.shard, tables.shards.c.position)):
            events.add_metric((str(shard),), position)
        yield events
        relay = GaugeMetricFamily(
            "santiao_relay_lag_events", "Committed events of a shard that are not on the bus yet.", labels=("shard",)
        )
        offsets, heads = tables.offsets, tables.shards
        behind = select(heads.c.shard, heads.c.position - func.max(offsets.c.next_offset)).where(
            (offsets.c.partition == heads.c.shard) & offsets.c.topic.endswith(_RELAYED)
        )
        for shard, waiting in connection.execute(behind.group_by(heads.c.shard, heads.c.position)):
            relay.add_metric((str(shard),), waiting)
        yield relay

    def _timers(self, connection: Connection) -> Iterator[Metric]:
        timers, now = tables.timers, to_millis(self._now())
        due, oldest = connection.execute(
            select(func.count(), func.min(timers.c.due_ms)).where(timers.c.due_ms <= now)
        ).one()
        waiting = connection.execute(select(func.count()).select_from(timers)).scalar_one()
        raising = connection.execute(select(func.count()).where(timers.c.attempts > 0)).scalar_one()
        yield _gauge("santiao_timers", "Timers waiting.", waiting)
        yield _gauge("santiao_timers_due", "Timers due and not fired yet.", due)
        late = (now - oldest) / 1000 if oldest is not None else 0.0
        yield _gauge("santiao_timers_late_seconds", "How long the oldest timer due has waited to be fired.", late)
        yield _gauge("santiao_timers_raising", "Timers that raised when they fired and are tried again.", raising)

    def _waiting(self, connection: Connection) -> Iterator[Metric]:
        parked = connection.execute(select(func.count()).select_from(tables.parked)).scalar_one()
        yield _gauge("santiao_parked_records", "Records parked because a step raised, with those behind them.", parked)
        open_rows = dict.fromkeys(_OPEN, 0)
        outbox = tables.outbox
        rows = connection.execute(
            select(outbox.c.state, func.count()).where(outbox.c.state.in_(_OPEN)).group_by(outbox.c.state)
        )
        for state, number in rows:
            open_rows[state] = number
        backlog = GaugeMetricFamily("santiao_outbox", "Open rows of the outbox by state.", labels=("state",))
        for state, number in open_rows.items():
            backlog.add_metric((state,), number)
        yield backlog
        letters = GaugeMetricFamily("santiao_dead_letters", "Dead letters by kind.", labels=("kind",))
        letters.add_metric(("record",), parked)
        letters.add_metric(("feedback",), open_rows["dead"])
        yield letters
        kept = GaugeMetricFamily("santiao_quarantine_open", "Items in quarantine by connector.", labels=("connector",))
        shelf = tables.quarantine
        for connector, number in connection.execute(
            select(shelf.c.connector, func.count()).where(shelf.c.state == "open").group_by(shelf.c.connector)
        ):
            kept.add_metric((label(connector),), number)
        yield kept

    def _feeds(self, connection: Connection) -> Iterator[Metric]:
        """Silence is told as seconds, not as a time, so that a rule need not know which clock the hub lives by."""
        marks, now = tables.watermarks, to_millis(self._now())
        answered = GaugeMetricFamily(
            "santiao_feed_answered_seconds", "Since when a feed has not answered.", labels=("connector",)
        )
        news = GaugeMetricFamily(
            "santiao_feed_news_seconds", "Since when a feed has told nothing new.", labels=("connector",)
        )
        latest = select(marks.c.connector, func.max(marks.c.observed_ms), func.max(marks.c.news_ms))
        for connector, observed_ms, news_ms in connection.execute(latest.group_by(marks.c.connector)):
            answered.add_metric((label(connector),), max(0.0, (now - observed_ms) / 1000))
            news.add_metric((label(connector),), max(0.0, (now - news_ms) / 1000))
        yield answered
        yield news

    def _views(self) -> Iterator[Metric]:
        lag = GaugeMetricFamily("santiao_view_lag_events", "Events a view is behind the log.", labels=("view",))
        for state in self._projector.states():
            lag.add_metric((label(state.name),), state.behind)
        yield lag


def wal_bytes(url: str) -> int:
    """Size of the write-ahead log beside an SQLite database; 0 where there is none."""
    path = make_url(url).database
    with suppress(OSError):
        return Path(f"{path}-wal").stat().st_size if path else 0
    return 0


def _gauge(name: str, text: str, value: float) -> Metric:
    family = GaugeMetricFamily(name, text)
    family.add_metric((), value)
    return family

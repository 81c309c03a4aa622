"""What `/metrics` tells, in Prometheus' form: intake by connector, the log, views, timers, outbox, requests.

The rule kept here: labels are connectors, views, routes and statuses, never anything of a case or a person. What the store counts is
read from the store, so that it adds up after any crash.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from santiao.domain.errors import SantiaoError
from santiao.projections.projector import Projector
from santiao.store import tables
from santiao.store.database import Database
from santiao.store.intake import read_counts
from santiao.store.log import to_millis

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_FATES = ("received", "accepted", "repeated", "quarantined", "refused", "blocked")


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "santiao_request_seconds",
            "Time to answer a request, by route, method and status.",
            ("route", "method", "status"),
            buckets=_SECONDS,
            registry=self.registry,
        )

    def watch(self, figures: "StoreFigures") -> None:
        """Tell what a store counts as well."""
        self.registry.register(figures)

    def observe_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request was answered. `route` is the route's pattern, not its path."""
        self._requests.labels(route, method, str(status)).observe(seconds)

    def render(self) -> bytes:
        """All of it."""
        return generate_latest(self.registry)


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
                family.add_metric((connector, fate), number)
        yield family

    def _store(self) -> Iterator[Metric]:
        with self._database.readable() as connection:
            shards = connection.execute(select(tables.shards.c.shard, tables.shards.c.position)).all()
            now = to_millis(self._now())
            due = connection.execute(
                select(func.count()).select_from(tables.timers).where(tables.timers.c.due_ms <= now)
            ).scalar_one()
            timers = connection.execute(select(func.count()).select_from(tables.timers)).scalar_one()
            parked = connection.execute(select(func.count()).select_from(tables.parked)).scalar_one()
            outbox = connection.execute(
                select(tables.outbox.c.state, func.count()).group_by(tables.outbox.c.state)
            ).all()
            quarantined = connection.execute(
                select(tables.quarantine.c.connector, func.count())
                .where(tables.quarantine.c.state == "open")
                .group_by(tables.quarantine.c.connector)
            ).all()
        events = CounterMetricFamily("santiao_events", "Events in the log by shard.", labels=("shard",))
        for shard, position in shards:
            events.add_metric((str(shard),), position)
        yield events
        yield _gauge("santiao_timers", "Timers waiting.", timers)
        yield _gauge("santiao_timers_due", "Timers due and not fired yet.", due)
        yield _gauge("santiao_parked_records", "Records parked because a step raised.", parked)
        backlog = GaugeMetricFamily("santiao_outbox", "Outbox rows by state.", labels=("state",))
        for state, number in outbox:
            backlog.add_metric((state,), number)
        yield backlog
        kept = GaugeMetricFamily("santiao_quarantine_open", "Items in quarantine by connector.", labels=("connector",))
        for connector, number in quarantined:
            kept.add_metric((connector,), number)
        yield kept
        if self._database.is_sqlite:
            yield _gauge("santiao_wal_bytes", "Size of SQLite's write-ahead log.", wal_bytes(self._database.url))

    def _views(self) -> Iterator[Metric]:
        lag = GaugeMetricFamily("santiao_view_lag_events", "Events a view is behind the log.", labels=("view",))
        for state in self._projector.states():
            lag.add_metric((state.name,), state.behind)
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

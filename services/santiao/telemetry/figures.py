"""The figures of one process in Prometheus' form: what it did, how long that took, how it stands, what it needs of the machine.

The rule kept here: a label is a connector, a view, a route, a shard or a code, never anything of a case or a person (`labels.py`).
Every name here is told in the operator's guide, and none is told there that is not here; a test keeps it so.
"""

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.registry import Collector

from santiao.domain.messages import Batch, Receipt
from santiao.telemetry.labels import label
from santiao.telemetry.standing import Standing, StandingFigures

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_QUICK = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
_ITEMS = (1, 5, 10, 25, 50, 100, 250, 500, 1000)


class Figures:
    """The figures of one process; an `Observer` of its rooms."""

    def __init__(self, *, role: str = "serve", version: str = "") -> None:
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        info = Gauge("santiao_info", "1, with version and role.", ("version", "role"), registry=registry)
        info.labels(label(version or "unknown"), label(role)).set(1)
        self._requests = Histogram(
            "santiao_request_seconds",
            "Time to answer a request.",
            ("route", "method", "status"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._batches = Histogram(
            "santiao_batch_seconds", "Time to take a batch, commit included.", buckets=_SECONDS, registry=registry
        )
        self._commits = Histogram(
            "santiao_commit_seconds", "The database's part: committing a batch.", buckets=_QUICK, registry=registry
        )
        self._sizes = Histogram("santiao_batch_items", "Items in a batch.", buckets=_ITEMS, registry=registry)
        self._intake = Counter(
            "santiao_intake_items",
            "Items this process took, by what became of them.",
            ("connector", "state"),
            registry=registry,
        )
        self._commands = Counter("santiao_commands", "Commands recorded.", ("kind",), registry=registry)
        self._fired = Counter("santiao_timers_fired", "Timers this process fired.", registry=registry)
        self._relayed = Counter(
            "santiao_relayed_events", "Events this process published.", ("shard",), registry=registry
        )
        self._folds = Histogram(
            "santiao_fold_seconds", "Time to fold a run of events into views.", buckets=_QUICK, registry=registry
        )
        self._folded = Counter(
            "santiao_folded_events", "Events this process folded, by view.", ("view",), registry=registry
        )
        self._feedback = Counter(
            "santiao_feedback_rows",
            "Rows of the outbox this process handled.",
            ("agency", "outcome"),
            registry=registry,
        )
        self._handing = Histogram(
            "santiao_feedback_seconds", "Time to hand a batch of feedback over.", buckets=_SECONDS, registry=registry
        )
        self._disclosures = Counter(
            "santiao_disclosures",
            "Disclosures recorded and answers given.",
            ("purpose", "channel"),
            registry=registry,
        )
        self._disclosed = Counter("santiao_disclosed_rows", "Rows shown by disclosures.", registry=registry)

    def watch(self, collector: Collector) -> None:
        """Tell what this collector counts as well."""
        self.registry.register(collector)

    def watch_standing(self, standing: Callable[[], Standing]) -> None:
        """Tell what is stuck and how far partitions are behind."""
        self.watch(StandingFigures(standing))

    def observe_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request was answered. `route` is the route's pattern, not its path."""
        self._requests.labels(label(route), label(method), str(status)).observe(seconds)

    def took(self, batch: Batch, receipts: Sequence[Receipt], seconds: float, commit_seconds: float) -> None:
        """A batch was committed."""
        self._batches.observe(seconds)
        self._commits.observe(commit_seconds)
        self._sizes.observe(len(receipts))
        counts: dict[tuple[str, str], int] = {}
        for item, receipt in zip(batch.items, receipts, strict=True):
            if item.counted:
                key = (item.connector, receipt.state.value)
                counts[key] = counts.get(key, 0) + 1
        for (connector, state), number in counts.items():
            self._intake.labels(label(connector), state).inc(number)

    def commanded(self, kind: str, message: bytes, seconds: float) -> None:
        """A command was recorded."""
        self._commands.labels(label(kind)).inc()

    def fired(self, shard: int, messages: Sequence[bytes], seconds: float) -> None:
        """Timers of a shard fired."""
        self._fired.inc(len(messages))

    def relayed(self, shard: int, after: int, until: int, seconds: float) -> None:
        """Events were published."""
        self._relayed.labels(str(shard)).inc(until - after)

    def folded(self, views: Sequence[str], shard: int, after: int, until: int, seconds: float) -> None:
        """Events were folded into views."""
        self._folds.observe(seconds)
        for view in views:
            self._folded.labels(label(view)).inc(until - after)

    def delivered(self, destination: str, owed: Sequence[int], outcome: str, seconds: float) -> None:
        """Feedback was handed over, or was not."""
        self._handing.observe(seconds)
        self._feedback.labels(label(destination), label(outcome)).inc(len(owed))

    def disclosed(self, purpose: str, channel: str, rows: int) -> None:
        """A disclosure was recorded."""
        self._disclosures.labels(label(purpose), label(channel)).inc()
        self._disclosed.inc(rows)

    def render(self) -> bytes:
        """All of it."""
        return generate_latest(self.registry)

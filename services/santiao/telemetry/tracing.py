"""OpenTelemetry traces (链路追踪) from delivery to view and feedback. Off unless `SANTIAO_TRACES` names a collector; then this is imported.

A trace is one message's: the span `take` with its batch (`command` or `timer` for those), below it `publish` and `fold` of the events it
caused, whichever process does them, and `feedback` that its source's agency was owed later. Spans are made afterwards, from what the rooms
tell an `Observer`, under derived ids (`trace_ids.py`); a request's own span stands in the caller's trace and is linked. Attributes are
connectors, shards, positions, views and codes: nothing of a case or person.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, TraceFlags, set_span_in_context
from sqlalchemy import select

from santiao.domain.errors import SantiaoError
from santiao.domain.events import Event
from santiao.domain.events.sources import SourceCorrected, SourceReported
from santiao.domain.messages import Batch, Receipt, ReceiptState
from santiao.store.log import Log, split_id
from santiao.store.tables import events
from santiao.telemetry.labels import label
from santiao.telemetry.trace_ids import is_kept, read_traceparent, root_span_of, trace_id_of

logger = logging.getLogger(__name__)
_BILLION = 1_000_000_000
_REQUEST: ContextVar[SpanContext | None] = ContextVar("santiao_request_span", default=None)
_NEXT: ContextVar[tuple[int, int]] = ContextVar("santiao_next_span", default=(0, 0))
Attributes = Mapping[str, str | int | float | bool | Sequence[str]]


class _GivenIds(IdGenerator):
    """Ids that the maker of a span has set."""

    def generate_trace_id(self) -> int:
        return _NEXT.get()[0]

    def generate_span_id(self) -> int:
        return _NEXT.get()[1]


class Tracing:
    """The traces of one process; an `Observer` of its rooms."""

    def __init__(self, endpoint: str, *, ratio: float, role: str, version: str) -> None:
        """Send to the collector at `endpoint` (OTLP over HTTP), from a thread of its own; a full queue drops spans, never waits."""
        self.ratio = ratio
        resource = Resource({"service.name": "santiao", "service.version": version, "santiao.role": role})
        self._provider = TracerProvider(sampler=ALWAYS_ON, id_generator=_GivenIds(), resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=_traces_of(endpoint))))
        self._tracer = self._provider.get_tracer("santiao", version)
        self._log: Log | None = None

    def read_from(self, log: Log) -> None:
        """The log, in which events are looked up by position."""
        self._log = log

    def close(self) -> None:
        """Send what waits and stop."""
        self._provider.shutdown()

    @contextmanager
    def request(self, traceparent: str) -> Iterator[Callable[[str, str, int], None]]:
        """Around a request: what is called inside belongs to its span; call what is given with route, method and status at its end."""
        sent = read_traceparent(traceparent)
        trace_id = sent[0] if sent else secrets.randbits(128) or 1
        own = SpanContext(trace_id, secrets.randbits(64) or 1, is_remote=False, trace_flags=TraceFlags(1))
        keeps = sent[2] if sent else is_kept(trace_id, self.ratio)
        began, token = time.time_ns(), _REQUEST.set(own if keeps else None)

        def tell(route: str, method: str, status: int) -> None:
            if keeps:
                told = {"http.route": route, "http.request.method": method, "http.response.status_code": status}
                parent = sent[1] if sent else 0
                self._record(f"{method} {route}", own, parent, began, told, kind=SpanKind.SERVER)

        try:
            yield tell
        finally:
            _REQUEST.reset(token)

    def took(self, batch: Batch, receipts: Sequence[Receipt], seconds: float, commit_seconds: float) -> None:
        """A span for every message of the batch that is kept."""
        began = _began(seconds)
        request = _REQUEST.get()
        links = [Link(request)] if request is not None else []
        for item, receipt in zip(batch.items, receipts, strict=True):
            trace_id = trace_id_of(receipt.receipt_id)
            if not receipt.receipt_id or not is_kept(trace_id, self.ratio):
                continue
            is_first = receipt.state is not ReceiptState.REPEATED
            told: dict[str, str | int | float | bool] = {
                "santiao.connector": label(item.connector),
                "santiao.state": receipt.state.value,
                "santiao.blocked": receipt.blocked,
                "santiao.batch.items": len(receipts),
                "santiao.commit.seconds": commit_seconds,
            }
            if receipt.code:
                told["santiao.code"] = label(receipt.code)
            if receipt.position is not None:
                told["santiao.shard"], told["santiao.position"] = split_id(receipt.position)
            if batch.offset is not None:
                told["messaging.destination.name"] = label(batch.offset.topic)
                told["messaging.destination.partition.id"] = str(batch.offset.partition)
            root = root_span_of(trace_id)
            # A repeat stands below the first taking; it has an id of chance, because it can come any number of times.
            context = _context(trace_id, root if is_first else secrets.randbits(64) or 1)
            self._record("take", context, 0 if is_first else root, began, told, links=links, kind=SpanKind.CONSUMER)

    def commanded(self, kind: str, message: bytes, seconds: float) -> None:
        """A command is a message of its own."""
        self._begin("command", message, seconds, {"santiao.command": label(kind)})

    def fired(self, shard: int, messages: Sequence[bytes], seconds: float) -> None:
        """So is each timer."""
        for message in messages:
            self._begin("timer", message, seconds, {"santiao.shard": shard})

    def relayed(self, shard: int, after: int, until: int, seconds: float) -> None:
        """A span for every trace that has events in the run."""
        self._span_events("publish", shard, after, until, seconds, {}, SpanKind.PRODUCER)

    def folded(self, views: Sequence[str], shard: int, after: int, until: int, seconds: float) -> None:
        """A span for every trace that has events in the run."""
        told: Attributes = {"santiao.views": [label(view) for view in views]}
        self._span_events("fold", shard, after, until, seconds, told, SpanKind.CONSUMER)

    def delivered(self, destination: str, owed: Sequence[int], outcome: str, seconds: float) -> None:
        """A span for every row whose source's delivery is traced, in that trace; what caused the debt is linked."""
        began = _began(seconds)
        told = {"santiao.agency": label(destination), "santiao.outcome": label(outcome)}
        for log_id in owed:
            trace_id, cause = self._traces_of_debt(log_id)
            if trace_id and is_kept(trace_id, self.ratio):
                links = [Link(_context(cause, root_span_of(cause)))] if cause != trace_id else []
                context = _context(trace_id, secrets.randbits(64) or 1)
                self._record(
                    "feedback", context, root_span_of(trace_id), began, told, links=links, kind=SpanKind.PRODUCER
                )

    def disclosed(self, purpose: str, channel: str, rows: int) -> None:
        """The request's span tells of it."""

    def _begin(self, name: str, message: bytes, seconds: float, told: Attributes) -> None:
        trace_id = trace_id_of(message.hex())
        if is_kept(trace_id, self.ratio):
            request = _REQUEST.get()
            links = [Link(request)] if request is not None else []
            context = _context(trace_id, root_span_of(trace_id))
            self._record(name, context, 0, _began(seconds), told, links=links, kind=SpanKind.INTERNAL)

    def _traces_of_debt(self, log_id: int) -> tuple[int, int]:
        """The trace of the source's delivery and that of the message that owed it feedback; the same where the first is not found."""
        if self._log is None:
            return 0, 0
        try:
            with self._log.database.readable() as connection:
                row = connection.execute(select(events.c.case_pk).where(events.c.id == log_id)).first()
                told = self._log.of_case(connection, row.case_pk, until_id=log_id) if row else []
        except SantiaoError as error:
            logger.warning("events could not be looked up for their traces", extra={"code": error.code})
            told = []
        if not told:
            return 0, 0
        last, debt = told[-1]
        source = getattr(debt, "source_id", "")
        found = [meta.correlation for meta, event in told if _tells_of(event) == source]
        cause = trace_id_of(last.correlation.hex())
        return (trace_id_of(found[-1].hex()) if found else cause), cause

    def _span_events(
        self, name: str, shard: int, after: int, until: int, seconds: float, told: Attributes, kind: SpanKind
    ) -> None:
        began = _began(seconds)
        for trace_id, positions in self._traces_in(shard, after, until).items():
            more = {"santiao.shard": shard, "santiao.position": positions[0], "santiao.events": len(positions)}
            context = _context(trace_id, secrets.randbits(64) or 1)
            self._record(name, context, root_span_of(trace_id), began, {**told, **more}, kind=kind)

    def _traces_in(self, shard: int, after: int, until: int) -> dict[int, list[int]]:
        """Kept traces of a run of events, with the positions of theirs. The log is read for it only where traces are on."""
        found: dict[int, list[int]] = {}
        if self._log is None:
            return found
        try:
            with self._log.database.readable() as connection:
                for position, correlation in self._log.correlations(connection, shard, after, until):
                    trace_id = trace_id_of(correlation.hex())
                    if is_kept(trace_id, self.ratio):
                        found.setdefault(trace_id, []).append(position)
        except SantiaoError as error:
            logger.warning("events could not be looked up for their traces", extra={"code": error.code})
        return found

    def _record(
        self,
        name: str,
        own: SpanContext,
        parent: int,
        began_ns: int,
        told: Mapping[str, Any],
        *,
        links: Sequence[Link] = (),
        kind: SpanKind,
    ) -> None:
        """Make and end a span that lasted from `began_ns` until now, under ids that are known already."""
        above = set_span_in_context(NonRecordingSpan(_context(own.trace_id, parent))) if parent else None
        token = _NEXT.set((own.trace_id, own.span_id))
        try:
            span = self._tracer.start_span(name, above, kind, dict(told), links, began_ns)
        finally:
            _NEXT.reset(token)
        span.end()


def _tells_of(event: Event) -> str:
    """The source whose delivery an event records."""
    return event.source_id if isinstance(event, SourceReported | SourceCorrected) else ""


def _context(trace_id: int, span_id: int) -> SpanContext:
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(1))


def _began(seconds: float) -> int:
    return time.time_ns() - round(seconds * _BILLION)


def _traces_of(endpoint: str) -> str:
    """A collector's address with the path that OTLP gives traces, where it has none."""
    return endpoint if endpoint.rstrip("/").endswith("/v1/traces") else f"{endpoint.rstrip('/')}/v1/traces"

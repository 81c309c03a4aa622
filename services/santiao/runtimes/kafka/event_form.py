"""A case event as it stands on `santiao.case-events`: Avro, keyed by case; shard, position and CloudEvents' attributes are headers.

The headers are UTF-8 text, after the CloudEvents binding for Kafka (binary mode).
"""

from collections.abc import Sequence
from typing import NamedTuple

from santiao.domain.errors import InvalidRecord
from santiao.domain.events import Event, Meta, event_name
from santiao.schemas.single_object import SingleObjectCodec
from santiao.store.log import Entry, global_id, to_millis
from santiao.telemetry.trace_ids import traceparent_of

CONTENT_TYPE = "application/avro"


class SentEvent(NamedTuple):
    """A message for `santiao.case-events`, but for its partition."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class Place(NamedTuple):
    """Where an event stands in the log, as its headers say."""

    shard: int
    position: int


class EventForm:
    """Makes messages of events and log entries of messages."""

    def __init__(self, codec: SingleObjectCodec, traces_ratio: float = 0.0) -> None:
        """`traces_ratio` is the share of messages that is traced; what they cause says so, as CloudEvents' extension for tracing wants."""
        self._codec = codec
        self._traces_ratio = traces_ratio

    def encode(self, meta: Meta, event: Event) -> SentEvent:
        """The message of an event; one that is about no case is keyed by its shard."""
        told = {
            "shard": str(meta.shard),
            "position": str(meta.position),
            "ce_specversion": "1.0",
            "ce_id": meta.id.hex(),
            "ce_source": f"/santiao/shards/{meta.shard}",
            "ce_type": f"cn.santiao.case.{event_name(event)}.v{type(event).version}",
            "ce_time": meta.recorded_at.isoformat(timespec="milliseconds"),
            "ce_subject": meta.case_id,
            "ce_traceparent": self._traceparent(meta),
            "content-type": CONTENT_TYPE,
        }
        headers = [(name, value.encode()) for name, value in told.items() if value]
        return SentEvent((meta.case_id or str(meta.shard)).encode(), self._codec.encode_event(meta, event), headers)

    def _traceparent(self, meta: Meta) -> str:
        told = traceparent_of(meta.correlation, self._traces_ratio) if self._traces_ratio else ""
        return told if told.endswith("01") else ""

    def decode(self, value: bytes) -> Entry:
        """The entry of a message.

        Raises:
            InvalidRecord: no schema of this hub reads it.
        """
        meta, event = self._codec.decode_event(value)
        return Entry(
            global_id(meta.shard, meta.position),
            meta.shard,
            meta.case_id,
            to_millis(meta.occurred_at),
            to_millis(meta.received_at),
            to_millis(meta.recorded_at),
            meta.actor,
            event_name(event),
            event,
        )


def place_of(headers: Sequence[tuple[str, bytes]]) -> Place:
    """Where a message's event stands.

    Raises:
        InvalidRecord: its headers do not say.
    """
    told = dict(headers)
    try:
        return Place(int(told["shard"]), int(told["position"]))
    except (KeyError, ValueError):
        raise InvalidRecord(
            "message.malformed", "the event's headers name no shard and position", "事件消息头缺少分片或位置", "headers"
        ) from None

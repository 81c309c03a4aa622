"""CloudEvents 1.0 over HTTP: structured, batch and binary requests, each event one and the same form of item.

The rules kept here: an event of a batch is an item whatever stands beside it; a binary event's raw bytes are the structured event it
stands for, so that it can be read again after a mend.

Source: CloudEvents 1.0.2, HTTP protocol binding.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

import msgspec

from santiao.connectors.contract import RawItem
from santiao.connectors.transports.cloudevents import (
    UNREADABLE,
    EventLimits,
    Unfit,
    as_utf8,
    event_item,
    faulty,
    media_type,
    pointer_to,
    read_event,
)

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
Mode = Literal["structured", "batch", "binary"]
_PREFIX = "ce-"


def mode_of(content_type: str, headers: Mapping[str, str]) -> Mode | None:
    """How a request carries events; None when it carries none. `headers` by lower-case name."""
    kind = media_type(content_type)
    if kind == BATCH:
        return "batch"
    if kind == STRUCTURED:
        return "structured"
    return "binary" if any(name.startswith(_PREFIX) for name in headers) else None


def read_request(
    content_type: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    where: str,
    now: datetime,
    limits: EventLimits | None = None,
) -> tuple[RawItem, ...]:
    """The items of a request that carries events (see `mode_of`).

    Args:
        headers: by lower-case name.
        where: what the items' places begin with; elements of a batch add `#` and their index, from 0 as in a JSON pointer.
        now: an event's time counts as `delivered_at` unless it lies after this.

    Returns:
        One item an event, in order; none for an empty batch; one fault where a batch could not be taken apart or is beyond its bounds.
    """
    limits = limits or EventLimits()
    mode = mode_of(content_type, headers)
    if mode == "binary":
        return (_read_binary(content_type, headers, body, where, now, limits),)
    if mode == "batch":
        return _read_batch(as_utf8(content_type, body), where, now, limits)
    return (read_event(as_utf8(content_type, body), where=where, now=now, limits=limits),)


def _read_batch(body: bytes, where: str, now: datetime, limits: EventLimits) -> tuple[RawItem, ...]:
    if len(body) > limits.batch_bytes:
        return (faulty(where, b"", Unfit("event.oversize")),)
    try:
        elements = msgspec.json.decode(body, type=list[msgspec.Raw])
    except msgspec.ValidationError:
        return (faulty(where, body, Unfit("event.not_object")),)
    except UNREADABLE:
        return (faulty(where, body, Unfit("event.not_json")),)
    if len(elements) > limits.batch_events:
        return (faulty(where, b"", Unfit("event.too_many")),)
    return tuple(
        read_event(bytes(element), where=f"{where}#{place}", now=now, limits=limits, pointer=f"/{place}")
        for place, element in enumerate(elements)
    )


def _read_binary(
    content_type: str, headers: Mapping[str, str], body: bytes, where: str, now: datetime, limits: EventLimits
) -> RawItem:
    if len(body) > limits.event_bytes:
        return faulty(where, b"", Unfit("event.oversize"))
    raw = body
    try:
        event: dict[str, Any] = {
            name.removeprefix(_PREFIX): _from_header(name, told)
            for name, told in headers.items()
            if name.startswith(_PREFIX)
        }
        if content_type:
            event["datacontenttype"] = content_type
        if body:
            event["data_base64"] = b64encode(body).decode()
        raw = msgspec.json.encode(event)
        return event_item(raw, event, where, now, limits)
    except Unfit as problem:
        return faulty(where, raw, Unfit(problem.code, problem.pointer.replace("/data_base64", "/data")))


def _from_header(name: str, told: str) -> str:
    text = told.strip()
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeError:
        raise Unfit("event.attribute", pointer_to(name.removeprefix(_PREFIX))) from None

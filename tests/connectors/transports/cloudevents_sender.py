"""The sender's side of CloudEvents: an event written in each of the three forms."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

# Printable ASCII but blank, double quote and percent sign, which the binding says are to be encoded.
_PLAIN = "!#$&'()*+,/:;<=>?@[\\]^`{|}~"


def write_event(event: Mapping[str, Any]) -> bytes:
    """A structured event: attributes and `data`; bytes as data go as `data_base64`."""
    data = event.get("data")
    if not isinstance(data, bytes):
        return msgspec.json.encode(event)
    attributes = {name: value for name, value in event.items() if name != "data"}
    return msgspec.json.encode({**attributes, "data_base64": b64encode(data).decode()})


def write_batch(events: Iterable[Mapping[str, Any]]) -> bytes:
    """A batch of structured events."""
    return b"[" + b",".join(write_event(event) for event in events) + b"]"


def write_binary(event: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
    """Headers and body of a binary event; its `data` as JSON unless it is bytes."""
    headers = {
        f"ce-{name}": quote(str(value).lower() if isinstance(value, bool) else str(value), safe=_PLAIN)
        for name, value in event.items()
        if name not in {"data", "datacontenttype"}
    }
    data = event.get("data")
    if data is None:
        return headers, b""
    headers["content-type"] = str(event.get("datacontenttype", "application/json"))
    return headers, data if isinstance(data, bytes) else msgspec.json.encode(data)

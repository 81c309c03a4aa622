"""A signed webhook's deliveries saved as JSON lines: `received_at`, `headers` and the raw `body` of each.

The rules kept here: the same judgement as at the live hook, against the time the line says it was received; a nonce met before refuses,
unless the very same line is read again; what is refused at the door leaves nothing.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import cast

import msgspec

from santiao.connectors.contract import Cell, Page, RawItem
from santiao.connectors.converters.times import TimePatterns
from santiao.connectors.faults import fault
from santiao.connectors.forms import HookForm
from santiao.connectors.transports.answers import UNREADABLE, unreadable
from santiao.connectors.transports.files import list_deliveries
from santiao.connectors.transports.lines import Line, read_lines
from santiao.connectors.transports.reading import FilesRead, Reading
from santiao.connectors.transports.webhook import verify_signature
from santiao.domain.messages import Watermark

_PAGE = 500
_TIME = TimePatterns(("iso",))
_SENT = TimePatterns(("epoch-ms", "epoch-s"))
SENT_AT = "@sent_at"
"""Cell that the hook adds: when the sender says it sent the delivery."""


class HookLines:
    """Reads a file of deliveries, or a folder of such files."""

    def __init__(self, form: HookForm, reading: Reading, secrets: tuple[str, ...]) -> None:
        self._form = form
        self._reading = reading
        self._secrets = secrets

    def read(self, source: str, watermark: Watermark | None) -> Iterator[Page]:
        state = {} if watermark is None else dict(watermark.state)
        read = FilesRead(state)
        nonces = _Nonces(state.get("nonces", ""), timedelta(seconds=2 * self._form.signature.skew_seconds))
        for path in read.unread(list_deliveries(source, (self._form.files,))):
            items: list[RawItem] = []
            for line in read_lines(path, self._reading.bounds):
                items.append(self.read_line(line, nonces))
                if len(items) >= _PAGE:
                    yield Page(tuple(items))
                    items = []
            read.add(path)
            state["nonces"] = nonces.encode()
            yield Page(tuple(items), self._reading.watermark(state))
        yield Page((), self._reading.watermark(state))

    def read_line(self, line: Line, nonces: "_Nonces") -> RawItem:
        """One delivery, judged at the door and taken apart."""
        if line.item is not None:
            return line.item
        where, told = line.where, line.value
        headers, body = told.get("headers"), told.get("body")
        if not isinstance(headers, dict) or not isinstance(body, str):
            return RawItem(where=where, raw=line.raw, fault=fault("item.not_delivery", where))
        moment = _TIME.read(received if isinstance(received := told.get("received_at"), str) else None).value
        if moment is None or moment.instant is None:
            return RawItem(where=where, raw=line.raw, fault=fault("item.time", where))
        received_at = moment.instant
        named = {str(name): str(value) for name, value in headers.items()}
        known = nonces.known_at(received_at)
        verdict = verify_signature(
            self._form.signature, self._secrets, named, body.encode(), received_at=received_at, nonces=known
        )
        if not verdict.is_good:
            return RawItem(where=where, raw=b"", fault=verdict.fault(where), delivered_at=received_at)
        nonces.add(verdict.nonce, received_at)
        sent_at = header_value(named, self._form.signature.timestamp_header)
        return read_delivery_body(body.encode(), where, received_at, sent_at)


def header_value(headers: Mapping[str, str], name: str) -> str:
    """A header's value, its name in any case; empty when it is missing."""
    told = headers.get(name)
    if told is not None:
        return told
    wanted = name.lower()
    return next((value for told, value in headers.items() if told.lower() == wanted), "")


def read_delivery_body(body: bytes, where: str, received_at: datetime, sent_at: str = "") -> RawItem:
    """The item of one delivery's body; `sent_at` is the sender's own time, in milliseconds or seconds."""
    try:
        cells: object = msgspec.json.decode(body)
    except UNREADABLE as failure:
        told = unreadable("item", failure, body, where)
        return RawItem(where=where, raw=body, fault=told, delivered_at=received_at)
    if not isinstance(cells, dict):
        return RawItem(where=where, raw=body, fault=fault("item.not_object", where), delivered_at=received_at)
    sent = _SENT.read(sent_at).value if len(sent_at) >= _EPOCH_DIGITS else None
    cells[SENT_AT] = (received_at if sent is None or sent.instant is None else sent.instant).isoformat()
    return RawItem(where=where, raw=body, cells=cast("dict[str, Cell]", cells), delivered_at=received_at)


_EPOCH_DIGITS = 13


class _Nonces:
    """Nonces accepted lately, each with the moment its delivery was received.

    Older ones need not be known: the time alone refuses what bears them. A line read again has the same moment and is no replay.
    """

    def __init__(self, told: str, keep: timedelta) -> None:
        pairs = (pair.split("=", 1) for pair in told.split("\n") if pair)
        self._received = {nonce: datetime.fromisoformat(at) for nonce, at in pairs}
        self._keep = keep

    def known_at(self, received_at: datetime) -> "_KnownAt":
        """Those that a delivery received at this moment may not bear."""
        return _KnownAt(self._received, received_at)

    def add(self, nonce: str, received_at: datetime) -> None:
        """Remember one; those too old to matter, which came first, are dropped."""
        known = self._received
        known.pop(nonce, None)
        known[nonce] = received_at
        floor = received_at - self._keep
        while known[first := next(iter(known))] < floor:
            del known[first]

    def encode(self) -> str:
        return "\n".join(f"{nonce}={at.isoformat()}" for nonce, at in self._received.items())


class _KnownAt(msgspec.Struct, frozen=True, gc=False):
    received: dict[str, datetime]
    at: datetime

    def __contains__(self, nonce: object) -> bool:
        known = self.received.get(nonce) if isinstance(nonce, str) else None
        return known is not None and known != self.at

"""CloudEvents 1.0 in their JSON form into items, one an event.

The rules kept here: a fault names the attribute by JSON pointer and never its value; what is larger than its bound is refused. Cells
are the attributes by name and `data` beside them, so that a declaration may map either.

Source: CloudEvents 1.0.2 and its JSON event format.
"""

import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

import msgspec

from santiao.connectors.contract import Cell, RawItem
from santiao.domain.messages import Fault, FaultKind

SPEC_VERSION = "1.0"
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the decoder raises for bytes that are no JSON, or are JSON beyond reason."""

_REQUIRED = ("specversion", "id", "source", "type")
_TEXTS = frozenset({*_REQUIRED, "subject", "time", "datacontenttype", "dataschema"})
_DATA = frozenset({"data", "data_base64"})
_NAME = re.compile(r"[a-z0-9]{1,64}\Z")
_TELLABLE = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)\Z")
_Q, _R = FaultKind.QUARANTINED, FaultKind.REFUSED
_WORDS: dict[str, tuple[FaultKind, str, str]] = {
    "event.not_json": (_Q, "this is no JSON; send the event as the standard says", "不是 JSON，请按标准发送"),
    "event.not_object": (
        _Q,
        "an event is a JSON object, a batch an array of them",
        "事件应为 JSON 对象，批次应为其数组",
    ),
    "event.missing": (_Q, "this attribute is required and must not be empty", "缺少必填属性或其为空"),
    "event.version": (
        _Q,
        "this version is not read here; send specversion 1.0",
        "不支持的版本，请使用 specversion 1.0",
    ),
    "event.attribute": (_Q, "this attribute is not as the standard says", "属性名或取值不符合标准"),
    "event.data_twice": (_Q, "data and data_base64 exclude one another; send one", "data 与 data_base64 只能有一个"),
    "event.data": (_Q, "the data cannot be read as its content type says", "数据与其内容类型不符"),
    "event.oversize": (_R, "this is larger than may be sent; leave attachments out", "超过大小上限，请去除附件"),
    "event.too_many": (
        _R,
        "the batch holds more events than may be sent at once; send it in parts",
        "批次事件过多，请拆分",
    ),
    "event.too_deep": (_R, "the data is nested deeper than is read; flatten it", "数据嵌套过深，请简化结构"),
}


class EventLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may not be passed; beyond it is refused."""

    event_bytes: int = 1024 * 1024
    batch_bytes: int = 64 * 1024 * 1024
    batch_events: int = 1000
    depth: int = 64


_LIMITS = EventLimits()


class Unfit(Exception):
    """An event that is none: the fault's code and where, as a JSON pointer inside the event."""

    def __init__(self, code: str, pointer: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.pointer = pointer


def read_event(
    raw: bytes, *, where: str, now: datetime, limits: EventLimits | None = None, pointer: str = ""
) -> RawItem:
    """One structured event: a request's body, an element of a batch (at `pointer`) or a line of a file.

    An event's time counts as `delivered_at` unless it lies after `now`.
    """
    limits = limits or _LIMITS
    if len(raw) > limits.event_bytes:
        return faulty(where, b"", Unfit("event.oversize"), pointer)
    try:
        return event_item(raw, _decoded(raw), where, now, limits)
    except Unfit as problem:
        return faulty(where, raw, problem, pointer)


def read_decoded(raw: bytes, event: Mapping[str, Any], *, where: str, now: datetime) -> RawItem:
    """The same for an event whose bytes are within bounds and were decoded already."""
    try:
        return event_item(raw, event, where, now, _LIMITS)
    except Unfit as problem:
        return faulty(where, raw, problem)


def event_item(raw: bytes, event: Mapping[str, Any], where: str, now: datetime, limits: EventLimits) -> RawItem:
    """The item of an event that was taken apart.

    Raises:
        Unfit: it is no event of the standard's.
    """
    # A null attribute is an absent one (JSON event format, 2.2).
    event = {name: value for name, value in event.items() if value is not None}
    _check(event)
    cells: dict[str, Cell] = {name: value for name, value in event.items() if name != "data_base64"}
    if "data_base64" in event:
        content_type = str(event.get("datacontenttype", "application/json"))
        cells["data"] = _data(_unbase64(event["data_base64"]), content_type)
    if not _is_within(cells.get("data"), limits.depth):
        raise Unfit("event.too_deep", "/data")
    time = _time(event["time"]) if "time" in event else None
    return RawItem(where=where, raw=raw, cells=cells, delivered_at=time if time is not None and time <= now else None)


def faulty(where: str, raw: bytes, problem: Unfit, pointer: str = "") -> RawItem:
    """The item that says why there is no event; nothing is kept of a refused one."""
    kind, english, chinese = _WORDS[problem.code]
    fault = Fault(kind=kind, code=problem.code, path=f"{pointer}{problem.pointer}", detail=english, detail_zh=chinese)
    return RawItem(where=where, raw=raw if kind is _Q else b"", fault=fault)


def pointer_to(name: str) -> str:
    """JSON pointer of a member; a name that is no plain word may hold anything, so it is not repeated."""
    return f"/{name}" if _TELLABLE.match(name) else "/?"


def media_type(content_type: str) -> str:
    """The type alone, without parameters."""
    return content_type.partition(";")[0].strip().lower()


def as_utf8(content_type: str, body: bytes) -> bytes:
    """The body in UTF-8, where its content type names another charset; as it came where that does not fit."""
    header = Message()
    header["content-type"] = content_type.replace("\n", " ").replace("\r", " ")
    charset = header.get_param("charset", "")
    if not isinstance(charset, str) or charset.lower() in {"", "utf-8", "utf8"}:
        return body
    try:
        return body.decode(charset).encode()
    except (LookupError, UnicodeError):
        return body


def _check(event: Mapping[str, Any]) -> None:
    for name in _REQUIRED:
        if event.get(name, "") == "":
            raise Unfit("event.missing", f"/{name}")
    for name, value in event.items():
        if name not in _DATA and not (_NAME.match(name) and _is_fit(name, value)):
            raise Unfit("event.attribute", pointer_to(name))
    if event["specversion"] != SPEC_VERSION:
        raise Unfit("event.version", "/specversion")
    if "time" in event and _time(event["time"]) is None:
        raise Unfit("event.attribute", "/time")
    if "dataschema" in event and not _is_absolute(event["dataschema"]):
        raise Unfit("event.attribute", "/dataschema")
    if event.keys() >= _DATA:
        raise Unfit("event.data_twice", "/data_base64")


def _is_fit(name: str, value: object) -> bool:
    """True for a value an attribute may have: text without control characters, a boolean, a 32-bit integer."""
    if isinstance(value, str):
        return bool(value) and not _FORBIDDEN.search(value)
    if name in _TEXTS:
        return False
    return isinstance(value, bool) or (isinstance(value, int) and -(2**31) <= value < 2**31)


def _decoded(raw: bytes) -> dict[str, Any]:
    try:
        event: object = msgspec.json.decode(raw)
    except UNREADABLE:
        raise Unfit("event.not_json") from None
    if not isinstance(event, dict):
        raise Unfit("event.not_object")
    return event


def _data(data: bytes, content_type: str) -> Cell:
    """Data as its content type says: JSON taken apart, text as text, anything else as bytes."""
    kind = media_type(content_type)
    try:
        if kind.endswith(("/json", "+json")):
            value: Cell = msgspec.json.decode(as_utf8(content_type, data))
            return value
        return as_utf8(content_type, data).decode() if kind.startswith("text/") else data
    except UNREADABLE:
        raise Unfit("event.data", "/data_base64") from None


def _unbase64(told: object) -> bytes:
    try:
        if isinstance(told, str):
            return b64decode(told, validate=True)
    except ValueError:
        pass
    raise Unfit("event.data", "/data_base64")


def _is_within(value: object, depth: int) -> bool:
    """True when nothing is nested deeper. It goes level by level, so that nothing is too deep for itself."""
    level = [value]
    for _ in range(depth + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return True
    return False


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _time(told: object) -> datetime | None:
    if not isinstance(told, str) or not _TIME.match(told):
        return None
    try:
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", told).upper())
    except ValueError:
        return None


def _is_absolute(uri: object) -> bool:
    try:
        return isinstance(uri, str) and bool(urlsplit(uri).scheme)
    except ValueError:
        return False

"""The store's codec: events as MessagePack, and the one place where stored bytes become events.

The rule: nobody else decodes an event. Here an old minor gets the defaults of the fields it did not know, an old major goes up
through `upcast`, and what cannot be read is an InvalidRecord that says what and where, never with the value.
"""

import re
from collections.abc import Callable
from functools import cache

import msgspec

from santiao.domain.errors import InvalidRecord
from santiao.domain.events import EVENT_TYPES, Event
from santiao.schemas.datum import compile_instant_check
from santiao.schemas.retired import RETIRED
from santiao.schemas.upcast import upcast

_ENCODER = msgspec.msgpack.Encoder(order="deterministic")
# What msgspec says about types and names is safe to repeat; what it says about values (an enum's, a tag's) is not.
_SAFE_TO_REPEAT = re.compile(
    r"Expected `[^`]*`(, got `[^`]*`)?|Object missing required field `\w+`|Input data was truncated"
)
_PLACE = re.compile(r" - at `\$?([^`]*)`\Z")


def encode_event(event: Event) -> bytes:
    """The event's own facts as the store keeps them (its `Meta` stands in columns); same facts, same bytes.

    Raises:
        InvalidRecord: `time.too_fine`, an instant is finer than a millisecond.
    """
    check = _find_check(type(event))
    if check is not None:
        check(event)
    return _ENCODER.encode(event)


def decode_event(name: str, major: int, data: bytes) -> Event:
    """Read a stored event of any major as the present type.

    Args:
        name: the wire name it was stored under.
        major: the major version it was stored under.
        data: what `encode_event` gave then.

    Raises:
        InvalidRecord: `event.unknown` for a name or major that no type reads, `event.unreadable` for bytes that do not fit.
    """
    return find_decoder(name, major)(data)


@cache
def find_decoder(name: str, major: int) -> Callable[[bytes], Event]:
    """The decoder of one name and major, for those who read many of a kind; `decode_event` goes through it too.

    Raises:
        InvalidRecord: `event.unknown`.
    """
    cls = find_event_type(name, major)
    present = EVENT_TYPES[name].version
    decode = msgspec.msgpack.Decoder(cls).decode

    def decode_present(data: bytes) -> Event:
        try:
            return decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise make_unreadable(f"{name} v{major}", error) from None

    def decode_retired(data: bytes) -> Event:
        return upcast(name, major, decode_present(data), present)

    return decode_present if major == present else decode_retired


def find_event_type(name: str, major: int) -> type[Event]:
    """The type that reads one major of an event.

    Raises:
        InvalidRecord: `event.unknown`.
    """
    present = EVENT_TYPES.get(name)
    if present is not None and present.version == major:
        return present
    retired = RETIRED.get((name, major))
    if retired is None or present is None:
        raise InvalidRecord(
            "event.unknown",
            f"no type reads {name} v{major}; this hub is older than the one that wrote it, or the type was removed",
            f"未知事件类型 {name} v{major}，请升级本系统",
            name,
        )
    return retired


def make_unreadable(what: str, error: Exception) -> InvalidRecord:
    """The failure for bytes that do not fit their type. It names type and field; the value stays out of it."""
    message = str(error)
    place = _PLACE.search(message)
    path = place[1].lstrip(".") if place else ""
    safe = _SAFE_TO_REPEAT.match(message)
    reason = safe[0] if safe else "a value that is not allowed there"
    where = f" at {path}" if path else ""
    return InvalidRecord("event.unreadable", f"{what}{where}: {reason}", f"{what} 无法解读", path)


@cache
def _find_check(cls: type[Event]) -> Callable[[msgspec.Struct], None] | None:
    return compile_instant_check(cls)

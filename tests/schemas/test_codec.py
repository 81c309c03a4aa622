"""The store's codec: every event survives it, old majors come out as the present type, bad bytes say what and where."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from santiao.domain.errors import InvalidRecord
from santiao.domain.events import EVENT_TYPES, Event
from santiao.domain.events.cases import CaseMerged
from santiao.domain.events.sources import SourceWithdrawn, Version
from santiao.schemas.codec import decode_event, encode_event, find_decoder
from tests.schemas.struct_values import make_full, values_of

SECRET = "340398199003070017"


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
@settings(max_examples=40)
@given(st.data())
def test_every_event_comes_back_as_it_was(name: str, data: st.DataObject) -> None:
    event = data.draw(values_of(EVENT_TYPES[name]))
    stored = encode_event(event)
    assert decode_event(name, event.version, stored) == event
    assert encode_event(decode_event(name, event.version, stored)) == stored


def test_same_facts_are_the_same_bytes_in_whatever_order_a_map_was_filled() -> None:
    class Mapped(Event, frozen=True):
        words: dict[str, str]

    assert encode_event(Mapped({"a": "1", "b": "2"})) == encode_event(Mapped({"b": "2", "a": "1"}))


@pytest.mark.parametrize("major", [0, 2, 99])
def test_a_major_that_no_type_reads_is_named(major: int) -> None:
    with pytest.raises(InvalidRecord, match=f"CaseMerged v{major}") as caught:
        decode_event("CaseMerged", major, b"")
    assert caught.value.code == "event.unknown"


def test_a_name_that_no_type_has_is_named() -> None:
    with pytest.raises(InvalidRecord, match="CaseForgotten v1"):
        find_decoder("CaseForgotten", 1)


def test_bytes_that_do_not_fit_say_type_and_field_and_never_the_value() -> None:
    wrong = msgspec.msgpack.encode(
        {"type": "CaseMerged", "absorbed": 5, "absorbed_no": SECRET, "sources": [], "rule": "r"}
    )
    with pytest.raises(InvalidRecord, match="CaseMerged v1 at absorbed: Expected `str`, got `int`") as caught:
        decode_event("CaseMerged", 1, wrong)
    assert caught.value.path == "absorbed"
    assert caught.value.code == "event.unreadable"


@given(st.binary(max_size=80))
def test_whatever_the_bytes_are_only_an_invalid_record_comes_of_them(data: bytes) -> None:
    with pytest.raises(InvalidRecord):
        decode_event("SourceReported", 1, data)


@given(st.data())
def test_a_stored_event_that_was_damaged_is_read_or_refused_without_its_content(data: st.DataObject) -> None:
    stored = bytearray(encode_event(CaseMerged(absorbed=SECRET, absorbed_no=SECRET, sources=(SECRET,), rule=SECRET)))
    stored[data.draw(st.integers(0, len(stored) - 1))] ^= data.draw(st.integers(1, 255))
    said = ""
    try:
        decode_event("CaseMerged", 1, bytes(stored))
    except InvalidRecord as failure:
        said = str(failure)
    assert SECRET[:6] not in said


def test_another_events_bytes_are_refused_by_their_tag() -> None:
    stored = encode_event(make_full(EVENT_TYPES["CaseSplit"]))
    with pytest.raises(InvalidRecord, match="CaseMerged v1 at type: a value that is not allowed there"):
        decode_event("CaseMerged", 1, stored)


def test_an_instant_finer_than_a_millisecond_is_refused_by_field() -> None:
    fine = datetime(2026, 1, 1, 0, 0, 0, 1500, tzinfo=UTC)
    event = SourceWithdrawn(source_id="x:1", at=Version(content_hash=b"h", source_updated_at=fine))
    with pytest.raises(InvalidRecord, match="finer than a millisecond") as caught:
        encode_event(event)
    assert caught.value.path == "at.source_updated_at"


def test_a_field_that_an_older_minor_did_not_know_gets_its_default() -> None:
    older = msgspec.msgpack.encode({"type": "CaseUnblocked"})
    event = decode_event("CaseUnblocked", 1, older)
    assert event == EVENT_TYPES["CaseUnblocked"]()


def test_a_field_that_this_type_does_not_know_is_passed_over() -> None:
    newer = msgspec.msgpack.encode({"type": "CaseReopened", "reason": "r", "added_later": [1, 2]})
    assert decode_event("CaseReopened", 1, newer) == EVENT_TYPES["CaseReopened"](reason="r")

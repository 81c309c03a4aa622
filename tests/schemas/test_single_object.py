"""Messages: any Avro library reads what the hub writes and the hub what they write; what is no message says so."""

import json
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import avro.io
import avro.schema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from santiao.domain.errors import InvalidRecord
from santiao.domain.events import EVENT_TYPES, Event, Meta
from santiao.domain.events.cases import CaseMerged
from santiao.domain.records import AgencyRecord
from santiao.schemas.catalogue import Entry, read_catalogue
from santiao.schemas.datum import compile_lowering
from santiao.schemas.fingerprint import make_fingerprint
from santiao.schemas.generate import run_generate
from santiao.schemas.single_object import HEADER_LENGTH, MARKER, SingleObjectCodec
from tests.schemas.keep_samples import ROOT
from tests.schemas.struct_values import make_full, values_of

PRESENT = {entry.name: entry for entry in read_catalogue() if not entry.is_retired}


@pytest.fixture(scope="module")
def codec(tmp_path_factory: pytest.TempPathFactory) -> SingleObjectCodec:
    folder = tmp_path_factory.mktemp("schemas")
    run_generate(folder)
    return SingleObjectCodec(folder)


def lower(entry: Entry, meta: Meta | None, value: Any) -> dict[str, Any]:
    """What an Avro library is given: plain dicts, without the names that tell a union's branches to fastavro."""
    datum = compile_lowering(entry.cls, entry.namespace)(value)
    if meta is not None:
        datum = {"meta": compile_lowering(Meta, entry.namespace)(meta), **datum}
    plain: dict[str, Any] = _drop_branch_names(datum)
    return plain


def _drop_branch_names(datum: Any) -> Any:
    if isinstance(datum, dict):
        return {key: _drop_branch_names(value) for key, value in datum.items()}
    if isinstance(datum, list):
        return [_drop_branch_names(item) for item in datum]
    return _drop_branch_names(datum[1]) if isinstance(datum, tuple) else datum


@cache
def schema_of(name: str) -> dict[str, object]:
    return PRESENT[name].make_schema()


@cache
def apaches_schema_of(name: str) -> avro.schema.Schema:
    return avro.schema.parse(json.dumps(schema_of(name)))


@cache
def header_of(name: str) -> bytes:
    return MARKER + make_fingerprint(schema_of(name))


def read_with_apache(name: str, message: bytes) -> object:
    schema = apaches_schema_of(name)
    return avro.io.DatumReader(schema, schema).read(avro.io.BinaryDecoder(BytesIO(message[HEADER_LENGTH:])))


def write_with_apache(name: str, datum: object) -> bytes:
    out = BytesIO()
    avro.io.DatumWriter(apaches_schema_of(name)).write(datum, avro.io.BinaryEncoder(out))
    return header_of(name) + out.getvalue()


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
@settings(max_examples=20)
@given(st.data())
def test_an_event_is_the_same_in_either_library(codec: SingleObjectCodec, name: str, data: st.DataObject) -> None:
    meta, event = data.draw(values_of(Meta)), data.draw(values_of(EVENT_TYPES[name]))
    plain = lower(PRESENT[name], meta, event)
    message = codec.encode_event(meta, event)
    assert message[:HEADER_LENGTH] == header_of(name)
    assert read_with_apache(name, message) == plain
    assert codec.decode_event(message) == (meta, event)
    assert codec.decode_event(write_with_apache(name, plain)) == (meta, event)


@given(st.data())
def test_a_record_is_the_same_in_either_library(codec: SingleObjectCodec, data: st.DataObject) -> None:
    record = data.draw(values_of(AgencyRecord))
    plain = lower(PRESENT["AgencyRecord"], None, record)
    message = codec.encode_record(record)
    assert read_with_apache("AgencyRecord", message) == plain
    assert codec.decode_record(message) == record
    assert codec.decode_record(write_with_apache("AgencyRecord", plain)) == record


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"", "message.malformed"),
        (b"\xc3", "message.malformed"),
        (b"\xc3\x01" + b"1" * 7, "message.malformed"),
        (b"{}" + b"1" * 20, "message.malformed"),
        (b"\xc3\x01" + b"1" * 20, "message.unknown_schema"),
    ],
)
def test_what_is_no_message_says_so(codec: SingleObjectCodec, message: bytes, code: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        codec.decode_event(message)
    assert caught.value.code == code
    with pytest.raises(InvalidRecord):
        codec.decode_record(message)


def test_an_event_is_no_record(codec: SingleObjectCodec) -> None:
    message = codec.encode_event(make_full(Meta), make_full(EVENT_TYPES["CaseMerged"]))
    with pytest.raises(InvalidRecord, match=r"case/CaseMerged\.v1\.0\.avsc does not belong on this topic"):
        codec.decode_record(message)


def test_a_message_that_is_too_long_or_too_short_says_so(codec: SingleObjectCodec) -> None:
    message = codec.encode_event(make_full(Meta), make_full(EVENT_TYPES["CaseMerged"]))
    with pytest.raises(InvalidRecord, match="1 bytes more than"):
        codec.decode_event(message + b"\x00")
    with pytest.raises(InvalidRecord, match=r"does not fit case/CaseMerged\.v1\.0\.avsc"):
        codec.decode_event(message[:-1])


@given(st.data())
def test_a_damaged_message_is_read_or_refused_without_its_content(
    codec: SingleObjectCodec, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(["SourceReported", "CaseMerged"]))
    event = make_full(EVENT_TYPES[name])
    message = bytearray(codec.encode_event(make_full(Meta), event))
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(HEADER_LENGTH, len(message) - 1))] = data.draw(st.integers(0, 255))
    said = ""
    try:
        codec.decode_event(bytes(message))
    except InvalidRecord as failure:
        said = str(failure)
    assert "一" not in said


def test_a_type_without_a_file_is_not_written(tmp_path: Path) -> None:
    class CaseInvented(Event, frozen=True):
        number: int

    with pytest.raises(LookupError, match="no file for CaseInvented v1 as it is now"):
        SingleObjectCodec(tmp_path).encode_event(make_full(Meta), CaseInvented(1))


def test_the_page_for_partners_reads_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of docs/schemas.md, run as it stands there, with the committed files."""
    page = (ROOT / "docs/schemas.md").read_text(encoding="utf-8")
    example = page.partition("```python\n")[2].partition("```")[0]
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    exec(compile(example, "docs/schemas.md", "exec"), names)  # noqa: S102  # our own page
    read = names["read"](SingleObjectCodec(ROOT / "schemas").encode_event(make_full(Meta), make_full(CaseMerged)))
    assert read["absorbed_no"] == make_full(CaseMerged).absorbed_no
    assert read["meta"]["shard"] == 7

"""Schemas made from types: what each type becomes, what is refused, and that both libraries take every schema there is."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import avro.schema
import fastavro
import msgspec
import pytest

from santiao.schemas.avsc import NoAvroForm, make_schema, render_schema
from santiao.schemas.catalogue import Entry, read_catalogue
from tests.schemas.toys import Toy


def fields_of(cls: type[msgspec.Struct]) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(render_schema(make_schema(cls, "cn.santiao.case")))
    return {field["name"]: field for field in schema["fields"]}


@pytest.mark.parametrize(
    ("name", "avro_type", "default"),
    [
        ("text", "string", None),
        ("number", "long", 3),
        ("flag", "boolean", False),
        ("data", "bytes", ""),
        ("day", {"type": "int", "logicalType": "date"}, None),
        ("instant", {"type": "long", "logicalType": "timestamp-millis"}, None),
        ("maybe", ["null", "string"], None),
        ("said", ["string", "null"], "so"),
        ("rule", "string", "JC.APPLY.30D"),
        ("inners", {"type": "array", "items": "cn.santiao.case.Inner"}, []),
        ("words", {"type": "map", "values": "string"}, {}),
        ("bodies", {"type": "array", "items": ["cn.santiao.case.Left", "cn.santiao.case.Right"]}, []),
    ],
)
def test_each_type_has_its_avro_form(name: str, avro_type: object, default: object) -> None:
    field = fields_of(Toy)[name]
    assert field["type"] == avro_type
    assert field.get("default") == default
    assert ("default" in field) == (name not in {"text", "day", "instant"})


def test_an_enum_of_names_is_an_enum_whose_unknown_is_the_default_symbol() -> None:
    assert fields_of(Toy)["colour"] == {
        "name": "colour",
        "type": {
            "type": "enum",
            "name": "Colour",
            "doc": "A closed list of the hub's own.",
            "symbols": ["red", "unknown"],
            "default": "unknown",
        },
        "default": "red",
    }


def test_a_default_record_tells_every_field() -> None:
    assert fields_of(Toy)["inner"]["default"] == {"text": "x", "more": []}


def test_docs_of_types_and_fields_stand_in_the_schema() -> None:
    assert make_schema(Toy, "cn.santiao.case")["doc"] == "Everything at once (样例)."
    assert fields_of(Toy)["said"]["doc"] == "Said unless told otherwise."
    assert "样例" in render_schema(make_schema(Toy, "cn.santiao.case"))


def test_a_named_type_is_defined_once_and_then_named() -> None:
    text = render_schema(make_schema(Toy, "cn.santiao.case"))
    assert text.count('"name": "Inner"') == 1
    assert "cn.santiao.case.Inner" in text


class Floating(msgspec.Struct):
    amount: float


class Exact(msgspec.Struct):
    amount: Decimal


class Fixed(msgspec.Struct):
    pair: tuple[int, str]


class Dated(msgspec.Struct):
    since: datetime = datetime(2026, 1, 1, tzinfo=UTC)


class Numbered(msgspec.Struct):
    by_number: dict[int, str]


@pytest.mark.parametrize(
    ("cls", "place"),
    [
        (Floating, "Floating.amount"),
        (Exact, "Exact.amount"),
        (Fixed, "Fixed.pair"),
        (Dated, "Dated.since"),
        (Numbered, "Numbered.by_number"),
    ],
)
def test_what_avro_cannot_say_is_refused_by_field(cls: type[msgspec.Struct], place: str) -> None:
    with pytest.raises(NoAvroForm, match=place):
        make_schema(cls, "cn.santiao.case")


def test_two_types_of_one_name_are_refused() -> None:
    other = msgspec.defstruct("Inner", [("number", int)], module="elsewhere")
    both = msgspec.defstruct("Both", [("toy", Toy), ("other", other)])
    with pytest.raises(NoAvroForm, match=r"two types are named Inner, in tests\.schemas\.toys and elsewhere"):
        make_schema(both, "cn.santiao.case")


def test_the_envelope_keeps_its_field_name() -> None:
    clash = msgspec.defstruct("Clash", [("meta", str)])
    with pytest.raises(NoAvroForm, match="meta belongs to the envelope"):
        make_schema(clash, "cn.santiao.case", leading={"meta": Toy})


@pytest.mark.parametrize("entry", read_catalogue(), ids=lambda entry: f"{entry.name}-{entry.major}")
def test_both_libraries_take_every_schema(entry: Entry) -> None:
    schema = entry.make_schema()
    fastavro.parse_schema(schema)
    parsed = avro.schema.parse(json.dumps(schema))
    assert isinstance(parsed, avro.schema.RecordSchema)
    assert parsed.fullname == f"cn.santiao.{entry.kind}.{entry.name}"
    assert render_schema(schema) == render_schema(entry.make_schema())

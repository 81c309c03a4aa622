"""The trial: write with one schema, read with the other, in both libraries, instead of only reasoning about it.

One value per place where something may go wrong: every branch of every union, every symbol, no array or map empty. Resolution
looks at one place at a time, so that these values together reach every decision a reader takes.
"""

import json
import warnings
from io import BytesIO

import avro.io
import avro.schema
import msgspec
from avro.errors import AvroException, IgnoredLogicalType
from avro.schema import ArraySchema, EnumSchema, FixedSchema, MapSchema, NamedSchema, RecordSchema, Schema, UnionSchema
from fastavro import parse_schema, schemaless_reader, schemaless_writer
from fastavro.read import SchemaResolutionError
from fastavro.schema import SchemaParseException, UnknownType
from fastavro.types import Schema as ParsedSchema

from santiao.schemas.reading import Finding

_PLAIN: dict[str, object] = {
    "null": None,
    "boolean": True,
    "int": 7,
    "long": 7,
    "float": 1.5,
    "double": 1.5,
    "bytes": b"x",
    "string": "x",
}
_EXTRA_FIELD = {"name": "extra_field_of_the_trial", "type": "null", "default": None}
_FAILURES = (
    AvroException,
    SchemaResolutionError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)


class Parsed(msgspec.Struct, frozen=True):
    """One schema as either library knows it, and as it was written."""

    text: dict[str, object]
    apache: Schema
    fast: ParsedSchema


def parse_twice(schema: dict[str, object]) -> Parsed:
    """Parse a schema with both libraries.

    Raises:
        ValueError: one of them refuses it; the message says which and why.
    """
    try:
        # avro warns of logical types it does not know and goes on; they are compared here as the text has them.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", IgnoredLogicalType)
            apache = avro.schema.parse(json.dumps(schema))
    except AvroException as error:
        raise ValueError(f"avro: {error}") from error
    try:
        return Parsed(schema, apache, parse_schema(schema))
    except (SchemaParseException, UnknownType, KeyError, TypeError) as error:
        raise ValueError(f"fastavro: {error}") from error


class EnumDefaultReader(avro.io.DatumReader):
    """Apache's reader with one fault mended: for a symbol the reader lacks it does not give the enum's default (Avro 1.9 on)."""

    def read_enum(self, writers_schema: EnumSchema, readers_schema: EnumSchema, decoder: avro.io.BinaryDecoder) -> str:
        symbol = str(writers_schema.symbols[decoder.read_int()])
        if symbol in readers_schema.symbols:
            return symbol
        if readers_schema.default is None:
            raise AvroException(f"{symbol} is not in the reader's schema")
        return readers_schema.default


def try_reading(reader: Parsed, writer: Parsed) -> list[Finding]:
    """Write a value for every branch and symbol with `writer`, read each with `reader`: what failed, or where the two differ."""
    written = [write_datum(writer, datum) for datum in make_witnesses(writer.apache)]
    found = _read_all(written, reader, writer)
    return [] if found is None else [Finding(_find_field(written, reader, writer), found.rule, found.found)]


def _read_all(written: list[bytes], reader: Parsed, writer: Parsed) -> Finding | None:
    findings = (_judge(read_with_both(body, reader, writer)) for body in written)
    return next((finding for finding in findings if finding is not None), None)


def _find_field(written: list[bytes], reader: Parsed, writer: Parsed) -> str:
    """The first of the reader's fields with which reading fails: the reader is given one field more each time."""
    fields = reader.text.get("fields")
    if not isinstance(fields, list):
        return ""
    for count, field in enumerate(fields, start=1):
        # fastavro resolves nothing between schemas that are equal; the extra field keeps them apart.
        shorter = parse_twice({**reader.text, "fields": [*fields[:count], _EXTRA_FIELD]})
        if _read_all(written, shorter, writer) is not None:
            return str(field["name"])
    return ""


def write_datum(writer: Parsed, datum: object) -> bytes:
    """The datum's Avro body; in unions it is (branch name, value)."""
    out = BytesIO()
    schemaless_writer(out, writer.fast, datum)
    return out.getvalue()


class Outcome(msgspec.Struct, frozen=True):
    """What one library made of the bytes: a value, or how it failed."""

    library: str
    value: object = None
    failure: str = ""


def read_with_both(written: bytes, reader: Parsed, writer: Parsed) -> tuple[Outcome, Outcome]:
    """Resolve the bytes from the writer's schema to the reader's, in fastavro and in avro."""
    try:
        fast = Outcome("fastavro", schemaless_reader(BytesIO(written), writer.fast, reader.fast))
    except _FAILURES as error:
        fast = Outcome("fastavro", failure=type(error).__name__)
    try:
        decoder = avro.io.BinaryDecoder(BytesIO(written))
        apache = Outcome("avro", EnumDefaultReader(writer.apache, reader.apache).read(decoder))
    except _FAILURES as error:
        apache = Outcome("avro", failure=type(error).__name__)
    return fast, apache


def _judge(outcomes: tuple[Outcome, Outcome]) -> Finding | None:
    failed = [f"{outcome.library} ({outcome.failure})" for outcome in outcomes if outcome.failure]
    if failed:
        return Finding("", "decode-fails", f"{' and '.join(failed)} cannot read it")
    fast, apache = outcomes
    return (
        None if fast.value == apache.value else Finding("", "decode-differs", "fastavro and avro read different values")
    )


def make_witnesses(schema: Schema) -> list[object]:
    """Values of a schema that together hold every branch and symbol at every place."""
    return _Witnesses().make(schema)


class _Witnesses:
    """Makes the values; knows which records it is inside, so that one which holds itself ends."""

    def __init__(self) -> None:
        self.inside: list[str] = []

    def make(self, schema: Schema) -> list[object]:
        match schema:
            case RecordSchema():
                return self._make_records(schema)
            case UnionSchema():
                return [(_branch_name(branch), value) for branch in schema.schemas for value in self.make(branch)]
            case EnumSchema():
                return list(schema.symbols)
            case FixedSchema():
                return [b"x" * schema.size]
            case ArraySchema():
                return [self.make(schema.items)]
            case MapSchema():
                return [{f"k{number}": value for number, value in enumerate(self.make(schema.values))}]
        return [_PLAIN[schema.type]]

    def _make_records(self, schema: RecordSchema) -> list[object]:
        if schema.fullname in self.inside:
            return []
        self.inside.append(schema.fullname)
        choices = {field.name: self.make(field.type) for field in schema.fields}
        self.inside.pop()
        if not all(choices.values()):
            return []
        count = max((len(values) for values in choices.values()), default=1)
        return [{name: values[turn % len(values)] for name, values in choices.items()} for turn in range(count)]


def _branch_name(branch: Schema) -> str:
    return str(branch.fullname) if isinstance(branch, NamedSchema) else branch.type

"""Whether one Avro schema can read what another wrote, told place by place. Stricter than the specification where libraries differ.

Apache's own check gives a verdict with places as numbers, and passes what the libraries then cannot read: it lets names differ in
their namespace and by alias, lets `string` and `bytes` stand for each other, and takes no notice of logical types and defaults.
This walk names the field and allows only what fastavro and avro both read.
"""

from collections.abc import Iterator, Mapping

import avro.schema
import msgspec
from avro.schema import (
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)

# Avro's promotions that both libraries do; string to bytes and back is in the specification and not in Apache's Python reader.
_PROMOTIONS = {
    ("int", "long"),
    ("int", "float"),
    ("int", "double"),
    ("long", "float"),
    ("long", "double"),
    ("float", "double"),
}
_LOGICAL = ("logicalType", "precision", "scale")


class Finding(msgspec.Struct, frozen=True):
    """A place in the schema and the rule it breaks."""

    field: str
    rule: str
    found: str


class Reading:
    """One comparison: `reader` is to read what `writer` wrote.

    Args:
        reader: the schema read with.
        writer: the schema written with.
        reader_is_newer: then what stored events rely on is compared too (defaults and symbols that must stay).
    """

    def __init__(self, reader: Schema, writer: Schema, *, reader_is_newer: bool) -> None:
        self._reader = reader
        self._writer = writer
        self._reader_is_newer = reader_is_newer
        self._compared: set[tuple[int, int]] = set()

    def find(self) -> list[Finding]:
        """Every place where reading would fail or mislead; empty when it never does."""
        return list(self._compare(self._reader, self._writer, ""))

    def _compare(self, reader: Schema, writer: Schema, place: str) -> Iterator[Finding]:
        if isinstance(reader, NamedSchema) and isinstance(writer, NamedSchema):
            pair = (id(reader), id(writer))
            if pair in self._compared:
                return
            self._compared.add(pair)
        if isinstance(reader, UnionSchema):
            yield from self._compare_union(reader, writer, place)
        elif reader.type != writer.type:
            if (writer.type, reader.type) not in _PROMOTIONS:
                yield Finding(place, "type-changed", f"{_say(reader)} cannot read {_say(writer)}")
            else:
                yield from _compare_logical(reader, writer, place)
        elif _name_of(reader) != _name_of(writer):
            yield Finding(place, "name-changed", f"{_say(reader)} cannot read {_say(writer)}")
        else:
            yield from _compare_logical(reader, writer, place)
            yield from self._compare_same(reader, writer, place)

    def _compare_same(self, reader: Schema, writer: Schema, place: str) -> Iterator[Finding]:
        """Two schemas of one kind and name."""
        match reader, writer:
            case RecordSchema(), RecordSchema():
                yield from self._compare_fields(reader, writer, place)
            case EnumSchema(), EnumSchema():
                yield from self._compare_symbols(reader, writer, place)
            case FixedSchema(), FixedSchema() if reader.size != writer.size:
                yield Finding(place, "size-changed", f"{reader.size} bytes cannot read {writer.size}")
            case ArraySchema(), ArraySchema():
                yield from self._compare_items(reader.items, writer.items, f"{place}[]")
            case MapSchema(), MapSchema():
                yield from self._compare_items(reader.values, writer.values, f"{place}{{}}")

    def _compare_items(self, reader: Schema, writer: Schema, place: str) -> Iterator[Finding]:
        # Apache's Python reader promotes nothing inside arrays and maps, and there wants a union for a union.
        if reader.type != writer.type:
            yield Finding(place, "type-changed", f"{_say(reader)} cannot read {_say(writer)}")
        else:
            yield from self._compare(reader, writer, place)

    def _compare_fields(self, reader: RecordSchema, writer: RecordSchema, place: str) -> Iterator[Finding]:
        written = writer.fields_dict
        for field in reader.fields:
            where = f"{place}.{field.name}".lstrip(".")
            other = written.get(field.name)
            if other is None:
                yield from _judge_alias(field, written, where)
                yield from _judge_added(field, where)
                continue
            yield from self._compare(field.type, other.type, where)
            if self._reader_is_newer:
                yield from _compare_defaults(newer=field, older=other, where=where)

    def _compare_symbols(self, reader: EnumSchema, writer: EnumSchema, place: str) -> Iterator[Finding]:
        missing = [symbol for symbol in writer.symbols if symbol not in reader.symbols]
        if missing and self._reader_is_newer:
            yield Finding(place, "symbol-removed", f"{_say(reader)} no longer has {', '.join(missing)}")
        elif missing and reader.default is None:
            yield Finding(
                place, "symbol-missing", f"{_say(reader)} does not know {', '.join(missing)} and has no default symbol"
            )

    def _compare_union(self, reader: UnionSchema, writer: Schema, place: str) -> Iterator[Finding]:
        branches = writer.schemas if isinstance(writer, UnionSchema) else [writer]
        for branch in branches:
            match = _find_branch(reader, branch)
            if match is None:
                yield Finding(place, "branch-missing", f"{_say(reader)} has no branch for {_say(branch)}")
            else:
                yield from self._compare(match, branch, place)


def find_bad_defaults(schema: Schema) -> list[Finding]:
    """Every default in a schema that does not fit its type as both libraries read it."""
    return list(_walk_defaults(schema, "", set()))


def _walk_defaults(schema: Schema, place: str, seen: set[int]) -> Iterator[Finding]:
    if id(schema) in seen:
        return
    seen.add(id(schema))
    match schema:
        case RecordSchema():
            for field in schema.fields:
                where = f"{place}.{field.name}".lstrip(".")
                if field.has_default and not _fits(field.type, field.default):
                    yield Finding(where, "default-invalid", f"the default does not fit {_say(field.type)}")
                yield from _walk_defaults(field.type, where, seen)
        case ArraySchema():
            yield from _walk_defaults(schema.items, f"{place}[]", seen)
        case MapSchema():
            yield from _walk_defaults(schema.values, f"{place}{{}}", seen)
        case UnionSchema():
            for branch in schema.schemas:
                yield from _walk_defaults(branch, place, seen)


def _fits(schema: Schema, value: object) -> bool:
    match schema:
        case UnionSchema():
            return _fits(schema.schemas[0], value)
        case RecordSchema():
            names = [field.name for field in schema.fields]
            if not isinstance(value, dict) or sorted(value) != sorted(names):
                return False
            return all(_fits(field.type, value[field.name]) for field in schema.fields)
        case EnumSchema():
            return value in schema.symbols
        case FixedSchema():
            return isinstance(value, str) and len(value) == schema.size and _is_latin(value)
        case ArraySchema():
            return isinstance(value, list) and all(_fits(schema.items, item) for item in value)
        case MapSchema():
            return isinstance(value, dict) and all(_fits(schema.values, item) for item in value.values())
    match schema.type:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "int":
            return _is_whole(value) and avro.schema.INT_MIN_VALUE <= value <= avro.schema.INT_MAX_VALUE  # type: ignore[operator]
        case "long":
            return _is_whole(value) and avro.schema.LONG_MIN_VALUE <= value <= avro.schema.LONG_MAX_VALUE  # type: ignore[operator]
        case "float" | "double":
            return isinstance(value, float)
        case "string":
            return isinstance(value, str)
        case "bytes":
            return isinstance(value, str) and _is_latin(value)
    return False


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_latin(value: str) -> bool:
    return all(ord(char) < 256 for char in value)


def _judge_alias(field: Field, written: Mapping[str, Field], where: str) -> Iterator[Finding]:
    aliases = field.props.get("aliases")
    known = [alias for alias in aliases if alias in written] if isinstance(aliases, list) else []
    if known:
        yield Finding(where, "name-changed", f"only fastavro reads {', '.join(known)} by its alias")


def _judge_added(field: Field, where: str) -> Iterator[Finding]:
    if not field.has_default:
        yield Finding(where, "field-without-default", "the other version lacks this field and it has no default")
    elif _is_read_apart(field.type, field.default):
        yield Finding(
            where, "default-unusable", f"a default of {_say(field.type)} is read differently by the libraries"
        )


def _is_read_apart(schema: Schema, value: object) -> bool:
    """True when the default holds bytes or a logical type: fastavro hands the JSON out as it stands there."""
    match schema:
        case UnionSchema():
            return _is_read_apart(schema.schemas[0], value)
        case RecordSchema() if isinstance(value, dict):
            return any(_is_read_apart(field.type, value.get(field.name)) for field in schema.fields)
        case ArraySchema() if isinstance(value, list):
            return any(_is_read_apart(schema.items, item) for item in value)
        case MapSchema() if isinstance(value, dict):
            return any(_is_read_apart(schema.values, item) for item in value.values())
    return schema.type in {"bytes", "fixed"} or schema.props.get("logicalType") is not None


def _compare_defaults(newer: Field, older: Field, where: str) -> Iterator[Finding]:
    if older.has_default and not newer.has_default:
        yield Finding(where, "default-changed", "the default is gone")
    elif older.has_default and newer.default != older.default:
        yield Finding(where, "default-changed", "the default is another")


def _compare_logical(reader: Schema, writer: Schema, place: str) -> Iterator[Finding]:
    if any(reader.props.get(prop) != writer.props.get(prop) for prop in _LOGICAL):
        yield Finding(place, "logical-type-changed", f"{_say(reader)} would misread {_say(writer)}")


def _find_branch(union: UnionSchema, wanted: Schema) -> Schema | None:
    branches: list[Schema] = union.schemas
    same = [branch for branch in branches if branch.type == wanted.type and _name_of(branch) == _name_of(wanted)]
    promoted = [branch for branch in branches if (wanted.type, branch.type) in _PROMOTIONS]
    return next(iter(same + promoted), None)


def _name_of(schema: Schema) -> str:
    return str(schema.fullname) if isinstance(schema, NamedSchema) else ""


def _say(schema: Schema) -> str:
    """A schema in a few words: its name, its kind, its logical type."""
    if isinstance(schema, UnionSchema):
        return f"[{', '.join(_say(branch) for branch in schema.schemas)}]"
    logical = schema.props.get("logicalType")
    return f"{schema.type}{f' {_name_of(schema)}' if _name_of(schema) else ''}{f' ({logical})' if logical else ''}"

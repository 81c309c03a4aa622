"""Avro schemas from msgspec types. The rule: the type is the one source, and each schema is complete in itself.

A named type is defined where it is first met and named afterwards, in the namespace of its file. What has no honest Avro form
(float, Decimal, Any, a default that is an instant) is refused here, when the schema is made, and not by a partner's decoder.

| msgspec | Avro |
| --- | --- |
| `str`, `bool`, `bytes` | `string`, `boolean`, `bytes` |
| `int` | `long` |
| aware `datetime`, `date` | `long` timestamp-millis, `int` date |
| `X | None` | union with `null`, the default's branch first |
| `tuple[X, ...]`, `list[X]` | array |
| `dict[str, X]` | map |
| Struct, union of tagged Structs | record, union of records |
| `StrEnum` | enum if every value is an Avro name, else `string`; a member `UNKNOWN` or `OTHER` is the default symbol |
"""

import enum
import json
import re
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import inspect as types

from santiao.schemas.field_docs import read_class_doc, read_field_docs

Schema = str | list["Schema"] | dict[str, object]
"""An Avro schema as JSON: a name, a union, or an object."""

AVRO_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
DEFAULT_SYMBOLS = ("UNKNOWN", "OTHER")


class NoAvroForm(TypeError):
    """A type that cannot be said in Avro without loss; the message names the field."""


def make_schema(
    cls: type[msgspec.Struct],
    namespace: str,
    *,
    name: str = "",
    leading: Mapping[str, type[msgspec.Struct]] | None = None,
) -> dict[str, object]:
    """The Avro record of a msgspec Struct.

    Args:
        cls: the Struct; its docstring and the strings below its fields become the `doc` of record and fields.
        namespace: of every named type in this schema, e.g. ``cn.santiao.case``.
        name: of the record, where it is not the class's (a retired major).
        leading: fields that stand before the class's own, by name (an event's `meta`).

    Raises:
        NoAvroForm: a field has a type or a default without an Avro form, or two types claim one name.
    """
    return _Builder(namespace).make_record(cls, name or cls.__name__, leading or {})


def render_schema(schema: Mapping[str, object]) -> str:
    """The text of an `.avsc` file: indented, UTF-8 as it is, one newline at the end."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def is_avro_enum(cls: type[enum.Enum]) -> bool:
    """True when every value of the enum is a name Avro accepts as a symbol."""
    return all(isinstance(member.value, str) and AVRO_NAME.match(member.value) for member in cls)


class _Builder:
    """Makes one schema; remembers which named types the text has defined so far."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.defined: dict[str, type] = {}

    def make_record(
        self, cls: type[msgspec.Struct], name: str, leading: Mapping[str, type[msgspec.Struct]]
    ) -> dict[str, object]:
        self._claim(cls, name, name)
        schema: dict[str, object] = {"type": "record", "name": name, "namespace": self.namespace}
        _add_doc(schema, cls)
        before = [
            {"name": field, "type": self._make_type(types.type_info(kind), field)} for field, kind in leading.items()
        ]
        own = self._make_fields(_describe(cls), name)
        taken = leading.keys() & {field["name"] for field in own}
        if taken:
            raise NoAvroForm(
                f"{name}: the field name {', '.join(sorted(taken))} belongs to the envelope; rename the event's field"
            )
        schema["fields"] = [*before, *own]
        return schema

    def _make_struct(self, info: types.StructType, place: str) -> Schema:
        cls = info.cls
        if not self._claim(cls, cls.__name__, place):
            return f"{self.namespace}.{cls.__name__}"
        schema: dict[str, object] = {"type": "record", "name": cls.__name__}
        _add_doc(schema, cls)
        schema["fields"] = self._make_fields(info, place)
        return schema

    def _make_fields(self, info: types.StructType, place: str) -> list[dict[str, object]]:
        docs = read_field_docs(info.cls)
        return [self._make_field(field, docs.get(field.name), f"{place}.{field.name}") for field in info.fields]

    def _make_field(self, field: types.Field, doc: str | None, place: str) -> dict[str, object]:
        if not AVRO_NAME.match(field.encode_name):
            raise NoAvroForm(f"{place}: {field.encode_name!r} is no Avro name")
        default = _default_of(field)
        node = field.type
        if isinstance(node, types.UnionType) and default is not msgspec.NODEFAULT:
            node = _with_branch_first(node, default)
        result: dict[str, object] = {"name": field.encode_name, "type": self._make_type(node, place)}
        if doc:
            result["doc"] = doc
        if default is not msgspec.NODEFAULT:
            result["default"] = make_default(default, place)
        return result

    def _make_type(self, node: types.Type, place: str) -> Schema:
        while isinstance(node, types.Metadata):
            node = node.type
        match node:
            case types.StrType():
                return "string"
            case types.BoolType():
                return "boolean"
            case types.IntType():
                return "long"
            case types.BytesType():
                return "bytes"
            case types.NoneType():
                return "null"
            case types.DateTimeType():
                return {"type": "long", "logicalType": "timestamp-millis"}
            case types.DateType():
                return {"type": "int", "logicalType": "date"}
            case types.VarTupleType(item_type=item) | types.ListType(item_type=item):
                return {"type": "array", "items": self._make_type(item, f"{place}[]")}
            case types.DictType(key_type=types.StrType(), value_type=value):
                return {"type": "map", "values": self._make_type(value, f"{place}{{}}")}
            case types.EnumType(cls=cls):
                return self._make_enum(cls, place)
            case types.StructType():
                return self._make_struct(node, place)
            case types.UnionType(types=branches):
                return self._make_union(branches, place)
        raise NoAvroForm(
            f"{place}: {type(node).__name__} has no Avro form here; use str, int, bool, bytes, date, datetime, a Struct"
        )

    def _make_union(self, branches: Sequence[types.Type], place: str) -> Schema:
        made = [self._make_type(branch, place) for branch in branches]
        kinds = [_branch_kind(branch) for branch in made]
        if len(set(kinds)) < len(kinds):
            raise NoAvroForm(f"{place}: an Avro union cannot hold two branches of one kind ({', '.join(kinds)})")
        return made

    def _make_enum(self, cls: type[enum.Enum], place: str) -> Schema:
        if not is_avro_enum(cls):
            return "string"
        if not self._claim(cls, cls.__name__, place):
            return f"{self.namespace}.{cls.__name__}"
        symbols = [str(member.value) for member in cls]
        schema: dict[str, object] = {"type": "enum", "name": cls.__name__}
        _add_doc(schema, cls)
        schema["symbols"] = symbols
        for name in DEFAULT_SYMBOLS:
            if name in cls.__members__:
                schema["default"] = str(cls[name].value)
                break
        return schema

    def _claim(self, cls: type, name: str, place: str) -> bool:
        """True the first time, when the type is to be defined; later its name is enough."""
        if name not in self.defined:
            self.defined[name] = cls
            return True
        known = self.defined[name]
        if known is not cls:
            raise NoAvroForm(
                f"{place}: two types are named {name}, in {known.__module__} and {cls.__module__}; rename one"
            )
        return False


def _describe(cls: type[msgspec.Struct]) -> types.StructType:
    info = types.type_info(cls)
    if not isinstance(info, types.StructType):
        raise NoAvroForm(f"{cls.__name__} is not a msgspec Struct")
    return info


def make_default(value: object, place: str) -> object:
    """A field's default as Avro writes it in JSON (bytes as text of code points 0 to 255).

    Raises:
        NoAvroForm: dates and instants as defaults are read differently by every library; use None.
    """
    match value:
        case enum.Enum():
            return value.value
        case None | bool() | int() | str():
            return value
        case bytes():
            return value.decode("latin-1")
        case tuple() | list():
            return [make_default(item, place) for item in value]
        case dict():
            return {str(key): make_default(item, place) for key, item in value.items()}
        case msgspec.Struct():
            fields = _describe(type(value)).fields
            return {field.encode_name: make_default(getattr(value, field.name), place) for field in fields}
    raise NoAvroForm(f"{place}: a default of type {type(value).__name__} has no Avro form; use None")


def _default_of(field: types.Field) -> object:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return msgspec.NODEFAULT


def _with_branch_first(union: types.UnionType, default: object) -> types.UnionType:
    """The union with its default's branch first, as Avro 1.11 demands of a union field's default."""
    first = [branch for branch in union.types if _holds(branch, default)]
    if not first:
        return union
    return types.UnionType((first[0], *(branch for branch in union.types if branch is not first[0])))


def _holds(branch: types.Type, value: object) -> bool:
    match branch:
        case types.NoneType():
            return value is None
        case types.BoolType():
            return isinstance(value, bool)
        case types.IntType():
            return isinstance(value, int) and not isinstance(value, bool)
        case types.EnumType(cls=cls) | types.StructType(cls=cls):
            return isinstance(value, cls)
        case types.StrType():
            return isinstance(value, str)
        case types.BytesType():
            return isinstance(value, bytes)
        case types.VarTupleType() | types.ListType():
            return isinstance(value, (tuple, list))
        case types.DictType():
            return isinstance(value, dict)
    return False


def _branch_kind(branch: Schema) -> str:
    """What Avro tells the branches of a union apart by: the name of a named type, else the type."""
    if isinstance(branch, dict):
        return str(branch.get("name", branch["type"]))
    return branch.rsplit(".", 1)[-1] if isinstance(branch, str) else "union"


def _add_doc(schema: dict[str, object], cls: type) -> None:
    doc = read_class_doc(cls)
    if doc:
        schema["doc"] = doc

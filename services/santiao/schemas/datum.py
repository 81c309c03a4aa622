"""Structs as Avro data and back: compiled once per type, so that each value costs a few attribute reads.

Avro libraries know dicts, lists and branch names; a Struct of a union goes out as (branch name, dict), so that no library has to
guess the branch, and comes back with its tag. The rule: instants are whole milliseconds, as the schemas say; a finer one would
come back changed, and is refused.
"""

from collections.abc import Callable
from datetime import date, datetime
from operator import attrgetter
from typing import Any, TypeVar

import msgspec
from msgspec import inspect as types

from santiao.domain.errors import InvalidRecord

Conversion = Callable[[Any], Any]
_NATIVE = (bytes, datetime, date)
_S = TypeVar("_S", bound=msgspec.Struct)


def compile_lowering(cls: type[msgspec.Struct], namespace: str) -> Callable[[msgspec.Struct], dict[str, object]]:
    """Make the function that turns a Struct of this type into what an Avro writer takes."""
    return _Lowering(namespace).compile_struct(cls)


def compile_lifting(cls: type[_S]) -> Callable[[object], _S]:
    """Make the function that turns what an Avro reader gives back into a Struct; it raises msgspec.ValidationError."""
    fix = _Lifting().compile_type(types.type_info(cls))

    def lift(datum: object) -> _S:
        return msgspec.convert(datum if fix is None else fix(datum), cls, builtin_types=_NATIVE)

    return lift


def compile_instant_check(cls: type[msgspec.Struct]) -> Callable[[msgspec.Struct], None] | None:
    """Make the function that refuses instants finer than a millisecond; None for a type without instants.

    It raises InvalidRecord `time.too_fine`. Instants inside arrays and maps are not looked at: no type has any.
    """
    paths = [".".join(path) for path in _find_instants(types.type_info(cls), (), frozenset())]
    if not paths:
        return None
    getters = [(path, attrgetter(path)) for path in paths]

    def check(value: msgspec.Struct) -> None:
        for path, get in getters:
            try:
                reached = get(value)
            except AttributeError:  # an optional Struct on the way is None
                continue
            if isinstance(reached, datetime) and reached.microsecond % 1000:
                raise InvalidRecord(
                    "time.too_fine",
                    f"{cls.__name__}.{path} is finer than a millisecond; cut it where it is read",
                    "时刻须为整毫秒，请在读入处截断",
                    path,
                )

    return check


class _Lowering:
    """Compiles Struct to Avro datum; remembers the Structs it has met, so that one may hold itself."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.compiled: dict[type, Callable[[msgspec.Struct], dict[str, object]]] = {}

    def compile_struct(self, cls: type[msgspec.Struct]) -> Callable[[msgspec.Struct], dict[str, object]]:
        def lower_later(value: msgspec.Struct) -> dict[str, object]:
            return self.compiled[cls](value)

        if cls in self.compiled:
            return lower_later
        self.compiled[cls] = lower_later
        info = types.type_info(cls)
        fields = info.fields if isinstance(info, types.StructType) else ()
        plan = [(field.encode_name, attrgetter(field.name), self.compile_type(field.type)) for field in fields]

        def lower(value: msgspec.Struct) -> dict[str, object]:
            return {name: get(value) if convert is None else convert(get(value)) for name, get, convert in plan}

        self.compiled[cls] = lower
        return lower

    def compile_type(self, node: types.Type) -> Conversion | None:
        """The conversion of a value of this type; None where the value goes out as it is."""
        while isinstance(node, types.Metadata):
            node = node.type
        match node:
            case types.StructType(cls=cls):
                return self.compile_struct(cls)
            case types.EnumType():
                return attrgetter("value")
            case types.VarTupleType(item_type=item) | types.ListType(item_type=item):
                convert_item = self.compile_type(item)
                if convert_item is None:
                    return list
                return lambda values: [convert_item(value) for value in values]
            case types.DictType(value_type=value_type):
                convert_value = self.compile_type(value_type)
                if convert_value is None:
                    return None
                return lambda values: {key: convert_value(value) for key, value in values.items()}
            case types.UnionType(types=branches):
                return self._compile_union(branches)
        return None

    def _compile_union(self, branches: tuple[types.Type, ...]) -> Conversion | None:
        by_class: dict[type, Conversion] = {}
        rest: Conversion | None = None
        for branch in branches:
            convert = self.compile_type(branch)
            if isinstance(branch, types.StructType):
                by_class[branch.cls] = _name_branch(f"{self.namespace}.{branch.cls.__name__}", convert)
            elif convert is not None:
                rest = convert
        if not by_class and rest is None:
            return None

        def lower(value: object) -> object:
            if value is None:
                return None
            convert = by_class.get(type(value), rest)
            return value if convert is None else convert(value)

        return lower


def _name_branch(name: str, convert: Conversion | None) -> Conversion:
    return lambda value: (name, value if convert is None else convert(value))


class _Lifting:
    """Compiles the repair that Avro data need before msgspec takes them: the tag of a union's branch."""

    def __init__(self) -> None:
        self.under_way: set[type] = set()

    def compile_type(self, node: types.Type) -> Conversion | None:
        while isinstance(node, types.Metadata):
            node = node.type
        match node:
            case types.StructType():
                return self._compile_struct(node)
            case types.VarTupleType(item_type=item) | types.ListType(item_type=item):
                fix_item = self.compile_type(item)
                return None if fix_item is None else lambda values: [fix_item(value) for value in values]
            case types.DictType(value_type=value_type):
                fix_value = self.compile_type(value_type)
                if fix_value is None:
                    return None
                return lambda values: {key: fix_value(value) for key, value in values.items()}
            case types.UnionType(types=branches):
                return self._compile_union(branches)
        return None

    def _compile_struct(self, info: types.StructType) -> Conversion | None:
        if info.cls in self.under_way:
            raise TypeError(f"{info.cls.__name__} holds itself; Avro data of such a type are not lifted here")
        self.under_way.add(info.cls)
        fixes = [
            (field.encode_name, fix) for field in info.fields if (fix := self.compile_type(field.type)) is not None
        ]
        self.under_way.discard(info.cls)
        if not fixes:
            return None

        def repair(datum: object) -> object:
            if isinstance(datum, dict):
                for name, fix in fixes:
                    if name in datum:
                        datum[name] = fix(datum[name])
            return datum

        return repair

    def _compile_union(self, branches: tuple[types.Type, ...]) -> Conversion | None:
        structs = [branch for branch in branches if isinstance(branch, types.StructType)]
        if len(structs) < 2:
            fixes = [fix for branch in branches if (fix := self.compile_type(branch)) is not None]
            return None if not fixes else lambda datum: None if datum is None else fixes[0](datum)
        plans = {info.cls.__name__: (info.tag_field, info.tag, self.compile_type(info)) for info in structs}

        def add_tag(datum: object) -> object:
            if not isinstance(datum, tuple):
                return datum
            name, body = datum
            tag_field, tag, fix = plans[name.rpartition(".")[2]]
            body[tag_field] = tag
            return body if fix is None else fix(body)

        return add_tag


def _find_instants(node: types.Type, path: tuple[str, ...], above: frozenset[type]) -> list[tuple[str, ...]]:
    match node:
        case types.DateTimeType():
            return [path]
        case types.Metadata(type=inner):
            return _find_instants(inner, path, above)
        case types.UnionType(types=branches):
            return [found for branch in branches for found in _find_instants(branch, path, above)]
        case types.StructType(cls=cls, fields=fields) if cls not in above:
            return [
                found for field in fields for found in _find_instants(field.type, (*path, field.name), above | {cls})
            ]
    return []

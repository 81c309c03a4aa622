"""Values of any Struct: all that its type allows, within what stores and messages can hold (64 bits, whole milliseconds)."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import msgspec
from hypothesis import strategies as st
from msgspec import inspect as types

_S = TypeVar("_S", bound=msgspec.Struct)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANTS = st.integers(-62_000_000_000_000, 253_000_000_000_000).map(
    lambda number: _EPOCH + timedelta(milliseconds=number)
)


def values_of(cls: type[_S]) -> st.SearchStrategy[_S]:
    """Any value of the Struct; a field with a default is left out at times."""
    return _strategy_of_struct(cls)


@cache
def _strategy_of_struct(cls: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    info = types.type_info(cls)
    assert isinstance(info, types.StructType)
    required = {field.name: _strategy(field.type) for field in info.fields if field.required}
    optional = {field.name: _strategy(field.type) for field in info.fields if not field.required}
    return st.fixed_dictionaries(required, optional=optional).map(lambda fields: cls(**fields))


def _strategy(node: types.Type) -> st.SearchStrategy[Any]:
    match node:
        case types.StrType():
            return st.text(max_size=12)
        case types.BoolType():
            return st.booleans()
        case types.IntType():
            return st.integers(-(2**63), 2**63 - 1)
        case types.BytesType():
            return st.binary(max_size=12)
        case types.NoneType():
            return st.none()
        case types.DateTimeType():
            return _INSTANTS
        case types.DateType():
            return st.dates()
        case types.EnumType(cls=cls):
            return st.sampled_from(list(cls))
        case types.StructType(cls=cls):
            return _strategy_of_struct(cls)
        case types.VarTupleType(item_type=item):
            return st.lists(_strategy(item), max_size=3).map(tuple)
        case types.DictType(value_type=value):
            return st.dictionaries(st.text(max_size=5), _strategy(value), max_size=3)
        case types.UnionType(types=branches):
            return st.one_of(*(_strategy(branch) for branch in branches))
    raise TypeError(f"no values of {node}: say here what they are")


def make_full(cls: type[_S]) -> _S:
    """One plain value with every field set, the same at every call: what a kept sample holds."""
    info = types.type_info(cls)
    assert isinstance(info, types.StructType)
    return cls(**{field.name: _plain(field.type, field.name) for field in info.fields})


def _plain(node: types.Type, name: str) -> Any:
    match node:
        case types.StrType():
            return f"{name} 一"
        case types.BoolType():
            return True
        case types.IntType():
            return 7
        case types.BytesType():
            return name.encode()
        case types.DateTimeType():
            return datetime(2026, 1, 30, 8, 30, 0, 123000, tzinfo=UTC)
        case types.DateType():
            return date(2026, 1, 30)
        case types.EnumType(cls=cls):
            return list(cls)[-1]
        case types.StructType(cls=cls):
            return make_full(cls)
        case types.VarTupleType(item_type=item):
            return (_plain(item, name),)
        case types.DictType(value_type=value):
            return {name: _plain(value, name)}
        case types.UnionType(types=branches):
            return next(_plain(branch, name) for branch in branches if not isinstance(branch, types.NoneType))
    raise TypeError(f"no value of {node}: say here what it is")

"""Data that fit invented schemas, and defaults in the JSON that Avro wants."""

import math
import string
from collections.abc import Callable
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]
MAX_DEPTH = 16
NONE_FITS = object()
_TEXT = st.text(alphabet=string.ascii_letters + "三调", max_size=3)
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": st.integers(-1000, 1000),
    "long": st.integers(-1000, 1000),
    "float": st.sampled_from([0.0, 1.5, -2.25]),
    "double": st.sampled_from([0.0, 1.5, -2.25, math.pi]),
    "string": _TEXT,
    "bytes": st.binary(max_size=3),
}


def draw_datum(draw: Draw, schema: Any, named: dict[str, Any] | None = None, depth: int = 0) -> Any:
    """A value of a rendered schema; a union's is (branch name, value). A record that holds itself ends where null lets it."""
    if depth > MAX_DEPTH:
        reject()
    known = {} if named is None else named
    _learn(schema, known)
    is_deep = depth > MAX_DEPTH // 2
    if isinstance(schema, list):
        branch = "null" if is_deep and "null" in schema else draw(st.sampled_from(schema))
        value = draw_datum(draw, branch, known, depth + 1)
        return (branch if isinstance(branch, str) else branch.get("name", branch["type"]), value)
    if isinstance(schema, str):
        return draw(_VALUES[schema]) if schema in _VALUES else draw_datum(draw, known[schema], known, depth + 1)
    match schema["type"]:
        case "record":
            return {field["name"]: draw_datum(draw, field["type"], known, depth + 1) for field in schema["fields"]}
        case "enum":
            return draw(st.sampled_from(schema["symbols"]))
        case "fixed":
            return draw(st.binary(min_size=schema["size"], max_size=schema["size"]))
        case "array":
            count = 0 if is_deep else draw(st.integers(0, 2))
            return [draw_datum(draw, schema["items"], known, depth + 1) for _ in range(count)]
        case "map":
            count = 0 if is_deep else draw(st.integers(0, 2))
            return {f"k{number}": draw_datum(draw, schema["values"], known, depth + 1) for number in range(count)}
    return draw(_VALUES[schema["type"]])


def _learn(schema: Any, known: dict[str, Any]) -> dict[str, Any]:
    """Note every named type defined below, before any value is drawn: an array left empty may define what is used later."""
    if isinstance(schema, list):
        for branch in schema:
            _learn(branch, known)
    elif isinstance(schema, dict):
        if "name" in schema and schema["name"] in known:
            return known
        if "name" in schema:
            known[schema["name"]] = schema
        for field in schema.get("fields", ()):
            _learn(field["type"], known)
        _learn(schema.get("items"), known)
        _learn(schema.get("values"), known)
    return known


def draw_default(draw: Draw, types: dict[str, dict[str, Any]], node: Any, depth: int) -> Any:
    """A default in JSON; `NONE_FITS` where none was found in time."""
    if isinstance(node, list):
        return draw_default(draw, types, node[0], depth)
    if isinstance(node, dict) and "ref" in node:
        body = types[node["ref"]]
        if body["type"] == "enum":
            return draw(st.sampled_from(body["symbols"]))
        if body["type"] == "fixed":
            return "x" * body["size"]
        if depth == 0:
            return NONE_FITS
        values = {field["name"]: draw_default(draw, types, field["type"], depth - 1) for field in body["fields"]}
        return NONE_FITS if NONE_FITS in values.values() else values
    kind = node["type"] if isinstance(node, dict) else node
    if kind == "array":
        return []
    if kind == "map":
        return {}
    value = draw(_VALUES[kind])
    return value.decode("latin-1") if isinstance(value, bytes) else value

"""Invented Avro schemas, in pairs of which the second is the first after a few changes, and data that fit them.

A schema is drawn as a root record and a table of named types, so that changes may move a type's first use; writing it out puts
each definition where the text first needs it. Changes are those people make: fields come, go, move, get another type or default;
symbols, branches, sizes, names and logical types change.
"""

import copy
from typing import Any

from hypothesis import strategies as st

from tests.schemas.schema_data import NONE_FITS, Draw, draw_default

NAMESPACE = "cn.santiao.case"
PLAIN = ("boolean", "int", "long", "float", "double", "string", "bytes")
LOGICAL = (("int", "date"), ("long", "timestamp-millis"), ("long", "timestamp-micros"))


class Model:
    """A schema under construction: named types by name; the root is `Root`."""

    def __init__(self) -> None:
        self.named: dict[str, dict[str, Any]] = {}
        self.serial = 0

    def new_name(self, prefix: str) -> str:
        self.serial += 1
        return f"{prefix}{self.serial}"

    def render(self) -> dict[str, Any]:
        """The schema as JSON, each named type defined at its first use."""
        return self._render({"ref": "Root"}, set())  # type: ignore[no-any-return]

    def _render(self, node: Any, defined: set[str]) -> Any:
        if isinstance(node, list):
            return [self._render(branch, defined) for branch in node]
        if isinstance(node, dict) and "ref" in node:
            name = node["ref"]
            body = self.named[name]
            full = f"{body.get('namespace', NAMESPACE)}.{body.get('name', name)}"
            if name in defined:
                return full
            defined.add(name)
            written = {
                "name": full,
                **{key: value for key, value in body.items() if key not in {"namespace", "name", "fields"}},
            }
            if body["type"] == "record":
                written["fields"] = [
                    {**field, "type": self._render(field["type"], defined)} for field in body["fields"]
                ]
            return written
        if isinstance(node, dict) and node["type"] in {"array", "map"}:
            inner = "items" if node["type"] == "array" else "values"
            return {"type": node["type"], inner: self._render(node[inner], defined)}
        return node


@st.composite
def schema_pairs(draw: Draw) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two schemas of one name, the second a changed copy of the first."""
    older = draw_model(draw)
    newer = copy.deepcopy(older)
    for _ in range(draw(st.integers(1, 3))):
        change(draw, newer)
    return older.render(), newer.render()


def draw_model(draw: Draw) -> Model:
    model = Model()
    model.named["Root"] = {"type": "record", "fields": []}
    _draw_fields(draw, model, "Root", depth=2)
    return model


def _draw_fields(draw: Draw, model: Model, record: str, depth: int) -> None:
    for _ in range(draw(st.integers(1, 4))):
        model.named[record]["fields"].append(_draw_field(draw, model, depth))


def _draw_field(draw: Draw, model: Model, depth: int) -> dict[str, Any]:
    node = draw_type(draw, model, depth)
    field = {"name": model.new_name("f"), "type": node}
    if draw(st.booleans()):
        _add_default(draw, model, field)
    return field


def _add_default(draw: Draw, model: Model, field: dict[str, Any]) -> None:
    sloppy = draw(st.integers(0, 19)) == 0
    wanted = draw_type(draw, model, 0) if sloppy else field["type"]
    default = draw_default(draw, model.named, wanted, depth=3)
    if default is not NONE_FITS:
        field["default"] = default


def draw_type(draw: Draw, model: Model, depth: int) -> Any:
    kinds = ["plain", "plain", "logical", "enum", "fixed", "again"]
    if depth:
        kinds += ["record", "array", "map", "union", "nullable"]
    match draw(st.sampled_from(kinds)):
        case "logical":
            kind, logical = draw(st.sampled_from(LOGICAL))
            return {"type": kind, "logicalType": logical}
        case "enum":
            return _draw_enum(draw, model)
        case "fixed":
            name = model.new_name("Fixed")
            model.named[name] = {"type": "fixed", "size": draw(st.integers(1, 3))}
            return {"ref": name}
        case "again" if len(model.named) > 1:
            return {"ref": draw(st.sampled_from([name for name in model.named if name != "Root"]))}
        case "record":
            name = model.new_name("Record")
            # Named only when whole, so that no record can need itself and be endless.
            fields = [_draw_field(draw, model, depth - 1) for _ in range(draw(st.integers(1, 3)))]
            model.named[name] = {"type": "record", "fields": fields}
            return {"ref": name}
        case "array":
            return {"type": "array", "items": draw_type(draw, model, depth - 1)}
        case "map":
            return {"type": "map", "values": draw_type(draw, model, depth - 1)}
        case "union":
            return _draw_union(draw, model, depth)
        case "nullable":
            inner = draw_type(draw, model, depth - 1)
            return inner if isinstance(inner, list) else ["null", inner]
    return draw(st.sampled_from(PLAIN))


def _draw_enum(draw: Draw, model: Model) -> Any:
    name = model.new_name("Enum")
    symbols = draw(st.lists(st.sampled_from("ABCDEF"), min_size=1, max_size=4, unique=True))
    model.named[name] = {"type": "enum", "symbols": symbols}
    if draw(st.booleans()):
        model.named[name]["default"] = draw(st.sampled_from(symbols))
    return {"ref": name}


def _draw_union(draw: Draw, model: Model, depth: int) -> Any:
    branches: list[Any] = []
    for _ in range(draw(st.integers(1, 4))):
        branch = draw(st.just("null")) if draw(st.integers(0, 3)) == 0 else draw_type(draw, model, depth - 1)
        if not isinstance(branch, list) and _kind(branch) not in {_kind(other) for other in branches}:
            branches.append(branch)
    return branches or ["null"]


def _kind(node: Any) -> str:
    if isinstance(node, dict):
        return str(node["ref"] if "ref" in node else node["type"])
    return str(node)


# --- changes ---------------------------------------------------------------------------------------------------------


def change(draw: Draw, model: Model) -> None:
    """One change somewhere; at times one that changes nothing (a symbol put back in its place)."""
    records = [name for name, body in model.named.items() if body["type"] == "record"]
    fields = model.named[draw(st.sampled_from(records))]["fields"]
    others = [name for name, body in model.named.items() if body["type"] in {"enum", "fixed"}]
    pick = draw(
        st.sampled_from(
            ["add", "add", "remove", "move", "rename", "retype", "default", "union", "named", "named", "nest"]
        )
    )
    if pick == "add":
        fields.insert(draw(st.integers(0, len(fields))), _draw_field(draw, model, 1))
    elif pick == "named":
        _change_named(draw, model, draw(st.sampled_from(others or records)))
    elif fields:
        _change_field(draw, model, fields, pick)


def _change_field(draw: Draw, model: Model, fields: list[dict[str, Any]], pick: str) -> None:
    index = draw(st.integers(0, len(fields) - 1))
    field = fields[index]
    match pick:
        case "remove":
            del fields[index]
        case "move":
            fields.insert(draw(st.integers(0, len(fields) - 1)), fields.pop(index))
        case "rename":
            if draw(st.booleans()):
                field["aliases"] = [field["name"]]
            field["name"] = model.new_name("f")
        case "retype":
            field["type"] = _retype(draw, model, field["type"])
            field.pop("default", None)
        case "nest":
            field["type"] = {"type": "array", "items": field["type"]}
            field.pop("default", None)
        case "default":
            field.pop("default", None)
            if draw(st.booleans()):
                _add_default(draw, model, field)
        case "union":
            field["type"] = _change_union(draw, model, field["type"])
            field.pop("default", None)


def _retype(draw: Draw, model: Model, node: Any) -> Any:
    if isinstance(node, dict) and "logicalType" in node:
        return node["type"] if draw(st.booleans()) else {"type": node["type"], "logicalType": "timestamp-micros"}
    if isinstance(node, dict) and node.get("type") == "array":
        return {"type": "array", "items": _retype(draw, model, node["items"])}
    promoted = {"int": "long", "long": "double", "float": "double", "string": "bytes", "bytes": "string"}
    if isinstance(node, str) and node in promoted and draw(st.booleans()):
        return promoted[node]
    return draw_type(draw, model, 1)


def _change_union(draw: Draw, model: Model, node: Any) -> Any:
    if not isinstance(node, list):
        return node if node == "null" else ["null", node]
    branches = list(node)
    match draw(st.sampled_from(["add", "remove", "order", "unwrap", "retype"])):
        case "add":
            extra = draw_type(draw, model, 1)
            if not isinstance(extra, list) and _kind(extra) not in {_kind(branch) for branch in branches}:
                branches.insert(draw(st.integers(0, len(branches))), extra)
        case "remove" if len(branches) > 1:
            del branches[draw(st.integers(0, len(branches) - 1))]
        case "order":
            branches = draw(st.permutations(branches))
        case "unwrap":
            return branches[-1]
        case "retype":
            promoted = [
                {"int": "long", "float": "double"}.get(branch, branch) if isinstance(branch, str) else branch
                for branch in branches
            ]
            if len({_kind(branch) for branch in promoted}) == len(promoted):
                branches = promoted
    return branches


def _change_named(draw: Draw, model: Model, name: str) -> None:
    body = model.named[name]
    if draw(st.integers(0, 4)) == 0 and name != "Root":
        body["namespace" if draw(st.booleans()) else "name"] = model.new_name("Other")
        if draw(st.booleans()):
            body["aliases"] = [f"{NAMESPACE}.{name}"]
    elif body["type"] == "fixed":
        body["size"] = draw(st.integers(1, 3))
    elif body["type"] == "enum":
        symbols = draw(st.permutations(body["symbols"]))
        match draw(st.sampled_from(["add", "remove", "order"])):
            case "add":
                symbols = [*symbols, draw(st.sampled_from("GHI"))]
            case "remove" if len(symbols) > 1:
                symbols = symbols[1:]
        body["symbols"] = symbols
        if body.get("default") not in symbols:
            body.pop("default", None)

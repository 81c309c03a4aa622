"""Reads a city's rulebook from its folder of data files and says what is wrong with them, file, row, field and mend.

The folder holds `rules/` (clocks), `calendars/` (one year each), `gates`, `routing` and `directory`, as YAML or JSON; clocks and
bodies may be CSV as well. Only this module touches the files; what it returns is a frozen `Rulebook`.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from santiao.domain.calendar import WorkCalendar, YearCalendar
from santiao.domain.directory import Body
from santiao.domain.errors import Rejection
from santiao.domain.gates import Gate, GateBook, GateRule
from santiao.domain.phrases import PhraseGroup, Wording, WordList
from santiao.domain.risks import RiskBook, RiskRule
from santiao.domain.routing import Climb, Edge, RouteRule, RoutingBook
from santiao.domain.rulebook import Rulebook, make_rulebook, mistakes_of
from santiao.domain.rules import Rule

MAX_BYTES = 4 * 1024 * 1024
"""No table of a city comes near; a larger file is not read."""
SUFFIXES = (".yaml", ".yml", ".json", ".csv")
_LIST_MARK = "|"
_FOLDERS = ("rules", "calendars")
T = TypeVar("T")


def load_rulebook(folder: Path) -> Rulebook:
    """The rulebook of `folder`.

    Raises `Rejection` rulebook.invalid, listing every mistake found, or rulebook.missing when a table is not there.
    """
    problems: list[str] = []
    rules = tuple(
        rule for path in _files(folder / "rules") for rule in _rows(Rule, path, _read(path), "rules", problems)
    )
    tables = tuple(_one(YearCalendar, path, problems) for path in _files(folder / "calendars"))
    gates_path, gates = _table(folder, "gates")
    routing_path, routing = _table(folder, "routing")
    directory_path, directory = _table(folder, "directory")
    lists = (
        *_rows(WordList, gates_path, gates, "lists", problems),
        *_rows(WordList, routing_path, routing, "lists", problems),
    )
    wording = Wording(
        lists=lists,
        groups=tuple(_rows(PhraseGroup, gates_path, gates, "groups", problems)),
        harmless=_strings(gates_path, gates, "harmless", problems),
    )
    gate_book = GateBook(
        tuple(_rows(Gate, gates_path, gates, "gates", problems)),
        tuple(_rows(GateRule, gates_path, gates, "rules", problems)),
        wording,
    )
    risk_book = RiskBook(tuple(_rows(RiskRule, routing_path, routing, "risks", problems)), wording)
    routing_book = RoutingBook(
        tuple(_rows(RouteRule, routing_path, routing, "routes", problems)),
        tuple(_rows(Edge, routing_path, routing, "edges", problems)),
        tuple(_rows(Climb, routing_path, routing, "climbs", problems)),
        _strings(routing_path, routing, "unroutable", problems),
    )
    bodies = tuple(_rows(Body, directory_path, directory, "bodies", problems))
    known = tuple(table for table in tables if table is not None)
    if not problems:
        book = make_rulebook(rules, WorkCalendar(known), gate_book, risk_book, routing_book, bodies)
        problems += [f"{m.table}: {m.row}: {m.field}: {m.problem}; {m.mend}" for m in mistakes_of(book)]
        if not problems:
            return book
    raise _invalid(problems)


def _invalid(problems: Sequence[str]) -> Rejection:
    first = problems[0].split(": ", 1)[0]
    text = "; ".join(problems[:20]) + (f"; and {len(problems) - 20} more" if len(problems) > 20 else "")
    return Rejection(
        "rulebook.invalid",
        f"{len(problems)} mistakes in the city's data: {text}",
        f"城市数据有{len(problems)}处错误：{text}",
        first,
    )


def _name(path: Path) -> str:
    """The file as a person knows it: `rules/court.yaml`, `gates.yaml`."""
    return f"{path.parent.name}/{path.name}" if path.parent.name in _FOLDERS else path.name


def _files(folder: Path) -> tuple[Path, ...]:
    found = tuple(sorted(path for path in folder.glob("*") if path.suffix in SUFFIXES))
    if not found:
        raise _missing(folder)
    return found


def _table(folder: Path, name: str) -> tuple[Path, Mapping[str, Any]]:
    for suffix in SUFFIXES:
        path = folder / f"{name}{suffix}"
        if path.is_file():
            return path, _read(path)
    raise _missing(folder / f"{name}.yaml")


def _missing(path: Path) -> Rejection:
    return Rejection(
        "rulebook.missing",
        f"{path} is not there: put the city's data into this folder (see deploy/city)",
        f"找不到{path}：请把城市数据放入该目录（参见 deploy/city）",
        str(path),
    )


def _read(path: Path) -> Mapping[str, Any]:
    """The file as a mapping from table names to rows; a CSV is one table named like the file, or `rules`."""
    raw = path.read_bytes()
    if len(raw) > MAX_BYTES:
        raise _invalid([f"{_name(path)}: the file has {len(raw)} bytes, more than {MAX_BYTES}; split it"])
    try:
        text = raw.decode("utf-8-sig")
        if path.suffix == ".csv":
            return {"": list(_csv_rows(text))}
        data = json.loads(text) if path.suffix == ".json" else _parse(text)
    except (UnicodeDecodeError, ValueError, yaml.YAMLError) as bad:
        raise _invalid([f"{_name(path)}: cannot be read: {bad}; save it as UTF-8 and correct the place"]) from None
    if not isinstance(data, dict):
        raise _invalid([f"{_name(path)}: holds no table; begin with `rules:` or the like"])
    return data


# The C parser reads a city's tables in a tenth of the time; without it the same classes in Python do.
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Loader):  # type: ignore[misc] # its base is chosen when the module is read
    """A safe loader that also refuses a key written twice: in rules, the last one silently winning is a trap."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:  # noqa: FBT001, FBT002
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"the key {key} twice {_line(node.start_mark)}; keep one")
        return super().construct_mapping(node, deep=deep)


def _line(mark: Any) -> str:
    return "" if mark is None else f"in line {mark.line + 1}"


def _parse(text: str) -> Any:
    """The YAML document, without aliases: what a row says stands in the row, and no file can grow by naming itself."""
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError(f"an alias {_line(event.start_mark)}; write the value out")
    return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 a SafeLoader


def _csv_rows(text: str) -> Iterator[dict[str, Any]]:
    """Rows of a CSV table: empty cells are left out, `a|b` in a cell is a list where the field is one."""
    for row in csv.DictReader(io.StringIO(text)):
        yield {key: value.strip() for key, value in row.items() if key and value and value.strip()}


def _rows(kind: type[T], path: Path, data: Mapping[str, Any], table: str, problems: list[str]) -> Iterator[T]:
    rows = data.get(table, data.get("", []))
    defaults = data.get("defaults", {}) if table in ("rules", "bodies") else {}
    if not isinstance(rows, list) or not isinstance(defaults, dict):
        problems.append(f"{_name(path)}: {table}: is no list of rows; write `{table}:` and rows below it")
        return
    for number, row in enumerate(rows, 1):
        name = f"{_name(path)}: {table} row {number}"
        if not isinstance(row, dict):
            problems.append(f"{name}: is no row of fields; write `- field: value`")
            continue
        told = next((str(row[key]) for key in ("rule_id", "id", "gate", "name") if key in row), "")
        merged = {**defaults, **row}
        if "" in data:
            merged = _split_lists(kind, merged)
        try:
            yield msgspec.convert(merged, kind, strict="" not in data)
        except msgspec.ValidationError as bad:
            problems.append(f"{name} ({told}): {_mend(str(bad))}")


def _mend(text: str) -> str:
    """The decoder's message with the field first: `Expected X - at $.length` becomes `field length: Expected X`."""
    problem, _, place = text.partition(" - at `$")
    field = place.strip("`.") or "the row"
    return f"field {field}: {problem}; correct it"


def _split_lists(kind: type[Any], row: Mapping[str, Any]) -> dict[str, Any]:
    lists = {
        field.name
        for field in msgspec.structs.fields(kind)
        if isinstance(msgspec.inspect.type_info(field.type), msgspec.inspect.VarTupleType)
    }
    return {key: value.split(_LIST_MARK) if key in lists else value for key, value in row.items()}


def _one(kind: type[T], path: Path, problems: list[str]) -> T | None:
    try:
        return msgspec.convert(_read(path), kind)
    except msgspec.ValidationError as bad:
        problems.append(f"{_name(path)}: {_mend(str(bad))}")
        return None


def _strings(path: Path, data: Mapping[str, Any], table: str, problems: list[str]) -> tuple[str, ...]:
    found = data.get(table, [])
    if isinstance(found, list) and all(isinstance(one, str) for one in found):
        return tuple(found)
    problems.append(f"{_name(path)}: {table}: is no list of texts; write each in quotes")
    return ()

"""Toy types with everything a schema may hold, and folders of schemas made of texts."""

import json
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec


class Colour(StrEnum):
    """A closed list of the hub's own."""

    RED = "red"
    UNKNOWN = "unknown"


class Rule(StrEnum):
    """Ids with dots are no Avro names."""

    APPLY = "JC.APPLY.30D"


class Inner(msgspec.Struct, frozen=True):
    """Something within."""

    text: str
    more: tuple[str, ...] = ()


class Left(msgspec.Struct, frozen=True, tag="left"):
    """One branch."""

    value: int


class Right(msgspec.Struct, frozen=True, tag="right"):
    """The other branch, of the same shape."""

    value: int
    inner: Inner | None = None


class Toy(msgspec.Struct, frozen=True, kw_only=True):
    """Everything at once (样例)."""

    text: str
    number: int = 3
    flag: bool = False
    data: bytes = b""
    day: date
    instant: datetime
    maybe: str | None = None
    said: str | None = "so"
    """Said unless told otherwise."""
    colour: Colour = Colour.RED
    rule: Rule = Rule.APPLY
    inner: Inner = Inner("x")
    inners: tuple[Inner, ...] = ()
    words: dict[str, str] = {}
    body: Left | Right
    bodies: tuple[Left | Right, ...] = ()


def record(name: str = "Toy", *fields: dict[str, Any], namespace: str = "cn.santiao.case") -> dict[str, Any]:
    """The schema of a record."""
    return {"type": "record", "name": name, "namespace": namespace, "fields": list(fields)}


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    """One field of it."""
    return {"name": name, "type": kind, **more}


def write_folder(folder: Path, schemas: dict[str, dict[str, Any]]) -> Path:
    """Write schemas under their paths."""
    for path, schema in schemas.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(schema), encoding="utf-8")
    return folder

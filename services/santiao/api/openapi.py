"""The API's own description (OpenAPI 3.1): bodies and answers from the types that are really read and written.

The rule kept here: nothing is described twice: a schema is made from its `msgspec` type, an operation from its route.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from santiao.api.problems import TITLES

PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}
_TEMPLATE = "#/components/schemas/{name}"
_HEADERS: dict[str, str] = {
    "ETag": "Version of the case, for If-Match.",
    "Santiao-Position": "How far this answer's ground reaches; give it back as min_position.",
    "Idempotency-Replayed": "`true` when the answer is that of an earlier request with the same key.",
}
_DESCRIBED: dict[str, Any] = {}
"""Types that some route reads or writes, by name."""


def body_of(kind: type[msgspec.Struct], *, without: Sequence[str] = ()) -> dict[str, Any]:
    """What a route says of the body it reads; fields that the address tells are left out."""
    schema = _inline(kind)
    properties = {
        name: told for name, told in schema.get("properties", {}).items() if name not in {*without, "command"}
    }
    required = [name for name in schema.get("required", ()) if name in properties]
    told: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        told["required"] = required
    return {"requestBody": {"required": bool(required), "content": {"application/json": {"schema": told}}}}


def answers(
    kind: Any, *problems: int, status: int = 200, headers: Sequence[str] = ("Santiao-Position",), text: str = "Done."
) -> dict[int | str, dict[str, Any]]:
    """What a route says of its answers: the good one, and the problems it may tell."""
    good: dict[str, Any] = {
        "description": text,
        "headers": {name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in headers},
    }
    if kind is not None:
        good["content"] = {"application/json": {"schema": _reference(kind)}}
    told: dict[int | str, dict[str, Any]] = {status: good}
    for code in problems:
        told[code] = {
            "description": TITLES.get(code, "Problem"),
            "content": {"application/problem+json": {"schema": PROBLEM_REF}},
        }
    return told


def list_of(kind: Any) -> dict[str, Any]:
    """The schema of a list answer."""
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": _reference(kind)},
            "next": {"type": ["string", "null"], "description": "Cursor of the next part; null at the end."},
        },
    }


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole description."""
    told = get_openapi(title=app.title, version=app.version, routes=app.routes, openapi_version="3.1.0")
    _, components = msgspec.json.schema_components(list(_DESCRIBED.values()), ref_template=_TEMPLATE)
    schemas = told.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(components)
    schemas["Problem"] = _PROBLEM
    told["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for path, operations in told.get("paths", {}).items():
        for operation in operations.values():
            _tidy(path, operation)
    return told


def _tidy(path: str, operation: dict[str, Any]) -> None:
    """Errors in this API are problems, and all but health and hooks wants a key."""
    responses = operation.get("responses", {})
    if "422" in responses and "application/json" in responses["422"].get("content", {}):
        del responses["422"]
    is_open = path.startswith(("/health", "/metrics", "/v1/hooks", "/v1/openapi", "/v1/docs"))
    operation["security"] = [] if is_open else [{"key": []}]


def _reference(kind: Any) -> dict[str, Any]:
    if isinstance(kind, dict):
        return kind
    _DESCRIBED[kind.__name__] = kind
    return {"$ref": _TEMPLATE.format(name=kind.__name__)}


def _inline(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """A flat struct's own schema."""
    (_, components) = msgspec.json.schema_components([kind], ref_template=_TEMPLATE)
    found: dict[str, Any] = components[kind.__name__]
    return found


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details; `code` is stable, `errors` point into the body or name a parameter.",
    "required": ["type", "title", "status", "detail", "detail_zh", "code", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "detail_zh": {"type": "string"},
        "code": {"type": "string"},
        "instance": {"type": "string"},
        "quarantine_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail", "detail_zh"],
                "properties": {
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "detail_zh": {"type": "string"},
                },
            },
        },
    },
}

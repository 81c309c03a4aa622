"""How answers are written: JSON by the same codec as everywhere, with the headers the contract names.

The rule kept here: an answer with case data is never kept by anybody in between.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi.responses import Response

from santiao.api.positions import HEADER, Positions, encode_positions

JSON = "application/json"


def answer_json(
    value: Any,
    *,
    status: int = 200,
    positions: Positions | None = None,
    version: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A JSON answer. `positions` becomes Santiao-Position, `version` the ETag."""
    told = {"Cache-Control": "no-store", **(headers or {})}
    if positions is not None:
        told[HEADER] = encode_positions(positions)
    if version is not None:
        told["ETag"] = f'"{version}"'
    return Response(msgspec.json.encode(value), status_code=status, media_type=JSON, headers=told)

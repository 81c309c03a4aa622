"""`/v1/openapi.json` and `/v1/docs`: the description, and a page that shows it with nothing from anywhere else.

The rule kept here: the page may load nothing but itself and the description; its policy names its own script and style by digest.
"""

import hashlib
import re
from base64 import b64encode
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from santiao.api.answers import answer_json
from santiao.api.openapi import describe

router = APIRouter(include_in_schema=False)
_PAGE = Path(__file__).with_name("docs.html")


@router.get("/v1/openapi.json")
def openapi(request: Request) -> Response:
    """The description, made when first asked for."""
    app = request.app
    if app.openapi_schema is None:
        app.openapi_schema = describe(app)
    return answer_json(app.openapi_schema, headers={"Cache-Control": "max-age=60"})


@router.get("/v1/docs")
def docs() -> Response:
    """The page."""
    page, policy = _page()
    return Response(
        page,
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": policy, "X-Frame-Options": "DENY"},
    )


@cache
def _page() -> tuple[bytes, str]:
    page = _PAGE.read_text(encoding="utf-8")
    script, style = (_digest(re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[0]) for tag in ("script", "style"))
    policy = (
        f"default-src 'none'; script-src {script}; style-src {style}; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
    return page.encode(), policy


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

"""Around every request: its own name, how long it took, one log line, and the last resort when a handler raised.

The rule kept here: the log and the figures know a request by its route's pattern, method and status; never by its path, its query, its
headers or an exception's text, all of which may quote what was sent.
"""

import logging
import secrets
import time
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from santiao.api.metrics import Metrics
from santiao.api.problems import Problem, answer_problem

logger = logging.getLogger(__name__)
_UNROUTED = "(no route)"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Observing:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()
        status = 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note)
        except ClientDisconnect:
            status = status or 499
        except Exception as error:  # noqa: BLE001 (the last resort: whatever a handler raised is one answer)
            _tell(error, request_id)
            if status == 0:
                answer = answer_problem(_INTERNAL, f"urn:santiao:request:{request_id}")
                await answer(scope, receive, note)
        finally:
            seconds = time.perf_counter() - began
            route = route_of(scope)
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            self.metrics.observe_request(route, method, status, seconds)
            logger.info("%s %s %d %.1f ms %s", method, route, status, seconds * 1000, request_id)


def _tell(error: Exception, request_id: str) -> None:
    """The text of an exception may quote what was sent, so no traceback is logged: its type and line alone."""
    logger.error("a request raised", extra={"request": request_id, **place_of(error)})


def route_of(scope: Scope) -> str:
    """The pattern of the route that took a request."""
    route: Any = scope.get("route")
    return str(getattr(route, "path", _UNROUTED)) if route is not None else _UNROUTED


def place_of(error: BaseException) -> dict[str, str]:
    """What a log may say of a failure: its type and line; its text may quote what was sent."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    line = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    return {"error": type(error).__name__, "line": line}


_INTERNAL = Problem(
    500,
    "internal",
    "the hub failed in a way nobody foresaw; nothing personal is in its log; tell the operator the instance",
    "系统内部错误，请将 instance 告知运维",
)

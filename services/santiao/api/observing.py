"""Around every request: its own name, how long it took, one log line, and the last resort when a handler raised.

The rule kept here: the log and the figures know a request by its route's pattern, method and status; never by its path, its query, its
headers or an exception's text, all of which may quote what was sent.
"""

import logging
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from santiao.api.problems import Problem, answer_problem
from santiao.telemetry.figures import Figures
from santiao.telemetry.logs import correlated

logger = logging.getLogger(__name__)
_UNROUTED = "(no route)"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class TracesRequests(Protocol):
    """What makes a span around a request, where traces are on."""

    def request(self, traceparent: str) -> AbstractContextManager[Callable[[str, str, int], None]]:
        """Around a request; what is given is called at its end with route, method and status."""
        ...


class Observing:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, metrics: Figures, tracing: TracesRequests | None = None) -> None:
        self.app = app
        self.metrics = metrics
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        with correlated(request=request_id):
            if self._tracing is None:
                await self._answer(scope, receive, send, request_id)
                return
            with self._tracing.request(_header(scope, b"traceparent")) as tell:
                tell(*await self._answer(scope, receive, send, request_id))

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> tuple[str, str, int]:
        """Have it answered; its route, method and status."""
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
            _tell(error)
            if status == 0:
                answer = answer_problem(_INTERNAL, f"urn:santiao:request:{request_id}")
                await answer(scope, receive, note)
        finally:
            seconds = time.perf_counter() - began
            route = route_of(scope)
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            self.metrics.observe_request(route, method, status, seconds)
            told = {"route": route, "method": method, "status": status, "millis": round(seconds * 1000, 1)}
            logger.info("a request was answered", extra=told)
        return route, method, status


def _tell(error: Exception) -> None:
    """The text of an exception may quote what was sent, so no traceback is logged: its type and line alone."""
    logger.error("a request raised", extra=dict(place_of(error)))


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def route_of(scope: Scope) -> str:
    """The pattern of the route that took a request, below where its application is mounted."""
    route: Any = scope.get("route")
    path = getattr(route, "path", None)
    if path is None:
        return _UNROUTED
    mounted = str(scope.get("root_path", ""))
    return mounted if mounted.endswith(path) else f"{mounted}{path}"


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

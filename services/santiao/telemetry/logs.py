"""The structured log: one JSON object a line on standard error, or the same as one line for people.

The rules kept here: no personal data at any level. Our own messages are constants and their extras are names, codes and counts; an
exception is its type and place, never its text, which may quote a cell; a library's message is told as its template, without what
was put into it. What a line belongs to (a request, a batch, a loop's turn) stands in it under the name of that, so that the lines of one
piece of work can be found together.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

import msgspec

_OWN = "santiao"
_KNOWN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime", "taskName"}
_PLAIN = (str, int, float, bool, type(None))
_LONGEST = 500


_BOUND: ContextVar[tuple[tuple[str, str], ...]] = ContextVar("santiao_log_bound", default=())


@contextmanager
def correlated(**names: str) -> Iterator[None]:
    """Lines written inside carry these ids: `correlated(request=...)`. Ids are of the hub's own making."""
    token = _BOUND.set((*_BOUND.get(), *names.items()))
    try:
        yield
    finally:
        _BOUND.reset(token)


def _told(record: logging.LogRecord) -> dict[str, Any]:
    """What a record may tell, in the order it is read."""
    is_ours = record.name.partition(".")[0] == _OWN
    told: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": (record.getMessage() if is_ours else str(record.msg))[:_LONGEST],
        **dict(_BOUND.get()),
    }
    if is_ours:
        told.update((name, _harmless(value)) for name, value in vars(record).items() if name not in _KNOWN)
    if record.exc_info and record.exc_info[1] is not None:
        told["error"] = type(record.exc_info[1]).__name__
        told["line"] = _place(record.exc_info[2])
    return told


class JsonLines(logging.Formatter):
    """Formats records as JSON lines."""

    def format(self, record: logging.LogRecord) -> str:
        return msgspec.json.encode(_told(record)).decode()


class HumanLines(logging.Formatter):
    """Formats records for a person at a terminal: the same fields, `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        told = _told(record)
        head = [told.pop(name) for name in ("at", "level", "logger", "message")]
        rest = [f"{name}={msgspec.json.encode(value).decode()}" for name, value in told.items()]
        return " ".join([head[0], f"{head[1]:<7}", head[2].removeprefix(f"{_OWN}."), head[3], *rest]).replace("\n", " ")


def _harmless(value: Any) -> Any:
    if isinstance(value, str):
        return value[:_LONGEST]
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, list | tuple):
        return [_harmless(each) for each in value[:50]]
    return type(value).__name__


def _place(trace: TracebackType | None) -> str:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('site-packages/')[2]}:{trace.tb_lineno}" if trace else ""


def configure_logs(level: str, stream: TextIO | None = None, *, form: str = "json") -> None:
    """Send every log record of the process through one formatter, `json` or `human`; what was configured before no longer holds."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(HumanLines() if form == "human" else JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_OWN).setLevel(level)
    # The client tells of every tenth of a second that a busy machine kept it waiting.
    logging.getLogger("kafka.net.selector").setLevel(logging.ERROR)

"""The structured log: one JSON object a line on standard error.

The rules kept here: no personal data at any level. Our own messages are constants and their extras are names, codes and counts; an
exception is its type and place, never its text, which may quote a cell; a library's message is told as its template, without what
was put into it.
"""

import logging
import sys
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

import msgspec

_OWN = "santiao"
_KNOWN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime", "taskName"}
_PLAIN = (str, int, float, bool, type(None))
_LONGEST = 500


class JsonLines(logging.Formatter):
    """Formats records as JSON lines."""

    def format(self, record: logging.LogRecord) -> str:
        is_ours = record.name.partition(".")[0] == _OWN
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": (record.getMessage() if is_ours else str(record.msg))[:_LONGEST],
        }
        if is_ours:
            told.update((name, _harmless(value)) for name, value in vars(record).items() if name not in _KNOWN)
        if record.exc_info and record.exc_info[1] is not None:
            told["error"] = type(record.exc_info[1]).__name__
            told["line"] = _place(record.exc_info[2])
        return msgspec.json.encode(told).decode()


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


def configure_logs(level: str, stream: TextIO | None = None) -> None:
    """Send every log record of the process through `JsonLines`; what was configured before no longer holds."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_OWN).setLevel(level)

"""The clocks of one case in one column: what views need to know when the case is next due.

A party's right that runs out is nobody's breach, so it never makes a case due; it stands in the view of deadlines.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec

from santiao.domain.events import deadlines as told
from santiao.projections.moments import NEVER, due_at

LIVE = ("running", "warned")


class ClockItem(msgspec.Struct, array_like=True):
    """One clock: `due_ms` the first instant at which `end` is missed."""

    id: str
    rule: str
    clock: str
    about: str
    end: str
    due_ms: int
    party_right: bool
    state: str


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[ClockItem]).decode


def read_clocks(data: bytes) -> list[ClockItem]:
    """The clocks of a column."""
    return _decode(data) if data else []


def write_clocks(clocks: list[ClockItem]) -> bytes:
    """The column of these clocks."""
    return _encode(clocks) if clocks else b""


class NextDue(NamedTuple):
    """The running clock that is missed first."""

    due_ms: int = NEVER
    end: str | None = None
    rule: str = ""
    clock: str = ""


def next_due(clocks: Iterable[ClockItem]) -> NextDue:
    """Which clock is missed first; ties by the order in which they were set."""
    found = NextDue()
    for item in clocks:
        if item.due_ms < found.due_ms and item.state in LIVE and not item.party_right:
            found = NextDue(item.due_ms, item.end, item.rule, item.clock)
    return found


def change_clocks(clocks: list[ClockItem], name: str, event: Any) -> None:
    """Let a deadline event change the clocks of its case."""
    _CHANGES[name](clocks, event)


def _set(clocks: list[ClockItem], event: told.DeadlineSet) -> None:
    clocks[:] = [item for item in clocks if item.id != event.deadline_id]
    end = event.effective_end
    clocks.append(
        ClockItem(
            event.deadline_id, event.rule, event.clock, event.about, end, due_at(end), event.party_right, "running"
        )
    )


def _recompute(clocks: list[ClockItem], event: told.DeadlineRecomputed) -> None:
    for item in clocks:
        if item.id == event.deadline_id:
            item.end, item.due_ms, item.state = event.effective_end, due_at(event.effective_end), "running"


def _become(state: str) -> Callable[[list[ClockItem], Any], None]:
    def change(clocks: list[ClockItem], event: Any) -> None:
        for item in clocks:
            if item.id == event.deadline_id:
                item.state = state

    return change


STATES = {
    "DeadlineWarned": "warned",
    "DeadlineMet": "met",
    "DeadlineBreached": "breached",
    "DeadlineReversed": "met",
    "DeadlineCancelled": "cancelled",
}
"""What becomes of a clock, by event."""

_CHANGES: dict[str, Callable[[list[ClockItem], Any], None]] = {
    "DeadlineSet": _set,
    "DeadlineRecomputed": _recompute,
    **{name: _become(state) for name, state in STATES.items()},
}
DEADLINE_EVENTS = tuple(_CHANGES)

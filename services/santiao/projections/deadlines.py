"""The deadlines (期限): every clock of every case with its legal source and the trace of days counted, and how it stood at any time.

Nothing is counted here: dates are read from the events that decided them. A clock that a merged case carries on is shown at the survivor.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from santiao.domain.events import cases
from santiao.domain.events import deadlines as told
from santiao.projections.clock_list import STATES
from santiao.projections.contract import Index, Key, Projection, TableSet, ViewTable
from santiao.projections.moments import due_at
from santiao.projections.reading import Page, Reading, Value, decode_cursor, encode_cursor, page_size
from santiao.store.log import Entry

VIEW = "deadlines"
RUNNING = "state IN ('running', 'warned')"


class DeadlineRow(msgspec.Struct, gc=False):
    """One clock. `due_ms` is the first instant at which `effective_end` is missed; `trace` is a JSON list."""

    deadline_id: str
    case_id: str
    rule: str
    clock: str
    about: str
    start: str
    natural_end: str | None
    effective_end: str
    due_ms: int
    warn_on: str | None
    provisional: int
    party_right: int
    on_expiry: str
    source: str
    confidence: str
    calendar: str
    trace: str
    state: str
    set_ms: int
    since_ms: int


class DeadlinePastRow(msgspec.Struct, gc=False):
    """A clock as it was in a span of recorded time."""

    deadline_id: str
    from_ms: int
    until_ms: int
    case_id: str
    effective_end: str
    provisional: int
    trace: str
    state: str


def _clocks_of(entry: Entry, event: Any) -> Sequence[Key]:
    one = getattr(event, "deadline_id", None)
    return (one,) if one else tuple(getattr(event, "clocks", ()))


DEADLINES = ViewTable(
    name=VIEW,
    view=VIEW,
    row=DeadlineRow,
    indexes=(
        Index(("case_id", "set_ms")),
        Index(("due_ms", "deadline_id"), RUNNING),
    ),
    looks_at=_clocks_of,
)
DEADLINES_PAST = ViewTable(
    name="deadlines_past", view=VIEW, row=DeadlinePastRow, key_columns=2, indexes=(Index(("case_id",)),)
)

_encode = msgspec.json.Encoder().encode
_decode_trace = msgspec.json.Decoder(tuple[str, ...]).decode


class DeadlineFold:
    """Folds the events of clocks."""

    def __init__(self, tables: TableSet) -> None:
        self.rows = tables.of(DEADLINES)
        self.past = tables.of(DEADLINES_PAST)

    def set(self, at: Entry, event: told.DeadlineSet) -> None:
        end = event.effective_end
        self.rows.put(
            DeadlineRow(
                event.deadline_id,
                at.case_id,
                event.rule,
                event.clock,
                event.about,
                event.start,
                event.natural_end,
                end,
                due_at(end),
                event.warn_on,
                int(event.provisional),
                int(event.party_right),
                event.on_expiry,
                event.source,
                event.confidence,
                event.calendar,
                _encode(event.trace).decode(),
                "running",
                at.recorded_ms,
                at.recorded_ms,
            )
        )

    def change(self, at: Entry, deadline_id: str) -> DeadlineRow | None:
        """The row of a clock, kept as it was first; None for a clock that an earlier part of the log did not set."""
        row = self.rows.change(deadline_id)
        if row is not None and at.recorded_ms > row.since_ms:
            self.past.add(
                DeadlinePastRow(
                    row.deadline_id,
                    row.since_ms,
                    at.recorded_ms,
                    row.case_id,
                    row.effective_end,
                    row.provisional,
                    row.trace,
                    row.state,
                )
            )
            row.since_ms = at.recorded_ms
        return row

    def recomputed(self, at: Entry, event: told.DeadlineRecomputed) -> None:
        row = self.change(at, event.deadline_id)
        if row is not None:
            row.effective_end, row.due_ms, row.warn_on = event.effective_end, due_at(event.effective_end), event.warn_on
            row.provisional, row.calendar = int(event.provisional), event.calendar
            row.trace, row.state = _encode(event.trace).decode(), "running"

    def carried(self, at: Entry, event: cases.CaseMerged) -> None:
        for deadline_id in event.clocks:
            row = self.change(at, deadline_id)
            if row is not None:
                row.case_id = at.case_id


def _becomes(state: str) -> Callable[[DeadlineFold, Entry, Any], None]:
    def fold(fold: DeadlineFold, at: Entry, event: Any) -> None:
        row = fold.change(at, event.deadline_id)
        if row is not None:
            row.state = state

    return fold


DEADLINES_VIEW = Projection(
    name=VIEW,
    version=2,
    tables=(DEADLINES, DEADLINES_PAST),
    fold=DeadlineFold,
    handlers={
        "DeadlineSet": DeadlineFold.set,
        "DeadlineRecomputed": DeadlineFold.recomputed,
        "CaseMerged": DeadlineFold.carried,
        **{name: _becomes(state) for name, state in STATES.items()},
    },
    has_history=True,
)


# --- queries -----------------------------------------------------------------------------------------------------------


class DeadlineEntry(msgspec.Struct, frozen=True):
    """A clock of a case as the contract tells it: what the command `deadline` prints, and its state."""

    rule: str
    start: str
    natural_end: str | None
    effective_end: str
    provisional: bool
    source: str
    trace: tuple[str, ...]
    state: str


class DeadlineItem(msgspec.Struct, frozen=True, kw_only=True):
    """A clock with everything known of it."""

    entry: DeadlineEntry
    deadline_id: str
    case_id: str
    clock: str
    about: str
    warn_on: str | None
    party_right: bool
    on_expiry: str
    confidence: str
    calendar: str
    due_ms: int


def deadlines_of(reading: Reading, case_ids: Sequence[str], *, as_of_ms: int | None = None) -> tuple[DeadlineItem, ...]:
    """The clocks of a case under all its ids, in the order in which they were set."""
    rows = reading.among(DEADLINES, "case_id", case_ids)
    then: dict[str, DeadlinePastRow] = {}
    if as_of_ms is not None:
        # A clock may have been carried to another case since: where it stood then, only its past tells.
        held = reading.among(DEADLINES_PAST, "case_id", case_ids)
        then = {past.deadline_id: past for past in held if past.from_ms <= as_of_ms < past.until_ms}
        rows = [row for row in rows if row.since_ms <= as_of_ms]
        rows += reading.among(DEADLINES, "deadline_id", then)
    found = sorted(rows, key=lambda row: (row.set_ms, row.deadline_id))
    return tuple(_item(row, then.get(row.deadline_id)) for row in found)


def list_due(
    reading: Reading, *, until_ms: int | None = None, clock: str = "", after: str | None = None, limit: int = 100
) -> Page[DeadlineItem]:
    """Running clocks, the next breach first; only of one kind (hub, legal, origin), only up to a time.

    Raises:
        Rejection: the cursor is of another list, or the limit out of bounds.
    """
    where = [RUNNING]
    values: list[Value] = []
    for condition, value in (("due_ms <= ?", until_ms), ("clock = ?", clock or None)):
        if value is not None:
            where.append(condition)
            values.append(value)
    if after:
        due, deadline_id = decode_cursor(after, tuple[int, str])
        where.append("(due_ms > ? OR (due_ms = ? AND deadline_id > ?))")
        values.extend((due, due, deadline_id))
    rows = reading.rows(DEADLINES, " AND ".join(where), values, order="due_ms, deadline_id", limit=page_size(limit) + 1)
    shown = rows[:limit]
    more = encode_cursor(shown[-1].due_ms, shown[-1].deadline_id) if len(rows) > limit else None
    return Page(tuple(map(_item, shown)), more)


def _item(row: DeadlineRow, then: DeadlinePastRow | None = None) -> DeadlineItem:
    held = then or row
    return DeadlineItem(
        entry=DeadlineEntry(
            row.rule,
            row.start,
            row.natural_end,
            held.effective_end,
            bool(held.provisional),
            row.source,
            _decode_trace(held.trace),
            held.state,
        ),
        deadline_id=row.deadline_id,
        case_id=held.case_id,
        clock=row.clock,
        about=row.about,
        warn_on=row.warn_on,
        party_right=bool(row.party_right),
        on_expiry=row.on_expiry,
        confidence=row.confidence,
        calendar=row.calendar,
        due_ms=due_at(held.effective_end),
    )

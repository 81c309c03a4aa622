"""Asking the case overview for the worklist: first what waits for a person, then by the next breach, then the longest open.

The rule kept here: what a person may not reach is left out by the question itself; a page is found by its place in the order, never by
counting rows. A case whose clock has passed while none runs any more waits for a person, and so does one whose body must be designated.
"""

from collections.abc import Sequence

import msgspec

from santiao.domain.errors import Rejection
from santiao.pool.access import Rights
from santiao.pool.reach import own_of
from santiao.projections.case_overview_rows import CASES, CaseRow
from santiao.projections.case_queries import LIVING, CaseFilter, conditions
from santiao.projections.case_reach import own_condition
from santiao.projections.clock_list import read_clocks
from santiao.projections.deadlines import DEADLINES
from santiao.projections.moments import NEVER
from santiao.projections.reading import Reading, Value, decode_cursor, encode_cursor
from santiao.projections.timeline import TIMELINE
from santiao.store.log import global_id

PAGE = 50
EVENTS_MAX = 2000
"""Events looked through for what is new; more than that, and the page is to be loaded again."""
_WAITS = "next_due_ms = ? AND (designation = 'asked' OR {late})"
_STEPS: tuple[tuple[str, str, tuple[Value, ...]], ...] = (
    (_WAITS, "opened_ms", (NEVER,)),
    ("next_due_ms < ?", "next_due_ms", (NEVER,)),
    (f"next_due_ms = ? AND NOT ({_WAITS})", "opened_ms", (NEVER, NEVER)),
)
"""The three stretches of the list: which rows, in which order; each is found by an index. `{late}` is a clock that has passed."""
Positions = dict[int, int]


class WorkFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for; empty means any. `due` is overdue or soon; `mine` what one's own bodies have or are to get."""

    status: str = ""
    dispute_type: str = ""
    region: str = ""
    risk: str = ""
    body: str = ""
    agency: str = ""
    batch: str = ""
    due: str = ""
    mine: bool = False

    def overview(self, rights: Rights) -> CaseFilter:
        """The part that the case overview's own filter says, within the asker's reach."""
        return CaseFilter(
            own=own_of(rights),
            everything=self.status == "closed",
            status=self.status,
            dispute_type=self.dispute_type,
            region=self.region,
            risk=self.risk,
            body=self.body,
            agency=self.agency,
            batch=self.batch,
        )


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, as far as it decides which rows there are, and when: `soon_ms` is the end of what is due soon."""

    rights: Rights
    now_ms: int
    soon_ms: int


class WorkPage(msgspec.Struct, frozen=True):
    """A page of the list, how far the view had come, and the cursor of the next page."""

    rows: tuple[CaseRow, ...]
    positions: Positions
    next: str | None = None


class News(msgspec.Struct, frozen=True):
    """What happened since a position: cases opened and cases changed that the filter lets through, and those it no longer does.

    `is_much` when there was too much to look through.
    """

    fresh: tuple[CaseRow, ...]
    changed: tuple[CaseRow, ...]
    gone: tuple[str, ...]
    positions: Positions
    is_much: bool = False


def list_work(reading: Reading, asked: WorkFilter, asker: Asker, after: str = "", *, limit: int = PAGE) -> WorkPage:
    """A page of the list.

    Raises:
        Rejection: the cursor was not given out by this list.
    """
    step, value, case_id = decode_cursor(after, tuple[int, int, str]) if after else (0, 0, "")
    if not 0 <= step < len(_STEPS):
        raise Rejection(
            "cursor.invalid", "this cursor was not given out for this list; begin without one", "游标无效，请从头查询"
        )
    rows: list[CaseRow] = []
    while step < len(_STEPS):
        rows += _stretch(reading, asked, asker, step, (value, case_id), limit + 1 - len(rows))
        if len(rows) > limit:
            break
        step, value, case_id = step + 1, 0, ""
    positions = _reached(reading)
    if len(rows) <= limit:
        return WorkPage(tuple(rows), positions)
    shown = rows[:limit]
    place = _step_of(shown[-1])
    return WorkPage(
        tuple(shown), positions, encode_cursor(place, getattr(shown[-1], _STEPS[place][1]), shown[-1].case_id)
    )


def count_work(reading: Reading, asker: Asker) -> dict[str, int]:
    """How many open cases the asker has, by status, and under `overdue` how many of them are late."""
    where, values = _conditions(reading, WorkFilter(), asker)
    sql = f"SELECT status, count(*) FROM {reading.table(CASES)} WHERE {' AND '.join(where)} GROUP BY status"
    counts = {str(status): int(count) for status, count in map(tuple, reading.execute(sql, values))}
    where, values = _conditions(reading, WorkFilter(due="overdue"), asker)
    sql = f"SELECT count(*) FROM {reading.table(CASES)} WHERE {' AND '.join(where)}"
    return {**counts, "open": sum(counts.values()), "overdue": int(reading.execute(sql, values)[0][0])}


def read_news(reading: Reading, asked: WorkFilter, asker: Asker, since: Positions, *, until: int = NEVER) -> News:
    """What happened after `since` that this list shows, or showed; of changed rows those up to the place `until` in the list."""
    touched: dict[str, bool] = {}
    seen = 0
    now = _reached(reading)
    for shard, place in sorted(now.items()):
        if place <= since.get(shard, 0):
            continue
        rows = reading.rows(
            TIMELINE,
            "log_key > ? AND log_key <= ?",
            (global_id(shard, since.get(shard, 0)), global_id(shard, place)),
            order="log_key",
            limit=EVENTS_MAX + 1,
        )
        seen += len(rows)
        for row in rows:
            touched[row.case_id] = touched.get(row.case_id, False) or row.type == "CaseOpened"
    if seen > EVENTS_MAX:
        return News((), (), (), now, is_much=True)
    found = {row.case_id: row for row in _among(reading, asked, asker, list(touched))}
    return News(
        fresh=tuple(row for name, row in found.items() if touched[name]),
        changed=tuple(row for name, row in found.items() if not touched[name] and sort_value(row) <= until),
        gone=tuple(name for name, is_new in touched.items() if name not in found and not is_new),
        positions=now,
    )


def sort_value(row: CaseRow) -> int:
    """Where a row stands in the list, for whoever inserts it into a page."""
    return (0, row.next_due_ms, NEVER)[_step_of(row)]


def is_within_reach(reading: Reading, case_id: str, rights: Rights) -> bool:
    """True when a person may know of a case."""
    own = own_of(rights)
    if own is None:
        return True
    condition, values = own_condition(reading, own)
    return bool(reading.rows(CASES, f"case_id = ? AND {condition}", [case_id, *values], limit=1))


def encode_positions(positions: Positions) -> str:
    """Positions as a word for an address or an event's id."""
    return "_".join(f"{shard}.{place}" for shard, place in sorted(positions.items())) or "0.0"


def decode_positions(word: str) -> Positions:
    """The positions of a word.

    Raises:
        Rejection: it was not given out here.
    """
    try:
        pairs = (each.split(".") for each in word[:1000].split("_"))
        return {int(shard): int(place) for shard, place in pairs}
    except ValueError:
        raise Rejection("cursor.invalid", "this position was not given out here", "位置参数无效") from None


def _reached(reading: Reading) -> Positions:
    """How far both views of the list were folded."""
    cases, events = reading.positions(CASES.view), reading.positions(TIMELINE.view)
    return {shard: min(place, events.get(shard, 0)) for shard, place in cases.items()}


def _step_of(row: CaseRow) -> int:
    if row.next_due_ms < NEVER:
        return 1
    is_late = any(clock.state == "breached" and not clock.party_right for clock in read_clocks(row.clocks))
    return 0 if is_late or row.designation == "asked" else 2


def _stretch(
    reading: Reading, asked: WorkFilter, asker: Asker, step: int, place: tuple[int, str], limit: int
) -> list[CaseRow]:
    condition, column, bounds = _STEPS[step]
    where, values = _conditions(reading, asked, asker)
    where.append(condition.format(late=_late(reading)))
    values.extend(bounds)
    if place[1]:
        where.append(f"({column} > ? OR ({column} = ? AND case_id > ?))")
        values.extend((place[0], place[0], place[1]))
    return reading.rows(CASES, " AND ".join(where), values, order=f"{column}, case_id", limit=limit)


def _among(reading: Reading, asked: WorkFilter, asker: Asker, case_ids: Sequence[str]) -> list[CaseRow]:
    where, values = _conditions(reading, asked, asker)
    found: list[CaseRow] = []
    for start in range(0, len(case_ids), 400):
        part = case_ids[start : start + 400]
        within = f"case_id IN ({', '.join('?' * len(part))})"
        found += reading.rows(CASES, " AND ".join((*where, within)), [*values, *part], order="next_due_ms, case_id")
    return found


def _conditions(reading: Reading, asked: WorkFilter, asker: Asker) -> tuple[list[str], list[Value]]:
    where, values = conditions(reading, asked.overview(asker.rights))
    where.append(LIVING)
    if asked.due == "overdue":
        where.append(f"(next_due_ms <= ? OR {_late(reading)})")
        values.append(asker.now_ms)
    elif asked.due == "soon":
        where.append("next_due_ms > ? AND next_due_ms <= ?")
        values.extend((asker.now_ms, asker.soon_ms))
    if asked.mine:
        bodies = sorted(asker.rights.bodies)
        marks = ", ".join("?" * len(bodies))
        where.append(f"(body IN ({marks}) OR proposed_body IN ({marks}))")
        values.extend((*bodies, *bodies))
    return where, values


def _late(reading: Reading) -> str:
    """The condition that a clock of a case has passed and is no party's right."""
    own = f"{reading.table(CASES)}.case_id"
    return f"EXISTS (SELECT 1 FROM {reading.table(DEADLINES)} d WHERE d.case_id = {own} AND d.state = 'breached' AND d.party_right = 0)"

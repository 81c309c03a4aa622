"""Asking the case overview: lists of cases page by page, one case by any of its names, both as they stand or as of a recorded time.

What is told of a case is never anything about a person: names and numbers are sealed, and in another view.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from santiao.domain.errors import NotFound
from santiao.projections.batches import CHILDREN
from santiao.projections.case_overview_rows import (
    CASES,
    SOURCES,
    CasePastRow,
    CaseRow,
    SourcePastRow,
    SourceRow,
)
from santiao.projections.case_overview_sources import read_hits
from santiao.projections.case_overview_workflow import decode_list
from santiao.projections.case_reach import Own, own_condition
from santiao.projections.clock_list import next_due, read_clocks
from santiao.projections.moments import tell
from santiao.projections.reading import Page, Reading, Value, decode_cursor, encode_cursor, foreign_cursor, page_size
from santiao.store.log import split_id

MERGES_MAX = 64
"""Mergers followed from a name to the case that lives; a longer chain would be a circle."""


class SourceItem(msgspec.Struct, frozen=True):
    """A source of a case, as the contract tells it."""

    agency: str
    key: str
    state: str
    gates: tuple[str, ...]


class CaseItem(msgspec.Struct, frozen=True):
    """A case with all its sources, as the contract tells it."""

    case_id: str
    case_no: str
    status: str
    dispute_type: str
    region: str
    risk: str
    opened_at: str
    sources: tuple[SourceItem, ...]


class DueItem(msgspec.Struct, frozen=True):
    """The next running deadline: missed at `at`."""

    at: str
    end: str
    rule: str
    clock: str


class CaseSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What the overview knows of a case beside the contract's item. `version` is the ETag; of a past state it is not told.

    `body` has the case, `proposed_body` was chosen by triage; `mode` is of `hub.docking@1`; `blocked_by` are `gate:reason`.
    """

    item: CaseItem
    aliases: tuple[str, ...]
    outcome: str | None
    closed_reason: str
    blocked_by: tuple[str, ...]
    body: str
    version: int | None = None
    split_from: str = ""
    officer: str = ""
    mediation_kind: str = ""
    mode: str = ""
    proposed_body: str = ""
    consents: tuple[str, ...] = ()
    designation: str = ""
    bounces: int = 0
    referral_id: str = ""
    referral_state: str = ""
    mediation_id: str = ""
    mediation_state: str = ""
    agreement_no: str = ""
    agreement_state: str = ""
    next_due: DueItem | None = None
    breached: int = 0
    notices: int = 0
    position: int = 0
    updated_at: str = ""


class CaseOrder(StrEnum):
    """By the next breach, by opening, or by opening with the newest first."""

    BREACH = "breach"
    OPENED = "opened"
    NEWEST = "newest"


class CaseFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list shows; empty means any. A region that ends in 00 covers all below it. `everything` shows closed cases too.

    `own` is how far the asker's reach goes; None where it is the whole city.
    """

    everything: bool = False
    status: str = ""
    dispute_type: str = ""
    region: str = ""
    risk: str = ""
    body: str = ""
    agency: str = ""
    batch: str = ""
    own: Own | None = None


OPEN = CaseFilter()
EVERYTHING = CaseFilter(everything=True)
LIVING = "merged_into = ''"
_COLUMNS = {
    CaseOrder.BREACH: ("next_due_ms", ">"),
    CaseOrder.OPENED: ("opened_ms", ">"),
    CaseOrder.NEWEST: ("opened_ms", "<"),
}


def list_cases(
    reading: Reading,
    asked: CaseFilter = OPEN,
    *,
    order: CaseOrder = CaseOrder.OPENED,
    after: str | None = None,
    limit: int = 100,
) -> Page[CaseSummary]:
    """Cases that live, never those merged away.

    Raises:
        Rejection: the cursor is of another list, or the limit out of bounds.
    """
    column, compare = _COLUMNS[order]
    where, values = conditions(reading, asked)
    if after:
        value, case_id = _place_after(after, order)
        where.append(f"({column} {compare} ? OR ({column} = ? AND case_id {compare} ?))")
        values.extend((value, value, case_id))
    direction = "DESC" if compare == "<" else "ASC"
    rows = reading.rows(
        CASES,
        " AND ".join((LIVING, *where)),
        values,
        order=f"{column} {direction}, case_id {direction}",
        limit=page_size(limit) + 1,
    )
    shown = rows[:limit]
    sources = sources_of(reading, [row.case_id for row in shown])
    items = tuple(summary_of(row, sources.get(row.case_id, ())) for row in shown)
    last = shown[-1] if len(rows) > limit else None
    return Page(items, encode_cursor(order.value, getattr(last, column), last.case_id) if last is not None else None)


def _place_after(cursor: str, order: CaseOrder) -> tuple[int, str]:
    name, value, case_id = decode_cursor(cursor, tuple[str, int, str])
    if name != order:
        raise foreign_cursor()
    return value, case_id


def conditions(reading: Reading, asked: CaseFilter, prefix: str = "") -> tuple[list[str], list[Value]]:
    """What rows a filter lets through; `prefix` names the table in a join."""
    where: list[str] = [] if asked.everything or asked.status else [f"{prefix}status <> 'closed'"]
    values: list[Value] = []
    for column in ("status", "dispute_type", "risk", "body"):
        value = getattr(asked, column)
        if value:
            where.append(f"{prefix}{column} = ?")
            values.append(value)
    if asked.region:
        where.append(f"substr({prefix}region, 1, ?) = ?")
        within = region_stem(asked.region)
        values.extend((len(within), within))
    if asked.agency:
        where.append(
            f"{prefix}case_id IN (SELECT case_id FROM {reading.table(SOURCES)} WHERE agency = ? AND reported = 1)"
        )
        values.append(asked.agency)
    if asked.batch:
        where.append(f"{prefix}case_id IN (SELECT case_id FROM {reading.table(CHILDREN)} WHERE batch = ?)")
        values.append(asked.batch)
    if asked.own is not None:
        told, marks = own_condition(reading, asked.own, prefix)
        where.append(told)
        values.extend(marks)
    return where, values


def region_stem(region: str) -> str:
    """The digits that a division shares with all below it."""
    return region[:2] if region.endswith("0000") else region[:4] if region.endswith("00") else region


def get_case(reading: Reading, name: str) -> CaseSummary:
    """The case that lives under a name: case id, alias or case number.

    Raises:
        NotFound: nothing is known under it.
    """
    row = find_row(reading, name)
    for _ in range(MERGES_MAX):
        if not row.merged_into:
            break
        row = find_row(reading, row.merged_into)
    return summary_of(row, sources_of(reading, [row.case_id]).get(row.case_id, ()))


def find_row(reading: Reading, name: str) -> CaseRow:
    """The row under a case id or number, also of a case that was merged away.

    Raises:
        NotFound: nothing is known under it.
    """
    for column in ("case_id", "case_no"):
        found = reading.rows(CASES, f"{column} = ?", (name,))
        if found:
            return found[0]
    raise NotFound("case.unknown", "no such case", "没有该案件")


def count_by_status(reading: Reading, asked: CaseFilter = EVERYTHING) -> dict[str, int]:
    """How many living cases there are, by status."""
    where, values = conditions(reading, asked)
    sql = f"SELECT status, count(*) FROM {reading.table(CASES)} WHERE {' AND '.join((LIVING, *where))} GROUP BY status"
    return {str(status): int(count) for status, count in sorted(map(tuple, reading.execute(sql, values)))}


def sources_of(reading: Reading, case_ids: Sequence[str]) -> dict[str, list[SourceRow]]:
    """The sources of these cases, each case's in its order; what only waits is none."""
    found: dict[str, list[SourceRow]] = {}
    for row in sorted(reading.among(SOURCES, "case_id", case_ids), key=lambda row: row.ordinal):
        if row.reported:
            found.setdefault(row.case_id, []).append(row)
    return found


def source_item(row: SourceRow | SourcePastRow, agency: str) -> SourceItem:
    """A source as the contract tells it."""
    return SourceItem(agency, row.key, row.state, tuple(sorted({hit.gate for hit in read_hits(row.hits)})))


def case_item(row: CaseRow, facts: CaseRow | CasePastRow, sources: Iterable[SourceItem]) -> CaseItem:
    """A case as the contract tells it, with the facts of some moment."""
    return CaseItem(
        row.case_id,
        row.case_no,
        facts.status,
        facts.dispute_type,
        facts.region[:6] or f"{row.shard:04d}00",
        facts.risk,
        tell(row.opened_ms),
        tuple(sources),
    )


def summary_of(row: CaseRow, sources: Iterable[SourceRow]) -> CaseSummary:
    """A case as it stands."""
    clocks = read_clocks(row.clocks)
    due = next_due(clocks)
    return CaseSummary(
        item=case_item(row, row, (source_item(source, source.agency) for source in sources)),
        aliases=tuple(decode_list(row.aliases)),
        outcome=row.outcome,
        closed_reason=row.closed_reason,
        blocked_by=tuple(decode_list(row.blocked_by)),
        body=row.body,
        version=row.version,
        split_from=row.split_from,
        officer=row.officer,
        mediation_kind=row.mediation_kind,
        mode=row.mode,
        proposed_body=row.proposed_body,
        consents=tuple(decode_list(row.consents)),
        designation=row.designation,
        bounces=row.bounces,
        referral_id=row.referral_id,
        referral_state=row.referral_state,
        mediation_id=row.mediation_id,
        mediation_state=row.mediation_state,
        agreement_no=row.agreement_no,
        agreement_state=row.agreement_state,
        next_due=DueItem(tell(due.due_ms), due.end, due.rule, due.clock) if due.end is not None else None,
        breached=sum(clock.state == "breached" for clock in clocks),
        notices=row.notices,
        position=split_id(row.updated_key)[1],
        updated_at=tell(row.updated_ms),
    )

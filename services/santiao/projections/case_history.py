"""The case overview as of a recorded time: rows that held then, whether they still stand or are in the tables of the past.

As of a time means as the hub knew it then, by recorded time. A case that was merged later stands by itself.
"""

from collections.abc import Sequence

from santiao.domain.errors import NotFound
from santiao.projections.case_overview_rows import (
    CASES,
    CASES_PAST,
    SOURCES,
    SOURCES_PAST,
    CasePastRow,
    CaseRow,
    SourcePastRow,
    SourceRow,
)
from santiao.projections.case_overview_workflow import decode_list
from santiao.projections.case_queries import (
    MERGES_MAX,
    OPEN,
    CaseFilter,
    CaseItem,
    CaseSummary,
    SourceItem,
    case_item,
    conditions,
    find_row,
    source_item,
)
from santiao.projections.reading import Page, Reading, decode_cursor, encode_cursor, page_size

_FACTS = "status, dispute_type, region, risk, outcome, closed_reason, blocked_by, body"


def list_cases_as_of(
    reading: Reading, as_of_ms: int, asked: CaseFilter = OPEN, *, after: str | None = None, limit: int = 100
) -> Page[CaseItem]:
    """Cases that lived then, oldest first; the filter is put to what held then, but for `agency`, which is put to what stands.

    Raises:
        Rejection: the cursor is of another list, or the limit out of bounds.
    """
    where, values = conditions(reading, asked, "held.")
    if after:
        opened, case_id = decode_cursor(after, tuple[int, str])
        where.append("(here.opened_ms > ? OR (here.opened_ms = ? AND here.case_id > ?))")
        values.extend((opened, opened, case_id))
    cases, past = reading.table(CASES), reading.table(CASES_PAST)
    columns = ", ".join(f"held.{name}" for name in CASES_PAST.columns)
    identity = ", ".join(f"here.{name}" for name in CASES.columns)
    sql = (
        f"SELECT {columns}, {identity} FROM (SELECT case_id, since_ms AS from_ms, since_ms AS until_ms, {_FACTS} FROM {cases} "
        f"WHERE since_ms <= ? AND merged_into = '' UNION ALL SELECT case_id, from_ms, until_ms, {_FACTS} FROM {past} "
        f"WHERE from_ms <= ? AND until_ms > ?) held JOIN {cases} here ON here.case_id = held.case_id"
        + (f" WHERE {' AND '.join(where)}" if where else "")
        + f" ORDER BY here.opened_ms, here.case_id LIMIT {page_size(limit) + 1}"
    )
    found = [
        (
            CasePastRow(*row[: len(CASES_PAST.columns)]),
            CaseRow(*row[len(CASES_PAST.columns) :]),
        )
        for row in reading.execute(sql, (as_of_ms, as_of_ms, as_of_ms, *values))
    ]
    shown = found[:limit]
    sources = _sources_as_of(reading, [row.case_id for _, row in shown], as_of_ms)
    items = tuple(case_item(row, facts, sources.get(row.case_id, ())) for facts, row in shown)
    last = shown[-1][1] if len(found) > limit else None
    return Page(items, encode_cursor(last.opened_ms, last.case_id) if last is not None else None)


def get_case_as_of(reading: Reading, name: str, as_of_ms: int) -> CaseSummary:
    """The case that lived then under a name: case id, alias or case number.

    Raises:
        NotFound: nothing was known under it then.
    """
    row = find_row(reading, name)
    for _ in range(MERGES_MAX):
        if not row.merged_into or row.since_ms > as_of_ms:
            break
        row = find_row(reading, row.merged_into)
    facts = _facts_as_of(reading, row, as_of_ms)
    sources = _sources_as_of(reading, [row.case_id], as_of_ms).get(row.case_id, [])
    return CaseSummary(
        item=case_item(row, facts, sources),
        aliases=_aliases_as_of(reading, row, as_of_ms),
        outcome=facts.outcome,
        closed_reason=facts.closed_reason,
        blocked_by=tuple(decode_list(facts.blocked_by)),
        body=facts.body,
    )


def _facts_as_of(reading: Reading, row: CaseRow, as_of_ms: int) -> CaseRow | CasePastRow:
    if row.since_ms <= as_of_ms:
        return row
    found = reading.rows(CASES_PAST, "case_id = ? AND from_ms <= ? AND until_ms > ?", (row.case_id, as_of_ms, as_of_ms))
    if not found:
        raise NotFound("case.unknown_then", "the hub did not know this case then", "该时点尚无此案件")
    return found[0]


def _aliases_as_of(reading: Reading, row: CaseRow, as_of_ms: int) -> tuple[str, ...]:
    """Aliases whose way to this case was complete then."""
    names = decode_list(row.aliases)
    rows = {each.case_id: each for each in reading.among(CASES, "case_id", names)}

    def had_come(name: str) -> bool:
        for _ in range(MERGES_MAX):
            if name == row.case_id:
                return True
            if name not in rows or rows[name].since_ms > as_of_ms:
                return False
            name = rows[name].merged_into
        return False

    return tuple(name for name in names if had_come(name))


def _sources_as_of(reading: Reading, case_ids: Sequence[str], as_of_ms: int) -> dict[str, list[SourceItem]]:
    now = [row for row in reading.among(SOURCES, "case_id", case_ids) if row.reported and row.since_ms <= as_of_ms]
    then = [row for row in reading.among(SOURCES_PAST, "case_id", case_ids) if row.from_ms <= as_of_ms < row.until_ms]
    held: list[SourceRow | SourcePastRow] = [*now, *then]
    found: dict[str, list[SourceItem]] = {}
    for row in sorted(held, key=lambda row: row.ordinal):
        found.setdefault(row.case_id, []).append(source_item(row, row.source_id.partition(":")[0]))
    return found

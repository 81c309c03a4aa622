"""The tables of the case overview: cases and sources as they stand, and what they were before.

A *fact* is what an answer as of an earlier time tells. Before a fact changes, the row as it was goes into the table of the past with
the span in which it held: from `from_ms`, and before `until_ms`. Columns that are no facts (version, clocks, notices) leave no past.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from santiao.projections.contract import Index, Key, ViewTable
from santiao.projections.moments import NEVER
from santiao.store.log import Entry

VIEW = "case_overview"


class CaseRow(msgspec.Struct, gc=False):
    """One case. Lists stand as JSON; `clocks` is what `clock_list` keeps; `merged_into` is empty while the case lives.

    `body` is who has the case (a referral that is open or was taken), `proposed_body` whom the triage chose. `next_due_ms` is the
    first instant at which the next running deadline is missed, `NEVER` without one; which one that is, `clocks` tells. Facts are
    the columns that `CasePastRow` has too.
    """

    case_id: str
    shard: int
    case_no: str
    opened_ms: int
    since_ms: int
    dispute_type: str
    region: str
    risk: str
    status: str = "registered"
    outcome: str | None = None
    closed_reason: str = ""
    blocked_by: str = "[]"
    body: str = ""
    merged_into: str = ""
    aliases: str = "[]"
    split_from: str = ""
    officer: str = ""
    mediation_kind: str = ""
    mode: str = ""
    proposed_body: str = ""
    consents: str = "[]"
    designation: str = ""
    bounces: int = 0
    referral_id: str = ""
    referral_body: str = ""
    referral_state: str = ""
    mediation_id: str = ""
    mediation_state: str = ""
    agreement_no: str = ""
    agreement_state: str = ""
    clocks: bytes = b""
    next_due_ms: int = NEVER
    notices: int = 0
    version: int = 0
    updated_key: int = 0
    updated_ms: int = 0


class CasePastRow(msgspec.Struct, gc=False):
    """A case as it was in a span of recorded time."""

    case_id: str
    from_ms: int
    until_ms: int
    status: str
    dispute_type: str
    region: str
    risk: str
    outcome: str | None
    closed_reason: str
    blocked_by: str
    body: str


class SourceRow(msgspec.Struct, gc=False):
    """One agency's file. `ordinal` is its place among the sources of its case; one that is not `reported` only waits.

    `main_order`, `presence_order` and `merge_order` are places in the source's own order (`order_of`); `hits` the gates announced.
    """

    source_id: str
    agency: str
    key: str
    case_id: str = ""
    ordinal: int = 0
    reported: int = 0
    state: str = "live"
    hits: str = "[]"
    since_ms: int = 0
    versions: int = 0
    withdrawn: int = 0
    absent: int = 0
    merged_into: str = ""
    sealed_off: int = 0
    dispute_type: str = ""
    stage: str = ""
    outcome: str | None = None
    reported_on: str | None = None
    main_order: bytes = b""
    presence_order: bytes = b""
    merge_order: bytes = b""
    updated_ms: int = 0


class SourcePastRow(msgspec.Struct, gc=False):
    """A source as it was in a span of recorded time."""

    source_id: str
    from_ms: int
    until_ms: int
    case_id: str
    ordinal: int
    key: str
    state: str
    hits: str


def cases_of(entry: Entry, event: Any) -> Iterable[Key]:
    """Case rows that an event touches: its own, the one absorbed, the one that sources left."""
    found = [entry.case_id] if entry.case_id else []
    for name in ("absorbed", "split_from"):
        other = getattr(event, name, None)
        if other:
            found.append(other)
    return found


def sources_of(entry: Entry, event: Any) -> Iterable[Key]:
    """Source rows that an event touches."""
    one = getattr(event, "source_id", None)
    return (one,) if one else getattr(event, "sources", ())


CASES = ViewTable(
    name="case_overview",
    view=VIEW,
    row=CaseRow,
    indexes=(
        Index(("case_no",), is_unique=True),
        Index(("opened_ms", "case_id"), "merged_into = ''"),
        Index(("next_due_ms", "case_id"), "merged_into = '' AND status <> 'closed'"),
        Index(("opened_ms", "case_id"), "merged_into = '' AND status <> 'closed'"),
        Index(("body", "next_due_ms", "case_id"), "body <> ''"),
    ),
    looks_at=cases_of,
)
CASES_PAST = ViewTable(name="case_overview_past", view=VIEW, row=CasePastRow, key_columns=2)
SOURCES = ViewTable(
    name="case_sources",
    view=VIEW,
    row=SourceRow,
    indexes=(Index(("case_id", "ordinal")),),
    looks_at=sources_of,
)
SOURCES_PAST = ViewTable(
    name="case_sources_past", view=VIEW, row=SourcePastRow, key_columns=2, indexes=(Index(("case_id", "from_ms")),)
)

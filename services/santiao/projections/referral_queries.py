"""Asking the referral worklist: a body's letters or a centre's, the next breach first; one letter; a case's letters."""

from collections.abc import Sequence

import msgspec

from santiao.domain.errors import NotFound
from santiao.projections.case_queries import DueItem, region_stem
from santiao.projections.case_reach import Own, own_condition
from santiao.projections.moments import tell
from santiao.projections.reading import (
    Page,
    Reading,
    Value,
    decode_cursor,
    encode_cursor,
    page_size,
)
from santiao.projections.referral_worklist import REFERRALS, ReferralRow


class ReferralItem(msgspec.Struct, frozen=True, kw_only=True):
    """One letter. `state` is what the body answered, `progress` what is being done; `next_due` the next breach of its case."""

    referral_id: str
    case_id: str
    case_no: str
    body: str
    mode: str
    edge: str
    state: str
    progress: str
    is_open: bool
    sent_at: str
    hub_due: str
    legal_due: str | None
    silence: str
    bounce: int
    designated: bool
    reason: str
    dispute_type: str
    region: str
    risk: str
    next_due: DueItem | None
    updated_at: str


class ReferralFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which letters; empty means any. A region that ends in 00 covers all below it. `everything` shows those that are done too."""

    everything: bool = False
    bodies: tuple[str, ...] = ()
    state: str = ""
    progress: str = ""
    mode: str = ""
    dispute_type: str = ""
    region: str = ""
    risk: str = ""
    due_before_ms: int | None = None
    own: Own | None = None
    """How far the asker's reach goes; None where it is the whole city."""


OPEN_LETTERS = ReferralFilter()


def list_referrals(
    reading: Reading, asked: ReferralFilter = OPEN_LETTERS, *, after: str | None = None, limit: int = 100
) -> Page[ReferralItem]:
    """Letters, the next breach first; those without one, and those that are done, come last.

    Raises:
        Rejection: the cursor is of another list, or the limit out of bounds.
    """
    where, values = _conditions(reading, asked)
    if after:
        due, referral_id = decode_cursor(after, tuple[int, str])
        where.append("(next_due_ms > ? OR (next_due_ms = ? AND referral_id > ?))")
        values.extend((due, due, referral_id))
    rows = reading.rows(
        REFERRALS, " AND ".join(where), values, order="next_due_ms, referral_id", limit=page_size(limit) + 1
    )
    shown = rows[:limit]
    more = encode_cursor(shown[-1].next_due_ms, shown[-1].referral_id) if len(rows) > limit else None
    return Page(tuple(map(_item, shown)), more)


def get_referral(reading: Reading, referral_id: str) -> ReferralItem:
    """One letter.

    Raises:
        NotFound: there is none of this id.
    """
    rows = reading.rows(REFERRALS, "referral_id = ?", (referral_id,))
    if not rows:
        raise NotFound("referral.unknown", "no such referral", "没有该移送")
    return _item(rows[0])


def referrals_of(reading: Reading, case_ids: Sequence[str]) -> tuple[ReferralItem, ...]:
    """Every letter of a case under all its ids, oldest first."""
    rows = reading.among(REFERRALS, "case_id", case_ids)
    return tuple(_item(row) for row in sorted(rows, key=lambda row: (row.sent_ms, row.referral_id)))


def _conditions(reading: Reading, asked: ReferralFilter) -> tuple[list[str], list[Value]]:
    where: list[str] = [] if asked.everything else ["is_open = 1"]
    values: list[Value] = []
    for column in ("state", "progress", "mode", "dispute_type", "risk"):
        value = getattr(asked, column)
        if value:
            where.append(f"{column} = ?")
            values.append(value)
    if asked.bodies:
        where.append(f"body IN ({', '.join('?' * len(asked.bodies))})")
        values.extend(asked.bodies)
    if asked.region:
        within = region_stem(asked.region)
        where.append("substr(region, 1, ?) = ?")
        values.extend((len(within), within))
    if asked.due_before_ms is not None:
        where.append("next_due_ms <= ?")
        values.append(asked.due_before_ms)
    if asked.own is not None:
        told, own = own_condition(reading, asked.own)
        where.append(told)
        values.extend(own)
    return where, values


def _item(row: ReferralRow) -> ReferralItem:
    return ReferralItem(
        referral_id=row.referral_id,
        case_id=row.case_id,
        case_no=row.case_no,
        body=row.body,
        mode=row.mode,
        edge=row.edge,
        state=row.state,
        progress=row.progress,
        is_open=bool(row.is_open),
        sent_at=tell(row.sent_ms),
        hub_due=row.hub_due,
        legal_due=row.legal_due,
        silence=row.silence,
        bounce=row.bounce,
        designated=bool(row.designated),
        reason=row.reason,
        dispute_type=row.dispute_type,
        region=row.region[:6],
        risk=row.risk,
        next_due=_due(row),
        updated_at=tell(row.updated_ms),
    )


def _due(row: ReferralRow) -> DueItem | None:
    if row.next_due is None:
        return None
    return DueItem(tell(row.next_due_ms), row.next_due, row.next_rule, row.next_clock)

"""Reconciliation (对账): what is owed to each agency, what it has, what it answered for, and what is given up.

The rule kept here: every row is counted once, so that an agency's own count can be held against ours.
"""

import msgspec
import sqlalchemy as sa

from santiao.store.database import Database

_ACCOUNTS = sa.text("""
SELECT o.destination AS agency, COUNT(*) AS owed,
  SUM(CASE WHEN o.state IN ('due', 'claimed') THEN 1 ELSE 0 END) AS waiting,
  SUM(CASE WHEN o.state = 'delivered' THEN 1 ELSE 0 END) AS delivered,
  SUM(CASE WHEN o.state = 'dead' THEN 1 ELSE 0 END) AS dead,
  SUM(CASE WHEN o.state = 'delivered' AND r.answer = 'taken' THEN 1 ELSE 0 END) AS taken,
  SUM(CASE WHEN o.state = 'delivered' AND r.answer IS NULL THEN 1 ELSE 0 END) AS unanswered,
  SUM(CASE WHEN o.state = 'dead' AND r.answer = 'conflict' THEN 1 ELSE 0 END) AS conflict,
  SUM(CASE WHEN o.state = 'dead' AND r.answer = 'failed' THEN 1 ELSE 0 END) AS failed
FROM outbox o LEFT JOIN feedback_rows r ON r.outbox_id = o.id
WHERE o.kind LIKE 'feedback.%' GROUP BY o.destination ORDER BY o.destination
""")


class AgencyAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One agency's account: owed = waiting + delivered + dead; delivered = taken + unanswered.

    Dead rows are those given up after all attempts, and those the agency answered with a conflict or a failure.
    """

    agency: str
    owed: int
    waiting: int
    delivered: int
    dead: int
    taken: int
    unanswered: int
    conflict: int
    failed: int


def reconcile(database: Database) -> list[AgencyAccount]:
    """Every agency's account, by its name."""
    with database.readable() as connection:
        rows = connection.execute(_ACCOUNTS).mappings().all()
    return [msgspec.convert(dict(row), AgencyAccount) for row in rows]

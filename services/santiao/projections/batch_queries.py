"""Asking for parent batches (群体): every batch with its children, and which batch a case is a child of."""

from collections.abc import Sequence

import msgspec

from santiao.domain.errors import NotFound
from santiao.projections.batches import CHILDREN
from santiao.projections.case_overview_rows import CASES
from santiao.projections.case_queries import CaseItem, sources_of, summary_of
from santiao.projections.moments import tell
from santiao.projections.reading import Page, Reading, decode_cursor, encode_cursor, page_size


class BatchItem(msgspec.Struct, frozen=True):
    """A batch with its children, the oldest first; `sources` counts those of all children."""

    batch_no: str
    formed_at: str
    sources: int
    cases: tuple[CaseItem, ...]


def list_batches(reading: Reading, *, after: str | None = None, limit: int = 50) -> Page[BatchItem]:
    """Every batch there is, by its number.

    Raises:
        Rejection: the cursor is of another list, or the limit out of bounds.
    """
    (last,) = decode_cursor(after, tuple[str]) if after else ("",)
    sql = f"SELECT DISTINCT batch FROM {reading.table(CHILDREN)} WHERE batch > ? ORDER BY batch LIMIT ?"
    numbers = [str(row[0]) for row in reading.execute(sql, [last, page_size(limit) + 1])]
    shown = tuple(find_batch(reading, number) for number in numbers[:limit])
    return Page(shown, encode_cursor(numbers[limit - 1]) if len(numbers) > limit else None)


def find_batch(reading: Reading, number: str) -> BatchItem:
    """A batch with its children.

    Raises:
        NotFound: there is no such batch.
    """
    rows = reading.rows(CHILDREN, "batch = ?", (number,))
    found = sorted(
        reading.among(CASES, "case_id", [row.case_id for row in rows]), key=lambda row: (row.opened_ms, row.case_id)
    )
    if not found:
        raise NotFound("batch.unknown", "no such batch", "没有该群体")
    sources = sources_of(reading, [row.case_id for row in found])
    items = tuple(summary_of(row, sources.get(row.case_id, ())).item for row in found)
    formed = tell(min(row.joined_ms for row in rows))
    return BatchItem(number, formed, sum(len(item.sources) for item in items), items)


def batches_of(reading: Reading, case_ids: Sequence[str]) -> dict[str, str]:
    """The batch of each of these cases that is in one."""
    return {row.case_id: row.batch for row in reading.among(CHILDREN, "case_id", case_ids)}

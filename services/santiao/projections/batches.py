"""The view of parent batches (群体): which cases are children of which batch. The cases themselves are the case overview's.

A batch is nothing but its children: one whose last child left is gone, and a child that was merged away is no child any more.
Queries are in `batch_queries.py`.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from santiao.domain.events import cases
from santiao.projections.contract import Index, Key, Projection, TableSet, ViewTable
from santiao.store.log import Entry

VIEW = "batches"


class ChildRow(msgspec.Struct, gc=False):
    """A child and its batch's number."""

    case_id: str
    batch: str
    joined_ms: int


def _children_of(entry: Entry, event: Any) -> Iterable[Key]:
    absorbed = getattr(event, "absorbed", None)
    return (entry.case_id, absorbed) if absorbed else (entry.case_id,)


CHILDREN = ViewTable(
    name="batch_children", view=VIEW, row=ChildRow, indexes=(Index(("batch", "case_id")),), looks_at=_children_of
)


class BatchFold:
    """Folds who joined and left."""

    def __init__(self, tables: TableSet) -> None:
        self.rows = tables.of(CHILDREN)

    def joined(self, at: Entry, event: cases.BatchJoined) -> None:
        self.rows.put(ChildRow(at.case_id, event.batch, at.recorded_ms))

    def left(self, at: Entry, event: cases.BatchLeft) -> None:
        self.rows.delete(at.case_id)

    def merged(self, at: Entry, event: cases.CaseMerged) -> None:
        absorbed = self.rows.get(event.absorbed)
        if absorbed is None:
            return
        if self.rows.get(at.case_id) is None:
            self.rows.put(ChildRow(at.case_id, absorbed.batch, absorbed.joined_ms))
        self.rows.delete(event.absorbed)


BATCHES = Projection(
    name=VIEW,
    version=1,
    tables=(CHILDREN,),
    fold=BatchFold,
    handlers={"BatchJoined": BatchFold.joined, "BatchLeft": BatchFold.left, "CaseMerged": BatchFold.merged},
)

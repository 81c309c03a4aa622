"""Rows of views that a projector keeps in memory from one run to the next, so that a small run reads next to nothing.

The rule kept here: rows are used again only where their view stands, in the same generation, at the very positions where this projector
left it; then nobody can have changed them since. They are taken out while they are used, so that of two threads one has them, and who
fails with them does not put them back.
"""

from collections.abc import Iterable, Mapping

import msgspec

from santiao.projections.contract import Projection
from santiao.projections.generations import Standing, live_of
from santiao.projections.rows import WorkingSet
from santiao.store.database import Database

KEPT_MAX = 5_000
"""Rows of one view; past that they are let go of."""


class KeptView(msgspec.Struct):
    """A view's rows in memory, and the positions at which they were read or written, by shard."""

    working: WorkingSet
    positions: dict[int, int]

    @property
    def name(self) -> str:
        """The view's name."""
        return self.working.projection.name


class KeptViews:
    """What one projector keeps."""

    def __init__(self, views: Database) -> None:
        self._views = views
        self._kept: dict[str, KeptView] = {}

    def take(self, projections: Iterable[Projection], standings: Mapping[str, Standing]) -> list[KeptView]:
        """These views as they stand, with the rows that are still good."""
        return [self._take(each, live_of(standings, each.name)) for each in projections]

    def _take(self, projection: Projection, standing: Standing) -> KeptView:
        positions = {shard: position for shard, position in standing.positions.items() if position}
        kept = self._kept.pop(projection.name, None)
        if kept is None or kept.working.generation != standing.generation or kept.positions != positions:
            return KeptView(WorkingSet(self._views, projection, standing.generation), positions)
        if kept.working.kept > KEPT_MAX:
            kept.working.forget()
        return kept

    def put_back(self, kept: Iterable[KeptView]) -> None:
        """Keep these for the next run. All they hold was written."""
        for each in kept:
            self._kept[each.name] = each


def group_by_position(kept: Iterable[KeptView], shard: int) -> dict[int, list[KeptView]]:
    """Views by where they stand in a shard: one that was just rebuilt stands apart."""
    groups: dict[int, list[KeptView]] = {}
    for each in kept:
        groups.setdefault(each.positions.get(shard, 0), []).append(each)
    return groups

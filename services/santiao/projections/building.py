"""A build: generations of several views in the making, folded in one pass over the log beside the live ones.

Rows are folded in memory and written in short transactions, so that intake and the live views go on; nothing is resumed after a kill,
the next build begins afresh.
"""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy.engine import Connection

from santiao.projections import generations
from santiao.projections.contract import Handler, Projection, wanted_by
from santiao.projections.rows import WorkingSet
from santiao.store.database import Database
from santiao.store.log import Entry, Log

RUN = 5_000
"""Events folded between two looks at memory and progress."""
ADDED_MAX = 100_000
"""Rows that wait before they are written, of those that no fold reads again."""
KEPT_MAX = 600_000
"""Rows kept in memory; past that they are written, let go of, and read again when needed. Until then each is written once."""

Progress = Callable[[str, int, int], None]
"""(what is built, events folded, events in all)"""


class Build:
    """Generations of several views in the making, all at the same positions."""

    def __init__(
        self,
        log: Log,
        database: Database,
        fresh: Mapping[str, int],
        projections: Sequence[Projection],
        progress: Progress | None,
    ) -> None:
        self.log = log
        self.database = database
        self.fresh = fresh
        self.sets = [
            WorkingSet(database, projection, fresh[projection.name], is_whole=True) for projection in projections
        ]
        self.positions: dict[int, int] = {}
        self._progress = progress
        self._wanted = wanted_by(projections)
        self._handlers: dict[str, list[Handler]] = {name: [] for name in self._wanted}
        for each in self.sets:
            for name, handler in each.handlers.items():
                self._handlers[name].append(handler)

    def advance(self, heads: Mapping[int, int]) -> None:
        """Fold every shard up to `heads`. What memory does not hold is written on the way; `write` writes the rest."""
        for _ in self._fold_to(heads):
            self._make_room()

    def meet(self, connection: Connection, heads: Mapping[int, int]) -> None:
        """The same in a transaction of the caller's, who holds the lock; it is for a short way only.

        Raises:
            Conflict: a later build took over.
        """
        self.require(connection)
        for _ in self._fold_to(heads):
            pass  # Making room would wait for the lock that is held.
        for each in self.sets:
            each.write(connection)

    def _fold_to(self, heads: Mapping[int, int]) -> Iterator[None]:
        total = sum(heads.values())
        for shard, head in heads.items():
            while (after := self.positions.get(shard, 0)) < head:
                with _uncollected():
                    self._fold_run(shard, after, min(head, after + RUN))
                yield
                if self._progress is not None:
                    self._progress(_title(self.sets), sum(self.positions.values()), total)

    def _fold_run(self, shard: int, after: int, until: int) -> None:
        with self.log.database.readable() as connection:
            entries = self.log.entries(connection, shard, after, until, self._wanted)
            if all(each.is_whole for each in self.sets):
                handlers = self._handlers
                for entry in entries:
                    event = entry.event
                    for handle in handlers[entry.name]:
                        handle(entry, event)
            else:
                self._fold_reading(list(entries))
        self.positions[shard] = until

    def _fold_reading(self, entries: Sequence[Entry]) -> None:
        with self.database.readable() as views:
            for each in self.sets:
                each.lend(views)
                each.prefetch(entries)
                each.fold(entries)
                each.lend(None)

    def _make_room(self) -> None:
        with _uncollected():
            if sum(each.added for each in self.sets) > ADDED_MAX:
                for each in self.sets:
                    each.write_added()
            if sum(each.kept for each in self.sets) > KEPT_MAX:
                for each in self.sets:
                    each.write_in_slices()
                    each.forget()

    def write(self) -> None:
        """Write everything folded so far, in short transactions."""
        with _uncollected():
            for each in self.sets:
                each.write_in_slices()

    def require(self, connection: Connection) -> None:
        """Make sure that no later build took over one of these views.

        Raises:
            Conflict: one did.
        """
        for view, generation in self.fresh.items():
            generations.require_building(self.database, connection, view, generation)


def _title(sets: Sequence[WorkingSet]) -> str:
    return sets[0].projection.name if len(sets) == 1 else f"{len(sets)} views"


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the cycle collector: decoded events hold no cycles, and looking for some costs a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

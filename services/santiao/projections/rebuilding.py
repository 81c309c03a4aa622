"""Building views anew beside the live ones, comparing them, and swapping them in.

One pass over the log folds all the views named. Rows are folded in memory and written in short transactions, so that intake and the
live views go on; nothing is resumed after a kill, the next build begins afresh. A verification folds into a scratch database and
never writes to the one that readers use.
"""

import gc
import logging
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import msgspec
from sqlalchemy import event
from sqlalchemy.engine import Connection

from santiao.projections import generations
from santiao.projections.contract import Handler, Projection, wanted_by
from santiao.projections.generations import Standing, live_of
from santiao.projections.rows import WorkingSet
from santiao.store.database import Database
from santiao.store.log import Entry, Log

logger = logging.getLogger(__name__)
RUN = 5_000
"""Events folded between two looks at memory and progress."""
UNWRITTEN_MAX = 200_000
"""Rows that wait before they are written."""
KEPT_MAX = 600_000
"""Rows kept in memory; past that they are written, let go of, and read again when needed."""
_TRIES_MAX = 5

Progress = Callable[[str, int, int], None]
"""(what is built, events folded, events in all)"""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """Live and recomputed digests of a view at one position vector."""

    view: str
    live: str
    recomputed: str
    agrees: bool
    positions: dict[int, int]


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """A view that was built anew. `agreed` says whether the one before it was the same; None when its fold was another version."""

    view: str
    generation: int
    positions: dict[int, int]
    agreed: bool | None


class _Build:
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
        """Fold every shard up to `heads`. Much of what was folded is written on the way; `write` writes the rest."""
        total = sum(heads.values())
        for shard, head in heads.items():
            while (after := self.positions.get(shard, 0)) < head:
                with _uncollected():
                    self._fold_run(shard, after, min(head, after + RUN))
                if sum(each.unwritten for each in self.sets) > UNWRITTEN_MAX:
                    self.write()
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

    def write(self) -> None:
        """Write everything folded so far, in short transactions."""
        with _uncollected():
            for each in self.sets:
                each.write_in_slices()
        if sum(each.kept for each in self.sets) > KEPT_MAX:
            for each in self.sets:
                each.forget()

    def require(self, connection: Connection) -> None:
        """Make sure that no later build took over one of these views.

        Raises:
            Conflict: one did.
        """
        for view, generation in self.fresh.items():
            generations.require_building(self.database, connection, view, generation)


def _title(sets: Sequence[WorkingSet]) -> str:
    return sets[0].projection.name if len(sets) == 1 else f"{len(sets)} views"


class Rebuilder:
    """Rebuilds and verifies views of a log."""

    def __init__(self, log: Log, views: Database) -> None:
        self.log = log
        self.views = views

    def rebuild(self, projections: Sequence[Projection], progress: Progress | None = None) -> list[Rebuilt]:
        """Build these views in one pass, compare them with the live ones where those stand, and swap them in where the log stands."""
        with self.views.writable() as connection:
            fresh = {each.name: generations.start_building(connection, each) for each in projections}
        build = _Build(self.log, self.views, fresh, projections, progress)
        build.advance(_lowest(self._live(projections)))
        build.write()
        with ThreadPoolExecutor(1) as beside, ExitStack() as stack:
            comparison = self._begin_comparing(build, stack)
            compared = beside.submit(comparison)
            for each in projections:
                with self.views.writable() as connection:
                    build.require(connection)
                    generations.make_indexes(connection, each, fresh[each.name])
            agreed = compared.result()
        self._swap(build, projections)
        return [
            Rebuilt(view=each.name, generation=fresh[each.name], positions=build.positions, agreed=agreed[each.name])
            for each in projections
        ]

    def _begin_comparing(self, build: "_Build", stack: ExitStack) -> Callable[[], dict[str, bool | None]]:
        """Bring the build to where the live views stand, and open a snapshot that shows both there; what then compares their rows.

        Views that stand apart, are of another version, or never stood still cannot be compared: None.
        """
        for _ in range(_TRIES_MAX):
            with self.views.writable() as connection:
                self._meet_live(connection, build, _lowest)
            # Whoever waited for the lock has not committed yet, so that this snapshot nearly always shows both at one position.
            snapshot = stack.enter_context(self.views.readable())
            standings = generations.read_live(snapshot)
            here = [
                each.projection
                for each in build.sets
                if standings[each.projection.name].positions == build.positions
                and standings[each.projection.name].version == each.projection.version
            ]
            if here:
                return lambda: self._compare(snapshot, build, here, standings)
        return lambda: dict.fromkeys(build.fresh)

    def _compare(
        self, snapshot: Connection, build: "_Build", here: Sequence[Projection], standings: Mapping[str, Standing]
    ) -> dict[str, bool | None]:
        agreed: dict[str, bool | None] = dict.fromkeys(build.fresh)
        for each in here:
            name = each.name
            agreed[name] = generations.rows_agree(snapshot, each, standings[name].generation, build.fresh[name])
            if not agreed[name]:
                logger.error("view %s was not what the log folds to and is replaced", name)
        return agreed

    def _live(self, projections: Sequence[Projection]) -> list[Standing]:
        with self.views.readable() as connection:
            standings = generations.read_live(connection)
        return [live_of(standings, each.name) for each in projections]

    def _meet_live(
        self, connection: Connection, build: "_Build", where: Callable[[Iterable[Standing]], dict[int, int]]
    ) -> None:
        """Under the lock, bring the build to where the live views stand, and write it there. It was close before."""
        build.require(connection)
        standings = generations.hold_live(self.views, connection, build.fresh)
        build.advance(where(standings[view] for view in build.fresh))
        for each in build.sets:
            each.write(connection)

    def _follow(self, build: "_Build") -> None:
        """Come close to the head of the log while it grows."""
        for _ in range(_TRIES_MAX):
            with self.log.database.readable() as connection:
                heads = self.log.shards(connection)
            if build.positions == heads:
                break
            build.advance(heads)
        build.write()

    def _swap(self, build: "_Build", projections: Sequence[Projection]) -> None:
        """Make the build live. What the live views folded meanwhile is folded under the lock, so that readers never go back in time."""
        self._follow(build)
        with self.views.writable() as connection:
            self._meet_live(connection, build, _highest)
            for view, generation in build.fresh.items():
                generations.swap_in(connection, view, generation, build.positions)
        if (
            self.views.is_sqlite
        ):  # Elsewhere a reader may still hold the old tables' names; they go at the next start or build.
            with self.views.writable() as connection:
                for projection in projections:
                    generations.drop_retired(connection, projection)

    def verify(self, projections: Sequence[Projection], progress: Progress | None = None) -> list[Verification]:
        """Recompute views in a scratch database and compare digests; views at the same positions share a pass over the log."""
        with self.views.readable() as snapshot:
            standings = generations.read_live(snapshot)
            live = {
                each.name: generations.digest_of(snapshot, each, live_of(standings, each.name).generation)
                for each in projections
            }
        groups: dict[tuple[tuple[int, int], ...], list[Projection]] = {}
        for each in projections:
            groups.setdefault(tuple(sorted(standings[each.name].positions.items())), []).append(each)
        found: dict[str, Verification] = {}
        for positions, group in groups.items():
            for name, recomputed in self._recompute(group, dict(positions), progress).items():
                found[name] = Verification(
                    view=name,
                    live=live[name],
                    recomputed=recomputed,
                    agrees=live[name] == recomputed,
                    positions=dict(positions),
                )
        return [found[each.name] for each in projections]

    def _recompute(
        self, projections: Sequence[Projection], positions: Mapping[int, int], progress: Progress | None
    ) -> dict[str, str]:
        with _scratch_database() as scratch:
            with scratch.writable() as connection:
                generations.open_tables(scratch, connection)
                fresh = {each.name: generations.start_building(connection, each) for each in projections}
            build = _Build(self.log, scratch, fresh, projections, progress)
            build.advance(positions)
            build.write()
            with scratch.readable() as connection:
                return {each.name: generations.digest_of(connection, each, fresh[each.name]) for each in projections}


def _lowest(standings: Iterable[Standing]) -> dict[int, int]:
    """The furthest positions that all of these have reached."""
    vectors = [standing.positions for standing in standings]
    shards = set.intersection(*(set(vector) for vector in vectors))
    return {shard: min(vector[shard] for vector in vectors) for shard in sorted(shards)}


def _highest(standings: Iterable[Standing]) -> dict[int, int]:
    """The furthest positions that any of these has reached."""
    vectors = [standing.positions for standing in standings]
    shards = sorted({shard for vector in vectors for shard in vector})
    return {shard: max(vector.get(shard, 0) for vector in vectors) for shard in shards}


@contextmanager
def _scratch_database() -> Iterator[Database]:
    """A database for a while, on disk because a city's views may be larger than memory; it need not survive anything."""
    with tempfile.TemporaryDirectory(prefix="santiao-verify-") as folder:
        database = Database(f"sqlite:///{folder}/views.db")

        @event.listens_for(database.engine, "connect")
        def _hurry(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute("PRAGMA synchronous=OFF")

        try:
            yield database
        finally:
            database.dispose()


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

"""Building views anew beside the live ones, comparing them, and swapping them in.

Until the swap nothing waits for the disk: a generation that was not finished is dropped after any crash, so that it need not survive
one. The swap is durable, and with it everything before it: on SQLite its commit syncs the write-ahead log from the last checkpoint on,
in which the build's frames stand before its own; on PostgreSQL its commit flushes the log up to itself. So readers never see a
generation of which a power cut could take a part.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import msgspec
from sqlalchemy.engine import Connection

from santiao.projections import generations
from santiao.projections.building import Build, Progress
from santiao.projections.contract import Projection
from santiao.projections.generations import Standing, live_of
from santiao.store.database import Database
from santiao.store.log import Log

logger = logging.getLogger(__name__)
_TRIES_MAX = 5


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """A view that was built anew. `agreed` says whether the one before it was the same; None when its fold was another version."""

    view: str
    generation: int
    positions: dict[int, int]
    agreed: bool | None


class Rebuilder:
    """Rebuilds views of a log."""

    def __init__(self, log: Log, views: Database) -> None:
        self.log = log
        self.views = views

    def rebuild(self, projections: Sequence[Projection], progress: Progress | None = None) -> list[Rebuilt]:
        """Build these views in one pass, compare them with the live ones where those stand, and swap them in where the log stands."""
        fresh = {each.name: generations.start_building(self.views, each) for each in projections}
        try:
            build = Build(self.log, self.views, fresh, projections, progress)
            build.advance(_lowest(self._live(projections)))
            build.write()
            agreed = self._compare_and_index(build, projections)
            self._swap(build)
        except BaseException:
            for each in projections:
                generations.abandon(self.views, each.name, fresh[each.name])
                generations.drop_retired(self.views, each)
            raise
        if self.views.is_sqlite:  # Elsewhere a reader may still hold the old tables' names: at the next start or build.
            for each in projections:
                generations.drop_retired(self.views, each)
        return [
            Rebuilt(view=each.name, generation=fresh[each.name], positions=build.positions, agreed=agreed[each.name])
            for each in projections
        ]

    def _compare_and_index(self, build: Build, projections: Sequence[Projection]) -> dict[str, bool | None]:
        """Compare with the live ones while the indexes are made, each under the lock by itself."""
        with ThreadPoolExecutor(1) as beside, ExitStack() as stack:
            compared = beside.submit(self._begin_comparing(build, stack))
            for each in projections:
                for statement in generations.index_statements(each, build.fresh[each.name]):
                    with self.views.writable(is_durable=False) as connection:
                        build.require(connection)
                        connection.exec_driver_sql(statement)
            return compared.result()

    def _begin_comparing(self, build: Build, stack: ExitStack) -> Callable[[], dict[str, bool | None]]:
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
        self, snapshot: Connection, build: Build, here: Sequence[Projection], standings: Mapping[str, Standing]
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
        self, connection: Connection, build: Build, where: Callable[[Iterable[Standing]], dict[int, int]]
    ) -> None:
        """Under the lock, bring the build to where the live views stand, and write it there. It was close before."""
        standings = generations.hold_live(self.views, connection, build.fresh)
        build.meet(connection, where(standings[view] for view in build.fresh))

    def _follow(self, build: Build) -> None:
        """Come close to the head of the log while it grows."""
        for _ in range(_TRIES_MAX):
            with self.log.database.readable() as connection:
                heads = self.log.shards(connection)
            if build.positions == heads:
                break
            build.advance(heads)
        build.write()

    def _swap(self, build: Build) -> None:
        """Make the build live. What the live views folded meanwhile is folded under the lock, so that readers never go back in time."""
        self._follow(build)
        with self.views.writable() as connection:
            self._meet_live(connection, build, _highest)
            for view, generation in build.fresh.items():
                generations.swap_in(connection, view, generation, build.positions)


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

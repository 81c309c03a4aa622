"""The projector: folds the log into views, rebuilds them beside the live ones, verifies them.

One transaction takes a run of events, the rows they changed and the checkpoints, so that after a crash views stand exactly at a
position. Views live in a database of their own or in the store's; either way the log is only read.
"""

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy.engine import Connection

from santiao.domain.errors import NotFound
from santiao.domain.events import Event, Meta
from santiao.projections import generations
from santiao.projections.contract import Key, Projection, Rows
from santiao.projections.generations import physical_name, pointers
from santiao.projections.rows import BufferedRows
from santiao.store.database import Database
from santiao.store.log import Log

logger = logging.getLogger(__name__)
RUN = 1000
REBUILD_RUN = 5000
Progress = Callable[[str, int, int], None]
"""(view, events folded, events in all)"""


class ViewState(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator sees of a view."""

    name: str
    version: int
    generation: int
    state: str
    positions: dict[int, int]
    behind: int


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """Live and recomputed digests of a view at one position vector."""

    view: str
    live: str
    recomputed: str
    positions: dict[int, int]

    @property
    def agrees(self) -> bool:
        """Whether the live rows are what the log folds to."""
        return self.live == self.recomputed


class _Standing(NamedTuple):
    projection: Projection
    generation: int


class Projector:
    """Keeps views up to date with a log."""

    def __init__(self, log: Log, views: Database, projections: Sequence[Projection]) -> None:
        self.log = log
        self.views = views
        self.projections = {projection.name: projection for projection in projections}

    def prepare(self) -> None:
        """Make pointers and the first generation of views that have none; a view of another version is built anew."""
        with self.views.writable() as connection:
            generations.metadata.create_all(connection)
            known = {row.view: row for row in connection.execute(pointers.select())}
            for name, projection in self.projections.items():
                if name not in known:
                    generations.make_tables(connection, projection, 1)
                    connection.execute(
                        pointers.insert().values(view=name, generation=1, version=projection.version, state="live")
                    )
        for name, row in known.items():
            if name in self.projections and row.version != self.projections[name].version:
                self.rebuild(name)

    def generation(self, connection: Connection, name: str) -> int:
        """The generation readers use."""
        row = connection.execute(pointers.select().where(pointers.c.view == name)).first()
        if row is None:
            raise NotFound("view.unknown", f"no view {name}", f"没有视图 {name}")
        return int(row.generation)

    def table_name(self, connection: Connection, view: str, table: str) -> str:
        """Where a view's table stands now, for queries."""
        shape = next(each for each in self.projections[view].tables if each.name == table)
        return physical_name(shape, self.generation(connection, view))

    def run_once(self) -> int:
        """Fold one run of events of each shard into all live views; how many events were folded.

        Views that stand at different positions (one was just rebuilt) are folded in groups of equal position.
        """
        folded = 0
        with self.log.database.readable() as reader:
            heads = self.log.shards(reader)
        for shard, head in heads.items():
            with self.views.readable() as connection:
                standing = [
                    _Standing(each, self.generation(connection, name)) for name, each in self.projections.items()
                ]
                positions = {
                    each.projection.name: generations.read_checkpoints(
                        connection, each.projection.name, each.generation
                    ).get(shard, 0)
                    for each in standing
                }
            for after in sorted({position for position in positions.values() if position < head}):
                group = [each for each in standing if positions[each.projection.name] == after]
                folded += self._fold_run(shard, after, group)
        return folded

    def _fold_run(self, shard: int, after: int, group: Sequence[_Standing]) -> int:
        with self.log.database.readable() as reader:
            events = self.log.read(reader, shard, after, limit=RUN)
        if not events:
            return 0
        last = events[-1][0].position
        with self.views.writable() as connection:
            for projection, generation in group:
                generations.move_checkpoint(connection, projection.name, generation, shard, after, last)
                self._fold(connection, projection, generation, events)
        return len(events)

    def _fold(
        self, connection: Connection, projection: Projection, generation: int, events: Sequence[tuple[Meta, Event]]
    ) -> None:
        buffers = {
            table.name: BufferedRows(self.views, connection, table, physical_name(table, generation))
            for table in projection.tables
        }
        wanted: dict[str, set[Key]] = {name: set() for name in buffers}
        for meta, event in events:
            for table, key in projection.touches(meta, event):
                wanted[table].add(key)
        for name, keys in wanted.items():
            buffers[name].prefetch(keys)
        rows: dict[str, Rows] = dict(buffers)
        for meta, event in events:
            projection.apply(rows, meta, event)
        for buffer in buffers.values():
            buffer.flush()

    def catch_up(self) -> int:
        """Fold until nothing is left; how many events."""
        total = 0
        while folded := self.run_once():
            total += folded
        return total

    def rebuild(self, name: str, progress: Progress | None = None) -> int:
        """Build a view anew beside the live one and swap it in; the new generation."""
        projection = self._projection(name)
        generation = self._build_beside([projection], progress)[name]
        with self.views.writable() as connection:
            old = self.generation(connection, name)
            connection.execute(
                pointers.update()
                .where(pointers.c.view == name)
                .values(generation=generation, version=projection.version, state="live")
            )
            generations.drop_tables(connection, projection, old)
        return generation

    def verify(self, names: Sequence[str] = (), progress: Progress | None = None) -> list[Verification]:
        """Recompute views from the log and compare digests at the same positions; the copies are dropped again."""
        wanted = [self._projection(name) for name in names] or list(self.projections.values())
        self.catch_up()
        with self.views.readable() as connection:
            until = {
                each.name: generations.read_checkpoints(connection, each.name, self.generation(connection, each.name))
                for each in wanted
            }
            live = {
                each.name: generations.digest_of(self.views, connection, each, self.generation(connection, each.name))
                for each in wanted
            }
        found = []
        for each in wanted:
            generation = self._build_beside([each], progress, until=until[each.name])[each.name]
            with self.views.writable() as connection:
                recomputed = generations.digest_of(self.views, connection, each, generation)
                generations.drop_tables(connection, each, generation)
            found.append(
                Verification(view=each.name, live=live[each.name], recomputed=recomputed, positions=until[each.name])
            )
        return found

    def _build_beside(
        self, projections: Sequence[Projection], progress: Progress | None, until: dict[int, int] | None = None
    ) -> dict[str, int]:
        """Fold the log into new generations; all of it, or up to the positions `until`."""
        with self.views.writable() as connection:
            fresh = {}
            for projection in projections:
                generation = self._next_generation(connection, projection)
                generations.drop_tables(connection, projection, generation)
                generations.make_tables(connection, projection, generation)
                fresh[projection.name] = generation
        with self.log.database.readable() as reader:
            heads = until if until is not None else self.log.shards(reader)
        for shard, head in heads.items():
            self._build_shard(projections, fresh, shard, head, progress)
        return fresh

    def _build_shard(
        self, projections: Sequence[Projection], fresh: dict[str, int], shard: int, head: int, progress: Progress | None
    ) -> None:
        position = 0
        while position < head:
            with self.log.database.readable() as reader:
                events = self.log.read(reader, shard, position, limit=REBUILD_RUN, until=head)
            last = events[-1][0].position
            with self.views.writable() as connection:
                for projection in projections:
                    generations.move_checkpoint(
                        connection, projection.name, fresh[projection.name], shard, position, last
                    )
                    self._fold(connection, projection, fresh[projection.name], events)
            position = last
            if progress is not None:
                progress(projections[0].name, position, head)

    def _next_generation(self, connection: Connection, projection: Projection) -> int:
        row = connection.execute(pointers.select().where(pointers.c.view == projection.name)).first()
        return int(row.generation) + 1 if row is not None else 1

    def _projection(self, name: str) -> Projection:
        if name not in self.projections:
            known = ", ".join(sorted(self.projections))
            raise NotFound("view.unknown", f"no view {name}; there are {known}", f"没有视图 {name}")
        return self.projections[name]

    def states(self) -> list[ViewState]:
        """Every view with how far it is behind."""
        with self.log.database.readable() as reader:
            heads = self.log.shards(reader)
        with self.views.readable() as connection:
            found = []
            for row in connection.execute(pointers.select().order_by(pointers.c.view)):
                positions = generations.read_checkpoints(connection, row.view, row.generation)
                behind = sum(head - positions.get(shard, 0) for shard, head in heads.items())
                found.append(
                    ViewState(
                        name=row.view,
                        version=row.version,
                        generation=row.generation,
                        state=row.state,
                        positions=positions,
                        behind=behind,
                    )
                )
        return found

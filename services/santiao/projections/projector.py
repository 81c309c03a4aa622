"""The projector: keeps views up to date with the log.

Rows are read and folded before the write lock is taken; one short transaction then compares and sets the checkpoints and writes the
rows, so that after a crash views stand exactly at a position, and whoever folded the same stretch in between makes it a `Conflict`.
Views live in a database of their own or in the store's; either way the log is only read.
"""

import logging
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import msgspec
from sqlalchemy.engine import Connection

from santiao.domain.errors import Conflict, NotFound
from santiao.domain.observing import UNOBSERVED, Observer
from santiao.projections import generations
from santiao.projections.building import Progress
from santiao.projections.contract import Projection, wanted_by
from santiao.projections.generations import Standing, live_of
from santiao.projections.kept_views import KeptView, KeptViews, group_by_position
from santiao.projections.rebuilding import Rebuilder, Rebuilt
from santiao.projections.rows import WorkingSet
from santiao.projections.verifying import Verification, Verifier
from santiao.store.database import Database
from santiao.store.log import Entry, Log

logger = logging.getLogger(__name__)
RUN = 1000
"""Events folded in one transaction."""
_MAX_CONFLICTS = 100


class ViewState(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator sees of a view. `state` is live, or stalled: an event could not be folded, and `stalled_at` says which."""

    name: str
    version: int
    generation: int
    state: str
    positions: dict[int, int]
    behind: int
    stalled_at: str = ""


class _Run(NamedTuple):
    """A stretch of a shard: `after` < position <= `until`."""

    shard: int
    after: int
    until: int


class Projector:
    """Keeps views up to date with a log, and has them rebuilt and verified."""

    def __init__(
        self, log: Log, views: Database, projections: Sequence[Projection], observer: Observer = UNOBSERVED
    ) -> None:
        self.log = log
        self._observer = observer
        self.views = views
        self.projections = {projection.name: projection for projection in projections}
        self.stalled: dict[str, str] = {}
        self._kept = KeptViews(views)
        self._rebuilder = Rebuilder(log, views)
        self._verifier = Verifier(log, views)

    def prepare(self) -> None:
        """Make what is missing: the first generation of new views; views of another version than the code's are built anew."""
        with self.views.writable() as connection:
            generations.open_tables(self.views, connection)
            standings = generations.read_live(connection)
            for name, projection in self.projections.items():
                if name not in standings:
                    generations.begin_live(connection, projection)
        for projection in self.projections.values():
            generations.drop_retired(self.views, projection)
        outdated = [
            name
            for name, projection in self.projections.items()
            if name in standings and standings[name].version != projection.version
        ]
        if outdated:
            self.rebuild(outdated)

    def run_once(self, shards: Collection[int] | None = None) -> int:
        """Fold one run of events of each shard (or only of these) into all live views; how many events were folded.

        Views that stand at different positions (one was just rebuilt) are folded in groups of equal position.

        Raises:
            Conflict: another process folded the same events; nothing was folded twice.
        """
        folded = 0
        with self._snapshot() as (views, log):
            standings = generations.read_live(views)
            heads = {
                shard: head
                for shard, head in self.log.shards(log).items()
                if (shards is None or shard in shards) and self._is_behind(standings.values(), shard, head)
            }
            kept = self._kept.take(self._running(), standings) if heads else []
            for shard, head in heads.items():
                groups = group_by_position(kept, shard)
                for after in sorted(position for position in groups if position < head):
                    until = min(head, after + RUN)
                    wanted = wanted_by(each.working.projection for each in groups[after])
                    entries = list(self.log.entries(log, shard, after, until, wanted))
                    folded += self._fold_run(views, groups[after], entries, _Run(shard, after, until))
        self._put_back(kept)
        return folded

    def fold_told(self, shard: int, after: int, until: int, entries: Sequence[Entry]) -> bool:
        """Fold a stretch of a shard that somebody read already: every event with `after` < position <= `until`, in order.

        Views that have folded a part of it fold the rest. False when one stands before `after`: then nothing was folded into any, and
        `run_once` brings that one on from the log.

        Raises:
            Conflict: another process folded the same events; nothing was folded twice.
        """
        with self.views.readable() as views:
            standings = generations.read_live(views)
            if self._is_behind(standings.values(), shard, after):
                return False
            kept = self._kept.take(self._running(), standings)
            for position, group in group_by_position(kept, shard).items():
                if position < until:
                    rest = [each for each in entries if each.position > position]
                    self._fold_run(views, group, rest, _Run(shard, position, until))
        self._put_back(kept)
        return True

    @contextmanager
    def _snapshot(self) -> Iterator[tuple[Connection, Connection]]:
        """One read of views and log; where both are in one database, one connection's."""
        with self.views.readable() as views:
            if self.views is self.log.database:
                yield views, views
            else:
                with self.log.database.readable() as log:
                    yield views, log

    def _is_behind(self, standings: Iterable[Standing], shard: int, head: int) -> bool:
        return any(
            each.positions.get(shard, 0) < head
            for each in standings
            if each.view in self.projections and each.view not in self.stalled
        )

    def _running(self) -> list[Projection]:
        return [projection for name, projection in self.projections.items() if name not in self.stalled]

    def _put_back(self, kept: Iterable[KeptView]) -> None:
        self._kept.put_back(each for each in kept if each.name not in self.stalled)

    def _fold_run(self, views: Connection, group: list[KeptView], entries: Sequence[Entry], run: _Run) -> int:
        """Fold entries into these views, and write them in one transaction.

        It does not wait for the disk: after a power cut the views may stand where they stood before, and are folded from there again.
        Rows and checkpoint go back together, and are never ahead of the log, whose own commits were on the disk before they were read.
        """
        began = time.perf_counter()
        sets = [each for each in group if self._folds(each.working, entries, views)]
        if not sets:
            return 0
        with self.views.writable(is_durable=False) as connection:
            pairs = [(each.name, each.working.generation) for each in sets]
            generations.move_checkpoints(connection, pairs, run.shard, run.after, run.until)
            for each in sets:
                each.working.write(connection)
        for each in sets:
            each.positions[run.shard] = run.until
        names = [each.name for each in sets]
        self._observer.folded(names, run.shard, run.after, run.until, time.perf_counter() - began)
        return run.until - run.after

    def _folds(self, working: WorkingSet, entries: Iterable[Entry], connection: Connection) -> bool:
        """Fold into one view. One whose fold raises is stalled and told of; the others go on.

        Raises:
            StoreFailure: the database does not answer; that is no fault of the view.
            Conflict: the view was built anew meanwhile, and its tables of before are gone.
        """
        try:
            working.lend(connection)
            working.prefetch(entries)
            working.fold(entries)
            return True
        except Exception as error:
            name = working.projection.name
            if not self._is_live(working):
                raise Conflict(
                    "view.rebuilt", f"view {name} was built anew meanwhile", "视图刚被重建，将重试"
                ) from None
            if self.views.is_to_blame_for(error):
                raise
            self.stalled[name] = type(error).__name__
            logger.exception("view %s cannot fold an event and stands still until it is mended and rebuilt", name)
            return False
        finally:
            working.lend(None)

    def _is_live(self, working: WorkingSet) -> bool:
        """Whether readers still use the generation that is folded into."""
        with self.views.readable() as connection:
            standings = generations.read_live(connection)
        return live_of(standings, working.projection.name).generation == working.generation

    def catch_up(self) -> int:
        """Fold until nothing is left; how many events this process folded."""
        total = conflicts = 0
        while conflicts < _MAX_CONFLICTS:
            try:
                folded = self.run_once()
            except Conflict:
                conflicts += 1
                continue
            if not folded:
                return total
            total += folded
        raise Conflict(
            "view.contended", "other processes keep folding the same views", "其他进程正在更新视图，请稍后重试"
        )

    def rebuild(self, names: Sequence[str] = (), progress: Progress | None = None) -> list[Rebuilt]:
        """Build views anew in one pass over the log, beside the live ones, compare their digests, and swap them in.

        Raises:
            NotFound: no such view.
            Conflict: another process began to build one of them.
        """
        built = self._rebuilder.rebuild(self._named(names), progress)
        for each in built:
            self.stalled.pop(each.view, None)
        return built

    def verify(self, names: Sequence[str] = (), progress: Progress | None = None) -> list[Verification]:
        """Recompute views from the log and compare digests at the same positions; the live ones are only read.

        Raises:
            NotFound: no such view.
        """
        self.catch_up()
        return self._verifier.verify(self._named(names), progress)

    def _named(self, names: Sequence[str]) -> list[Projection]:
        unknown = [name for name in names if name not in self.projections]
        if unknown:
            there = ", ".join(sorted(self.projections))
            raise NotFound("view.unknown", f"no view {unknown[0]}; there are {there}", f"没有视图 {unknown[0]}")
        return [self.projections[name] for name in names] if names else list(self.projections.values())

    def states(self) -> list[ViewState]:
        """Every view with how far it is behind."""
        with self.views.readable() as connection:
            standings = generations.read_live(connection)
        with self.log.database.readable() as connection:
            heads = self.log.shards(connection)
        return [
            ViewState(
                name=name,
                version=standing.version,
                generation=standing.generation,
                state="stalled" if name in self.stalled else "live",
                positions=standing.positions,
                behind=sum(head - standing.positions.get(shard, 0) for shard, head in heads.items()),
                stalled_at=self.stalled.get(name, ""),
            )
            for name, standing in sorted(standings.items())
            if name in self.projections
        ]

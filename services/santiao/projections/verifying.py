"""Verifying views: recomputing them from the log in a scratch database and comparing digests. The live ones are only read."""

import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec
from sqlalchemy import event

from santiao.projections import generations
from santiao.projections.building import Build, Progress
from santiao.projections.contract import Projection
from santiao.projections.generations import live_of
from santiao.store.database import Database
from santiao.store.log import Log


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """Live and recomputed digests of a view at one position vector."""

    view: str
    live: str
    recomputed: str
    agrees: bool
    positions: dict[int, int]


class Verifier:
    """Holds views to their log."""

    def __init__(self, log: Log, views: Database) -> None:
        self.log = log
        self.views = views

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
            fresh = {each.name: generations.start_building(scratch, each) for each in projections}
            build = Build(self.log, scratch, fresh, projections, progress)
            build.advance(positions)
            build.write()
            with scratch.readable() as connection:
                return {each.name: generations.digest_of(connection, each, fresh[each.name]) for each in projections}


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

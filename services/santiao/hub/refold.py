"""Folding files from the log again: after the code that folds them changed, and to prove that files and log agree.

Case files carry the fingerprint of the types and code that folded them. A home whose files carry another is folded anew at start,
shard by shard, before anything is received.
"""

from collections.abc import Iterator

import msgspec
from sqlalchemy import select
from sqlalchemy.engine import Connection

from santiao.domain import folding
from santiao.domain.designations import Designation, keep_designation
from santiao.domain.files import CaseFile, LinkFile, SourceFile
from santiao.domain.ids import CaseId, SourceId
from santiao.hub.engine import Engine
from santiao.store import tables
from santiao.store.case_codec import decode_case, encode_case
from santiao.store.designations import put_designations, read_designations
from santiao.store.shelf import decode_link, decode_source

_encode = msgspec.msgpack.Encoder(order="deterministic").encode


class MemoryWorld:
    """Files in dictionaries: what a log folds to."""

    def __init__(self) -> None:
        self.sources: dict[SourceId, SourceFile] = {}
        self.cases: dict[CaseId, CaseFile] = {}
        self.links: dict[tuple[SourceId, SourceId], LinkFile] = {}
        self.designations: dict[str, Designation] = {}

    def source(self, name: SourceId) -> SourceFile | None:
        return self.sources.get(name)

    def case(self, name: CaseId) -> CaseFile | None:
        return self.cases.get(name)

    def link(self, a: SourceId, b: SourceId) -> LinkFile | None:
        return self.links.get((a, b))

    def put_source(self, file: SourceFile) -> None:
        self.sources[file.id] = file

    def put_case(self, file: CaseFile) -> None:
        self.cases[file.id] = file

    def put_link(self, file: LinkFile) -> None:
        self.links[file.a, file.b] = file


class Refolder:
    """Folds shards of a hub's log."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def fold(self, connection: Connection, shard: int) -> MemoryWorld:
        """All files of a shard, from its log alone."""
        world = MemoryWorld()
        for meta, event in self.engine.log.stream(connection, shard):
            folding.evolve(world, meta, event)
            keep_designation(world.designations, meta, event)
        return world

    def differences(self) -> Iterator[str]:
        """Files whose stored form is not what the log folds to, by name; nothing when all agree."""
        with self.engine.database.readable() as connection:
            for shard in self.engine.log.shards(connection):
                world = self.fold(connection, shard)
                yield from self._compare(connection, shard, world)

    def _compare(self, connection: Connection, shard: int, world: MemoryWorld) -> Iterator[str]:
        stored: set[str] = set()
        for row in connection.execute(select(tables.case_files.c.data).where(tables.case_files.c.shard == shard)):
            case = decode_case(row.data)
            stored.add(case.id)
            if world.cases.get(case.id) != case:
                yield f"case {case.id}"
        yield from (f"case {name} is missing" for name in world.cases if name not in stored)
        for row in connection.execute(select(tables.sources.c.data)):
            file = decode_source(row.data)
            if file.shard == shard and world.sources.get(file.id) != file:
                yield f"source of case {file.case_id}"
        rows = {each.rule: each for each in read_designations(connection, shard)}
        yield from (
            f"rule {rule}"
            for rule in rows.keys() | world.designations
            if rows.get(rule) != world.designations.get(rule)
        )
        for row in connection.execute(select(tables.links.c.data).where(tables.links.c.data.is_not(None))):
            link = decode_link(row.data)
            if link.a in world.sources and world.links.get((link.a, link.b)) != link:
                yield "a link"

    def refold_stale(self) -> int:
        """Fold again every shard with a case file of another fingerprint; how many shards."""
        stale = tables.case_files.c.fingerprint != self.engine.fingerprint
        with self.engine.database.readable() as connection:
            shards = list(connection.execute(select(tables.case_files.c.shard).where(stale).distinct()).scalars())
        for shard in shards:
            with self.engine.database.writable() as connection:
                self._rewrite(connection, self.fold(connection, shard))
        return len(shards)

    def _rewrite(self, connection: Connection, world: MemoryWorld) -> None:
        database = self.engine.database
        names = dict(database.select_in(connection, tables.case_names, ("name", "case_pk"), "name", list(world.cases)))
        database.execute_many(
            connection,
            "UPDATE case_files SET version = ?, fingerprint = ?, data = ? WHERE pk = ?",
            [
                (case.version, self.engine.fingerprint, encode_case(case), names[case.id])
                for case in world.cases.values()
            ],
        )
        database.execute_many(
            connection,
            "UPDATE sources SET data = ? WHERE name = ?",
            [(_encode(file), file.id) for file in world.sources.values()],
        )
        put_designations(database, connection, world.designations.values())

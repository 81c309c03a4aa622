"""Generations of views: which tables a view lives in now, how far each was folded, and how they are made and dropped.

A view's tables carry its generation in their names (`case_overview__3`). The pointer row says which generation readers use; a rebuild
fills another and moves the pointer in one transaction. Checkpoints are compared and set, so that two projectors cannot both fold.
"""

import hashlib
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from santiao.domain.errors import Conflict
from santiao.projections.contract import Projection, ViewTable
from santiao.store.database import Database

metadata = sa.MetaData()

pointers = sa.Table(
    "view_pointers",
    metadata,
    sa.Column("view", sa.String(64), primary_key=True),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    comment="The generation readers use.",
)

checkpoints = sa.Table(
    "view_checkpoints",
    metadata,
    sa.Column("view", sa.String(64), primary_key=True),
    sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("shard", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    comment="How far a generation of a view was folded, by shard.",
)

_KINDS: dict[str, Any] = {"text": sa.Text(), "int": sa.BigInteger().with_variant(sa.Integer(), "sqlite"), "bytes": sa.LargeBinary()}
_encode = msgspec.msgpack.Encoder().encode
_MODULUS = 1 << 128


def physical_name(table: ViewTable, generation: int) -> str:
    """Name of a table in one generation."""
    return f"{table.name}__{generation}"


def make_tables(connection: Connection, projection: Projection, generation: int) -> None:
    """Make the empty tables of a generation."""
    shape = sa.MetaData()
    for table in projection.tables:
        name = physical_name(table, generation)
        columns: list[sa.Column[Any]] = [
            sa.Column(column.name, _KINDS[column.kind], primary_key=place < table.key_columns, autoincrement=False)
            for place, column in enumerate(table.columns)
        ]
        built = sa.Table(name, shape, *columns, sqlite_with_rowid=False)
        for number, index in enumerate(table.indexes):
            sa.Index(f"{name}_i{number}", *(built.c[column] for column in index))
    shape.create_all(connection)


def drop_tables(connection: Connection, projection: Projection, generation: int) -> None:
    """Drop a generation's tables and forget its checkpoints."""
    for table in projection.tables:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {physical_name(table, generation)}")
    connection.execute(
        checkpoints.delete().where((checkpoints.c.view == projection.name) & (checkpoints.c.generation == generation))
    )


def read_checkpoints(connection: Connection, view: str, generation: int) -> dict[int, int]:
    """Positions by shard."""
    found = connection.execute(
        checkpoints.select().where((checkpoints.c.view == view) & (checkpoints.c.generation == generation))
    )
    return {row.shard: row.position for row in found}


def move_checkpoint(connection: Connection, view: str, generation: int, shard: int, before: int, after: int) -> None:
    """Compare and set a checkpoint.

    Raises:
        Conflict: another projector folded meanwhile.
    """
    table = checkpoints
    here = (table.c.view == view) & (table.c.generation == generation) & (table.c.shard == shard)
    if before == 0:
        known = connection.execute(table.select().where(here)).first()
        if known is None:
            connection.execute(table.insert().values(view=view, generation=generation, shard=shard, position=after))
            return
    moved = connection.execute(table.update().where(here & (table.c.position == before)).values(position=after))
    if moved.rowcount != 1:
        raise Conflict("view.folded_elsewhere", f"view {view} was folded by another process", "视图由其他进程更新中")


def digest_of(database: Database, connection: Connection, projection: Projection, generation: int) -> str:
    """Digest of a generation's rows, whatever order they are read in: the sum of the rows' own digests."""
    total = 0
    for table in projection.tables:
        names = ", ".join(column.name for column in table.columns)
        sql = f"SELECT {names} FROM {physical_name(table, generation)}"
        result = connection.execution_options(stream_results=True).exec_driver_sql(sql)
        for row in result:
            values = tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
            digest = hashlib.blake2b(_encode((table.name, values)), digest_size=16).digest()
            total = (total + int.from_bytes(digest, "big")) % _MODULUS
    return f"{total:032x}"

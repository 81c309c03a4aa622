"""Generations of views: which tables a view lives in now, how far each was folded, and how they are made and dropped.

A view's tables carry its generation in their names (`case_overview__3`). One generation of a view is live; a rebuild fills another, and
one transaction makes that one live. Checkpoints are compared and set, so that two projectors cannot both fold. Of two processes that
build one view the later takes over: it retires the earlier's generation, and every write of that one looks whether it is still building.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_type_hints

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from santiao.domain.errors import Conflict, NotFound
from santiao.projections.contract import Projection, ViewTable
from santiao.store.database import Database

metadata = sa.MetaData()

known = sa.Table(
    "view_generations",
    metadata,
    sa.Column("view", sa.String(64), primary_key=True),
    sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    comment="Generations of views: building, live (the one readers use), retired.",
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

BUILDING, LIVE, RETIRED = "building", "live", "retired"
_LOCK_KEY = 0x73616E7469616F
# Texts compare by their bytes on both databases, so that keys sort alike and digests agree.
_KINDS: dict[type, Any] = {
    str: sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
    int: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    bytes: sa.LargeBinary(),
}
_encode = msgspec.msgpack.Encoder().encode


class Standing(msgspec.Struct, frozen=True):
    """A generation that readers use, and how far it was folded, by shard."""

    view: str
    generation: int
    version: int
    positions: dict[int, int]


def open_tables(database: Database, connection: Connection) -> None:
    """Make the two tables above where they are missing; one process at a time."""
    if not database.is_sqlite:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
    metadata.create_all(connection)


def read_live(connection: Connection) -> dict[str, Standing]:
    """The live generation of every view."""
    rows = connection.exec_driver_sql(
        "SELECT g.view, g.generation, g.version, c.shard, c.position FROM view_generations g LEFT JOIN view_checkpoints c "
        "ON c.view = g.view AND c.generation = g.generation WHERE g.state = 'live' ORDER BY g.view, c.shard"
    )
    found: dict[str, Standing] = {}
    for view, generation, version, shard, position in rows:
        standing = found.setdefault(view, Standing(view, generation, version, {}))
        if shard is not None:
            standing.positions[shard] = position
    return found


def live_of(standings: Mapping[str, Standing], view: str) -> Standing:
    """The live generation of one view.

    Raises:
        NotFound: this home has no such view.
    """
    standing = standings.get(view)
    if standing is None:
        raise NotFound("view.unknown", f"no view {view}; there are {', '.join(sorted(standings))}", f"没有视图 {view}")
    return standing


def move_checkpoints(
    connection: Connection, folded: Iterable[tuple[str, int]], shard: int, before: int, after: int
) -> None:
    """Compare and set the checkpoints of these (view, generation).

    Raises:
        Conflict: another projector folded one of them meanwhile, or it is no longer the live generation.
    """
    pairs = list(folded)
    if before == 0:
        connection.exec_driver_sql(
            f"INSERT INTO view_checkpoints (view, generation, shard, position) SELECT view, generation, {int(shard)}, 0 "
            "FROM view_generations WHERE state = 'live' ON CONFLICT DO NOTHING"
        )
    here = " OR ".join(f"(view = '{view}' AND generation = {int(generation)})" for view, generation in pairs)
    moved = connection.exec_driver_sql(
        f"UPDATE view_checkpoints SET position = {int(after)} WHERE shard = {int(shard)} AND position = {int(before)} AND ({here})"
    )
    if moved.rowcount != len(pairs):
        raise Conflict(
            "view.folded_elsewhere", "views were folded by another process meanwhile", "视图由其他进程更新中"
        )


def hold_live(database: Database, connection: Connection, views: Iterable[str]) -> dict[str, Standing]:
    """As `read_live`, and no projector moves these views until the transaction ends."""
    if not database.is_sqlite:
        connection.execute(sa.select(checkpoints.c.view).where(checkpoints.c.view.in_(list(views))).with_for_update())
    return read_live(connection)


# --- making and dropping -----------------------------------------------------------------------------------------------


def start_building(database: Database, projection: Projection) -> int:
    """Begin a generation beside the live one; builds of the same view that never ended, and what was retired, are dropped."""
    here = (known.c.view == projection.name) & (known.c.state == BUILDING)
    with database.writable() as connection:
        connection.execute(known.update().where(here).values(state=RETIRED))
        last = connection.execute(sa.select(sa.func.max(known.c.generation)).where(known.c.view == projection.name))
        generation: int = (last.scalar() or 0) + 1
        _begin(connection, projection, generation, BUILDING)
        make_tables(connection, projection, generation)
    drop_retired(database, projection)
    return generation


def abandon(database: Database, view: str, generation: int) -> None:
    """Give a build up, unless a later one already did."""
    here = (known.c.view == view) & (known.c.generation == generation) & (known.c.state == BUILDING)
    with database.writable() as connection:
        connection.execute(known.update().where(here).values(state=RETIRED))


def begin_live(connection: Connection, projection: Projection) -> None:
    """Make the first generation of a view, empty and live."""
    _begin(connection, projection, 1, LIVE)
    make_tables(connection, projection, 1)
    for statement in index_statements(projection, 1):
        connection.exec_driver_sql(statement)


def _begin(connection: Connection, projection: Projection, generation: int, state: str) -> None:
    row = {"view": projection.name, "generation": generation, "version": projection.version, "state": state}
    connection.execute(known.insert().values(**row))


def require_building(database: Database, connection: Connection, view: str, generation: int) -> None:
    """Make sure that no later build took over.

    Raises:
        Conflict: one did.
    """
    lock = "" if database.is_sqlite else " FOR SHARE"
    statement = f"SELECT 1 FROM view_generations WHERE view = '{view}' AND generation = {int(generation)} AND state = 'building'"
    if connection.exec_driver_sql(statement + lock).first() is None:
        raise Conflict(
            "view.built_elsewhere", f"view {view} is being built by another process", f"视图 {view} 由其他进程重建中"
        )


def swap_in(connection: Connection, view: str, generation: int, positions: Mapping[int, int]) -> None:
    """Make a built generation the live one, at these positions."""
    rows = [
        {"view": view, "generation": generation, "shard": shard, "position": position}
        for shard, position in positions.items()
    ]
    if rows:
        connection.execute(checkpoints.insert(), rows)
    here = known.c.view == view
    # A projector that still folds into the generation before finds no checkpoint to move: a Conflict, and it looks again.
    connection.execute(
        checkpoints.delete().where((checkpoints.c.view == view) & (checkpoints.c.generation != generation))
    )
    connection.execute(known.update().where(here & (known.c.state == LIVE)).values(state=RETIRED))
    connection.execute(known.update().where(here & (known.c.generation == generation)).values(state=LIVE))


def drop_retired(database: Database, projection: Projection) -> None:
    """Drop generations that were live once, or were given up: table by table, because dropping a large one takes its time.

    The generation is forgotten last, so that a kill in between leaves nothing that is not known.
    """
    here = (known.c.view == projection.name) & (known.c.state == RETIRED)
    with database.readable() as connection:
        retired = list(connection.execute(sa.select(known.c.generation).where(here)).scalars())
    for generation in retired:
        for table in projection.tables:
            with database.writable(is_durable=False) as connection:
                _drop(database, connection, table.physical(generation))
        with database.writable(is_durable=False) as connection:
            connection.execute(known.delete().where(here & (known.c.generation == generation)))


def _drop(database: Database, connection: Connection, name: str) -> None:
    statement = f"DROP TABLE IF EXISTS {name}"
    if not database.is_sqlite:
        connection.exec_driver_sql(statement)
        return
    # Some builds of SQLite overwrite what is dropped, page by page through the log. What is personal in a view is sealed: it needs none.
    overwrites = connection.exec_driver_sql("PRAGMA secure_delete").scalar()
    connection.exec_driver_sql("PRAGMA secure_delete=FAST")
    try:
        connection.exec_driver_sql(statement)
    finally:
        connection.exec_driver_sql(f"PRAGMA secure_delete={('OFF', 'ON', 'FAST')[int(overwrites or 0)]}")


def make_tables(connection: Connection, projection: Projection, generation: int) -> None:
    """Make the empty tables of a generation, without their indexes: those are made faster over rows that are there."""
    for table in projection.tables:
        _shape(table, generation).create(connection)


def index_statements(projection: Projection, generation: int) -> list[str]:
    """The statements that make the indexes that queries use."""
    return [statement for table in projection.tables for statement in _index_statements(table, generation)]


def _index_statements(table: ViewTable[Any], generation: int) -> list[str]:
    name = table.physical(generation)
    return [
        f"CREATE {'UNIQUE ' if index.is_unique else ''}INDEX {name}_i{number} ON {name} ({', '.join(index.columns)})"
        + (f" WHERE {index.where}" if index.where else "")
        for number, index in enumerate(table.indexes)
    ]


def _shape(table: ViewTable[Any], generation: int) -> sa.Table:
    hints = get_type_hints(table.row)
    columns: list[sa.Column[Any]] = []
    for place, column in enumerate(table.columns):
        kinds = [kind for kind in get_args(hints[column]) or (hints[column],) if kind is not type(None)]
        may_be_null = type(None) in get_args(hints[column])
        columns.append(
            sa.Column(
                column,
                _KINDS[kinds[0]],
                primary_key=place < table.key_columns,
                nullable=may_be_null,
                autoincrement=False,
            )
        )
    is_heap = table.is_wide or (
        table.key_columns == 1 and hints[table.key[0]] is int
    )  # an integer key is the row's own
    return sa.Table(table.physical(generation), sa.MetaData(), *columns, sqlite_with_rowid=is_heap)


# --- comparing ---------------------------------------------------------------------------------------------------------


def rows_agree(connection: Connection, projection: Projection, one: int, other: int) -> bool:
    """Whether two generations hold the same rows, compared by the database itself."""
    for table in projection.tables:
        left, right = table.physical(one), table.physical(other)
        keys = " AND ".join(f"l.{name} = r.{name}" for name in table.key)
        rest = [f"l.{name} IS NOT DISTINCT FROM r.{name}" for name in table.columns[table.key_columns :]]
        joined = f"SELECT count(*) FROM {left} l JOIN {right} r ON {' AND '.join([keys, *rest])}"
        counts = connection.exec_driver_sql(
            f"SELECT (SELECT count(*) FROM {left}), (SELECT count(*) FROM {right}), ({joined})"
        ).one()
        if len(set(counts)) != 1:
            return False
    return True


def digest_of(connection: Connection, projection: Projection, generation: int) -> str:
    """Digest of a generation's rows in key order. The same rows have the same digest on either database."""
    digest = hashlib.blake2b(digest_size=16)
    for table in projection.tables:
        sql = f"SELECT {', '.join(table.columns)} FROM {table.physical(generation)} ORDER BY {', '.join(table.key)}"
        result = connection.execution_options(stream_results=True).exec_driver_sql(sql)
        digest.update(table.name.encode())
        for values in result:
            digest.update(_encode(tuple(values)))
    return digest.hexdigest()

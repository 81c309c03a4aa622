"""Leases (租约): who of several processes does a work that must have one doer at a time, for a while, by the database's own clock.

The rule kept here: whoever holds a lease renews it well before it ends and stops when it could not. A process that slept through its
lease finds another owner there and gives way.
"""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from santiao.store.database import Database
from santiao.store.tables import Big, metadata

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("owner", sa.String(80), nullable=False),
    sa.Column("until_ms", Big, nullable=False),
    comment="Works that have one doer at a time; whose lease has run out loses it to the next that asks.",
)


def take_lease(database: Database, connection: Connection, name: str, owner: str, *, seconds: float) -> bool:
    """Take or renew a lease; False while another holds it."""
    now = _now_ms(database, connection)
    database.insert(connection, leases, [(name, "", 0)], on_conflict="ignore")
    free = (leases.c.owner == owner) | (leases.c.until_ms < now)
    taken = connection.execute(
        leases.update().where((leases.c.name == name) & free).values(owner=owner, until_ms=now + int(seconds * 1000))
    )
    return taken.rowcount == 1


def drop_lease(connection: Connection, name: str, owner: str) -> None:
    """Give a lease back, so that the next need not wait for its end."""
    here = (leases.c.name == name) & (leases.c.owner == owner)
    connection.execute(leases.update().where(here).values(owner="", until_ms=0))


def _now_ms(database: Database, connection: Connection) -> int:
    if database.is_sqlite:
        told = connection.execute(sa.text("SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)"))
    else:
        told = connection.execute(sa.text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"))
    return int(told.scalar_one())

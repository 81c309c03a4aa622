"""Routing rows that named persons' decisions have added: written with the event that makes them, read under the shard's lock.

Those of a shard concern that shard's cases alone, so that what a step decides follows from its own shard's log.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy.engine import Connection

from santiao.domain.designations import Designation, keep_designation
from santiao.domain.events import Event, Meta
from santiao.domain.events.referrals import BodyDesignated, DesignationEnded
from santiao.store import tables
from santiao.store.database import Database

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Designation).decode


def read_designations(connection: Connection, shard: int | None = None) -> tuple[Designation, ...]:
    """The rows of a shard, or of all, the newest first."""
    rows = connection.exec_driver_sql("SELECT data FROM designations").all()
    found = (_decode(bytes(row[0])) for row in rows)
    wanted = [each for each in found if shard is None or each.shard == shard]
    return tuple(sorted(wanted, key=lambda each: (each.decided_at, each.position), reverse=True))


def write_designations(database: Database, connection: Connection, events: Iterable[tuple[Meta, Event]]) -> None:
    """Write what these events make of the rows; most make nothing."""
    about = [(meta, event) for meta, event in events if isinstance(event, BodyDesignated | DesignationEnded)]
    if not about:
        return
    rows = {each.rule: each for each in read_designations(connection, about[0][0].shard)}
    for meta, event in about:
        keep_designation(rows, meta, event)
    changed = {event.rule for _, event in about} & rows.keys()
    put_designations(database, connection, [rows[rule] for rule in sorted(changed)])


def put_designations(database: Database, connection: Connection, rows: Iterable[Designation]) -> None:
    """Insert or replace rows."""
    told = [(each.rule, _encode(each)) for each in rows]
    database.insert(connection, tables.designations, told, on_conflict="replace")

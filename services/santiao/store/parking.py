"""Parked records: those whose step raised, and the later ones of the same source behind them, in order.

A parked record was acknowledged and is kept sealed (its personal fields were sealed before it was decided). Replay takes it up again
from the inbox's point of view as if it had just come.
"""

import msgspec
from sqlalchemy.engine import Connection

from santiao.domain.messages import Delivered
from santiao.domain.prepared import PreparedRecord
from santiao.store import tables
from santiao.store.database import Database
from santiao.store.log import to_millis


class ParkedRecord(msgspec.Struct, frozen=True):
    """What is needed to decide the record later: everything but its plain text."""

    prepared: PreparedRecord
    shard: int
    connector: str
    where: str
    received_ms: int
    occurred_ms: int
    mapping: str


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(ParkedRecord).decode


class Parked(msgspec.Struct, frozen=True):
    """A row: message id, why it is parked, and the record."""

    message_id: bytes
    cause: str
    record: ParkedRecord


def sources_with_parked(database: Database, connection: Connection, shard: int) -> set[str]:
    """Sources that have something parked; their later records wait behind it."""
    rows = database.fetch(connection, "SELECT DISTINCT order_key FROM parked WHERE shard = ?", (shard,))
    return {row[0] for row in rows}


def park(
    database: Database,
    connection: Connection,
    shard: int,
    prepared: PreparedRecord,
    message_id: bytes,
    item: Delivered,
    cause: str,
) -> None:
    """Put a record aside."""
    record = item.record
    occurred = (
        (record.occurred_at or record.source_updated_at or record.received_at)
        if record is not None
        else item.received_at
    )
    parked = ParkedRecord(
        prepared=prepared,
        shard=shard,
        connector=item.connector,
        where=item.where,
        received_ms=to_millis(item.received_at),
        occurred_ms=to_millis(occurred),
        mapping=record.mapping_version if record is not None else "",
    )
    row = (message_id, shard, prepared.source_id, cause, _encode(parked), to_millis(item.received_at))
    database.insert(connection, tables.parked, [row], on_conflict="ignore")


def read_parked(connection: Connection, source_id: str | None = None) -> list[Parked]:
    """Parked records in order, of one source or of all."""
    select = tables.parked.select().order_by(
        tables.parked.c.shard, tables.parked.c.order_key, tables.parked.c.parked_ms
    )
    if source_id is not None:
        select = select.where(tables.parked.c.order_key == source_id)
    return [Parked(bytes(row.message_id), row.cause, _decode(row.data)) for row in connection.execute(select)]


def release(connection: Connection, message_id: bytes) -> None:
    """A parked record was decided; it is no longer parked."""
    connection.execute(tables.parked.delete().where(tables.parked.c.message_id == message_id))


def rewrite(connection: Connection, record: ParkedRecord, parked: Parked) -> None:
    """A parked record is kept in another form: somebody in it was erased."""
    here = tables.parked.c.message_id == parked.message_id
    connection.execute(tables.parked.update().where(here).values(data=_encode(record)))

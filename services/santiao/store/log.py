"""The log's rows: an event with its `Meta`, to bytes and back.

Position, shard and case stand in columns; the rest of `Meta` and the event's own bytes stand in `data`. Event bytes are read by the
schemas room's one decoder and by nothing else.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from santiao.domain.errors import StoreFailure
from santiao.domain.events import Event, Meta, event_name
from santiao.schemas.codec import decode_event, encode_event, find_decoder
from santiao.store.database import Database
from santiao.store.tables import POSITION_BITS

_MASK = (1 << POSITION_BITS) - 1


class _Row(msgspec.Struct, frozen=True, array_like=True):
    id: bytes
    case_id: str
    occurred_ms: int
    received_ms: int
    recorded_ms: int
    cause: bytes
    correlation: bytes
    actor: str
    rules: tuple[str, ...]
    mapping: str
    name: str
    major: int
    event: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Row).decode


class Entry(msgspec.Struct, frozen=True, gc=False):
    """An event as readers of the whole log take it: what stands beside it is in the log's own form, times in milliseconds."""

    log_key: int
    shard: int
    case_id: str
    occurred_ms: int
    received_ms: int
    recorded_ms: int
    actor: str
    name: str
    event: Any

    @property
    def position(self) -> int:
        """Its place in its shard."""
        return self.log_key & _MASK


def to_millis(moment: datetime) -> int:
    """Milliseconds since the epoch, rounded down."""
    return int(moment.timestamp() * 1000 + 1e-6)


def from_millis(millis: int) -> datetime:
    """The instant in UTC."""
    return datetime.fromtimestamp(millis / 1000, UTC)


def global_id(shard: int, position: int) -> int:
    """The log's key: ascending per shard."""
    return shard << POSITION_BITS | position


def split_id(row_id: int) -> tuple[int, int]:
    """Shard and position of a log key."""
    return row_id >> POSITION_BITS, row_id & _MASK


def encode_row(meta: Meta, event: Event) -> bytes:
    """The `data` column of an event."""
    return _encode(
        _Row(
            meta.id,
            meta.case_id,
            to_millis(meta.occurred_at),
            to_millis(meta.received_at),
            to_millis(meta.recorded_at),
            meta.cause,
            b"" if meta.correlation == meta.cause else meta.correlation,
            meta.actor,
            meta.rules,
            meta.mapping,
            event_name(event),
            type(event).version,
            encode_event(event),
        )
    )


def decode_row(row_id: int, data: bytes) -> tuple[Meta, Event]:
    """An event as it was written, brought up to the present type.

    Raises:
        InvalidRecord: bytes that no version of the type reads.
    """
    row = _decode(data)
    meta = Meta(
        id=row.id,
        shard=row_id >> POSITION_BITS,
        position=row_id & _MASK,
        case_id=row.case_id,
        occurred_at=from_millis(row.occurred_ms),
        received_at=from_millis(row.received_ms),
        recorded_at=from_millis(row.recorded_ms),
        cause=row.cause,
        correlation=row.correlation or row.cause,
        actor=row.actor,
        rules=row.rules,
        mapping=row.mapping,
    )
    return meta, decode_event(row.name, row.major, row.event)


class Log:
    """Reading the log. Positions are dense and commit in order, so a reader of "position > n" never skips."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def shards(self, connection: Connection) -> dict[int, int]:
        """Last position of every shard."""
        rows = connection.exec_driver_sql("SELECT shard, position FROM shards ORDER BY shard")
        return {row.shard: row.position for row in rows}

    def read(
        self, connection: Connection, shard: int, after: int, *, limit: int = 1000, until: int | None = None
    ) -> list[tuple[Meta, Event]]:
        """Events of a shard with position > `after`, in order, `limit` at most, up to and including `until`."""
        mark = "?" if self.database.is_sqlite else "%s"
        last = global_id(shard, until) if until is not None else global_id(shard + 1, 0) - 1
        rows = connection.exec_driver_sql(
            f"SELECT id, data FROM events WHERE id > {mark} AND id <= {mark} ORDER BY id LIMIT {mark}",
            (global_id(shard, after), last, limit),
        )
        return [decode_row(row_id, data) for row_id, data in rows]

    def entries(
        self, connection: Connection, shard: int, after: int, until: int, wanted: Mapping[str, bool]
    ) -> Iterator[Entry]:
        """Entries of a shard with `after` < position <= `until`, in order, decoded one by one as they are taken.

        `wanted` names the events to give, each with whether its own facts are wanted too; without, its entry's `event` is None. Others
        are passed over. Reading a city's whole log is as fast as this loop.

        Raises:
            InvalidRecord: bytes that no version of the type reads.
            StoreFailure: positions are missing; the log was cut or mended by hand.
        """
        mark = "?" if self.database.is_sqlite else "%s"
        result = connection.exec_driver_sql(
            f"SELECT id, data FROM events WHERE id > {mark} AND id <= {mark} ORDER BY id",
            (global_id(shard, after), global_id(shard, until)),
        )
        seen = 0
        for row_id, data in result.cursor or ():  # type: ignore[truthy-bool,union-attr] # the driver rows, bare
            seen += 1
            row = _decode(data)
            name = row.name
            is_whole = wanted.get(name)
            if is_whole is not None:
                yield Entry(
                    row_id,
                    shard,
                    row.case_id,
                    row.occurred_ms,
                    row.received_ms,
                    row.recorded_ms,
                    row.actor,
                    name,
                    find_decoder(name, row.major)(row.event) if is_whole else None,
                )
        if seen != until - after:
            raise StoreFailure(
                "log.gap",
                f"the log of shard {shard} lacks {until - after - seen} events between {after} and {until}; restore it",
                f"分片 {shard} 的日志缺失 {until - after - seen} 条，请从备份恢复",
            )

    def correlations(self, connection: Connection, shard: int, after: int, until: int) -> Iterator[tuple[int, bytes]]:
        """Position and correlation of each event with `after` < position <= `until`; what the events tell is not decoded."""
        mark = "?" if self.database.is_sqlite else "%s"
        rows = connection.exec_driver_sql(
            f"SELECT id, data FROM events WHERE id > {mark} AND id <= {mark} ORDER BY id",
            (global_id(shard, after), global_id(shard, until)),
        )
        for row_id, data in rows:
            row = _decode(data)
            yield row_id & _MASK, row.correlation or row.cause

    def stream(
        self, connection: Connection, shard: int, after: int = 0, until: int | None = None
    ) -> Iterator[tuple[Meta, Event]]:
        """All events of a shard after a position, read in runs."""
        while batch := self.read(connection, shard, after, until=until):
            yield from batch
            after = batch[-1][0].position

    def of_case(self, connection: Connection, case_pk: int, *, until_id: int | None = None) -> list[tuple[Meta, Event]]:
        """Every event of one case, in order."""
        mark = "?" if self.database.is_sqlite else "%s"
        rows = connection.exec_driver_sql(
            f"SELECT id, data FROM events WHERE case_pk = {mark} AND id <= {mark} ORDER BY id",
            (case_pk, until_id if until_id is not None else (1 << 62)),
        )
        return [decode_row(row_id, data) for row_id, data in rows]

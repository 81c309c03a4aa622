"""How far a partition was consumed, set by compare-and-set in the transaction of its effects.

A worker that was taken for dead and writes on finds another number than it expects: a mismatch is a `Conflict`, and nothing of its
batch is written. That, not a lock, stops it between its successor's batches.
"""

from datetime import datetime

from sqlalchemy.engine import Connection

from santiao.domain.errors import Conflict
from santiao.domain.messages import Offset
from santiao.store.database import Database
from santiao.store.log import to_millis
from santiao.store.tables import offsets


def read_offset(connection: Connection, topic: str, partition: int) -> int:
    """The next offset to consume; 0 for a partition nothing was consumed of."""
    row = connection.execute(
        offsets.select().where((offsets.c.topic == topic) & (offsets.c.partition == partition))
    ).first()
    return int(row.next_offset) if row is not None else 0


def move_offset(database: Database, connection: Connection, offset: Offset, now: datetime) -> None:
    """Set `next_offset` from `expected` to `after`.

    Raises:
        Conflict: it stands elsewhere; another worker consumes this partition.
    """
    here = (offsets.c.topic == offset.topic) & (offsets.c.partition == offset.partition)
    if offset.expected == 0:
        row = (offset.topic, offset.partition, 0, to_millis(now))
        database.insert(connection, offsets, [row], on_conflict="ignore")
    moved = connection.execute(
        offsets.update()
        .where(here & (offsets.c.next_offset == offset.expected))
        .values(next_offset=offset.after, updated_ms=to_millis(now))
    )
    if moved.rowcount != 1:
        raise Conflict(
            "offset.moved",
            f"partition {offset.partition} of {offset.topic} was consumed by another worker; leave it",
            f"{offset.topic} 分区 {offset.partition} 已由其他进程处理",
        )

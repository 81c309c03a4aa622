"""What a connector's own process does with what it read: records onto their topic, everything else straight to the hub's store.

The rules kept here: a feed's watermark is written only after the brokers have acknowledged every record it covers. What gave no record
(quarantined, refused) needs no order and never stands on a topic; only what shuts a source away waits until the hub has consumed that
source's earlier records.
"""

import time
from collections.abc import Sequence

import msgspec

from santiao.connectors.registry import Connectors
from santiao.domain.errors import StoreFailure
from santiao.domain.messages import Batch, Delivered, Receipt
from santiao.hub.engine import Engine
from santiao.hub.prepare import record_message_id
from santiao.hub.receive import Receiver
from santiao.runtimes.intake import Intake
from santiao.runtimes.kafka.offsets import EndOffsets
from santiao.runtimes.kafka.producing import Producer
from santiao.runtimes.kafka.record_form import RecordForm
from santiao.runtimes.kafka.topics import partition_of
from santiao.store import intake
from santiao.store.offsets import read_offset

_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.1


class Bus:
    """Where records go: the topic, its partitions, and how they are written and asked about."""

    def __init__(self, producer: Producer, form: RecordForm, topic: str, partitions: int, ends: EndOffsets) -> None:
        self.topic = topic
        self.ends = ends
        self._producer = producer
        self._form = form
        self._partitions = partitions

    def send(self, items: Sequence[Delivered]) -> int:
        """Send items that have a record; returns once the brokers have acknowledged them all. How many were sent.

        Raises:
            StoreFailure: they did not; everything is to be sent again.
        """
        for each in self._form.seal(items):
            partition = partition_of(each.shard, self._partitions)
            self._producer.send(self.topic, partition, each.key, each.value, each.headers)
        return self._producer.confirm()


class SendingIntake(Intake):
    """An intake whose records go by the topic. Receipts are those of what went straight to the store."""

    def __init__(self, engine: Engine, receiver: Receiver, connectors: Connectors, bus: Bus) -> None:
        super().__init__(engine, receiver, connectors)
        self._bus = bus

    def take(self, batch: Batch) -> list[Receipt]:
        """Send what has a record; take the rest and the watermark.

        Raises:
            StoreFailure: the brokers or the store failed; the watermark stands where it was.
            Conflict: other writers were faster every time.
        """
        records = [item for item in batch.items if item.record is not None]
        rest = tuple(item for item in batch.items if item.record is None)
        has_news = self._are_new(records)
        if records:
            self._bus.send(records)
        if any(item.fault is not None and item.fault.key for item in rest):
            self._wait_for_the_hub()
        if not rest and batch.watermark is None:
            return []
        return super().take(msgspec.structs.replace(batch, items=rest, has_news=has_news))

    def _are_new(self, items: Sequence[Delivered]) -> bool:
        """Whether the hub does not know one of them yet."""
        ids = {record_message_id(item.record) for item in items if item.record is not None}
        with self.engine.database.readable() as connection:
            return len(intake.read_inbox(self.engine.database, connection, ids)) < len(ids)

    def _wait_for_the_hub(self) -> None:
        ends, until = self._bus.ends(), time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            with self.engine.database.readable() as connection:
                if all(read_offset(connection, self._bus.topic, number) >= end for number, end in ends.items()):
                    return
            time.sleep(_PAUSE_SECONDS)
        raise StoreFailure(
            "connect.hub_behind",
            "a refusal that shuts a source away waits for the hub, which does not consume; look after `santiao worker`",
            "需先由枢纽处理既有记录，请检查 santiao worker",
        )

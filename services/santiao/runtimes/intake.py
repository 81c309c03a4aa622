"""Taking deliveries from connectors to the hub: batches with their watermarks, through one path, whoever asks for it."""

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import count

from sqlalchemy import select

from santiao.connectors.connector import Connector
from santiao.connectors.registry import Connectors
from santiao.domain.errors import Conflict
from santiao.domain.messages import Batch, Counts, Receipt, Watermark
from santiao.hub.engine import Engine
from santiao.hub.receive import Receiver
from santiao.store import intake, tables
from santiao.store.log import from_millis
from santiao.telemetry.logs import correlated

_TRIES = 5
Progress = Callable[[int], None]


class Intake:
    """Brings items to the receiver. Safe to share between threads."""

    def __init__(self, engine: Engine, receiver: Receiver, connectors: Connectors) -> None:
        self.engine = engine
        self.receiver = receiver
        self.connectors = connectors
        self._begun: dict[int, float] = {}
        self._numbers = count()
        self._lock = threading.Lock()

    def take(self, batch: Batch) -> list[Receipt]:
        """Receive a batch; when another writer was faster, try again a few times.

        Raises:
            StoreFailure: the store failed; nothing of the batch was taken.
            Conflict: other writers were faster every time.
        """
        number = next(self._numbers)
        with self._lock:
            self._begun[number] = time.monotonic()
        try:
            with correlated(batch=name_of(batch, number)):
                return self._try(batch)
        finally:
            with self._lock:
                del self._begun[number]

    def _try(self, batch: Batch) -> list[Receipt]:
        for attempt in range(_TRIES - 1):
            try:
                return self.receiver.receive(batch)
            except Conflict:
                time.sleep(0.02 * 2**attempt)
        return self.receiver.receive(batch)

    def has_taken_all_since(self, moment: float) -> bool:
        """True when no batch that began before `moment` (monotonic) is still on its way."""
        with self._lock:
            return all(begun >= moment for begun in self._begun.values())

    def receive_once(
        self,
        name: str,
        sources: Iterable[str],
        progress: Progress = lambda _n: None,
        tell: Callable[[Receipt], None] = lambda _receipt: None,
    ) -> Counts:
        """Read all that `sources` hold, whatever the watermark. `tell` hears what became of each item that counts.

        Raises:
            DeliveryFailed: a source could not be opened.
            StoreFailure: the store failed.
        """
        connector = self.connectors[name]
        counts = Counts()
        for source in sources:
            for batch in connector.read(source, self.watermark(connector), again=True):
                for item, receipt in zip(batch.items, self.take(batch), strict=True):
                    if item.counted:
                        counts.add(receipt)
                        tell(receipt)
                progress(len(batch.items))
        return counts

    def watermark(self, connector: Connector) -> Watermark | None:
        """How far the connector's feed was read."""
        with self.engine.database.readable() as connection:
            return intake.read_watermark(self.engine.database, connection, connector.name, connector.declaration.feed)

    def feed_times(self, connector: Connector) -> tuple[datetime, datetime] | None:
        """When the feed last answered and when it last told something; None when it never did."""
        table = tables.watermarks
        here = (table.c.connector == connector.name) & (table.c.feed == connector.declaration.feed)
        with self.engine.database.readable() as connection:
            row = connection.execute(select(table.c.observed_ms, table.c.news_ms).where(here)).first()
        return None if row is None else (from_millis(row.observed_ms), from_millis(row.news_ms))


def name_of(batch: Batch, number: int) -> str:
    """What a batch is called in the log: where it begins in its partition, or the how-manieth of this process."""
    if batch.offset is not None:
        return f"{batch.offset.topic}/{batch.offset.partition}@{batch.offset.expected}"
    return str(number)

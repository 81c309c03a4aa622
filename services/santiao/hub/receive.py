"""Receiving: one batch of delivered items, one transaction.

Order of work: pure phase (message ids, gates, profiles, sealing; the keys commit meanwhile, and before anything they seal), then under
the shard's lock inbox, decisions and rows (`transaction.py`). An item that cannot be made ready or whose step raises is isolated there;
the rest of its batch commits.
Whatever is acknowledged is in the log, in quarantine with its raw bytes, parked, or refused with a reason.
"""

import gc
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from santiao.domain.errors import Conflict
from santiao.domain.messages import Batch, Delivered, Receipt, ReceiptState
from santiao.hub.engine import Engine
from santiao.hub.erase import Eraser, Erasure
from santiao.hub.ready import Preparer, Ready
from santiao.hub.transaction import Poisoned, Prepared, Transaction, quarantine_key_id
from santiao.store import intake
from santiao.store.offsets import move_offset

logger = logging.getLogger(__name__)
_MAX_PASSES = 8
Heed = Callable[[Mapping[int, str]], None]
"""Told, before anything commits, which places of the batch are put aside and why. What it raises keeps the batch from being taken."""


def _unheeded(_places: Mapping[int, str]) -> None:
    """Nobody need know."""


class _Taken(NamedTuple):
    """A committed batch: its receipts, keys that are to be destroyed now, and how long the commit itself took."""

    receipts: list[Receipt]
    sealed_off: list[Erasure]
    commit_seconds: float


class Receiver:
    """Receives batches for a hub."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._eraser = Eraser(engine)
        self._preparer = Preparer(engine.keys, engine.examiner, engine.reader)

    def receive(self, batch: Batch, heed: Heed = _unheeded) -> list[Receipt]:
        """Take a batch in; one receipt per item, in order.

        A record whose step raises is found in a first pass and parked in a second, so that a batch with any number of them costs one
        transaction more, not one each.

        Raises:
            StoreFailure: nothing of the batch was taken.
            Conflict: another writer was faster; the caller tries again.
        """
        began = time.perf_counter()
        with _collector_resting():
            ready, kept = self._preparer.make_ready([item.record for item in batch.items if item.record is not None])
            taken = self._take(batch, ready, kept, heed)
        self.engine.observer.took(batch, taken.receipts, time.perf_counter() - began, taken.commit_seconds)
        return taken.receipts

    def _take(self, batch: Batch, ready: Sequence[Ready], kept: Callable[[], None], heed: Heed) -> "_Taken":
        prepared = _pair(batch.items, ready)
        unready = {place: each.failure.error for place, (_, each) in enumerate(prepared) if each and each.failure}
        if unready:
            heed(unready)
        quarantine_keys = self._quarantine_keys(prepared)
        poisoned: dict[int, str] = {}
        for _ in range(_MAX_PASSES):
            try:
                taken = self._attempt(batch, prepared, kept, quarantine_keys, poisoned)
            except Poisoned as found:
                poisoned.update(found.places)
                heed(found.places)
                continue
            for erasure in taken.sealed_off:
                self._eraser.destroy(erasure)
            self.engine.committed()
            return taken
        raise Conflict("receive.unsettled", "the batch kept raising; it is tried again", "批次处理未能稳定，将重试")

    def _attempt(
        self,
        batch: Batch,
        prepared: list[Prepared],
        kept: Callable[[], None],
        quarantine_keys: dict[bytes, bytes],
        poisoned: dict[int, str],
    ) -> "_Taken":
        with self.engine.database.writable() as connection:
            transaction = Transaction(self.engine, connection, quarantine_keys, poisoned)
            receipts = transaction.take(prepared)
            if batch.offset is not None:
                move_offset(self.engine.database, connection, batch.offset, self.engine.clock.now())
            if batch.watermark is not None:
                news = batch.has_news or any(receipt.state is not ReceiptState.REPEATED for receipt in receipts)
                intake.write_watermark(self.engine.database, connection, batch.watermark, had_news=news)
            transaction.write()
            kept()
            written = time.perf_counter()
        return _Taken(receipts, transaction.sealed_off, time.perf_counter() - written)

    def _quarantine_keys(self, prepared: list[Prepared]) -> dict[bytes, bytes]:
        faulty = [item for item, ready in prepared if item.fault is not None or (ready and ready.failure)]
        return self.engine.keys.obtain(quarantine_key_id(intake.quarantine_id(item)) for item in faulty)


def _pair(items: Sequence[Delivered], ready: Sequence[Ready]) -> list[Prepared]:
    """Each item with what the pure phase made of its record."""
    waiting = iter(ready)
    prepared: list[Prepared] = []
    for item in items:
        each = next(waiting) if item.record is not None else None
        if each is not None and each.failure is not None:
            told = {
                "connector": item.connector,
                "place": item.where,
                "error": each.failure.error,
                "line": each.failure.line,
            }
            logger.error("a record could not be made ready", extra=told)
        prepared.append((item, each))
    return prepared


@contextmanager
def _collector_resting() -> Iterator[None]:
    """A batch makes a hundred thousand values and hardly a cycle; the collector would walk all of them again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

"""The courier: takes what is due from the outbox, writes it, hands it over, and notes what became of it.

The rule kept here: a row whose writing fails is buried by itself and the rest of its batch leaves; an agency that cannot be reached keeps
its rows, in order, for as many attempts as are declared, and then they are dead letters with their cause. Nothing is dropped.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import msgspec

from santiao.connectors.render import CannotRender
from santiao.delivery.contract import Carrier, Claimed
from santiao.delivery.outbox import Outbox
from santiao.delivery.schedule import Schedule
from santiao.delivery.writing import FeedbackWriter
from santiao.domain.errors import DeliveryFailed
from santiao.domain.observing import UNOBSERVED, Observer

logger = logging.getLogger(__name__)


class Delivered(msgspec.Struct, frozen=True):
    """What one round came to, in rows."""

    delivered: int = 0
    put_off: int = 0
    buried: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(self.delivered + other.delivered, self.put_off + other.put_off, self.buried + other.buried)

    @property
    def all(self) -> int:
        """Rows that were claimed."""
        return self.delivered + self.put_off + self.buried


class Courier:
    """Delivers for a hub. Several may work on one store: what one has claimed, no other sees."""

    def __init__(
        self,
        outbox: Outbox,
        writer: FeedbackWriter,
        carrier: Carrier,
        schedule: Schedule,
        clock: Callable[[], datetime],
        observer: Observer = UNOBSERVED,
    ) -> None:
        self.outbox = outbox
        self._writer = writer
        self._carrier = carrier
        self._schedule = schedule
        self._clock = clock
        self._observer = observer

    def deliver_due(self) -> Delivered:
        """One round: a batch for every agency for which something is due."""
        done = Delivered()
        for destination in self.outbox.destinations(self._clock()):
            done += self._deliver(destination)
        return done

    def _deliver(self, destination: str) -> Delivered:
        retries = self._schedule.of(destination)
        lease = timedelta(seconds=retries.lease_seconds)
        claimed = self.outbox.claim(destination, self._clock(), lease=lease, rows=retries.rows)
        done = Delivered()
        for batch, rows in groupby(sorted(claimed, key=lambda row: (row.batch, row.id)), key=lambda row: row.batch):
            done += self._hand_over(destination, batch, list(rows))
        return done

    def _hand_over(self, destination: str, batch: str, rows: Sequence[Claimed]) -> Delivered:
        began = time.perf_counter()
        try:
            self._carrier.carry(self._writer.write(destination, batch, rows))
        except DeliveryFailed as failure:
            return self._fail(destination, rows, failure.code, began)
        except CannotRender:
            return self._fail(destination, rows, "feedback.undeclared", began)
        settled = self.outbox.settle(rows, self._clock())
        self._tell(destination, rows, "delivered", began)
        return Delivered(delivered=settled)

    def _tell(self, destination: str, rows: Sequence[Claimed], outcome: str, began: float) -> None:
        if rows:
            self._observer.delivered(destination, [row.id for row in rows], outcome, time.perf_counter() - began)

    def _fail(self, destination: str, rows: Sequence[Claimed], cause: str, began: float) -> Delivered:
        retries = self._schedule.of(destination)
        spent = [row for row in rows if row.attempts >= retries.attempts]
        kept = [row for row in rows if row.attempts < retries.attempts]
        if spent:
            self.outbox.bury(spent, cause)
        if kept:
            # One moment for all of them: rows of a case must not overtake each other.
            wait = retries.pause_after(max(row.attempts for row in kept), kept[0].id)
            self.outbox.put_off(kept, self._clock() + wait, cause)
        self._tell(destination, spent, "buried", began)
        self._tell(destination, kept, "put_off", began)
        logger.warning(
            "feedback could not be handed over",
            extra={"agency": destination, "code": cause, "put_off": len(kept), "dead": len(spent)},
        )
        return Delivered(put_off=len(kept), buried=len(spent))

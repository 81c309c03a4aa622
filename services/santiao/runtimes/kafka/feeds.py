"""What timers wait for in the cluster: every record that was on its topic, and every feed that is read elsewhere.

The rule kept here is that of the embedded runtime: a timer fires only when all that was received before it was due has been consumed, and a
feed that cannot be had holds nothing up.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from santiao.store.database import Database
from santiao.store.log import from_millis
from santiao.store.offsets import read_offset
from santiao.store.tables import watermarks

EndOffsets = Callable[[], dict[int, int]]
"""The end of every partition of the topic of records, as the brokers say now."""


class TopicFeed:
    """The topic of records: read since a moment when the store has consumed what stood on it then."""

    def __init__(self, database: Database, topic: str, ends: EndOffsets) -> None:
        self._database = database
        self._topic = topic
        self._ends = ends
        self._asked: tuple[float, dict[int, int]] | None = None

    def has_read_since(self, moment: float) -> bool:
        """True when all that the topic held at some time after `moment` (monotonic) is consumed."""
        if self._asked is None or self._asked[0] < moment:
            began = time.monotonic()
            self._asked = (began, self._ends())
        with self._database.readable() as connection:
            return all(
                read_offset(connection, self._topic, partition) >= end for partition, end in self._asked[1].items()
            )


class ReportedFeeds:
    """Feeds that other processes poll: read since a moment when their watermarks say so, or when they have long said nothing."""

    def __init__(self, database: Database, *, patience_seconds: float) -> None:
        self._database = database
        self._patience = timedelta(seconds=patience_seconds)

    def has_read_since(self, moment: float) -> bool:
        """True when every feed that answers at all has answered since `moment` (monotonic)."""
        now = datetime.now(UTC)
        since = now - timedelta(seconds=time.monotonic() - moment)
        with self._database.readable() as connection:
            seen = [from_millis(row.observed_ms) for row in connection.execute(select(watermarks.c.observed_ms))]
        return all(at >= since or at < now - self._patience for at in seen)

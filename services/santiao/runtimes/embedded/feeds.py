"""Asking agencies live: one poller a feed, each page committed with its watermark before the next is asked for.

The rule kept here: a source that does not answer is no failure of the hub; it is asked again after a pause that doubles, and its feed's
health says so. What the hub itself cannot do (a full disk) ends the turn, and the feed is read again from its last watermark.
"""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from santiao.connectors.connector import Connector
from santiao.connectors.contract import Page
from santiao.connectors.transports.polling import Condition, FeedHealth, PollSettings, due_at, judge, poll
from santiao.runtimes.intake import Intake

Clock = Callable[[], datetime]


class FeedStanding(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator sees of a polled feed."""

    connector: str
    feed: str
    condition: Condition
    asked_at: datetime | None
    answered_at: datetime | None
    news_at: datetime | None
    failures: int
    reason: str
    notes: dict[str, str]


class FeedPoller:
    """Asks one feed whenever it is due."""

    def __init__(
        self,
        connector: Connector,
        source: str,
        intake: Intake,
        *,
        every_seconds: float,
        clock: Clock,
        stopping: threading.Event,
    ) -> None:
        declared = connector.declaration.freshness
        self.connector = connector
        self.settings = PollSettings(
            every_seconds=every_seconds, answer_hours=declared.answer_hours, news_hours=declared.news_hours
        )
        self._source = source
        self._intake = intake
        self._clock = clock
        self._stopping = stopping
        self._transport = connector.transport_for(source)
        self._is_wanted = False
        self._read_since = self._answered_since = float("-inf")
        self.health = self._known_health()

    def _known_health(self) -> FeedHealth:
        """What the watermark remembers of the time before this process."""
        known = self._intake.feed_times(self.connector)
        return FeedHealth() if known is None else FeedHealth(answered_at=known[0], news_at=known[1])

    def turn(self) -> bool:
        """Ask when it is due; nothing waits behind it.

        Raises:
            StoreFailure: a page could not be committed; what was before it stands.
        """
        due = due_at(self.health, self.settings, self.connector.name)
        if due is not None and self._clock() < due and not self._is_wanted:
            return False
        self._is_wanted = False
        began = time.monotonic()
        pages = self._transport.read(self._source, self._intake.watermark(self.connector))
        self.health = poll(self._until_stopped(pages), self._take, self.health, self._clock)
        if not self._stopping.is_set():
            self._read_since = began
            if not self.health.failures:
                self._answered_since = began
        return False

    def ask_now(self) -> None:
        """Ask at the loop's next turn, whether it is due or not."""
        self._is_wanted = True

    @property
    def is_wanted(self) -> bool:
        """True while `ask_now` waits for its turn."""
        return self._is_wanted

    def has_read_since(self, moment: float) -> bool:
        """True when a poll that began after `moment` (monotonic) is over, or the source cannot be had: then nothing of it was received."""
        return self._read_since >= moment or self.health.failures > 0

    def has_answered_since(self, moment: float) -> bool:
        """True when a poll that began after `moment` (monotonic) was answered to its end."""
        return self._answered_since >= moment

    def standing(self) -> FeedStanding:
        """How the feed is."""
        health = self.health
        return FeedStanding(
            connector=self.connector.name,
            feed=self.connector.declaration.feed,
            condition=judge(health, self.settings, self._clock()),
            asked_at=health.asked_at,
            answered_at=health.answered_at,
            news_at=health.news_at,
            failures=health.failures,
            reason=health.reason,
            notes=dict(health.notes),
        )

    def _until_stopped(self, pages: Iterator[Page]) -> Iterator[Page]:
        for page in pages:
            if self._stopping.is_set():
                return
            # A busy answer that has a watermark was saved in a file: nobody can be asked for it again, so it is passed by.
            yield page if page.watermark is None else msgspec.structs.replace(page, busy="")

    def _take(self, page: Page) -> None:
        for batch in self.connector.batches(page):
            self._intake.take(batch)

"""How a feed is: when it was last asked, last answered, last had news; and when it is asked again.

The rule kept here: "no records" is not "not asked", and neither is "asked and not answered". A feed that says nothing is told apart from
one that has nothing, and both from one that nobody polls. What is told of a failure is its code, never a source's words.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

import msgspec

from santiao.connectors.contract import Page
from santiao.connectors.transports.timestamps import Clock
from santiao.domain.errors import DeliveryFailed

_MISSED_POLLS = 3
_RETRY_AFTER = re.compile(r"again after (\d{1,6}) s$")
_NOTED = ("gaps", "waiting", "absence")


class PollSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often a feed is asked, and how long a silence is normal.

    `every_seconds` 0 is a feed that is pushed to us: nobody asks it, and only its news can be missed. After a failure the pause
    doubles, up to `pause_max_seconds`.
    """

    every_seconds: float = 60.0
    pause_max_seconds: float = 1800.0
    answer_hours: float = 1.0
    news_hours: float = 72.0


class Condition(StrEnum):
    """What a feed's health amounts to. The last three are alarms."""

    NEVER_ASKED = "never_asked"
    LIVELY = "lively"
    """It answers and had news within what is normal."""
    RETRYING = "retrying"
    """The last try failed; it answered not long ago."""
    SILENT = "silent"
    """It answers, and has had nothing new for longer than is normal."""
    UNANSWERED = "unanswered"
    """It is asked and has not answered for longer than is normal."""
    NOT_POLLED = "not_polled"
    """Nobody has asked it when it was due: the fault is on our side."""


class FeedHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a feed. `answered_at` and `news_at` also stand with its watermark; the rest is since the process began.

    `failures` counts tries in a row that brought no answer, `reason` is the last one's code; `notes` what the last answer showed to be
    amiss (numbers that never came, files without a marker).
    """

    asked_at: datetime | None = None
    answered_at: datetime | None = None
    news_at: datetime | None = None
    failures: int = 0
    reason: str = ""
    retry_after: int = 0
    notes: Mapping[str, str] = {}


def poll(pages: Iterable[Page], take: Callable[[Page], object], health: FeedHealth, clock: Clock) -> FeedHealth:
    """Take the pages of one poll and say how the feed is after it.

    Args:
        pages: what a transport reads; nothing is asked before this is called.
        take: commits a page with its watermark. What it raises is the hub's own failure, ends the poll and passes through.
        health: how the feed was before.

    Returns:
        Its health now: a source that did not answer, or asked to be left alone, is no error but a failed try. What was taken
        before stands.
    """
    asked = msgspec.structs.replace(health, asked_at=clock())
    has_news = False
    notes: Mapping[str, str] = {}
    try:
        for page in pages:
            if page.busy:
                return _failed(_with_news(asked, clock, has_news=has_news), page.busy)
            take(page)
            has_news = has_news or any(item.counted for item in page.items)
            if page.watermark is not None:
                notes = {
                    name: told for name in _NOTED if (told := page.watermark.state.get(name, "")) not in {"", "judged"}
                }
    except DeliveryFailed as problem:
        return _failed(_with_news(asked, clock, has_news=has_news), problem.code)
    answered = msgspec.structs.replace(asked, answered_at=clock(), failures=0, reason="", retry_after=0, notes=notes)
    return _with_news(answered, clock, has_news=has_news)


def pushed(health: FeedHealth, at: datetime) -> FeedHealth:
    """How a feed is that brought something by itself at `at`."""
    return msgspec.structs.replace(health, answered_at=at, news_at=at)


def judge(health: FeedHealth, settings: PollSettings, now: datetime) -> Condition:
    """What the feed's health amounts to at `now`."""
    if settings.every_seconds > 0:
        if health.asked_at is None:
            return Condition.NEVER_ASKED
        if now - health.asked_at > _MISSED_POLLS * pause_after(health, settings, ""):
            return Condition.NOT_POLLED
        if health.failures:
            is_normal = health.answered_at is not None and now - health.answered_at <= timedelta(
                hours=settings.answer_hours
            )
            return Condition.RETRYING if is_normal else Condition.UNANSWERED
    elif health.news_at is None:
        return Condition.NEVER_ASKED
    has_had_news = health.news_at is not None and now - health.news_at <= timedelta(hours=settings.news_hours)
    return Condition.LIVELY if has_had_news else Condition.SILENT


def due_at(health: FeedHealth, settings: PollSettings, feed: str) -> datetime | None:
    """When the feed is asked next; None at once. `feed` spreads feeds that failed together, the same way at every run."""
    return None if health.asked_at is None else health.asked_at + pause_after(health, settings, feed)


def pause_after(health: FeedHealth, settings: PollSettings, feed: str) -> timedelta:
    """How long a feed is left alone: its interval, doubled at every failure in a row, no shorter than the source asked for."""
    if not health.failures:
        return timedelta(seconds=settings.every_seconds)
    doubled = settings.every_seconds * 2.0 ** min(health.failures - 1, 30)
    spread = blake2b(f"{feed}:{health.failures}".encode(), digest_size=1).digest()[0] / 255 / 10 if feed else 0.0
    return timedelta(seconds=max(min(doubled, settings.pause_max_seconds) * (1 + spread), health.retry_after))


def _failed(asked: FeedHealth, reason: str) -> FeedHealth:
    told = _RETRY_AFTER.search(reason)
    retry_after = int(told[1]) if told is not None else 0
    return msgspec.structs.replace(asked, failures=asked.failures + 1, reason=reason, retry_after=retry_after)


def _with_news(health: FeedHealth, clock: Clock, *, has_news: bool) -> FeedHealth:
    return msgspec.structs.replace(health, news_at=clock()) if has_news else health

"""Polls a REST service whose list moves while its pages are read.

The rule kept here: a record that changes goes to the end of the list and all behind it move up, so page numbers skip. Therefore the
next question begins where the last page ended (its time, not its number), and only where one second fills a page are pages turned by
number: forward to the second's end, then backward, because what moved up lies in pages not yet turned back. A list that is not in the
order of its times is read again until a reading brings nothing new; until then the watermark stays.
"""

from collections.abc import Generator, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from santiao.connectors.contract import Page, RawItem
from santiao.connectors.transports.exchange import Exchange
from santiao.connectors.transports.recent import Recent, digest_of
from santiao.connectors.transports.rest_session import (
    UNREADABLE,
    ListAnswer,
    ServiceSecrets,
    ServiceSettings,
    Session,
    TokenKeeper,
)
from santiao.connectors.transports.timestamps import (
    Clock,
    advanced,
    check_format,
    overlap_start,
    read_time,
    sort_text,
    write_time,
)
from santiao.domain.calendar import SHANGHAI
from santiao.domain.errors import DeliveryFailed
from santiao.domain.messages import Fault, FaultKind, Watermark

_STEPS_MAX = 100_000


class RestSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a declaration says of a polled list.

    `fixed` goes with every question; `since`, `page` and `size` name the question's moving fields. `changed` is the element's time of
    update, written as `times`; `volatile` are members whose change is no news (addresses that expire).
    """

    service: ServiceSettings
    fixed: dict[str, str | int | bool | tuple[str, ...]] = {}
    since: str = "updatedSince"
    page: str = "pageNo"
    size: str = "pageSize"
    page_size: int = 50
    changed: str = "updateTime"
    times: str = "%Y-%m-%d %H:%M:%S"
    earliest: str = "2000-01-01 00:00:00"
    volatile: tuple[str, ...] = ()
    overlap_minutes: int = 30
    recent_limit: int = 2000
    readings_max: int = 5

    def __post_init__(self) -> None:
        check_format(self.times)
        _ = self.earliest_time

    @property
    def earliest_time(self) -> datetime:
        """Where a first reading begins."""
        moment = read_time(self.earliest, self.times)
        if moment is None:
            raise ValueError(f"`earliest` is not written as {self.times!r}")
        return moment


class RestTransport:
    """Reads one feed's list; `source` is the service's URL, to which the declared paths are appended.

    `clock` is the hub's, which may stand still; `wall_clock` signs and keeps tokens, because others judge those by their own.
    """

    def __init__(
        self,
        settings: RestSettings,
        *,
        connector: str,
        feed: str,
        clock: Clock,
        secrets: ServiceSecrets | None = None,
        wall_clock: Clock = lambda: datetime.now(SHANGHAI),
    ) -> None:
        self._settings = settings
        self._connector = connector
        self._feed = feed
        self._clock = clock
        self._secrets = secrets or ServiceSecrets()
        self._wall_clock = wall_clock
        self._keeper = TokenKeeper()

    def read(self, source: str, watermark: Watermark | None) -> Iterator[Page]:
        """Yield elements that are new or changed, a page at a time; a page that is `busy` ends the poll.

        Raises:
            DeliveryFailed: nothing answered, or not as declared; what was read so far stands.
        """
        state = {} if watermark is None else dict(watermark.state)
        with Exchange(self._settings.service.exchange) as exchange:
            session = Session(
                self._settings.service,
                service_secrets=self._secrets,
                base=source,
                exchange=exchange,
                keeper=self._keeper,
                clock=self._wall_clock,
            )
            poll = _ListPoll(self._settings, session, state, self._clock)
            for page in poll.pages():
                yield (
                    page
                    if page.busy
                    else Page(page.items, Watermark(self._connector, self._feed, poll.state(), self._clock()))
                )


class _Leaf(msgspec.Struct, frozen=True):
    """One page as it was turned: new items, the elements' times in their order, whether there is more behind."""

    items: tuple[RawItem, ...]
    moments: tuple[datetime, ...]
    is_ordered: bool
    has_more: bool


class _Busy(Exception):
    """The source asked to be left alone; the poll ends with what was read so far."""


class _ListPoll:
    """One poll. `_high` is how far everything has been read, `_begin` where this poll begins."""

    def __init__(self, settings: RestSettings, session: Session, state: dict[str, str], clock: Clock) -> None:
        self._settings = settings
        self._session = session
        self._clock = clock
        self._recent = Recent.decode(state.get("recent", ""), settings.recent_limit)
        self._high = datetime.fromisoformat(state["high"]) if state.get("high") else None
        self._high_before = self._high
        self._begin = overlap_start(self._high, settings.overlap_minutes) or settings.earliest_time

    def state(self) -> dict[str, str]:
        low = overlap_start(self._high, self._settings.overlap_minutes)
        if low is None or self._high is None:
            return {"recent": self._recent.encode()}
        self._recent.forget_before(sort_text(low))
        return {"high": self._high.isoformat(), "recent": self._recent.encode()}

    def pages(self) -> Iterator[Page]:
        try:
            yield from self._onward()
        except _Busy as busy:
            yield Page((), busy=str(busy))
        else:
            self._recent.end_poll()
            yield Page(())

    def _onward(self) -> Iterator[Page]:
        since = self._begin
        for _ in range(_STEPS_MAX):
            leaf = self._turn(since, 1)
            if not leaf.is_ordered and leaf.has_more:
                yield Page(leaf.items)
                yield from self._until_settled()
                return
            if leaf.has_more and leaf.moments[-1] <= since:
                leaf = yield from self._through_one_second(since, leaf)
            self._high = advanced(self._high, max(leaf.moments, default=None), self._clock())
            yield Page(leaf.items)
            if not leaf.has_more:
                return
            since = leaf.moments[-1]

    def _through_one_second(self, since: datetime, leaf: _Leaf) -> Generator[Page, None, _Leaf]:
        """Turn pages that one second fills, forward and back; the last of them, its items given, with which the poll goes on.

        What is turned is given before the next page is asked for: once remembered as seen, an item must not wait.
        """
        number = 1
        yield Page(leaf.items)
        while leaf.has_more and leaf.moments[-1] <= since and number < _STEPS_MAX:
            number += 1
            leaf = self._turn(since, number)
            yield Page(leaf.items)
            if not leaf.is_ordered and leaf.has_more:
                raise _unordered()
        for earlier in range(number - 1, 0, -1):
            yield Page(self._turn(since, earlier).items)
        return msgspec.structs.replace(leaf, items=())

    def _until_settled(self) -> Iterator[Page]:
        begun, seen = self._clock(), set[datetime]()
        self._high = self._high_before
        for _ in range(self._settings.readings_max):
            is_new, number, has_more = False, 0, True
            while has_more and number < _STEPS_MAX:
                number += 1
                leaf = self._turn(self._begin, number)
                yield Page(leaf.items)
                has_more = leaf.has_more
                seen.update(leaf.moments)
                is_new = is_new or bool(leaf.items)
            for earlier in range(number - 1, 0, -1):
                leaf = self._turn(self._begin, earlier)
                yield Page(leaf.items)
                is_new = is_new or bool(leaf.items)
            if not is_new:
                self._high = advanced(self._high, max(seen, default=None), begun)
                return

    def _turn(self, since: datetime, number: int) -> _Leaf:
        """Ask for a page. A second earlier than needed, because nobody says whether `since` is inclusive."""
        settings = self._settings
        question: dict[str, Any] = {
            **settings.fixed,
            settings.since: write_time(since - timedelta(seconds=1), settings.times),
            settings.page: number,
            settings.size: settings.page_size,
        }
        answer = self._session.ask(question)
        if answer.busy:
            raise _Busy(answer.busy)
        return self._leaf(answer, number)

    def _leaf(self, answer: ListAnswer, number: int) -> _Leaf:
        now = self._clock()
        items: list[RawItem] = []
        moments: list[datetime] = []
        for place, raw in enumerate(answer.elements, start=1):
            moment, item = self._item(raw, f"page{number}#{place}", now)
            if moment is not None:
                moments.append(moment)
            if item is not None:
                items.append(item)
        has_more = answer.more
        if has_more is None:
            read = number * self._settings.page_size
            has_more = (
                read < answer.total if answer.total is not None else len(answer.elements) >= self._settings.page_size
            )
        is_ordered = bool(moments) and moments == sorted(moments)
        return _Leaf(tuple(items), tuple(moments), is_ordered, has_more and bool(answer.elements))

    def _item(self, raw: bytes, where: str, now: datetime) -> tuple[datetime | None, RawItem | None]:
        """The element's time, and the item it is unless it was given before."""
        try:
            cells: Any = msgspec.json.decode(raw)
        except UNREADABLE:
            cells = None
        if not isinstance(cells, dict):
            is_new = self._recent.admit("", digest_of(raw))
            return None, RawItem(where=where, raw=raw, fault=_not_object(where)) if is_new else None
        told = cells.get(self._settings.changed)
        moment = read_time(told, self._settings.times) if isinstance(told, str) else None
        lasting = {name: cell for name, cell in cells.items() if name not in self._settings.volatile}
        if not self._recent.admit(sort_text(moment), digest_of(msgspec.json.encode(lasting, order="deterministic"))):
            return moment, None
        delivered_at = moment if moment is not None and moment <= now else None
        return moment, RawItem(where=where, raw=raw, cells=cells, delivered_at=delivered_at)


def _not_object(where: str) -> Fault:
    return Fault(
        kind=FaultKind.QUARANTINED,
        code="item.not_object",
        path=where,
        detail="the element is not a readable object with members; compare it with the declaration",
        detail_zh="该条不是可读的对象，请核对声明",
    )


def _unordered() -> DeliveryFailed:
    return DeliveryFailed(
        "rest.order",
        "the source changed the order of its list while it was read; it is asked again",
        "来源列表排序变化，稍后重读",
    )

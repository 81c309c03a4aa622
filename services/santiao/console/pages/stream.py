"""The worklist's stream: server-sent events that say how many rows are new or changed, and never what is in them.

The rules kept here: an event's id is the position it was told at, so that a browser that comes back goes on from there; a stream ends with
the session, with the process, and after some minutes by itself, so that nothing waits for it for ever.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from santiao.console.pages.worklist import asker_of, read_filter, until_of
from santiao.console.reception import visit_of
from santiao.console.refusals import PageRefused, refusal_of
from santiao.console.rendering import Renderer
from santiao.console.services import ConsoleServices
from santiao.console.visits import Visit
from santiao.console.worklists import Positions, decode_positions, encode_positions, read_news
from santiao.domain.errors import SantiaoError
from santiao.pool.access import Resource
from santiao.projections.timeline import TIMELINE

logger = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
LAST_SECONDS = 600.0
BEAT_SECONDS = 15.0
STREAMS_MAX = 200
"""Streams open at once in one process; one more is asked to come back later."""


class Told(msgspec.Struct, frozen=True):
    """What an event tells."""

    fresh: int
    changed: int
    is_much: bool = False


def stream_news(services: ConsoleServices, renderer: Renderer) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of the stream."""
    streams = _Streams()

    async def endpoint(request: Request) -> Response:
        visit = await run_in_threadpool(visit_of, request, services, renderer)
        try:
            since, told = _admit(visit, request.headers.get("last-event-id", ""))
        except PageRefused as refused:
            return Response(status_code=refused.status)
        except SantiaoError as error:
            return Response(status_code=refusal_of(error).status)
        if streams.open >= STREAMS_MAX:
            return Response(status_code=503, headers={"Retry-After": "10"})
        return StreamingResponse(
            streams.count(_events(visit, since, told)),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return endpoint


def _admit(visit: Visit, last_event_id: str) -> tuple[Positions, Positions]:
    """Since when the page has been there, and what it was told of last; who may not see the list is refused."""
    visit.purpose_for(Resource.CASES)
    read_filter(visit)
    since = visit.query.get("since", "")
    return decode_positions(since), decode_positions(last_event_id or since)


class _Streams:
    """How many are open."""

    def __init__(self) -> None:
        self.open = 0

    async def count(self, events: AsyncIterator[str]) -> AsyncIterator[str]:
        self.open += 1
        try:
            async for event in events:
                yield event
        finally:
            self.open -= 1


async def _events(visit: Visit, since: Positions, told: Positions) -> AsyncIterator[str]:
    yield "retry: 3000\n\n"
    until, beat = time.monotonic() + LAST_SECONDS, time.monotonic()
    while time.monotonic() < until and not visit.services.is_stopping():
        if not await run_in_threadpool(_is_logged_in, visit):
            yield "event: ended\ndata: {}\n\n"
            return
        found = await run_in_threadpool(_look, visit, since, told)
        if found is not None:
            told, news = found
            yield f"event: news\nid: {encode_positions(told)}\ndata: {msgspec.json.encode(news).decode()}\n\n"
            beat = time.monotonic()
        elif time.monotonic() - beat > BEAT_SECONDS:
            yield ": here\n\n"
            beat = time.monotonic()
        await asyncio.sleep(LOOK_SECONDS)


def _is_logged_in(visit: Visit) -> bool:
    try:
        return visit.services.sessions.find(visit.token) is not None
    except SantiaoError:
        return True  # the store does not answer now; the session is looked for again at the next look


def _look(visit: Visit, since: Positions, told: Positions) -> tuple[Positions, Told] | None:
    """News since the page was made; None while the views stand where they were told of last."""
    try:
        with visit.services.views.reading() as reading:
            if all(told.get(shard, 0) >= place for shard, place in reading.positions(TIMELINE.view).items()):
                return None
            news = read_news(reading, read_filter(visit), asker_of(visit), since, until=until_of(visit))
    except SantiaoError as error:
        logger.warning("the worklist's stream could not look", extra={"code": error.code})
        return None
    return news.positions, Told(len(news.fresh), len(news.changed), news.is_much)

"""`GET /v1/feed?after=`: changes as they come, in order per case, to be asked for again and again.

The rule kept here: the cursor moves past what the caller may not know as well, so that nothing of it can be told by waiting.
"""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Response

from santiao.api.answers import answer_json
from santiao.api.asking import Asking, MinPosition, dependency
from santiao.api.openapi import answers, list_of
from santiao.api.workflow_answers import FeedAnswer
from santiao.pool.access import Resource
from santiao.pool.disclose import CaseRow, Channel
from santiao.pool.reach import own_of
from santiao.projections.case_overview_rows import VIEW as OVERVIEW
from santiao.projections.case_reach import Own, known_cases
from santiao.projections.reading import Reading
from santiao.projections.timeline import VIEW as TIMELINE
from santiao.projections.timeline import FeedItem, read_feed

router = APIRouter(tags=["feed"])
_STRETCH = 500
_ROUNDS = 10
"""Stretches looked through for one answer; a caller with little of its own asks again from where this ended."""


@router.get("/v1/feed", summary="Changes 变更订阅", responses=answers(list_of(FeedAnswer), 400, 401, 403, 429, 503))
def get_feed(
    asking: Annotated[Asking, dependency(Resource.FEED, Channel.FEED)],
    after: Annotated[
        str | None, Query(description="A cursor of the feed; none from the beginning.", max_length=2048)
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    min_position: MinPosition = None,
) -> Response:
    """Changes after a cursor. `next` is where to go on, also when there is nothing yet."""
    own = own_of(asking.rights)
    with asking.reading(min_position, TIMELINE, OVERVIEW) as (reading, positions):
        items, following = _read(reading, after, limit, own)
    rows = [
        CaseRow(
            item.case_id,
            {
                "cursor": item.cursor,
                "case_id": item.case_id,
                "type": item.type,
                "data": msgspec.json.decode(item.data),
            },
        )
        for item in items
    ]
    shown = asking.disclose(rows)
    return answer_json({"items": shown.rows, "next": following}, positions=positions)


def _read(reading: Reading, after: str | None, limit: int, own: Own | None) -> tuple[list[FeedItem], str | None]:
    """Changes the caller may know, and where to go on."""
    found: list[FeedItem] = []
    for _ in range(_ROUNDS):
        page = read_feed(reading, after, limit=_STRETCH)
        known = None if own is None else known_cases(reading, {item.case_id for item in page.items}, own)
        for item in page.items:
            if known is None or item.case_id in known:
                found.append(item)
                if len(found) == limit:
                    return found, item.cursor
        if len(page.items) < _STRETCH:
            return found, page.next
        after = page.next
    return found, after

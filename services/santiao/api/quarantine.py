"""Quarantine (隔离件) for operators: what was not understood, and trying it again after a mend. The bytes stay sealed.

The rule kept here: an operator sees connector, place and reason, never the content; she acts as a named person.
"""

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from santiao.api.answers import answer_json
from santiao.api.bodies import check_json, decode_command, read_body
from santiao.api.callers import GivenServices, KnownCaller
from santiao.api.openapi import answers, body_of, list_of
from santiao.api.services import ShelvedItem
from santiao.pool.access import Caller, Denied, Resource, Role

router = APIRouter(tags=["quarantine"])


class QuarantinedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item that was not understood: whose, where in what it came in, and why."""

    quarantine_id: str
    connector: str
    feed: str
    place: str
    code: str
    path: str
    detail: str
    detail_zh: str
    received_at: datetime
    state: str
    tries: int


class ReplayWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which items to try again: by id, or all that match; with `dry_run` only how many."""

    items: tuple[str, ...] = ()
    connector: str = ""
    code: str = ""
    dry_run: bool = False


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """How many of how many were taken now."""

    matched: int
    taken: int
    left: int
    dry_run: bool


def operator_of(services: GivenServices, caller: KnownCaller) -> Caller:
    """The caller, where a named operator stands behind it."""
    services.policy.check_resource(caller, Resource.QUARANTINE)
    if Role.OPERATOR not in caller.roles:
        raise Denied(
            "quarantine.operator", "name an operator of yours in Santiao-Actor", "请在 Santiao-Actor 中填写运维人员编号"
        )
    return caller


Operator = Annotated[Caller, Depends(operator_of)]


@router.get(
    "/v1/quarantine",
    summary="Items not understood 隔离件",
    responses=answers(list_of(QuarantinedItem), 400, 401, 403, 429, 503, headers=()),
)
def list_quarantine(
    services: GivenServices,
    operator: Operator,
    connector: Annotated[str, Query(max_length=64)] = "",
    code: Annotated[str, Query(max_length=64)] = "",
    after: Annotated[str, Query(max_length=64, description="Id of the last item seen.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Open items, oldest first."""
    found = list(services.quarantine.find(connector, code))
    if after:
        places = [place for place, item in enumerate(found) if item.id == after]
        found = found[places[0] + 1 :] if places else []
    page = [_as_item(item) for item in found[:limit]]
    return answer_json({"items": page, "next": page[-1].quarantine_id if len(found) > limit else None})


@router.get(
    "/v1/quarantine/{item}",
    summary="One item 单件",
    responses=answers(QuarantinedItem, 401, 403, 404, 429, 503, headers=()),
)
def show_quarantined(
    services: GivenServices, operator: Operator, item: Annotated[str, Path(max_length=64)]
) -> Response:
    """One item, without its bytes."""
    return answer_json(_as_item(services.quarantine.show(item)))


@router.post(
    "/v1/quarantine/replay",
    summary="Try items again 重放",
    openapi_extra=body_of(ReplayWanted),
    responses=answers(Replay, 400, 401, 403, 404, 413, 415, 422, 429, 503, headers=()),
)
async def replay_quarantined(request: Request, services: GivenServices, operator: Operator) -> Response:
    """Translate and receive items again; what is taken leaves quarantine."""
    check_json(request.headers.get("content-type", ""))
    body = await read_body(request, services.policy.book.limits.command_bytes)
    wanted = decode_command(body, ReplayWanted, {})

    def replay() -> Response:
        done = services.quarantine.replay(
            wanted.items, connector=wanted.connector, code=wanted.code, dry_run=wanted.dry_run
        )
        return answer_json(Replay(matched=done.matched, taken=done.taken, left=done.left, dry_run=done.dry_run))

    return await run_in_threadpool(replay)


def _as_item(item: ShelvedItem) -> QuarantinedItem:
    return QuarantinedItem(
        quarantine_id=item.id,
        connector=item.connector,
        feed=item.feed,
        place=item.where,
        code=item.code,
        path=item.path,
        detail=item.detail,
        detail_zh=item.detail_zh,
        received_at=item.received_at,
        state=item.state,
        tries=item.tries,
    )

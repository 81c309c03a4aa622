"""The workflow's commands by address: one row a command.

The rule kept here: the table is the API: a new command is one row, and its description is made from its type.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from santiao.api.bodies import check_json, decode_command, read_body
from santiao.api.callers import GivenServices, KnownCaller
from santiao.api.commanding import Commanded, InFlight, give_command, read_key, read_version
from santiao.api.openapi import answers, body_of
from santiao.domain import commands


class Row(msgspec.Struct, frozen=True):
    """A command and its address. `{id}` is a case's name, or a referral's id where the command answers a referral."""

    path: str
    kind: type[commands.Command]
    summary: str


ROWS = (
    Row("/v1/referrals/{id}/accept", commands.AcceptReferral, "Accept a referral 接受移送"),
    Row("/v1/referrals/{id}/decline", commands.DeclineReferral, "Decline a referral 不予接受"),
    Row("/v1/referrals/{id}/return", commands.ReturnReferral, "Return for more material 退回补充"),
    Row("/v1/referrals/{id}/forward", commands.ForwardReferral, "Say whose it is 转他单位"),
    Row("/v1/referrals/{id}/recall", commands.RecallReferral, "Take a referral back 撤回移送"),
    Row("/v1/cases/{id}/triage", commands.TriageCase, "Choose kind, mode and body 分流"),
    Row("/v1/cases/{id}/request-consent", commands.RequestConsent, "Ask both sides 征求意见"),
    Row("/v1/cases/{id}/record-consent", commands.RecordConsent, "What one side said 登记意见"),
    Row("/v1/cases/{id}/refer", commands.SendReferral, "Send the referral 移送"),
    Row("/v1/cases/{id}/designate", commands.DesignateBody, "Decide who must take it 指定承办"),
    Row("/v1/cases/{id}/end-designation", commands.EndDesignation, "End the rule a designation became 终止指定规则"),
    Row("/v1/cases/{id}/start-mediation", commands.StartMediation, "Begin to mediate 开始调解"),
    Row("/v1/cases/{id}/suspend-mediation", commands.SuspendMediation, "Stop the clock 中止"),
    Row("/v1/cases/{id}/resume-mediation", commands.ResumeMediation, "Let it run on 恢复"),
    Row("/v1/cases/{id}/conclude-mediation", commands.ConcludeMediation, "How it ended 调解结果"),
    Row("/v1/cases/{id}/record-performance", commands.RecordPerformance, "It was carried out 履行"),
    Row("/v1/cases/{id}/record-breach", commands.RecordBreach, "It was not 不履行"),
    Row("/v1/cases/{id}/apply-confirmation", commands.ApplyConfirmation, "Apply to the court 申请司法确认"),
    Row("/v1/cases/{id}/decide-confirmation", commands.DecideConfirmation, "The court ruled 确认裁定"),
    Row("/v1/cases/{id}/follow-up", commands.FollowUp, "A follow-up call 回访"),
    Row("/v1/cases/{id}/close", commands.CloseCase, "Close 结案"),
    Row("/v1/cases/{id}/reopen", commands.ReopenCase, "Reopen 重启"),
    Row("/v1/cases/{id}/set-aside-gate", commands.SetAsideGate, "Set the gates aside 解除阻断"),
    Row("/v1/links/propose", commands.ProposeLink, "Propose a link 建议关联"),
    Row("/v1/links/confirm", commands.ConfirmLink, "Say that two sources are one dispute 确认关联"),
    Row("/v1/links/reject", commands.RejectLink, "Say that they are not 否定关联"),
    Row("/v1/links/dissolve", commands.DissolveLink, "Undo an accepted link 解除关联"),
)
ADDED = ("seen",)
"""Fields that the hub itself adds to a command."""
Handler = Callable[..., Awaitable[Response]]
GivenKey = Annotated[
    str | None, Header(alias="Idempotency-Key", description="Your own name for this command; required.")
]
SeenVersion = Annotated[
    str | None, Header(alias="If-Match", description="The ETag you saw; needed where the command overrides others.")
]


def build_router() -> APIRouter:
    """The routes of every row."""
    router = APIRouter(tags=["commands"])
    in_flight = InFlight()
    for row in ROWS:
        given = _given_by_address(row)
        router.add_api_route(
            row.path,
            _handler(row, in_flight),
            methods=["POST"],
            name=row.kind.__name__,
            summary=row.summary,
            description=row.kind.__doc__,
            openapi_extra=body_of(row.kind, without=(*given, *ADDED)),
            responses=answers(
                Commanded,
                400,
                401,
                403,
                404,
                409,
                412,
                413,
                415,
                422,
                428,
                429,
                503,
                headers=("ETag", "Santiao-Position"),
            ),
        )
    return router


def _given_by_address(row: Row) -> tuple[str, ...]:
    """Fields that the address tells."""
    if row.path.startswith("/v1/referrals/"):
        return ("case", "referral")
    return ("case",) if "{id}" in row.path else ()


def _handler(row: Row, in_flight: InFlight) -> Handler:
    given = _given_by_address(row)

    async def take(
        request: Request,
        services: GivenServices,
        caller: KnownCaller,
        name: str,
        key: str | None,
        seen: str | None,
    ) -> Response:
        used = read_key(key)
        version = read_version(seen)
        services.policy.check_command(caller, row.kind.__name__)
        check_json(request.headers.get("content-type", ""))
        body = await read_body(request, services.policy.book.limits.command_bytes)
        command: Any = decode_command(body, row.kind, _given(given, name), added=ADDED)
        return await run_in_threadpool(give_command, services, in_flight, caller, command, used, version)

    async def by_id(
        request: Request,
        services: GivenServices,
        caller: KnownCaller,
        name: Annotated[str, Path(alias="id", max_length=64)],
        key: GivenKey = None,
        seen: SeenVersion = None,
    ) -> Response:
        return await take(request, services, caller, name, key, seen)

    async def by_body(
        request: Request,
        services: GivenServices,
        caller: KnownCaller,
        key: GivenKey = None,
        seen: SeenVersion = None,
    ) -> Response:
        return await take(request, services, caller, "", key, seen)

    return by_id if given else by_body


def _given(fields: tuple[str, ...], name: str) -> dict[str, str]:
    """A referral's number is its case's with a counter behind it; a merged case is found by its old number too."""
    if "referral" in fields:
        return {"case": name.rpartition("-")[0], "referral": name}
    return {"case": name} if fields else {}

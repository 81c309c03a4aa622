"""`POST /v1/hooks/{connector}`: a source's own webhook, signed by its own rule and answered in its own form.

The rules kept here: the signature is the only key; 401 speaks of signature, nonce and time alone, 403 of the content; what was not
understood is acknowledged, because it is kept in quarantine. A nonce counts once, also for two deliveries at the same moment.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from santiao.api.answers import answer_json
from santiao.api.bodies import read_body
from santiao.api.callers import GivenServices, stranger_of
from santiao.api.openapi import answers
from santiao.api.problems import Problem
from santiao.api.services import Services
from santiao.connectors.connector import Connector
from santiao.connectors.transports.webhook import WebhookSettings
from santiao.domain.errors import SantiaoError
from santiao.domain.messages import Batch, Delivered, ReceiptState
from santiao.store import intake

router = APIRouter(tags=["records"])
_AT_THE_DOOR = "webhook."
_SECONDS_DIGITS = 10


class HookAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the sender reads: `code` 0, or why not."""

    code: int
    message: str = ""


@router.post(
    "/v1/hooks/{connector}",
    summary="A source's signed webhook 签名推送",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
    responses={
        **answers(HookAnswer, headers=(), text="Kept: taken, or in quarantine."),
        401: {"description": "code 40101: signature, nonce or time"},
        403: {"description": "code 40301: the content may not be taken"},
    },
)
async def post_hook(
    request: Request, services: GivenServices, connector: Annotated[str, Path(description="The connector's name.")]
) -> Response:
    """`{"code": 0}` for every delivery that was kept; `code` 40101 for signature, nonce or time, 40301 for refused content."""
    known = services.connectors[connector] if connector in set(services.connectors) else None
    if known is None or known.hook is None:
        raise Problem(404, "connector.unknown", "there is no such webhook", "没有该推送接口")
    try:
        body = await read_body(request, services.policy.book.limits.hook_bytes)
    except Problem as problem:
        return _answer(problem.status, problem.status * 100 + 1, f"{problem.detail} {problem.detail_zh}")
    return await run_in_threadpool(
        _take,
        services,
        known,
        known.hook.signature,
        dict(request.headers),
        body,
        stranger_of(request),
        request.state.request_id,
    )


def _take(
    services: Services,
    connector: Connector,
    signature: WebhookSettings,
    headers: Mapping[str, str],
    body: bytes,
    stranger: str,
    request_id: str,
) -> Response:
    received_at = _received_at(services, signature, headers)
    try:
        delivered = connector.receive_hook(headers, body, received_at, _StoredNonces(services, connector.name))
        if _is_at_the_door(delivered):
            wait = services.buckets.take(stranger, services.policy.book.stranger_rate)
            if wait:
                return _answer(
                    429, 42901, "too many deliveries that are not yours 请求过于频繁", {"Retry-After": str(wait)}
                )
        # A place of its own, so that the store can tell a replayed nonce from the same delivery.
        delivered = msgspec.structs.replace(delivered, where=f"hook/{request_id}")
        (receipt,) = services.intake.take(Batch((delivered,)))
    except SantiaoError:
        return _answer(503, 50301, "not available now; send it again 暂不可用，请重发", {"Retry-After": "60"})
    if receipt.state is not ReceiptState.REFUSED:
        return _answer(200, 0)
    told = f"{receipt.detail} {receipt.detail_zh}"
    return _answer(401, 40101, told) if receipt.code.startswith(_AT_THE_DOOR) else _answer(403, 40301, told)


def _is_at_the_door(delivered: Delivered) -> bool:
    return delivered.fault is not None and delivered.fault.code.startswith(_AT_THE_DOOR)


def _received_at(services: Services, signature: WebhookSettings, headers: Mapping[str, str]) -> datetime:
    """When a delivery counts as received. A hub whose clock follows what it receives goes by the sender's own time."""
    told = headers.get(signature.timestamp_header.lower(), "")
    if services.clock_follows and told.isascii() and told.isdigit() and _SECONDS_DIGITS <= len(told) <= 13:
        return datetime.fromtimestamp(int(told) / (1000 if signature.unit == "ms" else 1), UTC)
    return services.arrival()


class _StoredNonces:
    """The nonces of a source that were used before, asked of the store when one is to be judged."""

    def __init__(self, services: Services, connector: str) -> None:
        self._services = services
        self._connector = connector

    def __contains__(self, nonce: object, /) -> bool:
        database = self._services.database
        with database.readable() as connection:
            return bool(intake.read_nonces(database, connection, self._connector, {str(nonce)}))


def _answer(status: int, code: int, message: str = "", headers: Mapping[str, str] | None = None) -> Response:
    return answer_json(HookAnswer(code, message), status=status, headers=headers)

"""`POST /v1/records/{connector}`: an agency sends its records, in its own form or as CloudEvents."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from santiao.api.answers import answer_json
from santiao.api.bodies import read_body
from santiao.api.callers import GivenServices, KnownCaller
from santiao.api.openapi import answers
from santiao.api.problems import Problem, answer_problem, instance_of
from santiao.api.receiving import RecordReceipt, Result, Sent, parse_request, take_elements
from santiao.api.services import Services
from santiao.connectors.connector import Connector
from santiao.pool.access import Denied
from santiao.store.log import split_id

router = APIRouter(tags=["records"])


def connector_of(
    services: GivenServices,
    caller: KnownCaller,
    connector: Annotated[str, Path(description="The connector's name.")],
) -> Connector:
    """The connector, when it is the caller's own."""
    if connector not in set(services.connectors):
        raise Problem(404, "connector.unknown", "there is no such connector", "没有该接入")
    if connector not in services.policy.rights_of(caller).connectors:
        raise Denied("connector.not_yours", "your agency may not send to this connector", "贵机构不得向该接入报送")
    return services.connectors[connector]


_FORMS = {
    "application/cloudevents+json": {"schema": {"type": "object", "description": "One event."}},
    "application/cloudevents-batch+json": {"schema": {"type": "array", "items": {"type": "object"}}},
    "application/json": {
        "schema": {"description": "The agency's own form: a record, a list, or an answer of its service."}
    },
    "application/xml": {"schema": {"type": "string", "description": "The agency's own form, where it is XML."}},
    "text/csv": {"schema": {"type": "string", "description": "The agency's own form, where it is a table."}},
}


@router.post(
    "/v1/records/{connector}",
    summary="Send records 报送记录",
    status_code=201,
    openapi_extra={"requestBody": {"required": True, "content": _FORMS}},
    responses={
        **answers(
            RecordReceipt,
            400,
            401,
            403,
            404,
            409,
            413,
            415,
            422,
            429,
            503,
            status=201,
            text="Taken for the first time.",
        ),
        **answers(RecordReceipt, text="A repeat, with the same receipt; or a batch: `items`, one result per element."),
    },
)
async def post_records(
    request: Request, services: GivenServices, connector: Annotated[Connector, Depends(connector_of)]
) -> Response:
    """One record: 201 with a receipt, 200 with the same receipt when it was sent before, 403 when it may not be taken, 422 when it was
    not understood and is kept in quarantine. A batch: 200 with one such result per element, in order.
    """
    content_type = request.headers.get("content-type", "")
    body = await read_body(request, services.policy.book.limits.record_bytes)
    headers = dict(request.headers)
    sent, results = await run_in_threadpool(_take, services, connector, content_type, headers, body)
    positions = positions_of(results)
    if sent.is_batch:
        return answer_json({"items": [_element(result) for result in results], "next": None}, positions=positions)
    (result,) = results
    if result.problem is not None:
        return answer_problem(result.problem, instance_of(request))
    return answer_json(result.receipt, status=result.status, positions=positions)


def _take(
    services: Services, connector: Connector, content_type: str, headers: dict[str, str], body: bytes
) -> tuple[Sent, list[Result]]:
    received_at = None if services.clock_follows else services.arrival()
    sent = parse_request(connector, content_type, headers, body, received_at)
    return sent, take_elements(services, connector, sent.elements)


def _element(result: Result) -> dict[str, object]:
    """An element's result: its status, and the receipt or problem it would have had alone."""
    if result.problem is not None:
        return result.problem.body()
    assert result.receipt is not None
    return {"status": result.status, **msgspec.structs.asdict(result.receipt)}


def positions_of(results: list[Result]) -> dict[int, int]:
    """How far the log must be read to see everything that was taken."""
    found: dict[int, int] = {}
    for result in results:
        if result.log_key:
            shard, position = split_id(result.log_key)
            found[shard] = max(position, found.get(shard, 0))
    return found

"""What becomes of records sent by HTTP: one result per element, with the status it would have alone.

The rules kept here: the same element again gets the same receipt; one that names a known source with other content is a new version only
where the connector's declaration knows versions; whatever is not taken is answered with a reason and a place, never with its content.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from santiao.api.positions import encode_positions
from santiao.api.problems import Fault, Problem, status_of
from santiao.api.services import Services
from santiao.connectors.connector import Connector
from santiao.connectors.transports.cloudevents import media_type
from santiao.connectors.transports.cloudevents_http import BATCH, STRUCTURED, mode_of, read_request
from santiao.domain.errors import InvalidRecord, RefusedRecord
from santiao.domain.ids import source_id
from santiao.domain.messages import Batch, Delivered, Receipt, ReceiptState
from santiao.domain.vocabulary import Op
from santiao.hub.prepare import record_message_id
from santiao.store import intake, tables
from santiao.store.log import split_id
from santiao.store.shelf import decode_source

_RUN = 500
_WORKBOOKS = ("text/csv", "application/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What came in one request: the elements, and whether it was one record or a batch of them."""

    elements: tuple[Delivered, ...]
    is_batch: bool


class RecordReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A record was taken: the same for every repeat. `source_key` is the file's number; `blocked` where it met a gate; `position` the
    Santiao-Position from which views show it, null while it waits.
    """

    receipt_id: str
    connector: str
    source_key: str
    blocked: bool
    position: str | None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an element: its status alone, the receipt or the problem, and the log's key where it was taken."""

    status: int
    receipt: RecordReceipt | None = None
    problem: Problem | None = None
    log_key: int = 0


def parse_request(
    connector: Connector, content_type: str, headers: Mapping[str, str], body: bytes, received_at: datetime | None
) -> Sent:
    """The elements of a request, in the agency's own form or as CloudEvents in any of their three.

    Raises:
        InvalidRecord: `form.unsupported` for a content type that this connector does not read.
    """
    events = {name.lower(): value for name, value in headers.items() if name.lower().startswith("ce-")}
    if mode_of(content_type, events) == "binary":
        now = received_at or datetime.now(UTC)
        (item,) = read_request(content_type, events, body, where="body", now=now)
        if item.fault is not None:
            return Sent(elements=(connector.translate(item, received_at),), is_batch=False)
        body, content_type = _as_structured(item.raw), STRUCTURED
    elements = connector.parse_body(body, content_type, received_at)
    return Sent(elements=elements, is_batch=_is_batch(content_type, body, elements))


def _as_structured(raw: bytes) -> bytes:
    """The structured event a binary one stands for: a content type that is the default anyway is nothing it tells."""
    event: dict[str, Any] = msgspec.json.decode(raw)
    if media_type(str(event.get("datacontenttype", ""))) == "application/json":
        del event["datacontenttype"]
    return msgspec.json.encode(event)


def _is_batch(content_type: str, body: bytes, elements: Sequence[Delivered]) -> bool:
    kind = media_type(content_type)
    if kind == BATCH or kind in _WORKBOOKS or len(elements) != 1:
        return True
    return kind.endswith("json") and (body.lstrip()[:1] == b"[" or "#" in elements[0].where)


def take_elements(services: Services, connector: Connector, elements: Sequence[Delivered]) -> list[Result]:
    """Receive the elements, and say of each what became of it, in order."""
    clashes = find_clashes(services, connector, elements)
    wanted = [each for place, each in enumerate(elements) if place not in clashes]
    receipts: list[Receipt] = []
    for start in range(0, len(wanted), _RUN):
        receipts += services.intake.take(Batch(tuple(wanted[start : start + _RUN])))
    left = iter(receipts)
    return [
        Result(status=409, problem=_CLASH) if place in clashes else _result_of(connector.name, next(left))
        for place in range(len(elements))
    ]


def knows_versions(connector: Connector) -> bool:
    """True where the declaration says what orders the versions of a source."""
    shapes = connector.declaration.shapes.values()
    return any(shape.version is not None or shape.updated_at is not None for shape in shapes)


def find_clashes(services: Services, connector: Connector, elements: Sequence[Delivered]) -> set[int]:
    """Places of elements that name a known source with other content, where no version tells which counts."""
    if knows_versions(connector):
        return set()
    records = {
        place: each.record
        for place, each in enumerate(elements)
        if each.record is not None and each.record.op is Op.UPSERT
    }
    ids = {place: record_message_id(record) for place, record in records.items()}
    names = {place: source_id(record.connector, record.key) for place, record in records.items()}
    with services.database.readable() as connection:
        known = set(intake.read_inbox(services.database, connection, set(ids.values())))
        rows = services.database.select_in(connection, tables.sources, ("name", "data"), "name", set(names.values()))
    told: dict[tuple[str, str], bytes] = {}
    for name, data in rows:
        for part in decode_source(data).parts:
            told[name, part] = b""
    clashes: set[int] = set()
    for place, record in records.items():
        before = told.setdefault((names[place], record.part), ids[place])
        if ids[place] not in known and before != ids[place]:
            clashes.add(place)
    return clashes


def _result_of(connector: str, receipt: Receipt) -> Result:
    if receipt.state in (ReceiptState.ACCEPTED, ReceiptState.REPEATED):
        key = receipt.position or 0
        shard, position = split_id(key)
        told = RecordReceipt(
            receipt_id=receipt.receipt_id,
            connector=connector,
            source_key=receipt.source_key,
            blocked=receipt.blocked,
            position=encode_positions({shard: position}) if position else None,
        )
        return Result(
            status=201 if receipt.state is ReceiptState.ACCEPTED else 200, receipt=told, log_key=key if position else 0
        )
    return Result(status=(problem := problem_of_receipt(receipt)).status, problem=problem)


def problem_of_receipt(receipt: Receipt) -> Problem:
    """Why an element was not taken: 403 refused, 422 not understood and kept in quarantine, 413 beyond a bound."""
    kind = RefusedRecord if receipt.state is ReceiptState.REFUSED else InvalidRecord
    fault = Fault(
        pointer=pointer_of(receipt.path), code=receipt.code, detail=receipt.detail, detail_zh=receipt.detail_zh
    )
    return Problem(
        status_of(kind(receipt.code, receipt.detail, receipt.detail_zh)),
        receipt.code,
        receipt.detail,
        receipt.detail_zh,
        errors=(fault,),
        more={"quarantine_id": receipt.quarantine_id} if receipt.quarantine_id else {},
    )


def pointer_of(path: str) -> str:
    """A fault's place as a JSON pointer into the element: `data.fileNo` becomes /data/fileNo, the element itself is ""."""
    if path.startswith("/"):
        return path
    place, _, _ = path.partition("#")
    return (
        ""
        if place in ("", "body", "item", "hook")
        else "/" + path.replace("~", "~0").replace("/", "~1").replace(".", "/")
    )


_CLASH = Problem(
    409,
    "record.other_content",
    "a record with this number is known with other content, and this connector's records carry no version",
    "该编号已有不同内容的记录，且该接入的记录不带版本",
)

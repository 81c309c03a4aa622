"""What went wrong, as `application/problem+json` (RFC 9457): one form for every error, whoever found it.

The rule kept here: a problem says what, where and what to do, in Chinese and English, and repeats nothing that was sent: no value, no
unknown name, no path. `code` is stable; `errors` point into the body by JSON pointer.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import Request
from fastapi.responses import Response

from santiao.domain.errors import (
    Conflict,
    DeliveryFailed,
    InvalidRecord,
    NotFound,
    RefusedRecord,
    Rejection,
    SantiaoError,
    StoreFailure,
)
from santiao.pool.access import Denied

MEDIA_TYPE = "application/problem+json"
TITLES: dict[int, str] = {
    400: "请求有误 Bad request",
    401: "未通过认证 Not authenticated",
    403: "不允许 Not allowed",
    404: "没有找到 Not found",
    405: "方法不支持 Method not allowed",
    406: "无法接受 Not acceptable",
    409: "冲突 Conflict",
    411: "缺少长度 Length required",
    412: "版本已变 Precondition failed",
    413: "内容过大 Too large",
    415: "内容类型不支持 Unsupported media type",
    422: "内容有误 Not understood",
    428: "须说明版本 Precondition required",
    429: "请求过多 Too many requests",
    500: "内部错误 Internal error",
    503: "暂不可用 Not available now",
}
# Codes whose status differs from what their kind of failure has.
_STATUS_OF_CODE: dict[str, int] = {
    "auth.missing": 401,
    "auth.unknown": 401,
    "case.version": 412,
    "idempotency.reused": 422,
    "position.not_reached": 503,
    "form.unsupported": 415,
    "event.oversize": 413,
    "event.too_many": 413,
    "file.oversize": 413,
    "file.too_many": 413,
    "file.expansion": 413,
    "item.oversize": 413,
    "purpose.unknown": 400,
    "purpose.actor": 400,
    "session.wrong": 401,
    "session.too_many": 429,
    "as_of.invalid": 400,
    "cursor.invalid": 400,
    "page.limit": 400,
    "statistics.crossed": 400,
    "statistics.months": 400,
    "body.unknown": 422,
    "consent.side": 422,
    "edge.unknown": 422,
    "gate.reason": 422,
    "link.unknown_source": 422,
    "outcome.unknown": 422,
    "reason.unknown": 422,
    "referral.answered_in_future": 422,
    "referral.unknown": 404,
    "rule.unknown": 422,
    "satisfaction.range": 422,
    "deadline.too_far": 422,
}
_STATUS_OF_KIND: tuple[tuple[type[SantiaoError], int], ...] = (
    (NotFound, 404),
    (Denied, 403),
    (Rejection, 409),
    (RefusedRecord, 403),
    (InvalidRecord, 422),
    (Conflict, 409),
    (DeliveryFailed, 503),
    (StoreFailure, 503),
)
# Errors whose own words name what was sent.
_OWN_WORDS: dict[str, tuple[str, str]] = {
    "body.unknown": ("there is no such body in the directory", "机构名录中没有该单位"),
    "connector.unknown": ("there is no such connector", "没有该接入"),
    "form.unsupported": ("this connector reads no such content type", "该接入不支持此内容类型"),
    "quarantine.unknown": ("there is no such item in quarantine", "没有该隔离件"),
}
RETRY_SECONDS = 2


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One place in the body (`pointer`) or among the parameters and headers (`parameter`) and what is wrong there."""

    pointer: str | None = None
    parameter: str | None = None
    code: str
    detail: str
    detail_zh: str


class Problem(Exception):
    """A problem to be answered. `more` are members beside the standard's, `headers` go with the answer."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        detail_zh: str,
        *,
        errors: tuple[Fault, ...] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.detail_zh = detail_zh
        self.errors = errors
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    def body(self, instance: str = "") -> dict[str, Any]:
        """The document."""
        told: dict[str, Any] = {
            "type": f"urn:santiao:problem:{self.code}",
            "title": TITLES.get(self.status, "错误 Error"),
            "status": self.status,
            "detail": self.detail,
            "detail_zh": self.detail_zh,
            "code": self.code,
            "errors": [_without_none(fault) for fault in self.errors],
            **self.more,
        }
        return {**told, "instance": instance} if instance else told


def _without_none(fault: Fault) -> dict[str, str]:
    return {name: value for name, value in msgspec.structs.asdict(fault).items() if value is not None}


def status_of(error: SantiaoError) -> int:
    """The status an error of the hub is answered with."""
    known = _STATUS_OF_CODE.get(error.code)
    if known is not None:
        return known
    return next((status for kind, status in _STATUS_OF_KIND if isinstance(error, kind)), 500)


def problem_of(error: SantiaoError) -> Problem:
    """An error of the hub as a problem. The store's own words are for its operator and stay out."""
    status = status_of(error)
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else {}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="santiao"'
    if isinstance(error, StoreFailure):
        return Problem(
            status,
            error.code,
            "the hub cannot read or write its store now; nothing was taken and nothing was shown; try again",
            "系统存储暂不可用，未接收也未提供任何数据，请稍后重试",
            headers=headers,
        )
    detail, detail_zh = _OWN_WORDS.get(error.code, (error.detail, error.detail_zh))
    errors: tuple[Fault, ...] = ()
    if error.path:
        is_pointer = error.path.startswith("/")
        fault = Fault(
            pointer=error.path if is_pointer else None,
            parameter=None if is_pointer else error.path,
            code=error.code,
            detail=detail,
            detail_zh=detail_zh,
        )
        errors = (fault,)
    return Problem(status, error.code, detail, detail_zh, errors=errors, headers=headers)


def parameter_problem(parameter: str, code: str, detail: str, detail_zh: str) -> Problem:
    """A query parameter or header that cannot be used."""
    fault = Fault(parameter=parameter, code=code, detail=detail, detail_zh=detail_zh)
    return Problem(400, code, f"{parameter}: {detail}", f"{parameter}：{detail_zh}", errors=(fault,))


def answer_problem(problem: Problem, instance: str = "") -> Response:
    """The answer that tells a problem."""
    return Response(
        msgspec.json.encode(problem.body(instance)),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={**problem.headers, "Cache-Control": "no-store"},
    )


def instance_of(request: Request) -> str:
    """The request's own name, which the log knows too."""
    return f"urn:santiao:request:{getattr(request.state, 'request_id', '')}"

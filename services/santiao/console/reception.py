"""Receiving a request: who she is, in which language she reads, and whether a form is really hers. Nothing of a page runs before.

The rules kept here: a form counts only with the session's own CSRF token and from this very site; what a page needs of the database is
read in a thread of its own; a failure is a page that says what to do, and it repeats nothing that was sent.
"""

import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable
from http.cookies import CookieError
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from santiao.console.refusals import PageRefused, refusal_of
from santiao.console.rendering import Renderer
from santiao.console.services import ConsoleServices
from santiao.console.visits import LANGUAGES, Form, Visit
from santiao.domain.errors import SantiaoError

logger = logging.getLogger(__name__)
SESSION_COOKIE = "santiao_session"
STRANGER_COOKIE = "santiao_stranger"
LANGUAGE_COOKIE = "santiao_language"
PURPOSE_COOKIE = "santiao_purpose"
FORM_BYTES = 65_536
FORM_FIELDS = 64
Page = Callable[[Visit], Response]


def receive(
    page: Page, services: ConsoleServices, renderer: Renderer, *, is_public: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a page. A public one is shown to strangers too."""

    async def endpoint(request: Request) -> Response:
        body = await _read_form(request) if request.method == "POST" else b""
        return await run_in_threadpool(_answer, request, body)

    def _answer(request: Request, body: bytes | None) -> Response:
        visit = visit_of(request, services, renderer)
        try:
            if request.method == "POST":
                visit = msgspec.structs.replace(visit, form=_parse_form(body))
                _check_form(request, visit)
            if visit.session is None and not is_public:
                return _to_login(visit)
            answer = page(visit)
        except PageRefused as refused:
            answer = renderer.refusal(visit, refused)
        except SantiaoError as error:
            answer = renderer.refusal(visit, refusal_of(error))
        except Exception as error:  # noqa: BLE001 - a page is shown whatever happened; the log says where
            logger.error("a page raised", extra={"error": type(error).__name__, "line": _line_of(error)})  # noqa: TRY400 - its text may quote what was sent
            answer = renderer.refusal(
                visit, PageRefused(500, "系统内部错误，请告知运维", "the hub failed; tell the operator")
            )
        if visit.session is None:
            set_cookie(answer, visit, STRANGER_COOKIE, visit.csrf)
        return answer

    return endpoint


def set_cookie(answer: Response, visit: Visit, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set a cookie that scripts and other sites cannot read; an empty value removes it."""
    path = visit.root or "/"
    if not value:
        answer.delete_cookie(name, path=path, httponly=True, samesite="lax", secure=visit.is_secure)
        return
    answer.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=visit.is_secure)


def visit_of(request: Request, services: ConsoleServices, renderer: Renderer) -> Visit:
    """The visit of a request; whose it is, its cookies tell."""
    token = _cookie(request, SESSION_COOKIE)
    session = services.sessions.find(token)
    stranger = _cookie(request, STRANGER_COOKIE)
    language = _cookie(request, LANGUAGE_COOKIE)
    root = str(request.scope.get("root_path", ""))
    place = request.url.path.removeprefix(root) or "/"
    back = f"{place}?{request.url.query}" if request.url.query and request.method == "GET" else place
    return Visit(
        services=services,
        render=renderer.page,
        root=root,
        place=place,
        back=back,
        path={name: str(value) for name, value in request.path_params.items()},
        query={name: value[:200] for name, value in request.query_params.items()},
        session=session,
        token=token,
        csrf=session.csrf if session is not None else (stranger if len(stranger) == 43 else secrets.token_urlsafe(32)),
        language=language if language in LANGUAGES else LANGUAGES[0],
        wanted_purpose=_cookie(request, PURPOSE_COOKIE),
        is_secure=request.url.scheme == "https",
        now=services.now(),
    )


def _cookie(request: Request, name: str) -> str:
    try:
        return request.cookies.get(name, "")[:200]
    except CookieError:
        return ""


async def _read_form(request: Request) -> bytes | None:
    """The body of a form; None when it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES:
            return None
    return bytes(body)


def _parse_form(body: bytes | None) -> Form:
    if body is None:
        raise PageRefused(413, "提交的内容过大", "the form is too large")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FORM_FIELDS, errors="strict")
    except ValueError:
        raise PageRefused(400, "表单无法读取，请返回重试", "the form cannot be read; go back and try again") from None
    form: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        form[name] = (*form.get(name, ()), value)
    return form


def _check_form(request: Request, visit: Visit) -> None:
    """A form must come from this site and carry the visitor's own token."""
    origin = request.headers.get("origin", "")
    is_foreign = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    if (origin and urlsplit(origin).netloc != request.headers.get("host", "")) or is_foreign:
        raise PageRefused(
            403, "表单不是从本系统页面提交的，未予处理", "the form was not sent from a page of this console"
        )
    if not hmac.compare_digest(visit.csrf.encode(), visit.field("csrf").encode("utf-8", "replace")):
        raise PageRefused(
            403,
            "表单校验未通过，可能是登录已过期。请返回上一页，刷新后重新提交",
            "the form's token is not this session's; go back, reload the page and send it again",
        )


def _to_login(visit: Visit) -> Response:
    """To the login page, and back to where she was going."""
    return visit.go(f"/login?next={quote(visit.place, safe='')}" if visit.place not in ("/", "/logout") else "/login")


def _line_of(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""

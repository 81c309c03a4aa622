"""The console as an application of its own, to be mounted under `/console`.

The rule kept here: everything is built by `create_console` from the services it is given, and every answer, files included, carries the
same strict headers.
"""

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from santiao.console.pages import case, designations, entrance, feeds, letter, links, searching, statistics, worklist
from santiao.console.pages.stream import stream_news
from santiao.console.reception import Page, receive
from santiao.console.refusals import PageRefused
from santiao.console.rendering import HEADERS, STATIC, Renderer
from santiao.console.services import ConsoleServices
from santiao.console.visits import Visit

PUBLIC: dict[tuple[str, str], Page] = {
    ("GET", "/login"): entrance.show_login,
    ("POST", "/login"): entrance.log_in,
    ("POST", "/language"): entrance.choose_language,
}
"""What strangers may open."""
PAGES: dict[tuple[str, str], Page] = {
    ("GET", "/"): entrance.show_first,
    ("POST", "/logout"): entrance.log_out,
    ("POST", "/purpose"): entrance.choose_purpose,
    ("GET", "/worklist"): worklist.show_worklist,
    ("GET", "/worklist/news"): worklist.show_news,
    ("GET", "/cases/{name}"): case.show_case,
    ("GET", "/cases/{name}/letter"): letter.show_letter,
    ("POST", "/cases/{name}/letter"): letter.show_letter_in_full,
    ("POST", "/cases/{name}/parties"): case.show_parties,
    ("POST", "/cases/{name}/{action}"): case.act,
    ("GET", "/links"): links.show_desk,
    ("POST", "/links/{deed}"): links.decide,
    ("GET", "/designations"): designations.show_designations,
    ("GET", "/feeds"): feeds.show_feeds,
    ("GET", "/statistics"): statistics.show_statistics,
    ("GET", "/search"): searching.show_search,
    ("POST", "/search"): searching.find_case,
}
"""What needs a session."""


def create_console(services: ConsoleServices) -> ASGIApp:
    """The console over these services."""
    renderer = Renderer()
    routes: list[BaseRoute] = [
        Mount("/static", _Assets(directory=STATIC)),
        Route("/worklist/events", stream_news(services, renderer), methods=["GET"]),
    ]
    for table, is_public in ((PUBLIC, True), (PAGES, False)):
        for (method, path), page in table.items():
            endpoint = receive(page, services, renderer, is_public=is_public)
            routes.append(Route(path, endpoint, methods=[method]))
    app = Starlette(routes=routes)

    def refuse(status: int, zh: str, en: str) -> None:
        def page(visit: Visit) -> Response:
            raise PageRefused(status, zh, en)

        endpoint = receive(page, services, renderer, is_public=True)

        async def handler(request: Request, _error: Exception) -> Response:
            return await endpoint(request)

        app.add_exception_handler(status, handler)

    refuse(404, "没有这个页面", "there is no such page")
    refuse(405, "该页面不支持这种操作", "this page does not take that")
    return _StrictHeaders(app)


class _Assets(StaticFiles):
    """The console's own files. An address names their content, so that they may be kept."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        answer = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


class _StrictHeaders:
    """Adds the headers of every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_with_headers)

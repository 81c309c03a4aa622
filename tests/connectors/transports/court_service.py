"""A court's list service on loopback, in whose list records move while it is read.

It speaks real HTTP from a thread of its own: a token that runs out, a gateway signature, pages by number over what was updated since a
time, in the order of that time. What it answers next can be set, as on a bad day.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from santiao.connectors.contract import Page
from santiao.connectors.transports import gateway
from santiao.connectors.transports.exchange import ExchangeSettings
from santiao.connectors.transports.gateway import GatewaySettings
from santiao.connectors.transports.rest import RestSettings, RestTransport
from santiao.connectors.transports.rest_session import ServiceSecrets, ServiceSettings, TokenSettings
from santiao.domain.messages import Watermark
from tests.connectors.transports.hand_clock import HandClock

CLIENT = ServiceSecrets(client_id="hub-3403-test", client_secret="a secret for tests", gateway_token="TEST-TOKEN-0001")
GATEWAY = GatewaySettings(paas_id="hub3403")
LIST_PATH = "/gateway/mediation/case/list"
TOKEN_PATH = "/gateway/token"

Reply = tuple[int, dict[str, str], bytes]


class CourtService:
    """The court's side: its records, what it was asked, and the replies it is told to give instead."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.records: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, Any]] = []
        self.tokens_given = 0
        self.instead: list[Reply | None] = []
        self.before_page: Callable[[], None] = lambda: None
        self.order: Callable[[dict[str, Any]], Any] = lambda record: (record["updateTime"], record["caseId"])
        self.token_seconds = 600
        self.drip_seconds = 0.0
        self.ok_code: int | str = 200
        self.is_open = False
        self._nonces: set[str] = set()
        self._good_until = clock.now
        self._server = _QuietServer(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.place}"

    @contextmanager
    def running(self) -> Iterator["CourtService"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def settings(self, **other: Any) -> RestSettings:
        service = ServiceSettings(
            exchange=ExchangeSettings(hosts=(self.place,), answer_bytes=200_000, read_seconds=5, total_seconds=5),
            path=LIST_PATH,
            token=TokenSettings(path=TOKEN_PATH),
            gateway=GATEWAY,
            tries=1,
        )
        fixed: dict[str, Any] = {"courtCode": "340302", "caseStatus": ("170",)}
        return RestSettings(**{"service": service, "fixed": fixed, "page_size": 3, "volatile": ("files",), **other})

    def put(self, case_id: str, facts: str, *, seconds_ago: float = 0) -> None:
        """Insert a record or change it, now or with an earlier time."""
        moment = self.clock.now - timedelta(seconds=seconds_ago)
        self.records[case_id] = {"caseId": case_id, "updateTime": f"{moment:%Y-%m-%d %H:%M:%S}", "facts": facts}

    def reply(self, path: str, headers: dict[str, str], body: bytes) -> Reply:
        question = json.loads(body)
        if not self.is_open:
            if not gateway.is_signed(GATEWAY, CLIENT.gateway_token, self.clock.now, headers, body):
                return 401, {}, b'{"code":"GW-401"}'
            if headers["x-tif-nonce"] in self._nonces:
                return 401, {}, b'{"code":"GW-409"}'
            self._nonces.add(headers["x-tif-nonce"])
            if path == TOKEN_PATH:
                return self._give_token(question)
            token = f"Bearer token-{self.tokens_given}"
            if headers.get("authorization") != token or self.clock.now >= self._good_until:
                return 200, {}, b'{"code":401,"message":"token expired","data":null}'
            assert (path, headers.get("clientid")) == (LIST_PATH, CLIENT.client_id)
        self.asked.append(question)
        self.before_page()
        instead = self.instead.pop(0) if self.instead else None
        return instead or (200, {}, self._page(question))

    def _give_token(self, question: dict[str, Any]) -> Reply:
        if question != {"clientId": CLIENT.client_id, "secret": CLIENT.client_secret}:
            return 200, {}, b'{"code":40003,"message":"bad secret","data":null}'
        self.tokens_given += 1
        self._good_until = self.clock.now + timedelta(seconds=self.token_seconds)
        given = {"code": 200, "data": {"token": f"token-{self.tokens_given}", "expiresIn": self.token_seconds}}
        return 200, {}, json.dumps(given).encode()

    def _page(self, question: dict[str, Any]) -> bytes:
        wanted = [record for record in self.records.values() if record["updateTime"] >= question["updatedSince"]]
        wanted.sort(key=self.order)
        number, size = question["pageNo"], question["pageSize"]
        page = wanted[(number - 1) * size : number * size]
        # The address of a file is another one at every answer.
        page = [record | {"files": [f"expires-{len(self.asked)}"]} for record in page]
        data = {"total": len(wanted), "pageNo": number, "hasNext": number * size < len(wanted), "records": page}
        return json.dumps({"code": self.ok_code, "message": "成功", "data": data}, ensure_ascii=False).encode()


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """A client that hangs up in the middle is what some tests are about."""


def _handler_for(service: CourtService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, answer = service.reply(self.path, headers, body)
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(answer)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            if service.drip_seconds:
                for start in range(0, len(answer), 10):
                    self.wfile.write(answer[start : start + 10])
                    self.wfile.flush()
                    time.sleep(service.drip_seconds)
            else:
                self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            return

    return Handler


class Reader:
    """The hub's side: it keeps the watermark of the last page it took."""

    def __init__(
        self, service: CourtService, settings: RestSettings | None = None, secrets: ServiceSecrets = CLIENT
    ) -> None:
        self._url = service.url
        self.transport = RestTransport(
            settings or service.settings(),
            connector="court",
            feed="list",
            clock=service.clock,
            secrets=secrets,
            wall_clock=service.clock,
        )
        self.watermark: Watermark | None = None

    def pages(self) -> Iterator[Page]:
        for page in self.transport.read(self._url, self.watermark):
            self.watermark = page.watermark or self.watermark
            yield page

    def poll(self) -> list[tuple[str, str]]:
        """Case and facts of each item of one poll."""
        return [told(item.raw) for page in self.pages() for item in page.items]


def told(raw: bytes) -> tuple[str, str]:
    record = json.loads(raw)
    return record["caseId"], record["facts"]

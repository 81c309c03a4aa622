"""The court's list service on loopback: a token that runs out, the gateway's signature, pages over what was updated since a time.

The rule kept here: it answers as the court does and no better. Some answers say that it is busy, some are no JSON at all; who asks again
gets the list.
"""

import hashlib
import hmac
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CLIENT_ID, CLIENT_SECRET, GATEWAY_TOKEN = "hub-3403", secrets.token_hex(16), secrets.token_hex(16)
TOKEN_PATH, LIST_PATH = "/gateway/mediation/token", "/gateway/mediation/case/list"
_TOKEN_SECONDS = 600
_BODY_MOST = 64 * 1024


class CourtService:
    """A court that has published nothing yet. `publish` adds what a saved answer holds; `start` and `stop` serve it."""

    def __init__(self) -> None:
        self._cases: dict[str, dict[str, Any]] = {}
        self._instead: list[bytes] = []
        self._tokens: set[str] = set()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="court", daemon=True)

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def publish(self, answer: Path) -> None:
        """Publish the cases of a saved answer. One that says busy, or is no JSON, is what the next question gets."""
        data = answer.read_bytes()
        try:
            told = json.loads(data)
            records = told["data"]["records"]
        except (ValueError, TypeError, KeyError):
            with self._lock:
                self._instead.append(data)
            return
        with self._lock:
            for place, record in enumerate(records):
                self._cases[str(record.get("caseId") or f"{answer.name}#{place}")] = record

    def reply(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """What a question gets: status and body."""
        if not _is_signed(headers, body):
            return 401, b'{"code":"GW-401","message":"signature"}'
        try:
            question = json.loads(body)
        except ValueError:
            return 400, b'{"code":400,"message":"not JSON"}'
        if path == TOKEN_PATH:
            return 200, self._give_token(question)
        if path != LIST_PATH:
            return 404, b'{"code":404,"message":"no such path"}'
        if headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens:
            return 200, b'{"code":401,"message":"token expired","data":null}'
        with self._lock:
            return 200, self._instead.pop(0) if self._instead else self._page(question)

    def _give_token(self, question: dict[str, Any]) -> bytes:
        if (question.get("clientId"), question.get("secret")) != (CLIENT_ID, CLIENT_SECRET):
            return b'{"code":40003,"message":"bad secret","data":null}'
        token = secrets.token_hex(16)
        self._tokens.add(token)
        return json.dumps({"code": 200, "data": {"token": token, "expiresIn": _TOKEN_SECONDS}}).encode()

    def _page(self, question: dict[str, Any]) -> bytes:
        since = str(question.get("updatedSince", ""))
        number, size = int(question.get("pageNo", 1)), min(200, int(question.get("pageSize", 50)))
        wanted = [record for record in self._cases.values() if str(record.get("updateTime") or "") >= since]
        wanted.sort(key=lambda record: (str(record.get("updateTime") or ""), str(record.get("caseId") or "")))
        page = wanted[(number - 1) * size : number * size]
        data = {
            "total": len(wanted),
            "pageNo": number,
            "pageSize": size,
            "hasNext": number * size < len(wanted),
            "records": page,
        }
        return json.dumps({"code": "200", "message": "成功", "data": data}, ensure_ascii=False).encode()


def _is_signed(headers: dict[str, str], body: bytes) -> bool:
    stamp, nonce = headers.get("x-tif-timestamp", ""), headers.get("x-tif-nonce", "")
    expected = hashlib.sha256(f"{stamp}{GATEWAY_TOKEN}{nonce}{stamp}".encode()).hexdigest()
    told = headers.get("x-tif-signature", "").lower()
    is_whole = headers.get("x-santiao-body-sm3", "") == hashlib.new("sm3", body).hexdigest()
    return bool(stamp and nonce) and hmac.compare_digest(told.encode(), expected.encode()) and is_whole


def _handler_for(service: CourtService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(min(length, _BODY_MOST))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer = service.reply(self.path, headers, body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json;charset=UTF-8")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_told: Any) -> None:
            return

    return Handler

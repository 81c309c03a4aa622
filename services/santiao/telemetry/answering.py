"""A worker's own port: `/metrics`, `/health/live`, `/health/ready`. A thread of its own answers, so that it does also while work hangs.

The rule kept here: readiness names what is stuck and why, and lives from what the runtime knows; the port tells nothing of any case and
takes nothing but these three addresses.
"""

import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec

from santiao.domain.errors import StoreFailure
from santiao.telemetry.figures import CONTENT_TYPE, Figures
from santiao.telemetry.standing import Standing

_ANSWER_SECONDS = 10.0


class FiguresPort:
    """Serves a process's figures and health until it is closed."""

    def __init__(self, host: str, port: int, figures: Figures, standing: Callable[[], Standing]) -> None:
        """Listen at once; port 0 takes a free one.

        Raises:
            StoreFailure: `metrics.port_busy`.
        """
        handler = type("_Handler", (_Handler,), {"figures": figures, "standing": staticmethod(standing)})
        try:
            self._server = ThreadingHTTPServer((host, port), handler)
        except OSError as error:
            raise StoreFailure(
                "metrics.port_busy",
                f"cannot listen on {host}:{port} for figures ({error.strerror}); set SANTIAO_METRICS_PORT to a free port",
                f"指标端口 {host}:{port} 不可用，请用 SANTIAO_METRICS_PORT 指定其他端口",
            ) from None
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="figures", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    figures: Figures
    standing: Callable[[], Standing]
    timeout = _ANSWER_SECONDS
    server_version = "santiao"
    sys_version = ""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._answer(HTTPStatus.OK, self.figures.render(), CONTENT_TYPE)
        elif path == "/health/live":
            self._answer(HTTPStatus.OK, b'{"status":"live"}')
        elif path == "/health/ready":
            stuck = self.standing().stuck
            told = {"status": "not_ready" if stuck else "ready", "not_ready": stuck}
            status = HTTPStatus.SERVICE_UNAVAILABLE if stuck else HTTPStatus.OK
            self._answer(status, msgspec.json.encode(told))
        else:
            self._answer(HTTPStatus.NOT_FOUND, b'{"status":"unknown"}')

    def _answer(self, status: HTTPStatus, body: bytes, content_type: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Requests for figures are not told of in the log."""

"""The web server inside the embedded runtime: binds before anything starts, and ends when told, within a budget.

The rule kept here: a port that is taken is said at once, with the setting that changes it; signals belong to the runtime, not to the
server.
"""

import contextlib
import errno
import socket
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn

from santiao.domain.errors import StoreFailure

Application = Any
"""An ASGI application; who builds it is above this room."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        StoreFailure: `web.port_busy` when another process listens there, `web.address` when the address is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio switches Nagle's delay off only then: without it each answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StoreFailure(
                "web.port_busy",
                f"port {port} is taken by another program; set SANTIAO_PORT to a free one, as in SANTIAO_PORT={port + 1}",
                f"端口 {port} 已被占用，请用 SANTIAO_PORT 指定其他端口，例如 SANTIAO_PORT={port + 1}",
            ) from None
        raise StoreFailure(
            "web.address",
            f"cannot listen on {host}:{port} ({error.strerror}); set SANTIAO_HOST and SANTIAO_PORT",
            f"无法监听 {host}:{port}，请检查 SANTIAO_HOST 与 SANTIAO_PORT",
        ) from None
    listener.set_inheritable(True)
    return listener


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """Serves an application from a thread of its own."""

    def __init__(self, application: Application, listener: socket.socket, *, stop_seconds: float) -> None:
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=max(1, int(stop_seconds)),
        )
        self._listener = listener
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Serve, and return once requests are answered."""
        self._thread.start()
        while self._thread.is_alive() and not self._server.started:
            self._thread.join(0.02)

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._listener])
        except BaseException as failure:  # noqa: BLE001 - kept for the runtime, which decides
            self.failure = failure

    @property
    def is_alive(self) -> bool:
        """Whether it still serves."""
        return self._thread.is_alive()

    def stop(self, budget_seconds: float) -> bool:
        """Take no more requests and let those under way end; False when some did not."""
        self._server.should_exit = True
        self._thread.join(budget_seconds)
        if self._thread.is_alive():
            self._server.force_exit = True
            self._thread.join(1.0)
        return not self._thread.is_alive()

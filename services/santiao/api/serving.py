"""The server around the application: bounds on heads and idle connections, and no log line of its own that could quote a request.

The rule kept here: uvicorn's access log tells paths and queries, so it stays off; the application tells what may be told.
"""

import uvicorn
from starlette.types import ASGIApp

_HEAD_BYTES = 65_536
_IDLE_SECONDS = 30
_GRACE_SECONDS = 10


def make_server(app: ASGIApp, host: str, port: int) -> uvicorn.Server:
    """A server for the application, not yet started; `port` 0 takes any that is free."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        log_config=None,
        lifespan="on",
        http="h11",
        ws="none",
        h11_max_incomplete_event_size=_HEAD_BYTES,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return uvicorn.Server(config)

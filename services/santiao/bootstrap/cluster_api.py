"""`santiao api`: API and console by themselves, over the store and the views that workers keep. Any number of them may run."""

import logging
import threading

from santiao.bootstrap.hub import open_hub
from santiao.bootstrap.serving import listen_for_signals, mount_console
from santiao.bootstrap.telemetry import open_telemetry
from santiao.runtimes.embedded.web import WebServer, bind
from santiao.settings import load_settings

logger = logging.getLogger(__name__)


def run_api() -> int:
    """Serve until SIGTERM or SIGINT; the exit status.

    Raises:
        StoreFailure: the port is in use, or the store does not answer.
    """
    from santiao.bootstrap.api import build_api

    settings = load_settings()
    stop = threading.Event()
    listen_for_signals(stop)
    with open_telemetry(settings, "api") as telemetry, open_hub(settings, telemetry.observer) as hub:
        telemetry.read_from(hub.engine.log)
        listener = bind(settings.host, settings.port)
        application = build_api(hub, tuple, telemetry)
        mount_console(application, hub, stop.is_set)
        web = WebServer(application, listener, stop_seconds=settings.stop_seconds)
        web.start()
        logger.info("listening", extra={"port": listener.getsockname()[1]})
        while web.is_alive and not stop.wait(0.5):
            pass
        has_failed = not stop.is_set()
        is_in_time = web.stop(settings.stop_seconds)
    return 0 if is_in_time and not has_failed else 1

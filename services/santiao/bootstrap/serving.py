"""`santiao serve`: the embedded hub built and run until it is told to stop.

Order of starting: the home's lock, the port, the loops, the web; of stopping: the web first, so that nothing new comes in, then the loops,
within one budget.
"""

import fcntl
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from santiao.bootstrap.hub import Hub, open_hub
from santiao.bootstrap.telemetry import Telemetry, open_telemetry
from santiao.domain.errors import StoreFailure
from santiao.runtimes.embedded.loops import LoopState
from santiao.runtimes.embedded.replies import ReplyReader
from santiao.runtimes.embedded.runtime import EmbeddedRuntime, Parts
from santiao.runtimes.embedded.upkeep import Upkeep
from santiao.runtimes.embedded.web import Application, WebServer, bind
from santiao.settings import Settings, load_settings
from santiao.store.opening import make_home
from santiao.telemetry.standing import Part, Standing, Stuck

if TYPE_CHECKING:
    from fastapi import FastAPI

    from santiao.api.services import NotReady

logger = logging.getLogger(__name__)
LOCK = "serve.lock"


def serve_home() -> None:
    """Run the hub of the settings until SIGTERM or SIGINT.

    Raises:
        StoreFailure: the home or the port is in use, or cannot be used.
    """
    settings = load_settings()
    stop = threading.Event()
    listen_for_signals(stop)
    with (
        open_telemetry(settings, "serve") as telemetry,
        hold_home(settings.home),
        open_hub(settings, telemetry.observer) as hub,
    ):
        telemetry.read_from(hub.engine.log)
        service = Service(hub, settings, telemetry)
        service.start()
        service.wait(stop)
        service.stop()


class Service:
    """A hub being served: its port is taken when this is made, `start` begins the work, `stop` ends it within the budget."""

    def __init__(self, hub: Hub, settings: Settings, telemetry: Telemetry | None = None) -> None:
        self._budget = settings.stop_seconds
        listener = bind(settings.host, settings.port)
        host, port = listener.getsockname()[:2]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self._is_stopping = threading.Event()
        self.runtime = build_runtime(hub, settings)
        application = build_application(hub, self.runtime, self._is_stopping.is_set, telemetry)
        self._web = WebServer(application, listener, stop_seconds=settings.stop_seconds / 2)

    def start(self) -> None:
        """Start loops and web; returns when requests are answered."""
        self.runtime.start()
        self._web.start()
        logger.info("listening", extra={"url": self.url})

    def wait(self, stop: threading.Event) -> None:
        """Wait until told to stop, or until the web server ends by itself."""
        while self._web.is_alive and not stop.wait(0.5):
            pass
        if not stop.is_set():
            logger.error("the web server ended by itself", extra={"code": type(self._web.failure).__name__})

    def stop(self) -> bool:
        """Stop the web, then the loops; False when something had to be left behind."""
        self._is_stopping.set()
        until = time.monotonic() + self._budget
        is_web_done = self._web.stop(self._budget / 2)
        is_work_done = self.runtime.stop(max(1.0, until - time.monotonic()))
        logger.info("stopped", extra={"in_time": is_web_done and is_work_done})
        return is_web_done and is_work_done


def build_runtime(hub: Hub, settings: Settings) -> EmbeddedRuntime:
    """The loops over a hub."""
    parts = Parts(
        intake=hub.intake,
        timers=hub.timers,
        projector=hub.projector,
        courier=hub.courier,
        replies=ReplyReader(hub.feedback_folder, hub.answers),
        upkeep=Upkeep(hub.databases, hub.database, hub.engine.clock.now, hub.erasing.keep_ledger),
        sources=settings.sources,
        poll_seconds=settings.poll_seconds,
        bell=hub.bell,
    )
    return EmbeddedRuntime(parts)


def build_application(
    hub: Hub, runtime: EmbeddedRuntime, is_stopping: Callable[[], bool], telemetry: Telemetry | None = None
) -> Application:
    """The API with the console on it."""
    from santiao.bootstrap.api import build_api

    if telemetry is not None:
        telemetry.figures.watch_standing(lambda: standing_of(runtime))
    application = build_api(hub, lambda: list(_not_ready(runtime)), telemetry)
    mount_console(application, hub, is_stopping)
    return application


def mount_console(application: "FastAPI", hub: Hub, is_stopping: Callable[[], bool]) -> None:
    """Put the console on the API, and lead there whoever opens the bare address."""
    from starlette.responses import RedirectResponse

    from santiao import __version__
    from santiao.bootstrap.console import build_console
    from santiao.console.app import create_console

    application.add_route("/", lambda _: RedirectResponse("/console/"), methods=["GET"])
    application.mount("/console", create_console(build_console(hub, version=__version__, is_stopping=is_stopping)))


def standing_of(runtime: EmbeddedRuntime) -> Standing:
    """What the embedded hub's figures tell of its loops, views and clock."""
    readiness = runtime.readiness()
    stuck = [
        Stuck(Part.LOOP, loop.name, loop.reason or loop.state)
        for loop in readiness.loops
        if loop.state in (LoopState.FAILING, LoopState.STALLED)
    ]
    stuck += [Stuck(Part.VIEW, name, runtime.parts.projector.stalled.get(name, "")) for name in readiness.stalled_views]
    stuck += [
        Stuck(Part.CONNECTOR, feed.connector, feed.reason or feed.condition)
        for feed in readiness.feeds
        if feed.failures
    ]
    if readiness.clock_behind_seconds > _CLOCK_SLACK:
        stuck.append(Stuck(Part.CLOCK, "machine", "clock.behind"))
    return Standing(stuck=tuple(stuck))


def _not_ready(runtime: EmbeddedRuntime) -> "Iterator[NotReady]":
    from santiao.api.services import NotReady

    readiness = runtime.readiness()
    for loop in readiness.loops:
        if loop.state is not LoopState.RUNNING:
            told = f"{loop.state}" + (f": {loop.reason}" if loop.reason else "")
            yield NotReady(
                name=f"loop.{loop.name}",
                why=f"{told}; it begins anew by itself, the log says more",
                why_zh=f"{told}，将自动重启，详见日志",
            )
    for view in readiness.stalled_views:
        yield NotReady(
            name=f"view.{view}",
            why=f"it cannot fold an event and stands still; mend the cause, then `santiao views rebuild {view}`",
            why_zh=f"视图无法处理某事件而停滞，修复后执行 santiao views rebuild {view}",
        )
    if readiness.clock_behind_seconds > _CLOCK_SLACK:
        seconds = round(readiness.clock_behind_seconds)
        yield NotReady(
            name="clock",
            why=f"the machine's clock is {seconds} s behind what was recorded; set it right",
            why_zh=f"系统时钟落后已记录时间 {seconds} 秒，请校准",
        )


_CLOCK_SLACK = 5.0


@contextmanager
def hold_home(home: Path) -> Iterator[None]:
    """Be the only hub that serves this home.

    Raises:
        StoreFailure: `home.in_use`, with the other's process id; `home.unwritable`.
    """
    make_home(home)
    try:
        descriptor = os.open(home / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreFailure(
            "home.unwritable",
            f"the home {home} cannot be written: {error.strerror}; check its owner and mount, or set SANTIAO_HOME",
            f"数据目录 {home} 不可写，请检查属主与挂载，或设置 SANTIAO_HOME",
        ) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            other = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "?"
            raise StoreFailure(
                "home.in_use",
                f"the home {home} is served already by process {other}; stop that one first, or set SANTIAO_HOME to another home",
                f"数据目录 {home} 已由进程 {other} 提供服务，请先停止，或用 SANTIAO_HOME 指定其他目录",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def listen_for_signals(stop: threading.Event) -> None:
    """The first signal stops in order, a second one at once."""

    def told(number: int, _frame: object) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)

"""`santiao demo`: a small invented city whose agencies deliver in their own ways to a hub of its own, in a temporary home.

The police keep a front-end table, the court a REST service, petitions and human resources drop files, the hotline calls a signed webhook
and the committees send CloudEvents. The rule kept here: nothing is put into the hub by another way than the agencies' own, in the order
in which it happened; the clock follows what is received.
"""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from santiao import __version__
from santiao.bootstrap.demo_summary import DemoSummary, sum_up
from santiao.bootstrap.hub import Hub
from santiao.bootstrap.serving import Service, hold_home
from santiao.bootstrap.telemetry import Telemetry
from santiao.domain.errors import StoreFailure
from santiao.pool.access import Role
from santiao.settings import Settings, load_settings
from santiao.simulation import court_service
from santiao.simulation.court_service import CourtService
from santiao.simulation.front_end import FrontEnd
from santiao.simulation.senders import Sender
from santiao.simulation.settings import SimulationSettings
from santiao.simulation.simulator import simulate
from santiao.simulation.stage import Act, Lines, in_scenes, read_acts
from santiao.simulation.webhook import SECRET
from santiao.telemetry.figures import Figures
from santiao.telemetry.logs import configure_logs

DISPUTES, SEED = 120, 7
_COMMITTEES = "peoples-mediation"
_POLLED = ("police-110", "court", "petitions", "human-resources")
_POLL_SECONDS = 3600.0
"""Agencies are asked when they have something: a demo need not wait for the next minute."""
_PATIENCE_SECONDS = 120.0
Progress = Callable[[str, int, int], None]
"""(what, done, of how many)"""


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """Who may log in to the console of this demo."""

    role: str
    person_id: str
    password: str


class Demo:
    """A hub with a city around it."""

    def __init__(self, hub: Hub, service: Service, stage: Path, court: CourtService, front_end: FrontEnd) -> None:
        self.hub = hub
        self.service = service
        self._stage = stage
        self._court = court
        self._front_end = front_end
        self._lines = Lines(stage / "city")
        self._sender = Sender(service.url)
        self.clock = hub.engine.clock
        self.agency_key = self._issue_key(_COMMITTEES, "人民调解委员会")

    @property
    def home(self) -> Path:
        """Where it keeps everything; it stays there."""
        return self.hub.settings.home

    def play(self, stage_clock: "StageClock", progress: Progress) -> DemoSummary:
        """Play everything that was delivered, and wait until nothing is left to do.

        Raises:
            StoreFailure: the hub did not take something in within two minutes.
        """
        acts = read_acts(self._stage / "city")
        done = 0
        for scene in in_scenes(acts):
            stage_clock.move(scene[0].at)
            self._play_scene(scene)
            done += len(scene)
            progress(scene[0].agency, done, len(acts))
        self._settle()
        return sum_up(self.hub, self.home)

    def _play_scene(self, scene: list[Act]) -> None:
        agency, city = scene[0].agency, self._stage / "city"
        if agency == "police-110":
            self._front_end.load([city / act.file for act in scene])
        elif agency == "court":
            for act in scene:
                self._court.publish(city / act.file)
        elif agency in _POLLED:
            for act in scene:
                self._drop(agency, city / act.file)
        else:
            for act in scene:
                self._send(act)
            return
        self._wait_for_poll(agency)

    def _drop(self, agency: str, path: Path) -> None:
        folder = self._stage / "agencies" / agency
        shutil.copyfile(path, folder / path.name)
        marker = path.with_suffix(".ok")
        if marker.exists():
            shutil.copyfile(marker, folder / marker.name)

    def _send(self, act: Act) -> None:
        line = self._lines.read(act)
        if act.agency == _COMMITTEES:
            self._sender.send_event(f"/v1/records/{_COMMITTEES}", line, self.agency_key)
        else:
            self._sender.send_hook(f"/v1/hooks/{act.agency}", line)

    def _wait_for_poll(self, agency: str) -> None:
        """Have every agency asked, and wait until this one has told all it had; one that is busy is asked again."""
        poller = next(each for each in self.service.runtime.pollers if each.connector.name == agency)
        began = time.monotonic()
        while not poller.has_answered_since(began):
            self._ask_agencies()

    def _ask_agencies(self) -> None:
        asked = time.monotonic()
        pollers = self.service.runtime.pollers
        for poller in pollers:
            poller.ask_now()
        self.hub.bell.ring()
        self._wait_until(lambda: all(each.has_read_since(asked) and not each.is_wanted for each in pollers), "feeds")

    def _settle(self) -> None:
        """Wait until views, timers and feedback have nothing left to do. Timers fire when the agencies were asked once more."""
        while self._has_timers_due():
            self._ask_agencies()
        self._wait_until(lambda: not self.hub.outbox.destinations(datetime.now(UTC)), "feedback")
        self._wait_until(lambda: all(not state.behind for state in self.hub.projector.states()), "views")

    def _has_timers_due(self) -> bool:
        due = self.hub.timers.next_due()
        return due is not None and due <= self.clock.now()

    def _wait_until(self, is_done: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + _PATIENCE_SECONDS
        while not is_done():
            if time.monotonic() > until:
                raise StoreFailure(
                    "demo.stuck",
                    f"{what} did not get done in time; see {self.home / LOG}",
                    f"{what} 未能及时完成，详见日志",
                )
            time.sleep(0.02)

    def _issue_key(self, agency: str, name: str) -> str:
        self.hub.registry.add_agency(agency, name)
        return self.hub.registry.issue_key(agency).key

    def add_people(self) -> list[Login]:
        """People who may log in: a dispatcher and a supervisor of the mediation centre, an auditor."""
        wanted = ((Role.DISPATCHER, "调度员甲"), (Role.SUPERVISOR, "督办员乙"), (Role.AUDITOR, "审计员丙"))
        added = [self.hub.registry.add_person(name, "mediation-centre", role) for role, name in wanted]
        return [Login(role=each.role.value, person_id=each.person_id, password=each.password) for each in added]

    def issue_court_key(self) -> str:
        """A partner agency's key for the API."""
        return self._issue_key("court", "法院")


LOG = "hub.log"


class StageClock:
    """The time that the invented agencies live by: that of what is being delivered, and on from there."""

    def __init__(self) -> None:
        self._moment = datetime(2000, 1, 1, tzinfo=UTC)
        self._since = time.monotonic()
        self._lock = threading.Lock()

    def move(self, moment: datetime) -> None:
        """It is this moment now, unless it is later already."""
        with self._lock:
            if moment > self._moment:
                self._moment, self._since = moment, time.monotonic()

    def now(self) -> datetime:
        """The present moment of the stage."""
        with self._lock:
            return self._moment


@contextmanager
def open_demo(*, once: bool, progress: Progress) -> Iterator[tuple[Demo, StageClock]]:
    """A demo ready to be played: city invented, hub serving. With `once` any free port is taken.

    Raises:
        StoreFailure: the port is taken.
    """
    given = load_settings()
    stage = Path(tempfile.mkdtemp(prefix="santiao-demo-"))
    home = stage / "home"
    home.mkdir(mode=0o700)
    court, clock = CourtService(), StageClock()
    folders = {name: stage / "agencies" / name for name in ("petitions", "human-resources")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    front_end = FrontEnd(stage / "agencies" / "police-110.sqlite")
    settings = Settings(
        home=home,
        clock="follow",
        connectors=given.connectors,
        city=given.city,
        host=given.host,
        port=0 if once else given.port,
        sources={
            "police-110": front_end.url,
            "court": court.url,
            **{name: str(folder) for name, folder in folders.items()},
        },
        poll_seconds=_POLL_SECONDS,
        cache_mib=64,
    )
    with (home / LOG).open("a", encoding="utf-8") as log, hold_home(home):
        configure_logs(given.log_level, log, form=given.log_format)
        figures = Figures(role="demo", version=__version__)
        hub = Hub(settings, secrets=_SECRETS, sources_clock=clock.now, observer=figures)
        try:
            service = Service(hub, settings, Telemetry(figures=figures, observer=figures, tracing=None))
            simulate(
                SimulationSettings(disputes=DISPUTES, seed=SEED),
                stage / "city",
                lambda *told: progress("simulate", *told),
            )
            court.start()
            service.start()
            try:
                yield Demo(hub, service, stage, court, front_end), clock
            finally:
                service.stop()
                court.stop()
        finally:
            hub.close()


_SECRETS = {
    "HOTLINE_12345": SECRET.decode(),
    "COURT_CLIENT_ID": court_service.CLIENT_ID,
    "COURT_CLIENT_SECRET": court_service.CLIENT_SECRET,
    "COURT_GATEWAY_TOKEN": court_service.GATEWAY_TOKEN,
}

"""A hub's home with an invented city in it, its console on a loopback port, and people to log in."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from santiao.bootstrap import Hub
from santiao.bootstrap.console import build_console
from santiao.console.app import create_console
from santiao.domain.errors import Conflict
from santiao.domain.messages import Batch, Delivered
from santiao.domain.records import AgencyRecord
from santiao.pool.passwords import Cost
from santiao.pool.registry import AddedPerson
from santiao.settings import Settings
from santiao.simulation.canonical import canonical_stream
from santiao.simulation.settings import SimulationSettings

ORG = "mediation-centre"


class ConsoleHome:
    """A hub, its views kept up to date, and its console served on `url`."""

    def __init__(
        self, home: Path, *, disputes: int = 40, seed: int = 11, held_back: int = 12, city: Path = Path()
    ) -> None:
        self.hub = Hub(Settings(home=home, clock="follow", city=city))
        self.hub.registry.password_cost = Cost(n=2**4)
        self.people: dict[str, AddedPerson] = {}
        self._clients: list[httpx.Client] = []
        records = list(canonical_stream(SimulationSettings(disputes=disputes, seed=seed)))
        self.later = iter(records[len(records) - held_back :])
        self._stopping = threading.Event()
        self.receive(records[: len(records) - held_back])
        while self.hub.timers.fire_due():
            pass
        self.hub.catch_up()
        self.services = build_console(self.hub, version="test", is_stopping=self._stopping.is_set)
        self._projector = threading.Thread(target=self._project, daemon=True)
        self._projector.start()
        self._serve()

    def person(self, role: str, org: str = ORG) -> AddedPerson:
        """Somebody of this role, the same at every call."""
        known = self.people.get(f"{role}@{org}")
        if known is None:
            known = self.hub.registry.add_person(f"测试{role}", org, role)
            self.people[f"{role}@{org}"] = known
        return known

    def receive(self, records: Sequence[AgencyRecord]) -> None:
        """Take records as a connector would hand them over."""
        for start in range(0, len(records), 100):
            items = tuple(_delivered(record) for record in records[start : start + 100])
            self.hub.receiver.receive(Batch(items))

    def receive_later(self, count: int) -> None:
        """Take some of the records that were held back."""
        self.receive(list(islice(self.later, count)))

    def _project(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self.hub.projector.run_once():
                    self._stopping.wait(0.05)
            except Conflict:
                continue

    def _serve(self) -> None:
        app = Starlette(routes=[Mount("/console", create_console(self.services))])
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/console"
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def client(self, role: str = "dispatcher", org: str = ORG) -> httpx.Client:
        """A client logged in as somebody of this role."""
        person = self.person(role, org)
        client = httpx.Client(base_url=self.url, follow_redirects=True)
        self._clients.append(client)
        form = client.get("/login").text
        csrf = form.split('name="csrf" value="')[1].split('"')[0]
        told = {"csrf": csrf, "person": person.person_id, "password": person.password}
        answer = client.post("/login", data=told, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        return client

    def close(self) -> None:
        """Stop serving and let go of the home."""
        for client in self._clients:
            client.close()
        self._stopping.set()
        self._server.should_exit = True
        self._thread.join(10)
        self._projector.join(10)
        self.hub.close()


def _delivered(record: AgencyRecord) -> Delivered:
    return Delivered(
        connector=record.connector,
        feed=record.feed,
        where=f"city:{record.ordinal}",
        received_at=record.received_at,
        raw=record.raw,
        record=record,
    )


@contextmanager
def open_console(home: Path, *, disputes: int = 40) -> Iterator[ConsoleHome]:
    """A console home for the tests of one file."""
    opened = ConsoleHome(home, disputes=disputes)
    try:
        yield opened
    finally:
        opened.close()

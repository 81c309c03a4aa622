"""A real hub behind a real server on loopback: store in a temporary folder, agencies with keys, people with roles."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from santiao.bootstrap.api import build_api
from santiao.bootstrap.hub import Hub
from santiao.pool.access import RateRule
from santiao.pool.passwords import Cost
from santiao.runtimes.embedded.web import WebServer, bind
from santiao.settings import Settings

HOOK_SECRET = "hook-secret-of-tests"
AGENCIES = ("court", "petitions", "police-110", "peoples-mediation", "hotline-12345", "mediation-centre")


class Served(msgspec.Struct, frozen=True, eq=False):
    """A hub being served, and the keys of its partners."""

    hub: Hub
    client: httpx.Client
    keys: dict[str, str]
    people: dict[str, str]

    def headers(self, agency: str, purpose: str = "", **more: str) -> dict[str, str]:
        """Headers of a request of an agency; `actor` names a person by her role."""
        told = {"Authorization": f"Bearer {self.keys[agency]}"}
        if purpose:
            told["Santiao-Purpose"] = purpose
        if "actor" in more:
            told["Santiao-Actor"] = self.people[more.pop("actor")]
        return {**told, **{name.replace("_", "-"): value for name, value in more.items()}}

    def send(
        self, agency: str, body: Any, content_type: str = "application/json", connector: str = ""
    ) -> httpx.Response:
        """Send a record or a batch."""
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        headers = {**self.headers(agency), "Content-Type": content_type}
        return self.client.post(f"/v1/records/{connector or agency}", headers=headers, content=content)

    def get(self, path: str, agency: str, purpose: str = "handle", **more: str) -> httpx.Response:
        """Ask for something, once the views have caught up."""
        self.hub.catch_up()
        return self.client.get(path, headers=self.headers(agency, purpose, **more))

    def command(self, path: str, agency: str, key: str, body: Any = None, **more: str) -> httpx.Response:
        """Give a command."""
        headers = {**self.headers(agency, **more), "Idempotency-Key": key, "Content-Type": "application/json"}
        return self.client.post(path, headers=headers, content=msgspec.json.encode(body or {}))


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The address of a server that runs the application in a thread."""
    listener = bind("127.0.0.1", 0)
    server = WebServer(app, listener, stop_seconds=5)
    server.start()
    assert server.is_alive, server.failure
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        assert server.stop(10)
        listener.close()


@contextmanager
def served_hub(home: Path, *, more: tuple[str, ...] = (), **settings: Any) -> Iterator[Served]:
    """A hub with its agencies, `more` of them if wanted, and people, served."""
    hub = Hub(Settings(home=home, cache_mib=16, **settings))
    try:
        hub.registry.password_cost = Cost(n=2, r=1, p=1)
        if "city" not in settings:
            policy = hub.access.policy
            policy.book = msgspec.structs.replace(policy.book, default_rate=RateRule(per_second=10**6, burst=10**6))
        keys = {}
        for agency in (*AGENCIES, *more):
            hub.registry.add_agency(agency, agency)
            keys[agency] = hub.registry.issue_key(agency).key
        people = {
            role: hub.registry.add_person(f"某{role}", "mediation-centre", role).person_id
            for role in ("dispatcher", "supervisor", "auditor", "operator")
        }
        with serving(build_api(hub)) as address, httpx.Client(base_url=address, timeout=30) as client:
            yield Served(hub=hub, client=client, keys=keys, people=people)
    finally:
        hub.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One hub for the tests of a file; each works with numbers of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANTIAO_SECRET_HOTLINE_12345", HOOK_SECRET)
        with served_hub(tmp_path_factory.mktemp("home")) as found:
            yield found


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Served]:
    """A hub of a test's own."""
    with served_hub(tmp_path / "home") as found:
        yield found


Numbering = Callable[[], str]


@pytest.fixture(scope="module")
def file_no() -> Numbering:
    """File numbers of a committee, each once."""
    count = iter(range(1, 1000))
    return lambda: f"治淮路街道人调〔2026〕第{next(count)}号"

"""`santiao` as its operator runs it: a process that serves a home, commands beside it, what they say, and deliveries dropped for it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx

from santiao.bootstrap import Hub
from santiao.settings import Settings
from santiao.simulation.settings import SimulationSettings
from santiao.simulation.simulator import simulate
from santiao.store import intake, tables
from tests.architecture.sources import ROOT
from tests.faults.invariants import assert_all_agrees

START = "from santiao.cli import main; main()"
AGENCY = "court"


@cache
def deliveries() -> tuple[Path, ...]:
    """Files of one agency of an invented city, in the order in which they come."""
    folder = Path(mkdtemp(prefix="santiao-deliveries-"))
    simulate(SimulationSettings(disputes=150, seed=3), folder)
    return tuple(sorted((folder / AGENCY).glob("page-*.json")))


class Operator:
    """A home, the folder its agency drops files into, and the processes on it. `start` is what begins them."""

    def __init__(self, home: Path, stage: Path, start: str = START) -> None:
        self.home = home
        self.stage = stage
        self.stage.mkdir(parents=True)
        self.log_file = stage.parent / "serve.log"
        self._start = start
        self._left = list(deliveries())
        self._hub: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def _environment(self) -> Mapping[str, str]:
        told = {
            "HOME": self.home,
            "PORT": self.port,
            "SOURCES": f"{AGENCY}={self.stage}",
            "POLL_SECONDS": 0.1,
            "CACHE_MIB": 16,
        }
        return {
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'services'}:{ROOT}",
            **{f"SANTIAO_{name}": str(value) for name, value in told.items()},
        }

    # --- the hub -------------------------------------------------------------------------------------------------------

    def serve(self) -> int:
        """Start the hub and wait until it answers; its process id."""
        with self.log_file.open("wb") as log:
            self._hub = subprocess.Popen(
                [sys.executable, "-c", self._start, "serve"], cwd=ROOT, stderr=log, env=self._environment
            )
        self.until(lambda: self.readiness() is not None)
        return self._hub.pid

    def stop(self) -> None:
        """Stop it in order."""
        assert self._hub is not None
        self._hub.send_signal(signal.SIGTERM)
        assert self._hub.wait() == 0, self.log_file.read_text(encoding="utf-8")
        self._hub = None

    def kill(self) -> None:
        """End what still runs; for the end of a test."""
        if self._hub is not None:
            self._hub.kill()
            self._hub.wait()

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for what must come while the hub lives; a test that hangs here has failed."""
        while not is_so():
            assert self._hub is None or self._hub.poll() is None, self.log_file.read_text(encoding="utf-8")
            time.sleep(0.1)

    def readiness(self) -> dict[str, str] | None:
        """What keeps the hub from serving, by part; None when nobody answers."""
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}/health/ready", trust_env=False, timeout=60)
        except httpx.TransportError:
            return None
        told = answer.json()
        assert "not_ready" in told, (told, self.log_file.read_text(encoding="utf-8"))
        assert answer.status_code == (503 if told["not_ready"] else 200)
        return {each["name"]: f"{each['why']} {each['why_zh']}" for each in told["not_ready"]}

    def logged(self, code: str) -> list[dict[str, Any]]:
        """Lines of the log with this code."""
        lines = self.log_file.read_text(encoding="utf-8").splitlines()
        return [told for told in map(json.loads, lines) if told.get("code") == code]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command beside it, on the same home."""
        return subprocess.run(
            [sys.executable, "-c", self._start, *command],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )

    # --- deliveries ----------------------------------------------------------------------------------------------------

    def drop(self, number: int = 1) -> Sequence[Path]:
        """So many more files come from the agency; those that came."""
        dropped, self._left = self._left[:number], self._left[number:]
        for path in dropped:
            hidden = self.stage / f".{path.name}"
            shutil.copyfile(path, hidden)
            hidden.rename(self.stage / path.name)
        return dropped

    def has_taken_all(self) -> bool:
        """Whether everything that was dropped so far was taken."""
        return self.messages() == expected(len(deliveries()) - len(self._left))

    def open(self) -> Hub:
        """The home, seen from a process that does not serve it."""
        return Hub(Settings(home=self.home, cache_mib=16))

    def messages(self) -> frozenset[bytes]:
        """Messages that the home has taken."""
        hub = self.open()
        taken = messages_of(hub)
        hub.close()
        return taken

    def assert_nothing_is_lost(self) -> None:
        """The home agrees with itself, and holds what one would that nothing happened to."""
        assert self.has_taken_all()
        hub = self.open()
        with hub.database.readable() as connection:
            assert intake.read_counts(connection)[f"{AGENCY}|accepted"] == len(messages_of(hub))
        assert_all_agrees(hub)
        hub.close()


@cache
def expected(number: int) -> frozenset[bytes]:
    """Messages of the first files, as a home takes them that nothing happens to."""
    folder = Path(mkdtemp(prefix="santiao-undisturbed-"))
    hub = Hub(Settings(home=folder / "home", cache_mib=16))
    (folder / "drops").mkdir()
    for path in deliveries()[:number]:
        shutil.copyfile(path, folder / "drops" / path.name)
    hub.receive_once(AGENCY, [str(folder / "drops")], lambda _number: None)
    taken = messages_of(hub)
    hub.close()
    shutil.rmtree(folder)
    return taken


def messages_of(hub: Hub) -> frozenset[bytes]:
    """Messages that a hub has taken."""
    with hub.database.readable() as connection:
        rows = connection.execute(tables.inbox.select().with_only_columns(tables.inbox.c.message_id))
        return frozenset(rows.scalars())

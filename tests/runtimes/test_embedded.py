"""The embedded runtime keeps the contract of runtimes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from santiao.bootstrap import Hub
from santiao.bootstrap.serving import build_runtime
from santiao.domain.messages import Batch, Delivered
from santiao.settings import Settings
from tests.runtimes.contract import RuntimeContract, RuntimeUnderTest


class Embedded:
    """A hub with its loops running; disturbed, it is stopped and begun again on the same home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._order: list[Delivered] = []
        self._begin()

    def _begin(self) -> None:
        settings = Settings(home=self.home)
        self.hub = Hub(settings)
        self._runtime = build_runtime(self.hub, settings)
        # Guarantee 2 speaks of deliveries with no timer in between, and these are old enough for many to be due.
        supervisor = self._runtime.supervisor
        supervisor._runners = [each for each in supervisor._runners if each.loop.name != "timers"]
        self._runtime.start()

    def deliver(self, items: Sequence[Delivered]) -> None:
        for start in range(0, len(items), 50):
            batch = tuple(items[start : start + 50])
            self.hub.intake.take(Batch(batch))
            self._order += batch

    def disturb(self) -> None:
        self.close()
        self._begin()

    def settle(self) -> None:
        self._runtime.stop(30)
        self.hub.catch_up()

    def recorded(self) -> Iterator[Delivered]:
        return iter(self._order)

    def close(self) -> None:
        self._runtime.stop(30)
        self.hub.close()


class TestEmbedded(RuntimeContract):
    """The contract, on one process and SQLite."""

    @pytest.fixture
    def runtime(self, tmp_path: Path) -> Iterator[RuntimeUnderTest]:
        made = Embedded(tmp_path / "home")
        yield made
        made.close()

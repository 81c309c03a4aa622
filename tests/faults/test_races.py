"""Two processes on one store, doing the same at the same moment: every step is one's and never both's."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from santiao.bootstrap import Hub
from santiao.store import intake
from tests.architecture.sources import ROOT
from tests.faults.invariants import assert_all_agrees
from tests.faults.racer import DISPUTES, open_store
from tests.projections.lives import records_of
from tests.seeds import choose_seed

RECORDS = len(records_of(DISPUTES))


class Race:
    """Two processes that begin each stage together."""

    def __init__(self, home: Path, url: str, seed: int) -> None:
        open_store(home, url).close()
        self._racers = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.faults.racer", str(home), url, name, str(seed)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": f"{ROOT / 'services'}:{ROOT}"},
            )
            for name in ("one", "other")
        ]
        self.run("look")

    def run(self, stage: str) -> tuple[Any, Any]:
        """What a stage came to for either."""
        for racer in self._racers:
            assert racer.stdin is not None
            racer.stdin.write(f"{stage}\n")
            racer.stdin.flush()
        one, other = (json.loads(racer.stdout.readline() or "null") for racer in self._racers if racer.stdout)
        assert one is not None is not other, "one of them raised: its traceback stands above"
        return one, other

    def close(self) -> None:
        for racer in self._racers:
            assert racer.stdin is not None
            assert racer.stdout is not None
            racer.stdin.close()
            racer.stdout.close()
            racer.wait()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("postgres_url")) if request.param == "postgres" else ""


@pytest.fixture
def race(url: str, tmp_path: Path, record_property: Callable[[str, object], None]) -> Iterator[Race]:
    started = Race(tmp_path, url, choose_seed(record_property))
    yield started
    started.close()


@pytest.fixture
def hub(race: Race, url: str, tmp_path: Path) -> Iterator[Hub]:
    opened = open_store(tmp_path, url)
    yield opened
    opened.close()


def received(hub: Hub) -> Counter[str]:
    with hub.database.readable() as connection:
        counts = intake.read_counts(connection)
    told: Counter[str] = Counter()
    for name, number in counts.items():
        told[name.partition("|")[2]] += number
    return told


def test_what_both_do_is_done_once(race: Race, hub: Hub) -> None:
    states = Counter(state for told in race.run("receive") for state in told)
    assert states == {"accepted": RECORDS, "repeated": RECORDS}
    assert received(hub)["received"] == 2 * RECORDS
    assert sum(race.run("fire")) > 0
    number, same = race.run("look")
    assert number == same > 0
    for one, other in zip(*race.run("command"), strict=True):
        assert {one, other} == {"done", "case.version"}, "one of two who saw the same version"
    for one, other in zip(*race.run("repeat"), strict=True):
        assert {one, other} == {"done", "repeated"}, "one command that came twice"
    race.run("project")
    owed = race.run("deliver")
    with hub.database.readable() as connection:
        assert sum(owed) == len(connection.exec_driver_sql("SELECT id FROM outbox").all())
    assert_all_agrees(hub)


def test_of_two_workers_on_one_partition_each_message_is_one_workers(race: Race, hub: Hub) -> None:
    for one, other in zip(*race.run("consume"), strict=True):
        assert sorted((one, other)) == ["done", "offset.moved"]
    assert received(hub) >= Counter(received=RECORDS, accepted=RECORDS)
    assert received(hub)["received"] == RECORDS
    assert_all_agrees(hub)

"""A view is built anew beside the live one, which serves until the swap; a kill, a race or a fault leaves one of the two, whole."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from santiao.bootstrap import Hub
from santiao.domain.errors import Conflict
from santiao.projections import building, generations, kept_views
from santiao.projections.case_queries import EVERYTHING, list_cases
from santiao.projections.catalogue import PROJECTIONS
from santiao.projections.projector import Projector
from santiao.projections.reading import ViewReader
from santiao.settings import Settings
from tests.architecture.sources import ROOT
from tests.projections.killed import STEPS
from tests.projections.lives import Life

VIEWS = [projection.name for projection in PROJECTIONS]
CHOICES = [(7919 * number * number) % (1 << 24) for number in range(24)]


@pytest.fixture(params=["sqlite", "postgres"])
def life(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Life]:
    store = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    lived = Life(tmp_path, store=store)
    lived.live(CHOICES)
    lived.hub.catch_up()
    yield lived
    lived.hub.close()


def generations_of(hub: Hub) -> dict[str, int]:
    return {state.name: state.generation for state in hub.projector.states()}


def differing(hub: Hub) -> list[str]:
    return [each.view for each in hub.projector.verify() if not each.agrees]


def told(hub: Hub) -> list[str]:
    with ViewReader(hub.views).reading() as reading:
        return [summary.item.case_no for summary in list_cases(reading, EVERYTHING, limit=500).items]


def rubbish(hub: Hub) -> set[str]:
    """Tables of views that no live generation has."""
    with hub.views.readable() as connection:
        there = set(hub.database.engine.dialect.get_table_names(connection))
        rows = connection.execute(generations.known.select()).all()
    wanted = {table.physical(generations_of(hub)[each.name]) for each in PROJECTIONS for table in each.tables}
    unknown = {f"{row.view} {row.generation} {row.state}" for row in rows if row.state != "live"}
    return {name for name in there if re.search(r"__\d+$", name)} - wanted | unknown


def test_a_rebuilt_view_agrees_with_the_one_before_and_takes_its_place(life: Life) -> None:
    before = told(life.hub)
    built = life.hub.projector.rebuild(["case_overview", "statistics"])
    assert {(each.view, each.generation, each.agreed) for each in built} == {
        ("case_overview", 2, True),
        ("statistics", 2, True),
    }
    assert generations_of(life.hub) == {name: 2 if name in ("case_overview", "statistics") else 1 for name in VIEWS}
    assert told(life.hub) == before
    life.hub.projector.prepare()
    assert rubbish(life.hub) == set()


def test_a_view_that_was_not_what_the_log_folds_to_is_told_and_replaced(life: Life) -> None:
    with life.hub.views.writable() as connection:
        connection.exec_driver_sql(
            "UPDATE case_overview__1 SET region = '999999' WHERE case_no = (SELECT min(case_no) FROM case_overview__1)"
        )
        connection.exec_driver_sql("DELETE FROM timeline__1 WHERE log_key = (SELECT max(log_key) FROM timeline__1)")
    assert differing(life.hub) == ["case_overview", "timeline"]
    assert {each.view: each.agreed for each in life.hub.projector.rebuild()} == {
        name: name not in ("case_overview", "timeline") for name in VIEWS
    }
    assert differing(life.hub) == []


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_in_the_middle_leaves_one_whole_view_and_no_rubbish_after_the_next(tmp_path: Path, step: str) -> None:
    life = Life(tmp_path)
    life.live(CHOICES)
    life.hub.catch_up()
    before = told(life.hub)
    life.hub.close()
    done = subprocess.run(
        [sys.executable, "-m", "tests.projections.killed", str(tmp_path), step],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'services'}:{ROOT}"},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    hub = Hub(Settings(home=tmp_path, clock="follow"))
    assert set(generations_of(hub).values()) == {2 if step == "committed" else 1}
    assert told(hub) == before
    assert differing(hub) == []
    assert all(each.agreed for each in hub.projector.rebuild())
    assert rubbish(hub) == set()
    assert told(hub) == before
    hub.close()


def test_a_build_that_fails_is_dropped_at_once(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(generations, "swap_in", fail)
    with pytest.raises(KeyboardInterrupt):
        life.hub.projector.rebuild()
    monkeypatch.undo()
    assert set(generations_of(life.hub).values()) == {1}
    assert rubbish(life.hub) == set()


def test_of_two_builds_of_one_view_the_later_takes_over(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    projector, write = life.hub.projector, building.Build.write
    another = Projector(projector.log, projector.views, PROJECTIONS)

    def build_meanwhile(build: building.Build) -> None:
        monkeypatch.undo()
        another.rebuild(["timeline"])
        write(build)

    monkeypatch.setattr(building.Build, "write", build_meanwhile)
    with pytest.raises(Conflict):
        projector.rebuild(["timeline"])
    assert generations_of(life.hub)["timeline"] == 3
    assert differing(life.hub) == []
    projector.prepare()
    assert rubbish(life.hub) == set()


def test_views_are_folded_on_while_they_are_built_anew(life: Life) -> None:
    hub, is_over = life.hub, threading.Event()
    failures: list[Exception] = []

    def work() -> None:
        try:
            while life.records and not is_over.is_set():
                life.come(3)
                hub.catch_up()
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    life.records += [
        record for record in Life(hub.settings.home / "more", disputes=60).records if record not in life.taken
    ]
    worker = threading.Thread(target=work)
    worker.start()
    stood: list[int] = []
    for _ in range(4):
        built = Projector(hub.projector.log, hub.views, PROJECTIONS).rebuild()
        assert all(each.agreed is not False for each in built)
        stood.append(min(sum(state.positions.values()) for state in hub.projector.states()))
    is_over.set()
    worker.join()
    assert failures == []
    assert stood == sorted(stood)  # readers never go back in time
    hub.catch_up()
    assert differing(hub) == []


def test_projectors_that_race_fold_every_event_once(life: Life) -> None:
    hub, folded = life.hub, list[int]()
    with hub.database.readable() as connection:
        before = sum(hub.engine.log.shards(connection).values())
    life.receive(*[life.records.pop() for _ in range(min(12, len(life.records)))])
    with hub.database.readable() as connection:
        new = sum(hub.engine.log.shards(connection).values()) - before
    others = [Projector(hub.projector.log, hub.views, PROJECTIONS) for _ in range(2)]
    threads = [
        threading.Thread(target=lambda each=each: folded.append(each.catch_up()))
        for each in (hub.projector, hub.projector, *others)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(folded) == new > 0
    assert differing(hub) == []


@pytest.mark.parametrize("kept_max", [0, 7, 100])
def test_views_are_the_same_however_little_is_kept_in_memory(
    tmp_path: Path, kept_max: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_views, "KEPT_MAX", kept_max)
    life = Life(tmp_path)
    life.live(CHOICES)
    life.hub.catch_up()
    assert differing(life.hub) == []
    for name, value in (("KEPT_MAX", kept_max), ("ADDED_MAX", kept_max), ("RUN", 5)):
        monkeypatch.setattr(building, name, value)
    assert all(each.agreed for each in life.hub.projector.rebuild())
    assert differing(life.hub) == []
    life.hub.close()

"""A view stands still only for what is its own fault: not when it is built anew meanwhile, not when its database fails."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from santiao.domain.errors import Conflict, StoreFailure
from santiao.projections.catalogue import PROJECTIONS
from santiao.projections.projector import Projector
from tests.projections.lives import Life


@pytest.fixture(params=["sqlite", "postgres"])
def life(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Life]:
    store = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    lived = Life(tmp_path, store=store)
    lived.receive(*lived.records[:6])
    yield lived
    lived.hub.close()


def is_whole(projector: Projector) -> bool:
    return not projector.stalled and all(each.agrees for each in projector.verify())


def test_views_built_anew_in_the_middle_of_a_fold_are_folded_again(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    projector, log = life.hub.projector, life.hub.engine.log
    entries, another = log.entries, Projector(log, life.hub.views, PROJECTIONS)

    def build_meanwhile(*asked: Any) -> Any:
        monkeypatch.undo()
        another.rebuild()
        another.prepare()
        return entries(*asked)

    monkeypatch.setattr(log, "entries", build_meanwhile)
    with pytest.raises(Conflict):
        projector.run_once()
    assert is_whole(projector)


def test_a_failing_database_stalls_no_view(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.receive(*life.records[:6])
    projector = life.hub.projector
    rename(life, "case_overview__1", "hidden")
    with pytest.raises(StoreFailure):
        projector.run_once()
    rename(life, "hidden", "case_overview__1")
    assert projector.catch_up() > 0
    assert is_whole(projector)
    life.hub.close()


def rename(life: Life, table: str, to: str) -> None:
    with life.hub.views.writable() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {to}")

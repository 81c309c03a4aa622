"""A seed is a city: the same bytes every time, another city for another seed, and nothing nasty where it is switched off."""

import hashlib
import json
from pathlib import Path

import pytest

from santiao.simulation.settings import HardshipRates, SimulationSettings
from santiao.simulation.simulator import simulate


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            total.update(str(path.relative_to(folder)).encode())
            total.update(path.read_bytes())
    return total.hexdigest()


def test_the_same_settings_give_the_same_bytes(tmp_path: Path) -> None:
    settings = SimulationSettings(disputes=60, seed=5)
    assert simulate(settings, tmp_path / "a") == simulate(settings, tmp_path / "b")
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    simulate(SimulationSettings(disputes=60, seed=6), tmp_path / "c")
    assert digest(tmp_path / "a") != digest(tmp_path / "c")


@pytest.mark.parametrize("disputes", [1, 2, 7])
def test_a_hamlet_is_a_city_too(tmp_path: Path, disputes: int) -> None:
    summary = simulate(SimulationSettings(disputes=disputes, seed=3), tmp_path / "city")
    assert summary.disputes == disputes
    assert json.loads((tmp_path / "city/truth.json").read_bytes())["counts"]["disputes"] == disputes


def test_what_is_switched_off_does_not_happen(tmp_path: Path) -> None:
    settings = SimulationSettings(
        disputes=80, hardships=HardshipRates.none(), strays=0, gates=0, near_misses=0, broken_references=0, lookalikes=0
    )
    summary = simulate(settings, tmp_path)
    truth = json.loads((tmp_path / "truth.json").read_bytes())
    assert {name: rows for name, rows in truth["phenomena"].items() if rows} == {}
    assert summary.expect == {"accepted": sum(summary.records.values())}
    assert summary.hard_negatives == 0
    assert set(summary.deliveries) == {"accepted"}


def test_one_phenomenon_can_stand_alone(tmp_path: Path) -> None:
    settings = SimulationSettings(
        disputes=80, hardships=HardshipRates(**{**{f"n{n}": 0.0 for n in range(1, 26)}, "n14": 1.0})
    )
    simulate(settings, tmp_path)
    truth = json.loads((tmp_path / "truth.json").read_bytes())
    assert [name for name, rows in truth["phenomena"].items() if rows] == ["N14"]


def test_another_city_has_its_own_divisions(tmp_path: Path) -> None:
    simulate(SimulationSettings(disputes=60, city="yunze"), tmp_path)
    truth = json.loads((tmp_path / "truth.json").read_bytes())
    assert {dispute["region"][:4] for dispute in truth["disputes"]} == {"3419"}
    assert list(tmp_path.glob("petitions/XFJ_341900_*.xml"))


def test_more_hardship_is_more(tmp_path: Path) -> None:
    few = SimulationSettings(disputes=150, hardships=HardshipRates(n14=0.3))
    many = SimulationSettings(disputes=150, hardships=HardshipRates(n14=2.0))
    counts = []
    for name, settings in (("few", few), ("many", many)):
        simulate(settings, tmp_path / name)
        counts.append(len(json.loads((tmp_path / name / "truth.json").read_bytes())["phenomena"]["N14"]))
    assert counts[0] * 2 < counts[1]


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    simulate(SimulationSettings(disputes=300), tmp_path, lambda done, of: told.append((done, of)))
    assert told[-1] == (300, 300)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_nothing_but_the_city_is_left_in_the_folder(tmp_path: Path) -> None:
    simulate(SimulationSettings(disputes=5), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        *("police-110", "court", "petitions", "human-resources", "hotline-12345", "peoples-mediation", "truth.json")
    }


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(FileExistsError, match="empty folder"):
        simulate(SimulationSettings(disputes=1), tmp_path)


@pytest.mark.parametrize("wrong", [{"disputes": 0}, {"disputes": 1, "ledgers": 1}, {"disputes": 1, "city": "nowhere"}])
def test_settings_that_cannot_be_met_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"必须|太少|没有"):
        simulate(SimulationSettings(**wrong), tmp_path)  # type: ignore[arg-type]

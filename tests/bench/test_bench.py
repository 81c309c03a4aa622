"""The bench as a whole on tiny cities: what it prints, not how fast anything was.

Goal: every part runs and says what is wanted of each figure; a folder is judged by its truth, and a truth that says otherwise is noticed;
nothing personal is printed.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import main
from bench.parts import PARTS
from santiao.simulation.settings import SimulationSettings
from santiao.simulation.simulator import simulate

Document = dict[str, Any]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench") / "city"
    simulate(SimulationSettings(disputes=25, seed=3), folder)
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Document, str]:
    code = main(arguments)
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    return code, json.loads(out), out


def figures_in(value: Any) -> list[Document]:
    if not isinstance(value, dict):
        return []
    here = [value] if "wanted" in value else []
    return here + [each for item in value.values() for each in figures_in(item)]


def test_every_speed_says_what_is_wanted_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    # `serving` starts a process of its own and is left to the real run.
    parts = [name for name in PARTS if name != "serving"]
    code, document, _ = run(capsys, "--scale", "0.002", "--only", *parts)
    assert code == 0, document
    assert {"machine", "unmet", "seconds", *parts} == set(document)
    for name in parts:
        figures = figures_in(document[name])
        assert figures
        assert all(each["value"] > 0 and (each["wanted"] is None) == (each["met"] is None) for each in figures)
    assert document["machine"]["cores"] >= 1
    assert document["intake"]["20"]["ratio"]["wanted"] == 0.4
    assert document["views"]["20"]["agreed"]


def test_a_folder_is_judged_by_its_truth(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document, text = run(capsys, "--samples", str(city))
    judged = document["samples"]
    truth = json.loads((city / "truth.json").read_text(encoding="utf-8"))
    assert code == 0
    assert set(judged["received"]) == set(truth["counts"]["records"])
    for counts in judged["received"].values():
        came = counts["accepted"] + counts["repeated"] + counts["quarantined"] + counts["refused"]
        assert counts["received"] == came > 0
    assert judged["acceptance"]["records"]["of"] == len(truth["records"])
    assert judged["linking"]["case_precision"]["wanted"] == 0.995
    assert sum(each["of"] for each in judged["linking"]["recall"].values()) > 0
    personal = {str(party.get(field) or "") for party in truth["parties"].values() for field in ("id", "phone", "uscc")}
    personal |= {str(party["name"]) for party in truth["parties"].values() if len(str(party["name"])) > 2}
    assert not [value for value in personal if value and value in text]


def test_a_truth_that_says_otherwise_is_noticed(city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    twisted = tmp_path / "twisted"
    twisted.mkdir()
    for path in city.iterdir():
        if path.is_dir():
            (twisted / path.name).symlink_to(path)
    truth = json.loads((city / "truth.json").read_text(encoding="utf-8"))
    blocked = next(row for row in truth["records"] if row["expect"] == "blocked")
    blocked["expect"] = "accepted"
    right = [row for row in truth["records"] if row["expect"] == "accepted" and row["dispute"]]
    right[0]["region"] = "110000"
    told = next(row for row in truth["deliveries"] if row["agency"] == "hotline-12345" and row["expect"] == "accepted")
    told["expect"] = "refused"
    for link in truth["links"]:
        link["dispute"] = ""
    for row in truth["records"]:
        row["dispute"] = f"{row['agency']} {row['key']}" if row["dispute"] else None
    (twisted / "truth.json").write_text(json.dumps(truth, ensure_ascii=False), encoding="utf-8")
    judged = run(capsys, "--samples", str(twisted))[1]["samples"]
    misses = {(each["where"], each["expected"], each["got"]) for each in judged["acceptance"]["misses"]}
    assert (blocked["key"], "accepted", "blocked") in misses
    assert (f"deliveries.jsonl:{told['line']}", "refused", "accepted") in misses
    assert "110000" in {each["expected"] for each in judged["agreement"]["misses"]["region"]}
    assert judged["linking"]["case_precision"]["rate"] == 0.0
    assert judged["linking"]["case_precision"]["met"] is False


def test_cities_are_added_up(capsys: pytest.CaptureFixture[str]) -> None:
    code, document, _ = run(capsys, "--cities", "2", "--disputes", "15", "--first-seed", "8")
    found = document["cities"]
    assert code == 0
    assert found["cities"] == ["bengbu-8", "yunze-9"]
    assert set(found["by_city"]) == set(found["cities"])
    assert found["rates"]["records"]["of"] > 30
    assert all(told["count"] >= len(told["examples"]) > 0 for told in found["worst"])


@pytest.mark.parametrize(
    "arguments",
    [["--samples", "no-such-folder"], ["--cities", "0"], ["--only", "nothing"], ["--full", "--cities", "2"]],
)
def test_a_mistake_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert not told.out
    assert "usage:" in told.err


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "python -m bench --samples" in capsys.readouterr().out

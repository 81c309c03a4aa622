"""Figures in the operator's guide, in the dashboard and in the alert rules are those that the code exposes, and no other."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.sources import ROOT
from tests.deploy.figures import exposed, series_names
from tests.deploy.promises import DEPLOY

GUIDE = (ROOT / "docs" / "operators-guide.md").read_text()
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "santiao.json").read_text())
ALERTS: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())
NAME = re.compile(r"\b(?:santiao|process)_\w+")
# A family that tells every series of a process's name, which Prometheus' own client library adds.
UP = "up"
Families = dict[str, Any]


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> Families:
    return exposed(tmp_path_factory.mktemp("home"))


def documented() -> dict[str, tuple[str, str, str]]:
    """Return the guide's rows: kind, labels and unit by name."""
    rows = re.findall(r"^\| `((?:santiao|process)_\w+)` \| (\w+) \| ([^|]*) \| ([^|]*) \| .+ \|$", GUIDE, re.MULTILINE)
    return {name: (kind, labels.strip(), unit.strip()) for name, kind, labels, unit in rows}


def expressions() -> Iterator[tuple[str, str]]:
    """Yield every expression of the dashboard and of the rules, with where it stands."""
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", []):
            yield f"dashboard: {panel['title']}", target["expr"]
    for group in ALERTS["groups"]:
        for rule in group["rules"]:
            yield f"alert: {rule['alert']}", rule["expr"]


def test_every_figure_is_documented_with_its_kind_and_unit(families: Families) -> None:
    told = documented()
    assert set(told) == set(families), set(told) ^ set(families)
    for name, (kind, labels, unit) in told.items():
        assert kind == families[name].type, name
        assert unit, name
        for ending, word in (("_seconds", "second"), ("_bytes", "byte"), ("_ratio", "share")):
            if name.endswith(ending):
                assert word in unit, f"{name} is told in {unit}"
        seen = {label for sample in families[name].samples for label in sample.labels} - {"le"}
        assert seen <= set(re.findall(r"`(\w+)`", labels)), name


def test_dashboard_and_alerts_use_what_is_exposed(families: Families) -> None:
    known = series_names(families)
    found = {where: set(NAME.findall(expr)) - known for where, expr in expressions()}
    assert not {where: names for where, names in found.items() if names}


def test_the_dashboard_shows_every_figure(families: Families) -> None:
    shown = {name for where, expr in expressions() if where.startswith("dashboard") for name in NAME.findall(expr)}
    shown = {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in shown}
    # What the machine's own dashboards show better.
    elsewhere = {"process_virtual_memory_bytes", "process_open_fds", "process_max_fds", "process_start_time_seconds"}
    assert not set(families) - shown - elsewhere


def test_panels_have_names_of_their_own_and_stand_beside_each_other() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(place["x"] + column, place["y"] + row) for column in range(place["w"]) for row in range(place["h"])}
        assert place["x"] + place["w"] <= 24, panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells
        assert panel["type"] == "row" or (panel["title"] and panel["description"]), panel["id"]


def test_prometheus_understands_every_expression(promtool: str, tmp_path: Path) -> None:
    rules = [
        {"record": f"checked:{number}", "expr": expr.replace("$__rate_interval", "5m")}
        for number, (_, expr) in enumerate(expressions())
    ]
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "checked", "rules": rules}]}))
    done = subprocess.run([promtool, "check", "rules", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    path.write_text(path.read_text().replace("max by", "most by", 1))
    done = subprocess.run([promtool, "check", "rules", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode != 0


def test_prometheus_understands_its_configuration(promtool: str) -> None:
    command = [promtool, "check", "config", "--syntax-only", str(DEPLOY / "prometheus" / "prometheus.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

"""Programs that judge `deploy/` are taken from the machine first, put in place whole, and told of where they cannot be had."""

from pathlib import Path

import pytest

from tools import linters


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any of them, and with nothing to fetch from."""
    for name in ("COMPONENTS", "INSTALLED"):
        monkeypatch.setattr(linters, name, tmp_path / name.lower())
    monkeypatch.setattr(linters, "LOCK", tmp_path / "missing.txt")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    return tmp_path


def test_what_cannot_be_had_is_said_and_nothing_is_left_behind(nowhere: Path) -> None:
    told: list[str] = []
    linters.fetch_linters(told.append)
    assert any("Helm" in line or "helm" in line for line in told)
    assert any("promtool" in line for line in told)
    assert not list((nowhere / "components").iterdir())
    assert linters.find_linter("helm") is None


def test_the_machines_own_comes_first(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("own", "components"):
        (nowhere / folder).mkdir()
        linters.place(nowhere / folder / "helm", b"#!/bin/sh\n")
    assert linters.find_linter("helm") == str(nowhere / "components" / "helm")
    monkeypatch.setenv("PATH", str(nowhere / "own"))
    assert linters.find_linter("helm") == str(nowhere / "own" / "helm")
    told: list[str] = []
    linters.fetch_linters(told.append)
    assert sorted(path.name for path in (nowhere / "components").iterdir()) == ["helm"]

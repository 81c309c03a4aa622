"""A home with something in it, and the settings that name it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.telling import LI, WANG, Story

POLICE, PETITION = "20260302340302000187", "340300202603040021"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the settings."""
    path = tmp_path / "home"
    for name, value in {"HOME": str(path), "CLOCK": "follow"}.items():
        monkeypatch.setenv(f"SANTIAO_{name}", value)
    return path


@pytest.fixture
def story(home: Path) -> Iterator[Story]:
    """A hub with two disputes, folded into its views."""
    told = Story(home)
    told.report("police-110", POLICE, on="2026-03-02")
    told.report("petitions", PETITION, on="2026-03-04", quotes=POLICE)
    told.report("court", "8a8182f59e370001", on="2026-03-05", by=WANG, against=LI)
    told.hub.catch_up()
    yield told
    told.hub.close()

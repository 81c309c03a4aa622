"""A fresh story for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.telling import Story


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A hub nobody has told anything yet. When a story ends, files and log must agree."""
    told = Story(tmp_path / "home")
    yield told
    assert list(told.hub.refolder.differences()) == []
    told.hub.close()

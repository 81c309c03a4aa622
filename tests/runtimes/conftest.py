"""A hub for the tests of what runs around it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.telling import Story


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A hub on a fresh home, with a clock that follows what it hears."""
    told = Story(tmp_path / "home")
    yield told
    told.hub.close()

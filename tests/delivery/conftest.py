"""A hub that owes feedback, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from santiao.settings import Settings
from tests.stories.telling import Story


@pytest.fixture(params=["sqlite", "postgres"])
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Story]:
    """A fresh hub on each kind of database."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    told = Story(tmp_path / "home", settings=Settings(home=tmp_path / "home", store_url=url, clock="follow"))
    yield told
    told.hub.close()

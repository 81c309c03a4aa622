"""The city's own rulebook, read once for all tests of the core that decide by it."""

import pytest

from santiao.domain.rulebook import Rulebook
from santiao.store.resources import resource_dir
from santiao.store.rulebook_files import load_rulebook


@pytest.fixture(scope="session")
def book() -> Rulebook:
    """The rulebook in `deploy/city`."""
    return load_rulebook(resource_dir("city"))

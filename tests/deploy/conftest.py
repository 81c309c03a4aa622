"""The programs that judge `deploy/`: the machine's, or those that `make test` fetched."""

import pytest

from tests.services.component import missing
from tools.linters import find_linter

MEND = "python -m tools.components, or install it from your system"


def program(name: str) -> str:
    """Return the path of a program that judges, or end the test."""
    return find_linter(name) or missing(name, "it is neither on the PATH nor fetched", MEND)


@pytest.fixture(scope="session")
def helm() -> str:
    return program("helm")


@pytest.fixture(scope="session")
def promtool() -> str:
    return program("promtool")


@pytest.fixture(scope="session")
def hadolint() -> str:
    return program("hadolint")


@pytest.fixture(scope="session")
def systemd_analyze() -> str:
    return program("systemd-analyze")

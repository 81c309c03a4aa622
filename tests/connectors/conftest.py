"""What tests of connectors share: the city's divisions, a clock that stands, and the connectors of the checkout."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from santiao.connectors.registry import Connectors, load_connectors

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture(scope="session")
def declarations() -> Path:
    """The folder of the six agencies' declarations."""
    return ROOT / "connectors"


@pytest.fixture(scope="session")
def regions() -> Path:
    """The table of divisions."""
    return ROOT / "deploy" / "city" / "regions.csv"


@pytest.fixture(scope="session")
def connectors(declarations: Path, regions: Path) -> Connectors:
    """The six connectors, on a clock that stands at noon of 1 May 2026; every secret is `secret`."""
    return load_connectors(declarations, regions=regions, clock=lambda: NOW, secrets=lambda _name: "secret")

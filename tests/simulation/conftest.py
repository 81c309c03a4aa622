"""One simulated city, delivered once, for all tests that only read it."""

from pathlib import Path

import pytest

from santiao.simulation.settings import SimulationSettings
from santiao.simulation.simulator import simulate
from tests.simulation.delivered import DeliveredCity


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> DeliveredCity:
    """A city of 400 disputes, with all its hardships."""
    folder: Path = tmp_path_factory.mktemp("city")
    simulate(SimulationSettings(disputes=400, seed=11), folder)
    return DeliveredCity(folder)

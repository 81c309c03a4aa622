"""What the transports' tests share: a clock that is moved by hand, and a court's service."""

from collections.abc import Iterator

import pytest

from tests.connectors.transports.court_service import CourtService
from tests.connectors.transports.hand_clock import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def service(clock: HandClock) -> Iterator[CourtService]:
    with CourtService(clock).running() as service:
        yield service

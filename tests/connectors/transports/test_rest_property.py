"""However records move between the pages of a list, none is lost and no version is given twice."""

import json
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from santiao.connectors.transports.rest import RestTransport
from santiao.domain.calendar import SHANGHAI
from santiao.domain.messages import Watermark
from tests.connectors.transports.court_service import CLIENT, CourtService
from tests.connectors.transports.hand_clock import HandClock

CASES = st.sampled_from([f"c{number:02}" for number in range(14)])
# What happens in the court before it answers a question: which cases change, which leave the list, how much time passes.
EVENTS = st.tuples(st.lists(CASES, max_size=3), st.lists(CASES, max_size=1), st.sampled_from([0, 0, 1, 5]))
AGES = st.dictionaries(CASES, st.sampled_from([0, 1, 86_399, 86_400, 86_400, 86_400]))
ORDERS = st.sampled_from(["time", "time", "time and key backwards"])


@pytest.fixture(scope="module")
def service() -> Iterator[CourtService]:
    with CourtService(HandClock()).running() as service:
        yield service


class Court:
    """The clerks: before each answer they change what the schedule says."""

    def __init__(
        self, service: CourtService, ages: dict[str, int], schedule: list[tuple[list[str], list[str], int]]
    ) -> None:
        service.clock.now = datetime(2026, 3, 12, 9, 0, 0, tzinfo=SHANGHAI)
        service.records.clear()
        service.asked.clear()
        self._service = service
        self._schedule = iter(schedule)
        self._texts = 0
        # When the clerks are at home, what stands is what must have been found.
        self.is_open = True
        for case, age in ages.items():
            self.change(case, age)
        service.before_page = self.act

    def change(self, case: str, age: float = 0) -> None:
        self._texts += 1
        self._service.put(case, f"第{self._texts}稿", seconds_ago=age)

    def act(self) -> None:
        if not self.is_open:
            return
        changed, gone, seconds = next(self._schedule, ([], [], 0))
        self._service.clock.move(seconds=seconds)
        for case in changed:
            self.change(case)
        for case in gone:
            self._service.records.pop(case, None)


def told(raw: bytes) -> tuple[str, str]:
    record = json.loads(raw)
    return record["caseId"], record["facts"]


@settings(max_examples=80)
@given(ages=AGES, schedule=st.lists(EVENTS, max_size=25), killed_after=st.integers(0, 12), order=ORDERS)
def test_none_is_lost_and_no_version_is_given_twice(
    service: CourtService,
    ages: dict[str, int],
    schedule: list[tuple[list[str], list[str], int]],
    killed_after: int,
    order: str,
) -> None:
    court = Court(service, ages, schedule)
    sign = 1 if order == "time" else -1
    service.order = lambda record: (record["updateTime"], sign * int(record["caseId"][1:]))
    transport = RestTransport(
        service.settings(),
        connector="court",
        feed="list",
        clock=service.clock,
        secrets=CLIENT,
        wall_clock=service.clock,
    )
    watermark: Watermark | None = None
    found: list[tuple[str, str]] = []
    for pages_taken, court.is_open in ((killed_after, True), (1000, True), (1000, False), (1000, False)):
        for number, page in enumerate(transport.read(service.url, watermark)):
            if number >= pages_taken:
                break
            watermark = page.watermark
            found += [told(item.raw) for item in page.items]
    standing = {(case, record["facts"]) for case, record in service.records.items()}
    assert standing <= set(found)
    assert len(found) == len(set(found))

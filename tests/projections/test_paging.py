"""Pages by key: rows that come, go and change between two pages neither repeat nor hide the others."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from santiao.domain.errors import Rejection
from santiao.projections.case_queries import EVERYTHING, CaseOrder, list_cases
from santiao.projections.linking import list_links
from santiao.projections.reading import Page, Reading, ViewReader
from santiao.projections.timeline import read_feed, timeline_of
from tests.projections.lives import Life

PLAIN = [(7919 * number * number) % (1 << 24) for number in range(30)]


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    lived = Life(tmp_path)
    lived.live(PLAIN)
    lived.hub.catch_up()
    yield lived
    lived.hub.close()


Turn = Callable[[Reading, str | None], Page[Any]]


def cases_by(order: CaseOrder) -> Turn:
    return lambda reading, after: list_cases(reading, EVERYTHING, order=order, after=after, limit=3)


def links(reading: Reading, after: str | None) -> Page[Any]:
    return list_links(reading, after=after, limit=3)


def identity(item: Any) -> Any:
    return item.item.case_id if hasattr(item, "breached") else (item.a, item.b)


def every(life: Life, turn: Turn, meanwhile: Callable[[], None]) -> list[Any]:
    """All pages, with work done between every two."""
    found: list[Any] = []
    after: str | None = None
    while True:
        with ViewReader(life.hub.views).reading() as reading:
            page = turn(reading, after)
        found += page.items
        after = page.next
        if after is None:
            return found
        meanwhile()


@pytest.mark.parametrize("turn", [cases_by(CaseOrder.OPENED), cases_by(CaseOrder.NEWEST), cases_by(CaseOrder.BREACH)])
def test_cases_that_stay_in_their_place_are_on_exactly_one_page(life: Life, turn: Turn) -> None:
    """The order by breach changes with a case: only those that nothing happened to are promised."""
    before = {identity(each): each for each in every(life, turn, lambda: None)}
    steps = iter(range(1, 1000))

    def work() -> None:
        number = next(steps)
        life.come(number)
        life.work(number * 31)
        life.hub.catch_up()

    found = [identity(each) for each in every(life, turn, work)]
    after = {identity(each): each for each in every(life, turn, lambda: None)}
    assert next(steps) > 2, "nothing happened in between"
    stayed = [name for name, each in before.items() if name in after and after[name].next_due == each.next_due]
    assert len(stayed) > 3
    for name in stayed:
        assert found.count(name) == 1


def test_links_that_stay_are_on_exactly_one_page(life: Life) -> None:
    before = {identity(each): each.item.state for each in every(life, links, lambda: None)}

    def work() -> None:
        life.come(5)
        life.hub.catch_up()

    found = [identity(each) for each in every(life, links, work)]
    after = {identity(each): each.item.state for each in every(life, links, lambda: None)}
    stayed = [name for name, state in before.items() if after.get(name) == state]
    assert stayed
    for name in stayed:
        assert found.count(name) == 1


def test_the_feed_goes_on_where_it_was_left_and_skips_nothing(life: Life) -> None:
    def all_at_once() -> list[str]:
        with ViewReader(life.hub.views).reading() as reading:
            return [item.cursor for item in read_feed(reading, limit=500).items]

    found: list[str] = []
    after: str | None = None
    for _ in range(200):
        with ViewReader(life.hub.views).reading() as reading:
            page = read_feed(reading, after, limit=4)
        found += [item.cursor for item in page.items]
        after = page.next
        if not page.items:
            break
        life.come(2)
        life.hub.catch_up()
    whole = all_at_once()
    assert found[: len(whole)] == whole[: len(found)]
    assert len(found) > 20


def test_a_cursor_of_another_list_is_refused(life: Life) -> None:
    with ViewReader(life.hub.views).reading() as reading:
        of_cases = list_cases(reading, EVERYTHING, order=CaseOrder.OPENED, limit=1).next
        of_feed = read_feed(reading, limit=1).next
        assert of_cases is not None
        with pytest.raises(Rejection, match="cursor"):
            list_cases(reading, EVERYTHING, order=CaseOrder.BREACH, after=of_cases, limit=1)
        for wrong in (of_cases, of_feed, "", "%", "AAAA", "é"):
            if wrong:
                with pytest.raises(Rejection, match="cursor"):
                    timeline_of(reading, ["x"], after=wrong)

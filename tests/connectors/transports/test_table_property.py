"""Whatever the agency does to its table while the hub reads it: no version that stands is lost, none is given twice.

The agency inserts, corrects, commits late within the overlap and sets clocks wrong; the hub polls, page by page, and is killed
between pages. Seconds are shared by many rows.
"""

import dataclasses
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from santiao.connectors.transports.table_columns import SourceTable, decode_row, reflect
from tests.connectors.transports.front_end import INCIDENTS, SETTINGS, FrontEnd, Reader, sqlite_front_end, stamp
from tests.connectors.transports.hand_clock import HandClock

KEYS = st.sampled_from([f"A{number}" for number in range(7)])
OVERLAP = SETTINGS.overlap_minutes * 60
LATE = st.sampled_from([0, 0, 1, OVERLAP // 2, OVERLAP, -86_400])


@dataclasses.dataclass
class Write:
    """The agency inserts the row or changes its text. `late` seconds lie between the row's own time and its commit."""

    key: str
    late: int = 0

    def __str__(self) -> str:
        return f"{self.key} {self.late}s late"


@dataclasses.dataclass
class Pass:
    """Time passes."""

    seconds: int


@dataclasses.dataclass
class Poll:
    """The hub polls. Between its pages the agency does `meanwhile`; after `pages` of them the hub is killed."""

    meanwhile: list[Write]
    pages: int


WRITES = st.builds(Write, KEYS, LATE)
POLLS = st.builds(Poll, st.lists(st.builds(Write, KEYS), max_size=4), st.integers(0, 5))
STEPS = st.lists(st.one_of(WRITES, WRITES, st.builds(Pass, st.sampled_from([0, 1, 30, 900])), POLLS), max_size=25)


@pytest.fixture(scope="module")
def sqlite_front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontEnd]:
    with sqlite_front_end(tmp_path_factory.mktemp("front")) as front:
        yield front


@pytest.fixture(scope="module")
def postgresql_front(postgres_module_url: str) -> Iterator[FrontEnd]:
    front = FrontEnd(postgres_module_url)
    yield front
    front.close()


class Agency:
    """Writes versions that differ from one another, and knows what stands."""

    def __init__(self, front: FrontEnd, clock: HandClock) -> None:
        front.clear()
        self._front = front
        self._clock = clock
        self._texts = 0
        self.standing: dict[str, str] = {}

    def write(self, step: Write) -> None:
        self._texts += 1
        text = f"第{self._texts}稿"
        updated = stamp(self._clock.now, seconds=step.late)
        if step.key in self.standing:
            self._front.update(step.key, updated, text)
        else:
            self._front.insert(step.key, updated, text)
        self.standing[step.key] = text


def poll(reader: Reader, agency: Agency, step: Poll) -> list[dict[str, Any]]:
    """One poll; what it took before it was killed. A page that was read and not committed is taken by nobody."""
    taken: list[dict[str, Any]] = []
    meanwhile = iter(step.meanwhile)
    pages = reader.transport.read(reader._front.url, reader.watermark)
    assert isinstance(pages, Generator)
    for number, page in enumerate(pages):
        if number == step.pages:
            pages.close()
            break
        reader.watermark = page.watermark
        taken += [decode_row(item.raw)[1] for item in page.items]
        for write in meanwhile:
            agency.write(write)
            break
    return taken


def play(front: FrontEnd, steps: list[Write | Pass | Poll]) -> None:
    clock = HandClock()
    agency = Agency(front, clock)
    reader = Reader(front, clock)
    taken: list[dict[str, Any]] = []
    for step in steps:
        if isinstance(step, Write):
            agency.write(step)
        elif isinstance(step, Pass):
            clock.move(seconds=step.seconds)
        else:
            taken += poll(reader, agency, step)
    taken += poll(reader, agency, Poll([], 10_000))
    versions = [(row["JJDBH"], row["BJNR"]) for row in taken]
    assert set(agency.standing.items()) <= set(versions)
    assert len(versions) == len(set(versions))
    assert poll(reader, agency, Poll([], 10_000)) == []


@settings(max_examples=60)
@given(steps=STEPS)
def test_no_version_is_lost_and_none_is_given_twice(sqlite_front: FrontEnd, steps: list[Write | Pass | Poll]) -> None:
    play(sqlite_front, steps)


@settings(max_examples=10)
@given(steps=STEPS)
def test_the_same_holds_on_postgresql(postgresql_front: FrontEnd, steps: list[Write | Pass | Poll]) -> None:
    play(postgresql_front, steps)


def test_the_questions_put_to_an_oracle_name_nothing_but_what_it_has(tmp_path: Path, clock: HandClock) -> None:
    oracle = pytest.importorskip("sqlalchemy.dialects.oracle.oracledb").dialect()
    with sqlite_front_end(tmp_path) as front, front.engine.connect() as connection:
        table: SourceTable = reflect(connection, INCIDENTS, "", "upper")
        page = table.select_page(clock.now, ("20260312090000", "A'1"), 500).compile(dialect=oracle)
        strays = table.select_strays(is_first_reading=False).compile(dialect=oracle)
    assert "A'1" not in str(page)
    assert "ORDER BY" in str(page)
    assert "20260312090000" in page.params.values()
    assert "IS NULL" in str(strays)

"""Every view that says it has history tells, as of any recorded time, what the log up to then folds to."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from santiao.domain.folding import evolve
from santiao.hub.refold import MemoryWorld
from santiao.projections.case_history import list_cases_as_of
from santiao.projections.case_queries import EVERYTHING
from santiao.projections.catalogue import PROJECTIONS
from santiao.projections.deadlines import deadlines_of
from santiao.projections.reading import Reading, ViewReader
from santiao.projections.timeline import whole_timeline_of
from santiao.store.log import to_millis
from tests.projections.lives import ACTS, Life


class Then:
    """What the log told up to a moment."""

    def __init__(self, life: Life, moment: datetime) -> None:
        self.as_of_ms = to_millis(moment)
        self.world = MemoryWorld()
        self.events: list[tuple[str, int, str]] = []
        for meta, event in log_of(life):
            if meta.recorded_at <= moment:
                evolve(self.world, meta, event)
                self.events.append((str(meta.case_id), meta.position, type(event).__name__))


def log_of(life: Life) -> Iterator[tuple]:  # type: ignore[type-arg] # the log's own pairs
    with life.hub.database.readable() as connection:
        log = life.hub.engine.log
        yield from [pair for shard in log.shards(connection) for pair in log.stream(connection, shard)]


def check_cases(reading: Reading, then: Then) -> None:
    found = list_cases_as_of(reading, then.as_of_ms, EVERYTHING, limit=500)
    living = {case.id: case for case in then.world.cases.values() if case.merged_into is None}
    assert {item.case_id: (item.status, item.region) for item in found.items} == {
        name: (str(case.status), case.region) for name, case in living.items()
    }


def check_timeline(reading: Reading, then: Then) -> None:
    names = sorted({case for case, _, _ in then.events if case})
    for name in names:
        told = [(entry.position, entry.type) for entry in whole_timeline_of(reading, [name], as_of_ms=then.as_of_ms)]
        assert told == [(position, kind) for case, position, kind in then.events if case == name]


def check_deadlines(reading: Reading, then: Then) -> None:
    """Also of a case that was merged away since: then it stood by itself, with its clocks."""
    for case in then.world.cases.values():
        if case.merged_into is None:
            shown = {item.deadline_id: item.entry for item in deadlines_of(reading, [case.id], as_of_ms=then.as_of_ms)}
            for clock in case.clocks:
                told = shown[clock.id]
                assert (told.state, told.effective_end) == (clock.state, clock.effective_end)
                assert told.provisional == clock.provisional
            assert {name.partition(".")[0] for name in shown} <= {case.id, *case.aliases}


CHECKS: dict[str, Callable[[Reading, Then], None]] = {
    "case_overview": check_cases,
    "timeline": check_timeline,
    "deadlines": check_deadlines,
}


def test_every_view_with_history_is_tried_here() -> None:
    assert set(CHECKS) == {projection.name for projection in PROJECTIONS if projection.has_history}


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    lived = Life(tmp_path_factory.mktemp("home"))
    choices = [(7919 * number * number + 31 * number) % (1 << 24) for number in range(75)]
    # Timers fired ahead of the clock record a time that has not come, and "then" would not mean one moment.
    lived.live([choice for choice in choices if ACTS[choice % len(ACTS)] is not Life.tick])
    lived.hub.catch_up()
    yield lived
    lived.hub.close()


@pytest.mark.parametrize("view", CHECKS)
def test_as_of_a_time_is_what_the_log_up_to_then_folds_to(life: Life, view: str) -> None:
    moments = sorted({meta.recorded_at for meta, _ in log_of(life)})
    assert len(moments) > 5
    for moment in (*moments[:: max(1, len(moments) // 8)], moments[-1]):
        with ViewReader(life.hub.views).reading() as reading:
            CHECKS[view](reading, Then(life, moment))


def test_before_the_first_event_there_was_nothing(life: Life) -> None:
    first = min(meta.recorded_at for meta, _ in log_of(life))
    as_of = to_millis(first) - 1
    with ViewReader(life.hub.views).reading() as reading:
        names = [str(meta.case_id) for meta, _ in log_of(life) if meta.case_id]
        assert list_cases_as_of(reading, as_of, EVERYTHING, limit=500).items == ()
        assert whole_timeline_of(reading, names[:50], as_of_ms=as_of) == ()
        assert list(deadlines_of(reading, names[:50], as_of_ms=as_of)) == []

"""Loops under supervision: woken, restarted with a pause, replaced when they hang or get nowhere, stopped within a budget."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from santiao.domain.errors import Conflict, StoreFailure
from santiao.runtimes.embedded.loops import Bell, Loop, LoopState, Progress, Supervisor

LONG = 20.0


@contextmanager
def running(*loops: Loop, bell: Bell | None = None) -> Iterator[Supervisor]:
    supervisor = Supervisor(loops, bell or Bell(), watch_seconds=0.02)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop(LONG)


def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that must come; a test that hangs here has failed."""
    while not is_so():
        time.sleep(0.005)


def test_a_bell_wakes_a_loop_that_sleeps() -> None:
    bell, turns = Bell(), threading.Semaphore(0)

    def turn() -> bool:
        turns.release()
        return False

    with running(Loop(name="sleeper", turn=turn, pause_seconds=3600), bell=bell):
        turns.acquire()
        for _ in range(3):
            bell.ring()
            turns.acquire()


def test_a_ring_during_a_turn_is_not_lost() -> None:
    bell, inside, go_on, turns = Bell(), threading.Event(), threading.Event(), []

    def turn() -> bool:
        turns.append(1)
        inside.set()
        go_on.wait()
        return False

    with running(Loop(name="busy", turn=turn, pause_seconds=3600), bell=bell):
        inside.wait()
        bell.ring()
        go_on.set()
        until(lambda: len(turns) >= 2)


def test_a_loop_with_more_to_do_does_not_sleep() -> None:
    left = iter(range(5))
    done = threading.Event()

    def turn() -> bool:
        if next(left, None) is None:
            done.set()
            return False
        return True

    with running(Loop(name="worker", turn=turn, pause_seconds=3600)):
        done.wait()


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (StoreFailure("store.disk_full", "no space", "磁盘已满"), "store.disk_full"),
        (ValueError("a cell of 张三"), "internal:ValueError@"),
    ],
)
def test_a_loop_that_fails_begins_anew_and_says_so(failure: Exception, reason: str) -> None:
    fails, seen = [True], []

    def turn() -> bool:
        seen.append(1)
        if fails:
            raise failure
        return False

    with running(Loop(name="frail", turn=turn, pause_seconds=0.01)) as supervisor:
        until(lambda: len(seen) >= 2)
        (standing,) = supervisor.standings()
        assert standing.state is LoopState.FAILING
        assert standing.reason.startswith(reason)
        assert "张三" not in standing.reason
        fails.clear()
        until(lambda: supervisor.standings()[0].state is LoopState.RUNNING)
        assert supervisor.standings()[0].failures == 0


def test_a_conflict_is_no_failure() -> None:
    seen = []

    def turn() -> bool:
        seen.append(1)
        if len(seen) < 4:
            raise Conflict("view.folded_elsewhere", "someone was faster")
        return False

    with running(Loop(name="racer", turn=turn, pause_seconds=3600)) as supervisor:
        until(lambda: supervisor.standings()[0].turns == 4)
        assert supervisor.standings()[0].failures == 0


def test_a_loop_that_hangs_is_replaced_and_the_one_left_behind_ends() -> None:
    hang, seen = threading.Event(), []

    def turn() -> bool:
        seen.append(threading.current_thread().name)
        if len(seen) == 1:
            hang.wait()
        return False

    with running(Loop(name="stuck", turn=turn, pause_seconds=0.01, stall_seconds=0.05)) as supervisor:
        until(lambda: len(set(seen)) == 2)
        until(lambda: supervisor.standings()[0].state is LoopState.RUNNING)
        hang.set()
        until(lambda: not any(thread.name == seen[0] for thread in threading.enumerate()))


def test_work_that_waits_without_progress_is_a_stall() -> None:
    """Turns go on, so a heartbeat would say that all is well."""
    place = [0]
    moves = [False]

    def turn() -> bool:
        place[0] += moves[0]
        return False

    progress = lambda: Progress(place[0], waiting=5)  # noqa: E731
    loop = Loop(name="idle", turn=turn, pause_seconds=0.01, stall_seconds=0.05, progress=progress)
    with running(loop) as supervisor:
        threads: set[str] = set()

        def replaced() -> bool:
            threads.update(each.name for each in threading.enumerate() if each.name.startswith("loop-idle"))
            return len(threads) >= 2

        until(replaced)
        assert supervisor.standings()[0].turns > 0


def test_a_loop_at_rest_is_no_stall() -> None:
    progress = lambda: Progress(7, waiting=0)  # noqa: E731
    loop = Loop(name="resting", turn=lambda: False, pause_seconds=0.01, stall_seconds=0.02, progress=progress)
    with running(loop) as supervisor:
        until(lambda: supervisor.standings()[0].turns > 20)
        assert supervisor.standings()[0].state is LoopState.RUNNING


def test_stopping_lets_a_turn_finish_and_names_what_does_not() -> None:
    inside, go_on, done = threading.Event(), threading.Event(), []

    def quick() -> bool:
        inside.set()
        time.sleep(0.05)
        done.append(1)
        return False

    def slow() -> bool:
        go_on.wait()
        return False

    supervisor = Supervisor(
        [Loop(name="quick", turn=quick, pause_seconds=3600), Loop(name="slow", turn=slow)], Bell(), watch_seconds=0.02
    )
    supervisor.start()
    inside.wait()
    assert supervisor.stop(0.5) == ["slow"]
    assert done == [1]
    assert {each.state for each in supervisor.standings()} == {LoopState.STOPPED}
    go_on.set()

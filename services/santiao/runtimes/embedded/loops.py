"""Loops under supervision (看门狗): each does one kind of work in a thread of its own, is woken by a bell and watched by its progress.

The rules kept here: a turn that raises ends the loop, which begins anew after a pause that doubles; a loop whose turn does not end, or that
has work waiting and gets nowhere, is told apart from one at rest, by progress and not by a heartbeat, and another thread takes its place.
Whatever a loop does must bear being done by two threads at once: locks and compare-and-set in the store see to that.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

import msgspec

from santiao.domain.errors import Conflict, SantiaoError
from santiao.telemetry.logs import correlated

logger = logging.getLogger(__name__)
_PAUSE_MAX_SECONDS = 30.0
_REPLACED_MAX = 8


class Bell:
    """Wakes every loop that listens. Rung after a commit; ringing costs nothing and waits for nobody."""

    def __init__(self) -> None:
        self._listeners: tuple[threading.Event, ...] = ()

    def listen(self) -> threading.Event:
        """An event that is set whenever the bell rings; its owner clears it before it looks for work."""
        event = threading.Event()
        self._listeners = (*self._listeners, event)
        return event

    def ring(self) -> None:
        """Wake everybody."""
        for event in self._listeners:
            event.set()


class Progress(msgspec.Struct, frozen=True):
    """How far a loop has come and how much waits for it. Work waiting while `place` stands still is a stall."""

    place: int
    waiting: int


class Loop(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of work.

    `turn` does a bounded piece of it and returns True when more is waiting. `pause_seconds` bounds the sleep of a loop that hears no
    bell. `stall_seconds` is how long one turn, or waiting work without progress, may last.
    """

    name: str
    turn: Callable[[], bool]
    pause_seconds: float = 0.25
    stall_seconds: float = 60.0
    progress: Callable[[], Progress] | None = None


class LoopState(StrEnum):
    """What a loop amounts to. `failing` and `stalled` make the hub not ready."""

    STARTING = "starting"
    RUNNING = "running"
    FAILING = "failing"
    STALLED = "stalled"
    STOPPED = "stopped"


class LoopStanding(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a loop: turns finished, failures in a row, the last failure's code (never its text), seconds since its last turn."""

    name: str
    state: LoopState
    turns: int
    failures: int
    reason: str = ""
    idle_seconds: float = 0.0


class Supervisor:
    """Runs loops and watches over them."""

    def __init__(self, loops: Sequence[Loop], bell: Bell, *, watch_seconds: float = 1.0) -> None:
        self.stopping = threading.Event()
        self._runners = [_Runner(loop, bell.listen(), self.stopping) for loop in loops]
        self._bell = bell
        self._watch_seconds = watch_seconds
        self._watchdog = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def add(self, *loops: Loop) -> None:
        """Take more loops under supervision, before the start."""
        self._runners += [_Runner(loop, self._bell.listen(), self.stopping) for loop in loops]

    def start(self) -> None:
        """Start every loop and the watchdog."""
        for runner in self._runners:
            runner.start()
        self._watchdog.start()

    def stop(self, budget_seconds: float) -> list[str]:
        """Let every loop finish its turn within the budget; the names of those that did not.

        A loop that is left behind dies with the process: its transaction is rolled back, nothing of it was acknowledged.
        """
        self.stopping.set()
        until = time.monotonic() + budget_seconds
        for runner in self._runners:
            runner.wake.set()
        left = [runner.loop.name for runner in self._runners if not runner.join(max(0.0, until - time.monotonic()))]
        self._watchdog.join(max(0.0, until - time.monotonic()))
        return left

    def standings(self) -> list[LoopStanding]:
        """How every loop is."""
        return [runner.standing() for runner in self._runners]

    def _watch(self) -> None:
        while not self.stopping.wait(self._watch_seconds):
            for runner in self._runners:
                try:
                    runner.look_after()
                except SantiaoError as error:
                    # The store does not answer the watchdog either; the loops say so themselves.
                    logger.warning(
                        "the watchdog could not judge a loop", extra={"loop": runner.loop.name, "code": error.code}
                    )


class _Runner:
    """A loop's threads: the one that works, and those that were given up."""

    def __init__(self, loop: Loop, wake: threading.Event, stopping: threading.Event) -> None:
        self.loop = loop
        self.wake = wake
        self._stopping = stopping
        self._lock = threading.Lock()
        self._generation = 0
        self._replaced = 0
        self._thread: threading.Thread | None = None
        self._turns = 0
        self._failures = 0
        self._reason = ""
        self._is_stalled = False
        self._turn_began: float | None = None
        self._last_turn = time.monotonic()
        self._place: tuple[int, float] | None = None

    def start(self) -> None:
        with self._lock:
            self._generation += 1
            self._turn_began = None
            self._place = None
            thread = threading.Thread(
                target=self._run,
                args=(self._generation,),
                name=f"loop-{self.loop.name}-{self._generation}",
                daemon=True,
            )
            # Whoever stops the hub meanwhile must not find a thread that it cannot wait for.
            thread.start()
            self._thread = thread

    def join(self, seconds: float) -> bool:
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def _run(self, generation: int) -> None:
        while not self._stopping.is_set() and generation == self._generation:
            self.wake.clear()
            self._turn_began = time.monotonic()
            has_more, failure, told = False, "", {}
            try:
                with correlated(turn=f"{self.loop.name}/{self._turns}"):
                    has_more = self.loop.turn()
            except Conflict:
                has_more = True  # someone was faster: look again at once
            except SantiaoError as error:
                failure, told = error.code, {"detail": error.detail, "detail_zh": error.detail_zh}
            except Exception as error:  # noqa: BLE001 - a loop's failure is its own, whatever it is; the others run on
                failure = _word_of(error)
            if generation != self._generation:
                return
            self._turn_began = None
            self._last_turn = time.monotonic()
            if failure:
                self._fail(failure, told)
                self._stopping.wait(min(_PAUSE_MAX_SECONDS, 0.25 * 2.0 ** min(self._failures, 10)))
                continue
            self._succeed()
            if not has_more:
                self.wake.wait(self.loop.pause_seconds)

    def _fail(self, reason: str, told: Mapping[str, str]) -> None:
        if not self._failures or reason != self._reason:
            extra = {"loop": self.loop.name, "code": reason, **told}
            logger.error("a loop failed and begins anew after a pause", extra=extra)
        self._failures += 1
        self._reason = reason

    def _succeed(self) -> None:
        if self._failures or self._is_stalled:
            logger.info("a loop goes on", extra={"loop": self.loop.name, "failures": self._failures})
        self._failures, self._reason, self._is_stalled, self._replaced = 0, "", False, 0
        self._turns += 1

    def look_after(self) -> None:
        """Put another thread in the place of one that died, hangs in a turn or gets nowhere."""
        thread = self._thread
        if thread is None or self._stopping.is_set():
            return
        if not thread.is_alive():
            logger.error("a loop's thread died and is replaced", extra={"loop": self.loop.name})
            self.start()
        elif self._hangs() or self._gets_nowhere():
            if not self._is_stalled:
                logger.error("a loop makes no progress and is replaced", extra={"loop": self.loop.name})
            self._is_stalled = True
            if self._replaced < _REPLACED_MAX:
                self._replaced += 1
                self.start()

    def _hangs(self) -> bool:
        began = self._turn_began
        return began is not None and time.monotonic() - began > self.loop.stall_seconds

    def _gets_nowhere(self) -> bool:
        if self.loop.progress is None or self._failures:
            return False
        told, now = self.loop.progress(), time.monotonic()
        if not told.waiting or self._place is None or self._place[0] != told.place:
            self._place = (told.place, now)
            return False
        return now - self._place[1] > self.loop.stall_seconds

    def standing(self) -> LoopStanding:
        state = LoopState.RUNNING if self._turns else LoopState.STARTING
        if self._stopping.is_set():
            state = LoopState.STOPPED
        elif self._is_stalled or self._hangs():
            state = LoopState.STALLED
        elif self._failures:
            state = LoopState.FAILING
        return LoopStanding(
            name=self.loop.name,
            state=state,
            turns=self._turns,
            failures=self._failures,
            reason=self._reason,
            idle_seconds=round(time.monotonic() - self._last_turn, 3),
        )


def _word_of(error: Exception) -> str:
    """Type and place of a failure that nobody foresaw: its own text may quote a cell."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = (
        f"{trace.tb_frame.f_code.co_filename.rpartition('santiao/')[2]}:{trace.tb_lineno}" if trace is not None else ""
    )
    return f"internal:{type(error).__name__}@{place}"

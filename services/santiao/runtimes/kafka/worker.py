"""A worker (工作进程): at most one pump, and loops beside it, in one process, watched together.

The rules kept here: what stops a worker is told by its exit; a pump that ended by itself ends the worker. A graceful stop takes nothing
new, finishes what is in hand within the budget, and leaves its group, so that the partitions are another's at once.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from enum import StrEnum

from santiao.runtimes.embedded.loops import Bell, Loop, LoopState, Supervisor
from santiao.runtimes.kafka.pump import Pump
from santiao.runtimes.kafka.watchdog import Watchdog
from santiao.telemetry.standing import Part, Standing, Stuck

logger = logging.getLogger(__name__)


class WorkerRole(StrEnum):
    """What a worker can do."""

    RECEIVE = "receive"
    PROJECT = "project"
    DELIVER = "deliver"
    RELAY = "relay"
    TIMERS = "timers"


PUMPED = frozenset({WorkerRole.RECEIVE, WorkerRole.PROJECT})


class Worker:
    """A pump and loops at work."""

    def __init__(
        self,
        pump: Pump | None,
        loops: Sequence[Loop],
        bell: Bell,
        watchdog: Watchdog | None = None,
        stalled: Callable[[], Sequence[Stuck]] = tuple,
    ) -> None:
        """`stalled` names what stands still for a fault of its own, as a view that cannot fold an event."""
        self.pump = pump
        self.watchdog = watchdog
        self._stalled = stalled
        self.supervisor = Supervisor(loops, bell)
        self._has_loops = bool(loops)
        self._thread: threading.Thread | None = None

    def add(self, *loops: Loop) -> None:
        """Take more loops, before the start."""
        self.supervisor.add(*loops)
        self._has_loops = True

    def start(self) -> None:
        """Begin."""
        if self._has_loops:
            self.supervisor.start()
        if self.pump is not None:
            self._thread = threading.Thread(target=self._pump, name="pump", daemon=True)
            self._thread.start()
        if self.watchdog is not None:
            self.watchdog.start()

    def _pump(self) -> None:
        assert self.pump is not None
        try:
            asyncio.run(self.pump.run())
        except Exception as failure:
            logger.exception("the pump ended by itself")
            self.pump.failure = failure

    def wait(self, stop: threading.Event) -> BaseException | None:
        """Wait until told to stop, or until the pump ends by itself; its failure."""
        while not stop.wait(0.2):
            if self._thread is not None and not self._thread.is_alive():
                assert self.pump is not None
                return self.pump.failure or RuntimeError("the pump ended")
        return None

    def stop(self, budget_seconds: float) -> bool:
        """Stop in order within the budget; False when something was left behind."""
        until = time.monotonic() + budget_seconds
        if self.watchdog is not None:
            self.watchdog.stop()
        if self.pump is not None and self._thread is not None:
            self.pump.stop()
            self._thread.join(budget_seconds)
        left = self.supervisor.stop(max(0.5, until - time.monotonic())) if self._has_loops else []
        is_pump_done = self._thread is None or not self._thread.is_alive()
        logger.info("stopped", extra={"in_time": is_pump_done and not left, "left": left})
        return is_pump_done and not left

    def standing(self) -> Standing:
        """What is stuck and why."""
        found = [
            Stuck(Part.LOOP, each.name, each.reason or str(each.state))
            for each in (self.supervisor.standings() if self._has_loops else ())
            if each.state is not LoopState.RUNNING
        ]
        found += self._stalled()
        if self.pump is not None:
            if self.pump.failing:
                found.append(Stuck(Part.PARTITION, self.pump.settings.topic, self.pump.failing))
            elif not self.pump.rebalances:
                found.append(Stuck(Part.PARTITION, self.pump.settings.topic, "unassigned"))
        if self.watchdog is None:
            return Standing(stuck=tuple(found))
        return Standing(stuck=(*found, *self.watchdog.stuck()), partitions=self.watchdog.standings())

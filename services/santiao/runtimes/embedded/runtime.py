"""The embedded runtime (单机运行): everything in one process, each kind of work in a loop of its own, under one supervisor.

The rule kept here: loops meet in the store and nowhere else. A commit rings the bell, and who waits for commits looks; who hears nothing
looks four times a second. Stopping finishes what is under way within a budget; what is left dies unacknowledged and is read again.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from santiao.delivery.courier import Courier
from santiao.hub.timers import TimerKeeper
from santiao.projections.projector import Projector
from santiao.runtimes.embedded.clockwork import Clockwork
from santiao.runtimes.embedded.feeds import FeedPoller, FeedStanding
from santiao.runtimes.embedded.loops import Bell, Loop, LoopStanding, LoopState, Progress, Supervisor
from santiao.runtimes.embedded.replies import ReplyReader
from santiao.runtimes.embedded.upkeep import Upkeep
from santiao.runtimes.intake import Intake

logger = logging.getLogger(__name__)
_CLOCK_SLACK_SECONDS = 5.0
_POLL_STALL_SECONDS = 900.0


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the hub can do its work, and what each part says. No personal data: names, states, codes, counts."""

    is_ready: bool
    loops: tuple[LoopStanding, ...]
    feeds: tuple[FeedStanding, ...]
    stalled_views: tuple[str, ...]
    """Views that cannot fold an event and stand still; the others go on."""
    clock_behind_seconds: float
    """How far the machine's clock lies behind what was recorded; recorded times stand still until it has caught up."""


class Parts(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What the runtime drives. `sources` names where each connector's live source is; one without is pushed to us or not used."""

    intake: Intake
    timers: TimerKeeper
    projector: Projector
    courier: Courier
    replies: ReplyReader
    upkeep: Upkeep
    sources: Mapping[str, str]
    poll_seconds: float
    bell: Bell


class EmbeddedRuntime:
    """A hub at work."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._clock = parts.intake.engine.clock
        self.supervisor = Supervisor((), parts.bell)
        stopping = self.supervisor.stopping
        self.pollers = [
            FeedPoller(
                parts.intake.connectors[name],
                source,
                parts.intake,
                every_seconds=parts.poll_seconds,
                clock=_machine_time,
                stopping=stopping,
            )
            for name, source in sorted(parts.sources.items())
        ]
        clockwork = Clockwork(parts.timers, parts.intake, self.pollers, self._clock.now)
        self.supervisor.add(
            Loop(name="projector", turn=self._project, progress=self._projected),
            Loop(name="timers", turn=clockwork.turn),
            Loop(name="delivery", turn=self._deliver, stall_seconds=300.0),
            Loop(name="replies", turn=parts.replies.turn, pause_seconds=2.0),
            Loop(name="upkeep", turn=parts.upkeep.turn, pause_seconds=5.0),
            *(
                Loop(name=f"feed:{poller.connector.name}", turn=poller.turn, stall_seconds=_POLL_STALL_SECONDS)
                for poller in self.pollers
            ),
        )

    def start(self) -> None:
        """Start every loop."""
        behind = self._clock.behind().total_seconds()
        if behind > _CLOCK_SLACK_SECONDS:
            logger.error(
                "the machine's clock is behind what was recorded: set it right; until then recorded times stand still",
                extra={"seconds": round(behind, 1)},
            )
        self.supervisor.start()
        logger.info("the hub runs", extra={"feeds": [poller.connector.name for poller in self.pollers]})

    def stop(self, budget_seconds: float) -> bool:
        """Stop within the budget; False when something was left behind."""
        left = self.supervisor.stop(budget_seconds)
        if left:
            logger.warning("some loops did not end in time and are left behind", extra={"loops": left})
        return not left

    def readiness(self) -> Readiness:
        """How it stands with everything."""
        loops = tuple(self.supervisor.standings())
        behind = self._clock.behind().total_seconds()
        good = {LoopState.RUNNING}
        stalled = tuple(sorted(self.parts.projector.stalled))
        return Readiness(
            is_ready=all(each.state in good for each in loops) and behind <= _CLOCK_SLACK_SECONDS and not stalled,
            loops=loops,
            feeds=tuple(poller.standing() for poller in self.pollers),
            stalled_views=stalled,
            clock_behind_seconds=round(behind, 3),
        )

    def _project(self) -> bool:
        return self.parts.projector.run_once() > 0

    def _projected(self) -> Progress:
        stalled = self.parts.projector.stalled
        states = [each for each in self.parts.projector.states() if each.name not in stalled]
        return Progress(sum(sum(each.positions.values()) for each in states), sum(each.behind for each in states))

    def _deliver(self) -> bool:
        return self.parts.courier.deliver_due().delivered > 0


def _machine_time() -> datetime:
    return datetime.now(UTC)

"""The watchdog (看门狗): follows progress, not heartbeats. A partition that has messages waiting and gets nowhere is told, remedied, and in
the end the process begins anew.

The rules kept here: progress is read where the effect is (the store's next offset, the views' positions), and what waits from the brokers,
both apart from the consumer that is watched. A store or a broker that does not answer is no fault of the consumer: nothing is restarted
for it. Time in which another partition works off what waits there does not count, up to ten times the bound: it is a queue, not a
standstill. What is another worker's is that worker's to mend.
"""

import faulthandler
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, NoReturn

from santiao.domain.errors import SantiaoError
from santiao.telemetry.standing import Part, PartitionStanding, Stuck

logger = logging.getLogger(__name__)
_LEAVE_SECONDS = 5.0
_QUEUED_MAX = 10


class Held(NamedTuple):
    """How far something has come and how far it should: `partition` of `topic`, and a name where it is a part of one (a shard)."""

    topic: str
    partition: int
    reached: int
    end: int
    name: str = ""

    @property
    def label(self) -> str:
        """What it is called in logs and figures."""
        return self.name or f"{self.topic}/{self.partition}"


class Watched(NamedTuple):
    """What a watchdog looks at and may do.

    `look` tells how everything stands; `is_mine` whether a partition is this process's; `waits_for` the code of what the consumer itself
    waits for, empty when it is free to work; `remedy` is tried once, halfway to the bound; `restart` at the bound, and does not return.
    """

    look: Callable[[], Sequence[Held]]
    is_mine: Callable[[int], bool]
    waits_for: Callable[[], str]
    remedy: Callable[[Held], None]
    restart: Callable[[], None]


class _Since(NamedTuple):
    reached: int
    first: float
    still: float = 0.0
    is_remedied: bool = False


class Watchdog:
    """Looks once a while. `stall_seconds` without progress while something waits is the bound."""

    def __init__(self, watched: Watched, *, stall_seconds: float) -> None:
        self._watched = watched
        self._bound = stall_seconds
        self._since: dict[str, _Since] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog-progress", daemon=True)
        self._unseen = ""
        self._looked = 0.0
        self.held: tuple[Held, ...] = ()
        self.longest = 0.0

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stopping.wait(min(1.0, self._bound / 10)):
            try:
                self.look(time.monotonic())
                self._unseen = ""
            except SantiaoError as error:
                # What cannot be seen is not judged; time without sight does not count against the consumer.
                if self._unseen != error.code:
                    logger.warning("progress cannot be seen", extra={"code": error.code})
                self._unseen = error.code
                self._since.clear()
                self._looked = 0.0

    def look(self, now: float) -> None:
        """Look once, at a moment of the monotonic clock."""
        self.held = tuple(self._watched.look())
        waits_for = self._watched.waits_for()
        passed, self._looked = now - self._looked if self._looked else 0.0, now
        is_busy = any(
            (since := self._since.get(held.label)) is not None and since.reached < held.reached < held.end
            for held in self.held
        )
        for held in self.held:
            since = self._since.get(held.label)
            moved = since is None or held.reached >= held.end or held.reached != since.reached
            if since is None or moved or waits_for or not self._watched.is_mine(held.partition):
                self._since[held.label] = _Since(held.reached, now)
                continue
            is_queued = is_busy and now - since.first < _QUEUED_MAX * self._bound
            since = since._replace(still=since.still + (0.0 if is_queued else passed))
            self._since[held.label] = since
            self._judge(held, since, now)

    def _judge(self, held: Held, since: _Since, now: float) -> None:
        self.longest = max(self.longest, since.still)
        told = {"place": held.label, "reached": held.reached, "end": held.end, "seconds": round(since.still, 1)}
        if since.still >= self._bound:
            logger.error("no progress: this process begins anew", extra=told)
            self._watched.restart()
            self._since[held.label] = _Since(held.reached, now)
        elif since.still >= self._bound / 2 and not since.is_remedied:
            logger.warning("no progress: it is read again", extra=told)
            self._watched.remedy(held)
            self._since[held.label] = since._replace(is_remedied=True)

    def stuck(self) -> list[Stuck]:
        """What gets nowhere, for readiness and figures."""
        return [
            Stuck(Part.PARTITION, held.label, "no_progress")
            for held in self.held
            if (since := self._since.get(held.label)) is not None and since.still > self._bound / 2
        ]

    def standings(self) -> tuple[PartitionStanding, ...]:
        """How far each partition is behind, as last seen; where shards are looked at, those of a partition together."""
        found: dict[tuple[str, int], PartitionStanding] = {}
        for held in self.held:
            if self._watched.is_mine(held.partition):
                place = (held.topic, held.partition)
                known = found.get(place, PartitionStanding(*place, 0, 0))
                # No view waits for more than was published, and what lies behind one shard is not made up for by another.
                reached = known.next_offset + min(held.reached, held.end)
                found[place] = PartitionStanding(*place, reached, known.end_offset + held.end)
        return tuple(found.values())


def begin_anew(leave_group: Callable[[], None]) -> NoReturn:
    """Dump every thread's stack to the log, leave the group, and put a new process in this one's place."""
    faulthandler.dump_traceback(file=sys.stderr, all_threads=True)
    leaving = threading.Thread(target=leave_group, name="leave", daemon=True)
    leaving.start()
    leaving.join(_LEAVE_SECONDS)
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - our own program, with its own words

"""Several worker processes under one parent, so that each has an interpreter and a fate of its own.

The rules kept here: a child that ends is started again after a pause that doubles, and one that a limit stopped stops all, because the same
would happen again. A child whose parent is gone stops by itself.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

logger = logging.getLogger(__name__)
STOPPED_BY_LIMIT = 3
PARENT = "SANTIAO_WORKER_PARENT"
_PAUSE_MAX_SECONDS = 30.0
_GOOD_SECONDS = 60.0
_START = "from santiao.cli import main; main()"


class ChildPlan(NamedTuple):
    """A process: the words after `santiao`, and what differs in its environment."""

    words: Sequence[str]
    environment: Mapping[str, str]


class _Child:
    """One process and its restarts."""

    def __init__(self, plan: ChildPlan) -> None:
        self.words = list(plan.words)
        self._environment = {**os.environ, **plan.environment, PARENT: str(os.getpid())}
        self._pause = 0.5
        self._due = 0.0
        self._began = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def look_after(self) -> int | None:
        """Start it when it is due; the status it ended with, when it did since."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._due:
                self._began = now
                command = [sys.executable, "-c", _START, *self.words]
                self.process = subprocess.Popen(command, env=self._environment)  # noqa: S603 - our own program
            return None
        status = self.process.poll()
        if status is not None:
            self.process = None
            self._pause = 0.5 if now - self._began > _GOOD_SECONDS else min(_PAUSE_MAX_SECONDS, self._pause * 2)
            self._due = now + self._pause
        return status

    def stop(self, until: float) -> None:
        """SIGTERM was sent; wait, then kill."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            logger.error("a worker did not stop in time and is killed", extra={"worker": self.words})  # noqa: TRY400 - the code says it
            self.process.kill()
            self.process.wait()


def run_processes(plans: Sequence[ChildPlan], stop: threading.Event, budget_seconds: float) -> int:
    """Run these processes until told to stop; the exit status."""
    children = [_Child(plan) for plan in plans]
    result = 0
    while not stop.wait(0.2):
        for child in children:
            status = child.look_after()
            if status is None:
                continue
            logger.error("a worker ended and is started again", extra={"worker": child.words, "status": status})
            if status == STOPPED_BY_LIMIT:
                result = status
                stop.set()
    for child in children:
        if child.process is not None:
            child.process.send_signal(signal.SIGTERM)
    until = time.monotonic() + budget_seconds + 5
    for child in children:
        child.stop(until)
    return result


def stop_with_parent(stop: threading.Event) -> None:
    """In a child: stop when the parent is gone."""
    told = os.environ.get(PARENT)
    if told is None:
        return

    def watch() -> None:
        while not stop.wait(0.5):
            if os.getppid() != int(told):
                logger.error("the parent process is gone")
                stop.set()

    threading.Thread(target=watch, name="parent", daemon=True).start()

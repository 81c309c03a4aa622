"""Crashes at a chosen statement: a process forks, does one thing to a home and gets SIGKILL before the statement of that number.

Spoken to by lines: `HOME ACT NUMBERS STATEMENT`, answered with how the fork ended. An act that is over before is killed then, its
connections open. Statements are counted over all databases of the home, as SQLite itself tells them; in the act `open` from the first.
"""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from santiao.bootstrap import Hub
from santiao.settings import Settings
from tests.architecture.sources import ROOT
from tests.faults.acts import ACTS

OPEN = "open"


def settings_of(home: Path) -> Settings:
    """A home whose clock follows what it hears."""
    return Settings(home=home, clock="follow", cache_mib=16)


class Crasher:
    """Speaks to the process. It imports everything once."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.crashes"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'services'}:{ROOT}"},
        )

    def crash(self, home: Path, act: str, numbers: Sequence[int], statement: int) -> None:
        """Have the act die before a statement. Nobody else may have the home open."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{home} {act} {','.join(map(str, numbers))} {statement}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == f"{-signal.SIGKILL}\n", "it raised: its traceback stands above"

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


class _Counter:
    """Counts statements once armed, and dies before the last."""

    def __init__(self, last: int) -> None:
        self.left = last
        self.is_armed = False

    def watch(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(self.count)

    def count(self, _statement: str) -> None:
        if self.is_armed:
            self.left -= 1
            if self.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


def die_amid(home: Path, act: str, numbers: Sequence[int], statement: int) -> None:
    """Do it, and do not come back."""
    counter = _Counter(statement)
    sa.event.listen(sa.pool.Pool, "connect", counter.watch)
    counter.is_armed = act == OPEN
    hub = Hub(settings_of(home))
    counter.is_armed = True
    if act != OPEN:
        ACTS[act](hub, numbers)
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Serve the lines on standard input."""
    for line in sys.stdin:
        home, act, numbers, statement = line.rstrip("\n").split(" ")
        pid = os.fork()
        if pid == 0:
            try:
                die_amid(Path(home), act, [int(each) for each in numbers.split(",") if each], int(statement))
            finally:
                sys.excepthook(*sys.exc_info())  # only an error comes here
                os._exit(1)
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

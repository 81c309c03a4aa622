"""A process that has everything imported and forks hubs to be killed: a start costs a tenth of a second instead of two.

Spoken to by lines: `go HOME STAGE SEED` forks a hub at work and answers with its process id, with `up` when its loops run, and with
`ended STATUS WORK` when it is gone, where WORK names what it was in the middle of. The hub is the real embedded runtime without its web
server, on folders of deliveries; beside it timers are fired ahead of time and views are built anew, over and over.
"""

import functools
import mmap
import os
import random
import shutil
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import santiao.bootstrap.hub as building
from santiao.bootstrap.hub import Hub
from santiao.bootstrap.serving import build_runtime
from santiao.domain.errors import Conflict, StoreFailure
from santiao.projections.catalogue import PROJECTIONS
from santiao.runtimes.embedded.feeds import FeedPoller
from santiao.settings import Settings
from santiao.simulation.webhook import SECRET
from santiao.store.resources import resource_dir

CONNECTORS = ("police-110", "court", "petitions", "human-resources", "hotline-12345", "peoples-mediation")
PHASES = ("intake", "timers", "projection", "rebuild", "delivery")
FINISH = "finish"
"""A file of this name on the stage says that nothing more comes: the hub ends when it has nothing left to do."""
FIRST_DAY, DAYS = datetime(2025, 11, 1, tzinfo=UTC), 240


def settings_of(home: Path, stage: Path) -> Settings:
    """A hub that reads every agency's folder on the stage."""
    sources = {name: str(stage / name) for name in CONNECTORS}
    return Settings(home=home, clock="follow", city=city_of(stage), sources=sources, poll_seconds=0.02, cache_mib=16)


def city_of(stage: Path) -> Path:
    """The city's own rows with short leases: what a killed courier held is taken up again within a second."""
    city = stage.parent / "rows"
    if not city.exists():
        shutil.copytree(resource_dir("city"), city)
        path = city / "delivery.yaml"
        path.write_text(
            path.read_text(encoding="utf-8").replace("lease_seconds: 120", "lease_seconds: 1"), encoding="utf-8"
        )
    return city


def watched(board: mmap.mmap, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, showing on the board while it runs; who is killed inside leaves his mark there."""
    place = PHASES.index(phase)

    @functools.wraps(function)
    def run(*given: Any, **named: Any) -> Any:
        board[place] = 1
        try:
            return function(*given, **named)
        finally:
            board[place] = 0

    return run


def work(home: Path, stage: Path, seed: int, board: mmap.mmap, is_up: Callable[[], None]) -> None:
    """Be a hub until killed, or until nothing is left to do."""
    settings, chance = settings_of(home, stage), random.Random(seed)
    hub = Hub(settings, secrets={"HOTLINE_12345": SECRET.decode()})
    hub.receiver.receive = watched(board, "intake", hub.receiver.receive)  # type: ignore[method-assign]
    hub.timers.fire_due = watched(board, "timers", hub.timers.fire_due)  # type: ignore[method-assign]
    hub.projector.run_once = watched(board, "projection", hub.projector.run_once)  # type: ignore[method-assign]
    hub.projector.rebuild = watched(board, "rebuild", hub.projector.rebuild)  # type: ignore[method-assign]
    hub.courier.deliver_due = watched(board, "delivery", hub.courier.deliver_due)  # type: ignore[method-assign]
    runtime = build_runtime(hub, settings)
    runtime.start()
    is_over = threading.Event()
    helpers = [
        threading.Thread(target=repeat, args=(is_over, act), daemon=True)
        for act in (
            lambda: hub.projector.rebuild([chance.choice(PROJECTIONS).name]),
            lambda: hub.timers.fire_due(until=FIRST_DAY + timedelta(days=chance.random() * DAYS), limit=3),
        )
    ]
    for helper in helpers:
        helper.start()
    is_up()
    while not is_done(hub, runtime.pollers, stage):
        time.sleep(0.05)
    is_over.set()
    for helper in helpers:
        helper.join()
    while not is_done(hub, runtime.pollers, stage):
        time.sleep(0.05)
    runtime.stop(20)
    hub.close()


def repeat(is_over: threading.Event, act: Callable[[], object]) -> None:
    """Do something over and over, whoever is faster meanwhile."""
    while not is_over.is_set():
        try:
            act()
        except (Conflict, StoreFailure):
            time.sleep(0.01)


def is_done(hub: Hub, pollers: Sequence[FeedPoller], stage: Path) -> bool:
    """True when nothing more comes and nothing is left to do."""
    if not (stage / FINISH).exists():
        return False
    began = time.monotonic()
    while not all(poller.has_answered_since(began) for poller in pollers):
        time.sleep(0.01)
    due = hub.timers.next_due()
    return (
        (due is None or due > hub.engine.clock.now())
        and hub.outbox.next_due() is None
        and all(not state.behind for state in hub.projector.states())
    )


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Serve the lines on standard input."""
    known = functools.cache(building.load_rulebook)  # type: ignore[attr-defined]
    building.load_rulebook = known  # type: ignore[attr-defined]
    known(Path(sys.argv[1]))
    building._fold_fingerprint()
    board = mmap.mmap(-1, len(PHASES))
    for line in sys.stdin:
        _, home, stage, seed = line.split()
        board[:] = bytes(len(PHASES))
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                work(Path(home), Path(stage), int(seed), board, lambda: tell("up"))
                code = 0
            finally:
                os._exit(code)
        tell(str(pid))
        _, status = os.waitpid(pid, 0)
        inside = ",".join(phase for place, phase in enumerate(PHASES) if board[place])
        tell(f"ended {os.waitstatus_to_exitcode(status)} {inside}")


if __name__ == "__main__":
    main()

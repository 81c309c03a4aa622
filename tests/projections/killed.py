"""A process that rebuilds the views of a home and kills itself at one of a rebuild's steps."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from santiao.bootstrap import Hub
from santiao.projections import generations
from santiao.projections.building import Build
from santiao.projections.rows import WorkingSet
from santiao.settings import Settings

STEPS: dict[str, tuple[Any, str, bool]] = {
    "folded": (Build, "write", False),
    "half written": (WorkingSet, "write_in_slices", True),
    "written": (Build, "write", True),
    "indexed": (generations, "index_statements", True),
    "about to swap": (generations, "swap_in", False),
    "swapped, not committed": (generations, "swap_in", True),
    "committed": (generations, "drop_retired", False),
}
"""Where a rebuild dies: at the call of a function, or right after it."""


def die(step: str) -> None:
    """Let this process die when it comes there."""
    owner, name, is_after = STEPS[step]
    function: Callable[..., Any] = getattr(owner, name)

    def call(*arguments: Any, **named: Any) -> Any:
        result = function(*arguments, **named) if is_after else None
        os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, call)


def main() -> None:
    """Rebuild everything, or as much as comes before the step."""
    hub = Hub(Settings(home=Path(sys.argv[1]), clock="follow", cache_mib=16))
    projector = hub.projector
    start, left = generations.start_building, len(projector.projections)

    def start_and_count(*arguments: Any) -> int:
        nonlocal left
        generation, left = start(*arguments), left - 1
        if not left:
            die(sys.argv[2])  # not before: to start a build drops what was retired, too
        return generation

    setattr(generations, "start_building", start_and_count)  # noqa: B010 - typed as a function, which is not assigned to
    projector.rebuild()


if __name__ == "__main__":
    main()

"""`santiao` on a machine whose clock is off by the seconds that a file in its home names, from one moment to the next.

Recorded times come from one clock only (`store/clock.py`); what it asks the machine is answered here.
"""

import os
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from santiao.store import clock

OFFSET_FILE = "clock-offset"


class MovedTime(datetime):
    """`now` is what the machine would say were its clock off."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "MovedTime":
        file = Path(os.environ["SANTIAO_HOME"]) / OFFSET_FILE
        seconds = float(file.read_text() or 0) if file.exists() else 0.0
        moved = datetime.now(tz) + timedelta(seconds=seconds)
        return cls.fromtimestamp(moved.timestamp(), tz)


def main() -> None:
    """Run the command line there."""
    from santiao.cli import main as run  # noqa: PLC0415  # the clock is moved first

    clock.datetime = MovedTime  # type: ignore[attr-defined]
    run()

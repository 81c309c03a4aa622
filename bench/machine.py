"""What the figures were measured on."""

import os
import platform
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from santiao import __version__


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Facts that explain a speed. `load` is that of the minute before the run: others at work make every figure worse."""

    santiao: str
    python: str
    sqlite: str
    system: str
    cpu: str
    cores: int
    memory_gib: float
    load: float
    temporary_folder: str
    measured_at: str


def look_at_machine(temporary_folder: str) -> Machine:
    """The machine that runs this."""
    return Machine(
        santiao=__version__,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        sqlite=sqlite3.sqlite_version,
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        cpu=_cpu(),
        cores=len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1,
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        load=round(os.getloadavg()[0], 2),
        temporary_folder=_file_system(temporary_folder),
        measured_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _cpu() -> str:
    listing = Path("/proc/cpuinfo")
    if not listing.exists():
        return platform.processor()
    named = (
        line.partition(":")[2].strip() for line in listing.read_text().splitlines() if line.startswith("model name")
    )
    return next(named, platform.machine())


def _file_system(folder: str) -> str:
    """The kind of file system that homes are made on: what `synchronous=FULL` costs depends on it."""
    listing = Path("/proc/mounts")
    if not listing.exists():
        return "unknown"
    mounts = [line.split()[1:3] for line in listing.read_text().splitlines()]
    path = str(Path(folder).resolve())
    fitting = [(place, kind) for place, kind in mounts if path == place or path.startswith(place.rstrip("/") + "/")]
    return max(fitting, key=lambda each: len(each[0]))[1] if fitting else "unknown"

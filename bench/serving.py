"""Memory of the process behind `santiao serve`: started on a home, asked until it is ready, looked at when its views have caught up."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.bare_inserts import count_rows
from bench.figures import Figure, told

_START_SECONDS = 120.0
_SETTLE_SECONDS = 5.0
_STOP_SECONDS = 60.0
_COMMAND = "from santiao.cli import main; main()"


class ServingFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Resident memory at rest with everything read once, and the most it ever was; the time from the start to ready."""

    cases: int
    resident: Figure
    most_resident: Figure
    store_mib: float
    ready_after_s: float


def measure_serving(home: Path, caught_up_within_s: float, tell: Callable[[str], None]) -> ServingFigures:
    """Serve a home whose views have caught up, and look at the process.

    Raises:
        TimeoutError: it is not ready in time.
        ChildProcessError: it ended; the end of what it said is told.
    """
    port = _free_port()
    log = home.parent / f"{home.name}.log"
    environment = {**os.environ, "SANTIAO_HOME": str(home), "SANTIAO_PORT": str(port), "SANTIAO_CLOCK": "follow"}
    with log.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, "serve"], env=environment, cwd=home, stdout=out, stderr=out
        )
        try:
            _wait_until_ready(process, port, _START_SECONDS + caught_up_within_s, log)
            ready_after = time.perf_counter() - began
            tell(f"  ready after {ready_after:.1f} s")
            time.sleep(_SETTLE_SECONDS)
            resident, most = _memory_of(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
    return ServingFigures(
        cases=count_rows(home, "case_files"),
        resident=told(resident, "MiB"),
        most_resident=told(most, "MiB"),
        store_mib=round(sum(path.stat().st_size for path in home.glob("*.db*")) / 2**20, 1),
        ready_after_s=round(ready_after, 2),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, seconds: float, log: Path) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            said = log.read_text(errors="replace").strip().splitlines()
            raise ChildProcessError(f"serve ended with {process.returncode}: {' | '.join(said[-3:])}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            pass
        time.sleep(0.05)
    raise TimeoutError(f"serve was not ready within {seconds:.0f} s")


def _memory_of(pid: int) -> tuple[float, float]:
    """Resident memory now and at most, in MiB."""
    lines = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("Vm")
    )
    return tuple(int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[return-value]

"""The systemd unit of the embedded hub: understood by systemd, hardened by its own measure, and it starts what exists."""

import re
import subprocess
import sys
from pathlib import Path

from tests.deploy.promises import DEPLOY, command_fault, unknown_settings

UNIT = DEPLOY / "systemd" / "santiao.service"
TEXT = UNIT.read_text()
# systemd's measure, times ten: 0 is a service that can do nothing, 96 one that may do everything.
MOST_EXPOSED = 15


def local_unit(folder: Path, text: str = TEXT) -> str:
    """Return the unit as it would stand here: its program is this environment's."""
    path = folder / UNIT.name
    path.write_text(text.replace("/opt/santiao/bin/santiao", str(Path(sys.executable).with_name("santiao"))))
    return str(path)


def test_systemd_understands_it(systemd_analyze: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [systemd_analyze, "verify", local_unit(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_would_find_something(systemd_analyze: str, tmp_path: Path) -> None:
    bad = local_unit(tmp_path, TEXT.replace("Restart=always", "Restart=sometimes"))
    done = subprocess.run([systemd_analyze, "verify", bad], capture_output=True, text=True, check=False)
    assert "sometimes" in done.stderr


def test_it_is_hardened(systemd_analyze: str) -> None:
    judge = [systemd_analyze, "security", "--offline=true", f"--threshold={MOST_EXPOSED}"]
    done = subprocess.run([*judge, str(UNIT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:]


def test_it_starts_a_command_that_exists_with_settings_that_exist() -> None:
    starts = re.search(r"^ExecStart=/opt/santiao/bin/santiao (.+)$", TEXT, re.MULTILINE)
    assert starts is not None
    assert not command_fault(starts[1].split())
    assert not unknown_settings(re.findall(r"SANTIAO_[A-Z_]*[A-Z](?==)", TEXT))


def test_it_waits_longer_for_the_end_than_the_hub_takes() -> None:
    told = {name: int(value) for name, value in re.findall(r"(TimeoutStopSec|SANTIAO_STOP_SECONDS)=(\d+)", TEXT)}
    assert told["TimeoutStopSec"] > told["SANTIAO_STOP_SECONDS"]

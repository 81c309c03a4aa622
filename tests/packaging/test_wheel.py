"""A wheel built here and installed elsewhere is whole: the command runs, and its data comes from the wheel, not the checkout."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from pathlib import Path

import httpx
import pytest
import typer

from santiao.cli import app
from tests.architecture.sources import ROOT, tracked_files
from tools.commands_page import typed_commands

# Enough for the slowest machine; a hub that never answers ends the loop instead of the patience.
ASKED_MAX = 1200

WHERE = """
import json, santiao
from santiao.store.resources import checkout_root, resource_dir
print(json.dumps({
    "package": santiao.__file__,
    "checkout": str(checkout_root()),
    "data": {name: sorted(str(p.relative_to(resource_dir(name))) for p in resource_dir(name).rglob("*") if p.is_file())
             for name in ("schemas", "connectors", "city")},
}))
"""


def run(*command: str | Path, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without the network."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment with the wheel in it; what the wheel depends on is lent by this one."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    uv = shutil.which("uv")
    if uv:
        run(uv, "pip", "install", "--offline", "--no-config", f"--python={python}", "--no-deps", wheel, folder=folder)
    else:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", f"--python={python}"]
        run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, folder=folder)
    packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder).strip()
    # A path in a .pth file is searched last and its own .pth files are not read, so the checkout stays out of sight.
    (Path(packages) / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def test_the_command_runs_elsewhere(elsewhere: Path) -> None:
    assert "santiao" in run(elsewhere / "bin" / "santiao", "--help", folder=elsewhere).lower()


def test_the_data_comes_from_the_wheel(elsewhere: Path) -> None:
    told = json.loads(run(elsewhere / "bin" / "python", "-c", WHERE, folder=elsewhere))
    assert Path(told["package"]).is_relative_to(elsewhere)
    assert told["checkout"] == "None"
    for name, folder in (("schemas", "schemas"), ("connectors", "connectors"), ("city", "deploy/city")):
        committed = sorted(str(path.relative_to(folder)) for path in tracked_files() if path.is_relative_to(folder))
        assert told["data"][name] == committed


def has_command(name: str) -> bool:
    return name in dict(typed_commands(typer.main.get_command(app)))


@pytest.mark.skipif(not has_command("serve"), reason="waits for the command `serve`")
def test_the_hub_serves_elsewhere_and_stops_when_asked(elsewhere: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SANTIAO_")}
    environment = {**kept, "SANTIAO_HOME": str(tmp_path / "home"), "SANTIAO_PORT": str(port)}
    told = tmp_path / "told"
    with told.open("w") as log:
        hub = subprocess.Popen(
            [elsewhere / "bin" / "santiao", "serve"], cwd=tmp_path, env=environment, stdout=log, stderr=log
        )
    try:
        for _ in range(ASKED_MAX):
            if hub.poll() is not None or is_ready(port):
                break
            time.sleep(0.1)
        assert hub.poll() is None, f"it ended by itself:\n{told.read_text()}"
        assert is_ready(port), f"it did not answer:\n{told.read_text()}"
    finally:
        hub.terminate()
        hub.wait()
    assert hub.returncode in {0, -signal.SIGTERM}, told.read_text()


def is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def test_the_wheel_holds_the_package_and_nothing_beside_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"santiao", "santiao-0.1.0.dist-info"}
    assert "santiao/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)

"""A wheel built here and installed elsewhere is whole: the command runs, and its data comes from the wheel, not the checkout."""

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, tracked_files

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


def test_the_wheel_holds_the_package_and_nothing_beside_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"santiao", "santiao-0.1.0.dist-info"}
    assert "santiao/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)

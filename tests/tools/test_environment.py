"""The set-up leaves alone what is in step, and begins again where it was killed or where the environment is not its own."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tools.environment import Environment, SetUpFailed, one_at_a_time, prepare, run

# Only named, never started: an environment for uv is made without pip, which would take seconds to unpack.
UV = "uv"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose lock file asks for nothing, so that setting it up needs no network."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "empty.txt").write_text("# nothing\n")
    return tmp_path


@pytest.fixture
def environment(checkout: Path) -> Environment:
    environment = Environment(checkout, UV)
    environment.create()
    return environment


def test_a_fresh_checkout_has_no_fault(checkout: Path) -> None:
    assert Environment(checkout, uv=None).fault() is None


def test_a_sound_environment_has_no_fault(environment: Environment) -> None:
    assert environment.fault() is None


def test_a_killed_installation_is_a_fault(environment: Environment) -> None:
    with pytest.raises(KeyboardInterrupt), environment.installing("run", "digest"):
        raise KeyboardInterrupt
    assert environment.fault() == "the last set-up was stopped halfway"
    assert not environment.is_in_step("run", "digest")


def test_a_finished_installation_is_in_step_until_its_lock_changes(environment: Environment) -> None:
    with environment.installing("run", "digest"):
        pass
    assert environment.fault() is None
    assert environment.is_in_step("run", "digest")
    assert not environment.is_in_step("run", "another digest")


def test_a_python_that_does_not_start_is_a_fault(environment: Environment) -> None:
    environment.python.unlink()
    environment.python.symlink_to("/nowhere/python3")
    assert environment.fault() == "its Python does not start"


def test_a_copied_environment_is_made_anew(environment: Environment, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    copy = Environment(moved, UV)
    copy.folder.mkdir()
    (copy.folder / "bin").mkdir()
    copy.python.symlink_to(environment.python)
    assert copy.fault() == "it was made for another folder"
    copy.create()
    assert copy.fault() is None


def test_a_killed_set_up_is_begun_again(
    environment: Environment, checkout: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    environment.unfinished.touch()
    leftover = environment.folder / "half-installed"
    leftover.touch()
    environment.create()
    assert not leftover.exists()
    assert "stopped halfway" in capfd.readouterr().err


def test_a_group_is_installed_once(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    uv = shutil.which("uv")
    prepare(checkout, ["empty"], uv)
    assert "empty.txt" in capfd.readouterr().err
    prepare(checkout, ["empty"], uv)
    assert capfd.readouterr().err == ""


def test_a_failing_step_says_how_to_go_on(checkout: Path) -> None:
    with pytest.raises(SetUpFailed, match=r"exit code 3.*install it"):
        run([sys.executable, "-c", "raise SystemExit(3)"], checkout, hint="install it")


def test_two_set_ups_take_turns(checkout: Path) -> None:
    order: list[str] = []
    entered = threading.Event()

    def second() -> None:
        entered.set()
        with one_at_a_time(checkout):
            order.append("second")

    with one_at_a_time(checkout):
        other = threading.Thread(target=second)
        other.start()
        entered.wait()
        order.append("first")
    other.join()
    assert order == ["first", "second"]


def test_an_installer_that_outlives_its_killed_set_up_is_waited_for(checkout: Path) -> None:
    """Else the next set-up would clear the folder that the orphan still writes into."""
    orphan = "import pathlib, time; time.sleep(0.5); pathlib.Path('written').touch()"
    set_up = f"""
import os, pathlib, sys
from tests.architecture.sources import ROOT
from tools.environment import one_at_a_time, run
here = pathlib.Path({str(checkout)!r})
with one_at_a_time(here):
    if os.fork() == 0:
        run([sys.executable, "-c", {orphan!r}], here, hint="")
        os._exit(0)
    os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", set_up], cwd=ROOT, check=False)
    with one_at_a_time(checkout):
        assert (checkout / "written").exists()

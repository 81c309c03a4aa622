"""Keeps the virtual environment `.venv` in step with the lock files, and installs the checkout into it.

Run as `python3 tools/environment.py GROUP...`, where a group is a lock file of `requirements/`. The rules kept here: nothing
is installed without a hash that the lock file names; what is in step is left alone; a set-up that was killed halfway is
begun again from nothing, because half an installation cannot be told from a whole one; two at once take turns.

Standard library only, and all words go to stderr: stdout belongs to the command that this prepares.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

OLDEST_PYTHON = (3, 11)
CHECKOUT = Path(__file__).resolve().parents[1]
# One resolution made all lock files, so whoever has `develop` has these.
WITHIN_DEVELOP = ("run", "build")


STDERR = 2


class SetUpFailed(Exception):
    """The environment could not be made; the text says what to do."""


def say(text: str) -> None:
    print(f"set-up: {text}", file=sys.stderr, flush=True)


class Environment:
    """The virtual environment of one checkout, with stamps that tell what was installed into it."""

    def __init__(self, checkout: Path, uv: str | None) -> None:
        self.checkout = checkout
        self.uv = uv
        self.folder = checkout / ".venv"
        self.python = self.folder / "bin" / "python"
        self.stamps = self.folder / ".stamps"
        self.unfinished = self.stamps / "unfinished"

    def fault(self) -> str | None:
        """Return why this environment cannot be built upon, or None when it can (or is not there at all)."""
        if not self.folder.exists():
            return None
        if self.unfinished.exists():
            return "the last set-up was stopped halfway"
        probe = "import sys; print(sys.prefix); print(sys.version_info[:2] >= (3, 11))"
        try:
            answer = subprocess.run([self.python, "-c", probe], capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            return "its Python does not start"
        prefix, new_enough = answer.splitlines()
        if Path(prefix).resolve() != self.folder.resolve():
            return "it was made for another folder"
        if new_enough != "True":
            return "its Python is older than 3.11"
        return None

    def lock_file(self, group: str) -> Path:
        return self.checkout / "requirements" / f"{group}.txt"

    def digest(self, group: str) -> str:
        return hashlib.sha256(self.lock_file(group).read_bytes()).hexdigest()

    def is_in_step(self, name: str, digest: str) -> bool:
        stamp = self.stamps / name
        return stamp.exists() and stamp.read_text() == digest

    @contextlib.contextmanager
    def installing(self, name: str, digest: str) -> Iterator[None]:
        """Mark the environment unfinished while the body installs into it; stamp it when that is done."""
        self.stamps.mkdir(parents=True, exist_ok=True)
        self.unfinished.touch()
        yield
        (self.stamps / name).write_text(digest)
        self.unfinished.unlink()

    def create(self) -> None:
        """Make the empty environment, unless a good one stands."""
        fault = self.fault()
        if fault is not None:
            say(f"making .venv anew: {fault}")
            shutil.rmtree(self.folder)
        if self.folder.exists():
            return
        say(f"making .venv with Python {sys.version.split()[0]}")
        with self.installing("made", sys.version):
            without_pip = ["--without-pip"] if self.uv else []
            run([sys.executable, "-m", "venv", *without_pip, str(self.folder)], self.checkout, hint=VENV_HINT)

    def installer(self) -> list[str]:
        """Return the command that installs into the environment: uv where the machine has it, else pip."""
        if self.uv:
            return [self.uv, "pip", "install", "--no-config", f"--python={self.python}"]
        has_pip = subprocess.run([self.python, "-c", "import pip"], capture_output=True, check=False).returncode == 0
        if not has_pip:
            run([str(self.python), "-m", "ensurepip"], self.checkout, hint=VENV_HINT)
        return [str(self.python), "-m", "pip", "install", "--disable-pip-version-check"]

    def install_locked(self, group: str) -> None:
        """Install one lock file, every package with its hash and nothing besides."""
        lock = self.lock_file(group)
        digest = self.digest(group)
        if self.is_in_step(group, digest):
            return
        if group in WITHIN_DEVELOP and self.is_in_step("develop", self.digest("develop")):
            return
        count = sum("==" in line and not line.lstrip().startswith("#") for line in lock.read_text().splitlines())
        say(f"installing {count} locked packages of requirements/{group}.txt; the first time takes a minute or two")
        with self.installing(group, digest):
            command = [*self.installer(), "--quiet", "--require-hashes", "--no-deps", "-r", str(lock)]
            run(command, self.checkout, hint=NETWORK_HINT)

    def install_checkout(self) -> None:
        """Install the checkout itself, so that `.venv/bin/santiao` runs the sources as they stand."""
        built_from = tomllib.loads((self.checkout / "pyproject.toml").read_text())
        relevant = repr((built_from["build-system"], built_from["project"], built_from["tool"]["hatch"]))
        digest = hashlib.sha256(relevant.encode()).hexdigest()
        if self.is_in_step("checkout", digest) and (self.folder / "bin" / "santiao").exists():
            return
        say("installing this checkout, so that .venv/bin/santiao runs its sources")
        with self.installing("checkout", digest):
            offline = "--offline" if self.uv else "--no-index"
            command = [*self.installer(), "--quiet", offline, "--no-deps", "--no-build-isolation", "--editable", "."]
            run(
                command,
                self.checkout,
                hint="The lines above say what is wrong with pyproject.toml or a folder it names.",
            )


VENV_HINT = "On Debian and Ubuntu this mends it: apt-get install python3-venv (or have `uv` on the PATH)."
NETWORK_HINT = (
    "Is the Python package index within reach? Behind a mirror or a proxy, configure pip as usual (pip.conf, PIP_INDEX_URL, "
    "PIP_CERT; UV_INDEX_URL with uv) and run the same command again."
)


def run(command: Sequence[str], folder: Path, hint: str) -> None:
    """Run a command with its words on stderr; SetUpFailed carries the hint when it fails."""
    # The turn taken in one_at_a_time is handed down: an installer that outlives its killed parent still holds it.
    done = subprocess.run(command, cwd=folder, stdout=STDERR, stdin=subprocess.DEVNULL, close_fds=False, check=False)
    if done.returncode != 0:
        raise SetUpFailed(f"`{' '.join(map(str, command))}` failed with exit code {done.returncode}. {hint}")


@contextlib.contextmanager
def one_at_a_time(checkout: Path) -> Iterator[None]:
    """Let a second set-up of the same checkout wait for the first; one that is killed lets go when its last child ends."""
    descriptor = os.open(checkout, os.O_RDONLY)
    os.set_inheritable(descriptor, True)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up of this checkout is running; waiting for it")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def prepare(checkout: Path, groups: Sequence[str], uv: str | None) -> None:
    """Bring the environment of the checkout in step with the groups asked for, and install the checkout into it."""
    environment = Environment(checkout, uv)
    with one_at_a_time(checkout):
        environment.create()
        for group in groups:
            environment.install_locked(group)
        if "build" in groups or "develop" in groups:
            environment.install_checkout()


def main() -> None:
    """Prepare the groups named on the command line."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit("set-up: Python 3.11 or newer is needed; name one with `make PYTHON=python3.12 …`.")
    try:
        prepare(CHECKOUT, sys.argv[1:], shutil.which("uv"))
    except (SetUpFailed, OSError) as failure:
        sys.exit(f"set-up: {failure}")


if __name__ == "__main__":
    main()

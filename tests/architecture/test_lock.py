"""The lock files hold what pyproject.toml asks for, each package with its hashes, and nothing about the machine they were made on."""

import re
import tomllib
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.sources import ROOT

LOCKS = sorted(path.name for path in (ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# Lock file: the extras it holds besides what the embedded hub needs.
EXTRAS_OF = {
    "run.txt": (),
    "cluster.txt": ("sftp", "postgres", "kafka", "telemetry"),
    "develop.txt": tuple(PROJECT["optional-dependencies"]),
}


def pins_of(lock: str) -> dict[str, list[str]]:
    """Return the pinned versions by package; there are several where Pythons differ."""
    pins: dict[str, list[str]] = {}
    for match in re.finditer(
        r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", (ROOT / "requirements" / lock).read_text(), re.MULTILINE
    ):
        pins.setdefault(canonicalize_name(match[1]), []).append(match[2])
    return pins


def requirements_of(lock: str) -> Iterator[Requirement]:
    lines = [*PROJECT["dependencies"]]
    for extra in EXTRAS_OF[lock]:
        lines += PROJECT["optional-dependencies"][extra]
    return map(Requirement, lines)


@pytest.mark.parametrize("lock", EXTRAS_OF)
def test_what_is_asked_for_is_locked(lock: str) -> None:
    pins = pins_of(lock)
    found = []
    for requirement in requirements_of(lock):
        versions = pins.get(canonicalize_name(requirement.name), [])
        if not versions or not all(requirement.specifier.contains(version, prereleases=True) for version in versions):
            found.append(f"{requirement} (locked: {versions or 'not at all'})")
    assert not found, f"run `make lock`: {found}"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip())
    found = [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert not found, f"without a hash: {found}"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_and_no_machine(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    told = re.findall(r"^\s*-(?!-hash=).*|\S*(?:://|file:)\S*", text, re.MULTILINE)
    assert not told, f"write it again with `make lock`: {told}"


def test_one_version_is_tested_and_run() -> None:
    develop = pins_of("develop.txt")
    found = {name: versions for name, versions in pins_of("run.txt").items() if develop.get(name) != versions}
    assert not found, f"differs from develop.txt: {found}"


def test_the_embedded_hub_comes_without_kafka() -> None:
    assert not {"faust-streaming", "kafka-python", "aiokafka", "psycopg"} & set(pins_of("run.txt"))

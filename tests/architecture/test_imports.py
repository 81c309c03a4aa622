"""Some things are known in one place only, and the import rules of pyproject.toml bite.

import-linter keeps the order of the rooms and the purity of the domain (`make check`); who alone may know a module is kept here.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, python_files, tree_of

PACKAGE = Path("services/santiao")
# Module: where under the package it may be imported, and why nowhere else.
KNOWN_ONLY_TO: dict[str, tuple[tuple[str, ...], str]] = {
    "santiao.settings": (("cli", "bootstrap"), "rooms receive values"),
    "faust": (("runtimes/kafka",), "Faust moves bytes and knows nothing of cases"),
    "mode": (("runtimes/kafka",), "it is Faust's"),
    "aiokafka": (("runtimes/kafka",), "Kafka is the cluster's bus"),
    "kafka": (("runtimes/kafka", "connectors/transports"), "administration, and connectors' producers"),
    "fastapi": (("api", "console", "bootstrap"), "HTTP ends where the pool begins"),
    "starlette": (("api", "console", "bootstrap"), "HTTP ends where the pool begins"),
    "typer": (("cli",), "the command line is one room"),
}


def imported_modules(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def may_know(place: Path, module: str) -> bool:
    """True when the file, by its path within the package, may import the module."""
    owners, _ = KNOWN_ONLY_TO[module]
    return any(place.with_suffix("").is_relative_to(owner) for owner in owners)


def trespasses(place: Path, tree: ast.Module) -> Iterator[str]:
    for imported in imported_modules(tree):
        for module, (_, reason) in KNOWN_ONLY_TO.items():
            if (imported == module or imported.startswith(f"{module}.")) and not may_know(place, module):
                yield f"{place} imports {imported}, but {reason}"


def test_what_one_room_knows_no_other_does() -> None:
    found = {
        fault
        for path, _ in python_files("services")
        if path.is_relative_to(PACKAGE)
        for fault in trespasses(path.relative_to(PACKAGE), tree_of(path))
    }
    assert not found, f"let bootstrap hand it in: {sorted(found)}"


@pytest.mark.parametrize(
    ("place", "line", "trespass"),
    [
        ("hub/receive.py", "from santiao.settings import Settings", True),
        ("hub/receive.py", "from santiao import settings", True),
        ("bootstrap.py", "from santiao.settings import Settings", False),
        ("runtimes/embedded/serve.py", "import faust.agents", True),
        ("runtimes/kafka/agents.py", "import faust", False),
        ("pool/disclose.py", "from fastapi import Request", True),
        ("hub/receive.py", "import typer_like", False),
    ],
)
def test_a_trespass_is_found(place: str, line: str, trespass: bool) -> None:
    assert bool(list(trespasses(Path(place), ast.parse(line)))) is trespass


def lint(package: Path) -> str:
    """Return what import-linter says of another package by the rules of this project."""
    linter = Path(sys.executable).with_name("lint-imports")
    command = [str(linter), "--no-cache", "--no-logo", "--config", str(ROOT / "pyproject.toml")]
    environment = {**os.environ, "PYTHONPATH": str(package.parent), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=package.parent, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("room", "line", "said"),
    [
        ("domain", "import santiao.store", "santiao.domain is not allowed to import santiao.store"),
        ("hub", "import santiao.projections", "santiao.hub is not allowed to import santiao.projections"),
        ("domain", "import random", "santiao.domain is not allowed to import random"),
        ("lounge", "", "lounge"),
        ("hub", "import santiao.store", "Contracts: 2 kept, 0 broken"),
    ],
)
def test_the_order_of_the_rooms_is_kept(tmp_path: Path, room: str, line: str, said: str) -> None:
    package = tmp_path / "santiao"
    for name in {"domain", "store", "hub", "projections", room}:
        (package / name).mkdir(parents=True)
        (package / name / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / room / "__init__.py").write_text(line)
    assert said in lint(package)

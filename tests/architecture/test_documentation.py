"""Every setting and every command is documented, and nothing is documented that does not exist."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import msgspec
import pytest
import typer

from santiao.cli import app
from tests.architecture.sources import ROOT

SETTINGS = ROOT / "services" / "santiao" / "settings.py"
OPERATORS_GUIDE = ROOT / "docs" / "operators-guide.md"
COMMANDS_PAGE = ROOT / "docs" / "commands.md"
# Names that begin like a setting and are none: secrets by name, and what the tests read.
OTHER_VARIABLES = re.compile(r"SANTIAO_(SECRET(_\w*)?|TEST(_\w+)?)$")


def waits_for(*paths: Path) -> pytest.MarkDecorator:
    absent = [str(path.relative_to(ROOT)) for path in paths if not path.exists()]
    return pytest.mark.skipif(bool(absent), reason=f"waits for {', '.join(absent)}")


def setting_names() -> set[str]:
    settings = importlib.import_module("santiao.settings").Settings
    return {f"SANTIAO_{field.name.upper()}" for field in msgspec.structs.fields(settings)}


class Described(Protocol):
    """What a command tells about itself, as far as these tests ask."""

    help: str | None
    epilog: str | None


def commands(command: Described, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield each command a person can type, by its words, with its help text."""
    below = getattr(command, "commands", {})
    for name, child in sorted(below.items()):
        if not child.hidden:
            yield from commands(child, (*path, name))
    if path and not below:
        yield " ".join(path), f"{command.help or ''}\n{command.epilog or ''}"


COMMANDS: dict[str, str] = dict(commands(typer.main.get_command(app)))


@waits_for(SETTINGS, OPERATORS_GUIDE)
def test_every_setting_is_documented() -> None:
    documented = set(re.findall(r"SANTIAO_[A-Z_]+", OPERATORS_GUIDE.read_text()))
    assert not setting_names() - documented, f"tell operators: {sorted(setting_names() - documented)}"


@waits_for(SETTINGS, OPERATORS_GUIDE)
def test_every_documented_setting_exists() -> None:
    documented = set(re.findall(r"\bSANTIAO_[A-Z_]*[A-Z]\b", OPERATORS_GUIDE.read_text()))
    unknown = {name for name in documented - setting_names() if not OTHER_VARIABLES.match(name)}
    assert not unknown, f"no such setting: {sorted(unknown)}"


@waits_for(COMMANDS_PAGE)
def test_every_command_is_documented() -> None:
    page = COMMANDS_PAGE.read_text()
    found = [name for name in COMMANDS if not re.search(rf"`santiao {re.escape(name)}[\s`]", page)]
    assert not found, f"describe it in docs/commands.md, as `santiao NAME`: {found}"


@waits_for(COMMANDS_PAGE)
def test_every_documented_command_exists() -> None:
    headings = re.findall(r"^#+ `santiao ([a-z-]+(?: [a-z-]+)*)", COMMANDS_PAGE.read_text(), re.MULTILINE)
    found = [
        heading
        for heading in headings
        if heading not in COMMANDS and not any(name.startswith(f"{heading} ") for name in COMMANDS)
    ]
    assert not found, f"no such command: {found}"


def test_every_command_shows_an_example() -> None:
    found = [name for name, text in COMMANDS.items() if f"santiao {name}" not in text]
    assert not found, f"`santiao NAME --help` should end with an example of its use: {found}"

"""Every setting and every command is documented, and nothing is documented that does not exist."""

import importlib
import re
from pathlib import Path

import msgspec
import pytest
import typer

from santiao.cli import app
from tests.architecture.sources import ROOT
from tools.commands_page import PAGE, page, typed_commands

SETTINGS = ROOT / "services" / "santiao" / "settings.py"
OPERATORS_GUIDE = ROOT / "docs" / "operators-guide.md"
# Names that begin like a setting and are none: secrets by name, and what the tests read.
OTHER_VARIABLES = re.compile(r"SANTIAO_(SECRET(_\w*)?|TEST(_\w+)?)$")


def waits_for(*paths: Path) -> pytest.MarkDecorator:
    absent = [str(path.relative_to(ROOT)) for path in paths if not path.exists()]
    return pytest.mark.skipif(bool(absent), reason=f"waits for {', '.join(absent)}")


def setting_names() -> set[str]:
    settings = importlib.import_module("santiao.settings").Settings
    return {f"SANTIAO_{field.name.upper()}" for field in msgspec.structs.fields(settings)}


def documented_settings() -> set[str]:
    return set(re.findall(r"\bSANTIAO_[A-Z_]*[A-Z]\b", OPERATORS_GUIDE.read_text()))


@waits_for(SETTINGS)
def test_every_setting_is_documented() -> None:
    missing = setting_names() - documented_settings()
    assert not missing, f"tell operators in docs/operators-guide.md: {sorted(missing)}"


@waits_for(SETTINGS)
def test_every_documented_setting_exists() -> None:
    unknown = {name for name in documented_settings() - setting_names() if not OTHER_VARIABLES.match(name)}
    assert not unknown, f"no such setting: {sorted(unknown)}"


def test_the_page_of_commands_is_current() -> None:
    assert PAGE.read_text() == page(), "write it anew with `make docs`"


def test_every_command_says_what_it_does_and_shows_an_example() -> None:
    found = [
        name
        for name, command in typed_commands(typer.main.get_command(app))
        if not command.help or f"santiao {name}" not in f"{command.help}\n{command.epilog or ''}"
    ]
    assert not found, f"`santiao NAME --help` should say what it does and show an example: {found}"

"""Every setting and every command is documented, and nothing is documented that does not exist."""

import re

import msgspec
import typer

from santiao.cli import app
from santiao.settings import PREFIX, Settings
from tests.architecture.sources import ROOT
from tools import linkage_page
from tools.commands_page import PAGE, page, typed_commands

OPERATORS_GUIDE = ROOT / "docs" / "operators-guide.md"
# Names that begin like a setting and are none: secrets by name, and what the tests read.
OTHER_VARIABLES = re.compile(r"SANTIAO_(SECRET(_\w*)?|TEST(_\w+)?)$")


def setting_names() -> set[str]:
    return {f"{PREFIX}{field.name.upper()}" for field in msgspec.structs.fields(Settings)}


def documented_settings() -> set[str]:
    return set(re.findall(r"\bSANTIAO_[A-Z_]*[A-Z]\b", OPERATORS_GUIDE.read_text()))


def test_every_setting_is_documented() -> None:
    missing = setting_names() - documented_settings()
    assert not missing, f"tell operators in docs/operators-guide.md: {sorted(missing)}"


def test_every_documented_setting_exists() -> None:
    unknown = {name for name in documented_settings() - setting_names() if not OTHER_VARIABLES.match(name)}
    assert not unknown, f"no such setting: {sorted(unknown)}"


def test_the_page_of_what_follows_what_is_current() -> None:
    assert linkage_page.PAGE.read_text(encoding="utf-8") == linkage_page.page(), "run `make docs`"


def test_the_page_of_commands_is_current() -> None:
    assert PAGE.read_text() == page(), "write it anew with `make docs`"


def test_every_command_says_what_it_does_and_shows_an_example() -> None:
    found = [
        name
        for name, command in typed_commands(typer.main.get_command(app))
        if not command.help or f"santiao {name}" not in f"{command.help}\n{command.epilog or ''}"
    ]
    assert not found, f"`santiao NAME --help` should say what it does and show an example: {found}"

"""What every deployed form relies on: commands that exist, with options that exist, and settings that exist."""

import functools
import re
from collections.abc import Iterable, Sequence
from typing import Any

import click
import msgspec
import typer

from santiao.cli import app
from santiao.settings import PREFIX, SECRET_PREFIX, Settings
from tests.architecture.sources import ROOT

DEPLOY = ROOT / "deploy"
ROLES = ("receive", "project", "deliver", "relay", "timers")


def command_fault(words: Sequence[str]) -> str:
    """Return why `santiao WORDS` would not be understood, or nothing."""
    command: Any = typer.main.get_command(app)
    context = click.Context(command, info_name="santiao")
    rest = list(words)
    while getattr(command, "commands", None):
        name = rest.pop(0) if rest else ""
        if name not in command.commands:
            return f"there is no command {name!r} in {' '.join(words)!r}"
        command = command.commands[name]
        context = click.Context(command, parent=context, info_name=name)
    try:
        command.parse_args(context, rest)
    except click.ClickException as error:
        return f"{' '.join(words)}: {error.format_message()}"
    return ""


def unknown_settings(names: Iterable[str]) -> set[str]:
    """Return those of these names that look like a setting, or like a secret's, and are none."""
    known = {f"{PREFIX}{field.name.upper()}" for field in msgspec.structs.fields(Settings)}
    known |= {f"{SECRET_PREFIX}{name}" for name in declared_secrets()}
    return {name for name in names if name.startswith(PREFIX)} - known


@functools.cache
def declared_secrets() -> frozenset[str]:
    """Return the names of secrets in connectors' declarations: the only values there that are words in capitals."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "connectors").glob("*/connector.yaml")]
    return frozenset(
        name for text in texts for name in re.findall(r": ([A-Z][A-Z0-9]*_[A-Z0-9_]+)$", text, re.MULTILINE)
    )

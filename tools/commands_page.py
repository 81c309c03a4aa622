"""Writes `docs/commands.md` from the commands themselves, so that the page and `santiao --help` never differ.

Run by `make docs`; `tests/architecture/test_documentation.py` fails when the page is stale.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from santiao.cli import app

PAGE = Path(__file__).resolve().parents[1] / "docs" / "commands.md"
HEAD = """# Commands

Written by `make docs` from the commands themselves; change the help text there, not this page. With `--json` or `--json-lines`
stdout holds exactly that; progress and messages go to stderr.
"""


def typed_commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield each command that can be typed, by its words, in the order that `--help` lists them."""
    below = getattr(command, "commands", {})
    for name, child in below.items():
        if not child.hidden:
            yield from typed_commands(child, (*path, name))
    if path and not below:
        yield " ".join(path), command


def one_line(text: str | None) -> str:
    return " ".join((text or "").replace("\b", "").split()).replace("|", "\\|")


def parameter_rows(command: Any) -> Iterator[str]:
    """Yield a table row for each argument and option."""
    for parameter in command.params:
        if getattr(parameter, "hidden", False) or parameter.name == "help":
            continue
        is_argument = parameter.param_type_name == "argument"
        words = (
            parameter.metavar or parameter.name.upper()
            if is_argument
            else ", ".join((*parameter.opts, *parameter.secondary_opts))
        )
        default = parameter.default
        shows_default = default not in (None, False, (), [], "") and not callable(default)
        said = f" Default `{default}`." if shows_default else ""
        yield f"| `{words}` | {one_line(parameter.help)}{said} |"


def section(name: str, command: Any) -> str:
    """Return one command's part of the page: what it does, its words, an example."""
    parts = [f"## `santiao {name}`", (command.help or "").replace("\b", "").strip()]
    rows = list(parameter_rows(command))
    if rows:
        parts.append("\n".join(["| Argument or option | |", "| --- | --- |", *rows]))
    if command.epilog:
        parts.append(
            re.sub(
                r"^Example: (?!`)(.+)$", r"Example: `\1`", command.epilog.replace("\b", "").strip(), flags=re.MULTILINE
            )
        )
    return "\n\n".join(filter(None, parts))


def page() -> str:
    """Return the whole page."""
    sections = [section(name, command) for name, command in typed_commands(typer.main.get_command(app))]
    return "\n\n".join([HEAD.rstrip(), *sections]) + "\n"


def main() -> None:
    """Write the page, saying whether it changed."""
    text = page()
    changed = not PAGE.exists() or PAGE.read_text() != text
    PAGE.write_text(text)
    print(f"docs/commands.md {'written' if changed else 'is current'}", file=sys.stderr)


if __name__ == "__main__":
    main()

"""Writes `docs/linkage.md` from the process manager's tables, so that the page and what follows what never differ.

Run by `make docs`; `tests/architecture/test_documentation.py` fails when the page is stale.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from santiao.domain import linkage

PAGE = Path(__file__).resolve().parents[1] / "docs" / "linkage.md"
_HEAD = """# What follows what

The process manager (联动) is two tables in `services/santiao/domain/linkage.py`, and this page is written from them by `make docs`. A
reaction reads files and emits events, which are reacted to in their turn, until nothing follows any more.

## After an event

| event | what follows | by |
| --- | --- | --- |
"""
_MIDDLE = """
## When a case was stirred

After {stirring} the case is looked at again, in this order:

| | what is looked at | by |
| --- | --- | --- |
"""


def page() -> str:
    """The whole page."""
    text = _HEAD
    for event, reactions in linkage.REACTIONS.items():
        for place, reaction in enumerate(reactions):
            text += f"| {f'`{event}`' if place == 0 else ''} | {_said(reaction)} | `{_name(reaction)}` |\n"
    text += _MIDDLE.format(stirring=", ".join(f"`{name}`" for name in sorted(linkage.STIRRING)))
    for place, refresh in enumerate(linkage.REFRESHES, start=1):
        text += f"| {place} | {_said(refresh)} | `{_name(refresh)}` |\n"
    return text


def _said(function: Callable[..., Any]) -> str:
    return " ".join((function.__doc__ or "").split("\n\n")[0].split())


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__.removeprefix('santiao.domain.')}.{function.__qualname__}"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What commands print: JSON for machines on stdout, tables for people on stdout, progress on stderr."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

errors = Console(stderr=True)
people = Console(width=None if sys.stdout.isatty() else 160)


def print_json(value: Any) -> None:
    """One line of JSON on stdout."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def print_json_lines(values: Iterable[Any]) -> None:
    """One line of JSON per value on stdout."""
    for value in values:
        print_json(value)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "") -> None:
    """A table for people."""
    table = Table(*columns, title=title or None, show_lines=False)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    people.print(table)


def print_facts(value: Any) -> None:
    """A value's fields for people, one a line."""
    facts: dict[str, Any] = msgspec.to_builtins(value)
    for name, told in facts.items():
        people.print(f"{name}: {told}", highlight=False, markup=False, soft_wrap=True)


def name_code(labels: str, code: str) -> str:
    """A code with its Chinese word, as pages name it."""
    from santiao.console.labels import label_of

    word = label_of(labels, code).zh
    return code if word == code else f"{code} {word}"


@contextmanager
def progress_bar(what: str, total: int | None = None, *, quiet: bool = False) -> Iterator["Bar"]:
    """Progress on stderr; nothing when stderr is no terminal or `quiet`."""
    shown = not quiet and errors.is_terminal
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, disable=not shown, transient=True) as progress:
        yield Bar(progress, progress.add_task(what, total=total))


class Bar:
    """A running bar."""

    def __init__(self, progress: Progress, task: Any) -> None:
        self._progress = progress
        self._task = task

    def advance(self, number: int) -> None:
        """So many more are done."""
        self._progress.advance(self._task, number)

    def show(self, what: str, done: int, total: int) -> None:
        """Set description and place."""
        self._progress.update(self._task, description=what, completed=done, total=total)

    def hide(self) -> None:
        """Take it off the screen; what follows is not of this work."""
        self._progress.stop()

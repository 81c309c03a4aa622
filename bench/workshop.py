"""Hubs that several parts measure on: received once, kept until the run ends."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.intake import IntakeFigures, measure_intake

Tell = Callable[[str], None]
CASES_PER_DISPUTE = 1.65
"""What the canonical city's disputes make: some are told where nothing links them, and those who only call are cases too."""


class Workshop:
    """Homes by how many cases they were asked to hold, with what receiving them measured."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._folder = tempfile.TemporaryDirectory(prefix="santiao-bench-")
        self._figures: dict[int, IntakeFigures] = {}

    def intake(self, cases: int, *, single: int = 0) -> IntakeFigures:
        """Receive a city of about so many cases, unless that was done before."""
        if cases not in self._figures:
            self._tell(f"  receiving about {cases:,} cases")
            disputes = max(1, round(cases / CASES_PER_DISPUTE))
            self._figures[cases] = measure_intake(disputes, single=single, home=self._path(cases))
        return self._figures[cases]

    def home(self, cases: int) -> Path:
        """A home of about so many cases."""
        self.intake(cases)
        return self._path(cases)

    def _path(self, cases: int) -> Path:
        return Path(self._folder.name) / f"cases-{cases}"

    def close(self) -> None:
        """Delete all homes."""
        self._folder.cleanup()

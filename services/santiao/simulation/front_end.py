"""The police's front-end database (前置库) as a live SQLite file, brought from day to day by the snapshots of each.

The rule kept here: a row is replaced in place, as the police's own loader does it; a half character at the end of a cut cell stays what a
reader of such a database would find.
"""

import csv
import sqlite3
from contextlib import closing
from io import StringIO
from pathlib import Path

from santiao.simulation.police_tables import CUT, SCHEMA


class FrontEnd:
    """A front-end database at `path`, made when it is missing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as database:
            database.executescript("PRAGMA journal_mode=WAL;" + SCHEMA)

    @property
    def url(self) -> str:
        """What a reader is given."""
        return f"sqlite:///{self._path.resolve()}"

    def load(self, snapshots: list[Path]) -> None:
        """Bring the tables to the state of these snapshots (`T_JJDB.day1.csv`), all at once."""
        with closing(sqlite3.connect(self._path, timeout=30)) as database, database:
            for path in snapshots:
                table = path.name.partition(".")[0]
                if table not in {"T_JJDB", "T_CJFK"}:
                    raise ValueError(f"{path.name} 不是前置库的表：no snapshot of a front-end table.")
                header, *rows = csv.reader(StringIO(path.read_bytes().decode("latin-1"), newline=""))
                marks = ", ".join("?" * len(header))
                database.executemany(
                    f"INSERT OR REPLACE INTO {table} VALUES ({marks})", ([_text(cell) for cell in row] for row in rows)
                )


def _text(cell: str) -> str | None:
    """A cell's text; latin-1 stood for its bytes. An empty cell was NULL, or empty, which a snapshot cannot tell."""
    if not cell:
        return None
    return cell.encode("latin-1").decode("gb18030", errors="replace").replace("\ufffd", CUT)

"""Invented counts in a statistics view of their own, without a hub behind them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from santiao.projections import generations
from santiao.projections.reading import Reading, ViewReader
from santiao.projections.rows import WorkingSet
from santiao.projections.statistics import COUNTS, STATISTICS, CountRow
from santiao.store.database import Database


class Atom(NamedTuple):
    """A number of mediations that failed, say, under everything that counts are told apart by."""

    day: str
    region: str
    dispute_type: str
    channel: str
    number: int


@contextmanager
def counted(
    folder: Path, atoms: Iterable[Atom], files: Mapping[str, tuple[int, int, int]] | None = None
) -> Iterator[Reading]:
    """A reading of a view that holds these numbers of failed mediations, and by region of `files` reported, opened and linked."""
    database = Database(f"sqlite:///{folder}/views.db")
    with database.writable() as connection:
        generations.open_tables(database, connection)
        generations.begin_live(connection, STATISTICS)
        working = WorkingSet(database, STATISTICS, 1)
        for atom in atoms:
            row = CountRow(atom.day, atom.region, atom.dispute_type, atom.channel, 3403)
            row.failed = atom.number
            row.reported, row.opened, row.linked = (files or {}).get(atom.region, (0, 0, 0))
            working.of(COUNTS).put(row)
        working.write(connection)
    with ViewReader(database).reading() as reading:
        yield reading
    database.dispose()

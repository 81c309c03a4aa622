"""How transactions end: one whose commit fails is undone, and the connection it had serves the next."""

from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from santiao.store.database import Database

MAKE = (
    "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
    "CREATE TABLE child (parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)",
)


def test_after_a_commit_that_failed_the_next_transaction_begins_clean(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    with database.writable() as connection:
        for statement in MAKE:
            connection.exec_driver_sql(statement)

    def write(parent: int, child: int) -> None:
        with database.writable() as connection:
            connection.exec_driver_sql(f"INSERT INTO parent VALUES ({parent})")
            connection.exec_driver_sql(f"INSERT INTO child VALUES ({child})")

    with pytest.raises(IntegrityError):
        write(1, 2)
    write(3, 3)
    with database.readable() as connection:
        assert connection.exec_driver_sql("SELECT id FROM parent").scalars().all() == [3]
    database.dispose()

"""Only what can be made again does not wait for the disk, and the next transaction of the same connection waits again."""

from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from santiao.store.database import Database

NORMAL, FULL = 1, 2


def synchronous(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())


def test_a_transaction_waits_for_the_disk_unless_it_says_so(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/one.db")
    for is_durable, expected in ((True, FULL), (False, NORMAL), (True, FULL), (False, NORMAL)):
        with database.writable(is_durable=is_durable) as connection:
            assert synchronous(connection) == expected
        with database.writable() as connection:
            assert synchronous(connection) == FULL
    database.dispose()


def test_postgresql_is_told_for_one_transaction(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.writable(is_durable=False) as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "off"
    with database.writable() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
    database.dispose()


@pytest.mark.parametrize("is_durable", [True, False])
def test_either_kind_is_undone_whole(tmp_path: Path, is_durable: bool) -> None:
    database = Database(f"sqlite:///{tmp_path}/one.db")
    with database.writable() as connection:
        connection.exec_driver_sql("CREATE TABLE kept (number INTEGER)")

    def fail() -> None:
        with database.writable(is_durable=is_durable) as connection:
            connection.exec_driver_sql("INSERT INTO kept VALUES (1)")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with database.readable() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM kept").scalar_one() == 0
    database.dispose()

"""Opening the database, and the few places where SQLite and PostgreSQL differ.

SQLite runs with WAL and `synchronous=FULL`, takes the write lock at the beginning of a step (`BEGIN IMMEDIATE`) and keeps
`cache_mib` of pages in memory; PostgreSQL locks the shard's row. Bulk statements are built once from the tables' metadata and run by
the driver itself with tuples, because a row's way through a result object costs more than its insert.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from santiao.domain.errors import Conflict, StoreFailure
from santiao.store.bulk import BulkWriter, FileBulkWriter, ServerBulkWriter, Target
from santiao.store.failures import failure_of

_CHUNK = 512
_KEPT = 4
_TURN = 0x5A17
_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_LOGGER = logging.getLogger(__name__)
_LOGGER.setLevel(logging.WARNING)


class Database:
    """An engine with its dialect's ways. `writable()` is one transaction; it commits on leaving, rolls back on an error."""

    def __init__(self, url: str, *, cache_mib: int = 256, busy_seconds: float = 30.0) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = self._create(url, cache_mib, busy_seconds)
        # At debug level the library would log rows; ours has a logger that has no such level.
        self.engine.logger = _LOGGER
        self._idle: list[Connection] = []
        self._selects: dict[tuple[str, tuple[str, ...], str, str, int], str] = {}
        self._bulk: BulkWriter = FileBulkWriter() if self.is_sqlite else ServerBulkWriter()

    def _create(self, url: str, cache_mib: int, busy_seconds: float) -> Engine:
        if not self.is_sqlite:
            return sa.create_engine(
                url,
                pool_pre_ping=True,
                isolation_level="READ COMMITTED",
                pool_size=8,
                max_overflow=8,
                hide_parameters=True,
            )
        engine = sa.create_engine(
            url,
            hide_parameters=True,
            connect_args={"timeout": busy_seconds, "check_same_thread": False},
            poolclass=sa.pool.NullPool,  # `_idle` keeps the few that are worth keeping
        )

        @sa.event.listens_for(engine, "connect")
        def _configure(connection: sqlite3.Connection, _record: object) -> None:
            connection.isolation_level = None
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                "temp_store=MEMORY",
                f"cache_size=-{cache_mib * 1024}",
                "journal_size_limit=67108864",
                "wal_autocheckpoint=4000",
            ):
                connection.execute(f"PRAGMA {pragma}")

        @sa.event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            if not connection.get_execution_options().get("santiao_begun"):
                connection.exec_driver_sql("BEGIN")

        return engine

    @contextlib.contextmanager
    def writable(self, *, is_durable: bool = True) -> Iterator[Connection]:
        """One write transaction.

        One that is not `is_durable` does not wait for the disk: when the machine loses power it may be undone, whole and with all that
        came after it, up to the next durable one, which makes everything before it durable too. That is for what can be made again.

        Raises:
            StoreFailure: disk full, read-only, locked or out of reach; nothing was written.
            Conflict: another writer was faster.
        """
        sync = "FULL" if is_durable else "NORMAL"
        with (
            self._translated(),
            self._begun("IMMEDIATE", sync) if self.is_sqlite else self._begun_on_server() as connection,
        ):
            if not is_durable and not self.is_sqlite:
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
            yield connection

    @contextlib.contextmanager
    def readable(self) -> Iterator[Connection]:
        """One consistent read."""
        with (
            self._translated(),
            self._begun("DEFERRED") if self.is_sqlite else self._begun_on_server(**_SNAPSHOT) as connection,
        ):
            yield connection

    @contextlib.contextmanager
    def _begun_on_server(self, **options: Any) -> Iterator[Connection]:
        with self.engine.connect() as connection, connection.execution_options(**options).begin():
            yield connection

    @contextlib.contextmanager
    def _begun(self, mode: str, sync: str = "") -> Iterator[Connection]:
        """A transaction that the driver itself begins and ends, on a connection that stays open between two of them.

        A single record's commit would otherwise spend as long in the library's pool and transaction objects as in its statements.
        """
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self.engine.connect().execution_options(santiao_begun=True)
        try:
            driver = _driver(connection)
            if sync and sync != connection.info.get("synchronous", "FULL"):
                driver.execute(f"PRAGMA synchronous={sync}")
                connection.info["synchronous"] = sync
            driver.execute(f"BEGIN {mode}")
            yield connection
            if connection.in_transaction():
                connection.commit()
            else:
                driver.commit()
        except BaseException:
            self._undo(connection)
            raise
        self._keep(connection)

    def _keep(self, connection: Connection) -> None:
        """For the next transaction; more than a few would only hold pages in memory."""
        if len(self._idle) < _KEPT:
            self._idle.append(connection)
        else:
            connection.close()

    def _undo(self, connection: Connection) -> None:
        try:
            if (begun := connection.get_transaction()) is not None:
                begun.rollback()  # one whose commit failed is no longer active, and would stand in the way of the next
            _driver(connection).rollback()
        except (DBAPIError, sqlite3.Error):
            connection.invalidate()  # closes the driver's connection, and with it undoes what it had begun
            connection.close()
        else:
            self._keep(connection)

    def take_turn(self, connection: Connection) -> None:
        """Let one process at a time make what is missing: the others wait here until its transaction ends."""
        if not self.is_sqlite:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TURN})

    def fetch(self, connection: Connection, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query of the code's own, written with `?`."""
        found: list[tuple[Any, ...]] = _driver(connection).execute(self._marked(sql), values).fetchall()
        return found

    def execute_many(self, connection: Connection, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run a statement of the code's own, written with `?`, for each tuple."""
        if rows:
            _driver(connection).cursor().executemany(self._marked(sql), rows)

    def _marked(self, sql: str) -> str:
        return sql if self.is_sqlite else sql.replace("?", "%s")

    def insert(
        self, connection: Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]], *, on_conflict: str = ""
    ) -> None:
        """Insert tuples in the table's column order. `on_conflict` "ignore" or "replace" (by primary key)."""
        if rows:
            columns = tuple(column.name for column in table.columns)[: len(rows[0])]
            keys = tuple(column.name for column in table.primary_key.columns)
            self._bulk.insert(_driver(connection), Target(table.name, columns, keys, on_conflict), rows)

    def upsert_named(
        self,
        connection: Connection,
        name: str,
        columns: tuple[str, ...],
        keys: tuple[str, ...],
        rows: Sequence[tuple[Any, ...]],
    ) -> None:
        """Insert or replace tuples of a table known by name only (a generation of a view). Names come from the code, never from input."""
        if rows:
            self._bulk.insert(_driver(connection), Target(name, columns, keys, "replace"), rows)

    def select_in(
        self,
        connection: Connection,
        table: sa.Table,
        columns: Sequence[str],
        key: str,
        values: Iterable[Any],
        *,
        suffix: str = "",
    ) -> list[Any]:
        """Rows of `table` whose `key` is among `values`. `suffix` is a constant of the code, never input."""
        return self.select_named(connection, table.name, columns, key, values, suffix=suffix)

    def select_named(
        self,
        connection: Connection,
        name: str,
        columns: Sequence[str],
        key: str,
        values: Iterable[Any],
        *,
        suffix: str = "",
    ) -> list[Any]:
        """As `select_in`, of a table known by name only."""
        wanted = list(values)
        if not wanted:
            return []
        if not self.is_sqlite:
            head = f"SELECT {', '.join(columns)} FROM {name} WHERE {key}"
            return self.fetch(connection, f"{head} = ANY(?) {suffix}", (wanted,))
        rows: list[Any] = []
        columns = tuple(columns)
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            size = 1 << (len(chunk) - 1).bit_length()
            chunk += [chunk[-1]] * (size - len(chunk))
            sql = self._selects.get((name, columns, key, suffix, size))
            if sql is None:
                sql = f"SELECT {', '.join(columns)} FROM {name} WHERE {key} IN ({','.join('?' * size)}) {suffix}"
                self._selects[name, columns, key, suffix, size] = sql
            rows += self.fetch(connection, sql, chunk)
        return rows

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database; None for any other."""
        name = self.engine.url.database if self.is_sqlite else None
        return Path(name) if name else None

    def checkpoint(self, mode: Literal["PASSIVE", "TRUNCATE"] = "PASSIVE") -> tuple[bool, int, int]:
        """Write SQLite's log back into its file: whether something was in the way, frames in the log, frames written back."""
        with self._translated(), self.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            (patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
            # Waiting for readers would keep every writer out meanwhile.
            driver.execute("PRAGMA busy_timeout=0")
            try:
                busy, in_log, done = driver.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
            finally:
                driver.execute(f"PRAGMA busy_timeout={int(patience)}")
        return bool(busy), in_log, done

    def dispose(self) -> None:
        """Close every connection."""
        while self._idle:
            self._idle.pop().close()
        self.engine.dispose()

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Database errors, of the driver or of the library around it, in the hub's words."""
        try:
            yield
        except (DBAPIError, self.engine.dialect.loaded_dbapi.Error) as error:
            failure = self._failure_of(error)
            if failure is None:
                raise
            raise failure from None

    def _failure_of(self, error: Exception) -> StoreFailure | Conflict | None:
        told = error.orig if isinstance(error, DBAPIError) else error
        is_operational = isinstance(told, self.engine.dialect.loaded_dbapi.OperationalError)
        return failure_of(told, self.where, is_operational=is_operational)

    @property
    def where(self) -> str:
        """The file, or the server and its database's name: what a message may tell of the address."""
        url = self.engine.url
        return str(url.database) if self.is_sqlite else f"{url.host or 'localhost'}/{url.database}"

    def is_to_blame_for(self, error: Exception) -> bool:
        """Whether the database failed (it is full, locked, out of reach), and not who asked it."""
        return isinstance(error, (Conflict, StoreFailure)) or self._failure_of(error) is not None


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection

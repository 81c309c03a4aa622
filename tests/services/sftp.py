"""A real SFTP server on loopback, serving a folder of the test's own.

It speaks the protocol from a thread of its own and can be stopped and started again on the same port, as a partner's server
is on a bad day.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncssh
import pytest

Result = TypeVar("Result")

USERNAME = "petitions"
PASSWORD = "a password for tests"


class _Login(asyncssh.SSHServer):
    """Lets in one user, by password or by the key in its authorized_keys, and remembers who is connected."""

    def __init__(self, connected: set[asyncssh.SSHServerConnection]) -> None:
        self._connected = connected
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connected.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._connected.discard(self._connection)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USERNAME, PASSWORD)


@dataclass
class SftpServer:
    """Where the server listens, who may log in, and the folder it serves as `/`."""

    root: Path
    client_key_file: Path
    host_key: asyncssh.SSHKey
    host: str = "127.0.0.1"
    port: int = 0
    username: str = USERNAME
    password: str = PASSWORD
    _acceptor: asyncssh.SSHAcceptor | None = None
    _connected: set[asyncssh.SSHServerConnection] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._loop.run_forever, name="sftp-server", daemon=True)
        self._thread.start()

    @property
    def known_hosts(self) -> str:
        """The line of a known_hosts file that vouches for this server."""
        return f"[{self.host}]:{self.port} {self.host_key.export_public_key().decode().strip()}\n"

    def start(self) -> None:
        """Listen, on the port of before when there was one."""
        self._wait_for(self._listen())

    def stop(self) -> None:
        """Stop listening and cut every connection, as a crash would."""
        self._wait_for(self._hang_up())

    def close(self) -> None:
        """Stop for good."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> None:
        self._acceptor = await asyncssh.listen(
            self.host,
            self.port,
            server_host_keys=[self.host_key],
            server_factory=lambda: _Login(self._connected),
            authorized_client_keys=str(self.client_key_file.with_suffix(".pub")),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=bytes(self.root)),
        )
        self.port = self._acceptor.get_port()

    async def _hang_up(self) -> None:
        if self._acceptor is None:
            return
        self._acceptor.close()
        for connection in list(self._connected):
            connection.abort()
            await connection.wait_closed()
        await self._acceptor.wait_closed()
        self._acceptor = None

    def _wait_for(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


@pytest.fixture(scope="session")
def sftp_keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[asyncssh.SSHKey, Path]:
    """The server's host key, and the file of the client's private key with its `.pub` beside it."""
    client_key_file = tmp_path_factory.mktemp("keys") / "id_ed25519"
    client_key = asyncssh.generate_private_key("ssh-ed25519")
    client_key.write_private_key(str(client_key_file))
    client_key.write_public_key(str(client_key_file.with_suffix(".pub")))
    return asyncssh.generate_private_key("ssh-ed25519"), client_key_file


@pytest.fixture
def sftp_server(tmp_path: Path, sftp_keys: tuple[asyncssh.SSHKey, Path]) -> Iterator[SftpServer]:
    """A running SFTP server with an empty folder."""
    host_key, client_key_file = sftp_keys
    root = tmp_path / "sftp"
    root.mkdir()
    server = SftpServer(root=root, client_key_file=client_key_file, host_key=host_key)
    server.start()
    yield server
    server.close()

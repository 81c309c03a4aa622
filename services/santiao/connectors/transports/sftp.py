"""A folder on a partner's SFTP server as a shelf of dropped files.

The rules kept here: the server is known by its host key and by nothing else; nothing of the machine's own SSH set-up is used; the
folder is listed and read, never written, and no file is moved or removed: what was read is remembered on our side.
"""

import asyncio
import stat
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import asyncssh
import msgspec

from santiao.connectors.transports.dropped import Entry
from santiao.domain.errors import DeliveryFailed

Result = TypeVar("Result")
_LISTED_MAX = 200_000


class SftpSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to trust and how long to wait. `host_keys` are lines as in a `.pub` file; two while a server's key is being changed."""

    host_keys: tuple[str, ...]
    timeout_seconds: float = 60.0


class SftpLogin(msgspec.Struct, frozen=True, kw_only=True):
    """How we log in: a password, or a private key in OpenSSH form with its passphrase. Never shown, not even by mistake."""

    password: str = ""
    private_key: str = ""
    passphrase: str = ""

    def __repr__(self) -> str:
        return "SftpLogin(…)"


class SftpFolder:
    """An open folder on a server. Its work runs on an event loop of its own, so that callers need none."""

    def __init__(
        self, client: asyncssh.SFTPClient, folder: str, runner: asyncio.Runner, settings: SftpSettings
    ) -> None:
        self._client = client
        self._folder = folder
        self._runner = runner
        self._settings = settings

    def entries(self) -> Iterator[Entry]:
        return iter(self._wait_for(self._list()))

    def read(self, name: str, limit: int) -> bytes | None:
        return self._wait_for(self._read(name, limit))

    async def _list(self) -> list[Entry]:
        entries: list[Entry] = []
        async for each in self._client.scandir(self._folder):
            mode = each.attrs.permissions
            is_file = each.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR or (mode is not None and stat.S_ISREG(mode))
            if is_file and len(entries) < _LISTED_MAX:
                entries.append(Entry(_text(each.filename), each.attrs.size or 0, each.attrs.mtime or 0))
        return entries

    async def _read(self, name: str, limit: int) -> bytes | None:
        try:
            async with self._client.open(f"{self._folder.rstrip('/')}/{name}", "rb") as stream:
                data: bytes = await stream.read(limit)
                return data
        except asyncssh.SFTPNoSuchFile:
            return None

    def _wait_for(self, work: Coroutine[Any, Any, Result]) -> Result:
        return _run(self._runner, work, self._settings.timeout_seconds)


@contextmanager
def open_sftp(source: str, settings: SftpSettings, login: SftpLogin) -> Iterator[SftpFolder]:
    """Open the folder that `source` names, as `sftp://user@host:port/folder`.

    Raises:
        DeliveryFailed: `sftp.url`, `sftp.settings`, `sftp.host_key` for a server that is not the one declared, `sftp.login`,
            `sftp.folder`, `sftp.unreachable`.
    """
    parts = urlsplit(source)
    if parts.scheme != "sftp" or not parts.hostname or not parts.username or parts.password:
        raise _failed(
            "url", "the source is not an address such as sftp://user@host:22/outbox, without a password in it"
        )
    try:
        keys = [asyncssh.import_public_key(line) for line in settings.host_keys]
        client_keys = (
            [asyncssh.import_private_key(login.private_key, login.passphrase or None)] if login.private_key else None
        )
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise _failed("settings", "a declared host key, or our private key, cannot be read") from None

    async def connect() -> tuple[asyncssh.SSHClientConnection, asyncssh.SFTPClient]:
        connection = await asyncssh.connect(
            parts.hostname or "",
            parts.port or 22,
            username=unquote(parts.username or ""),
            password=login.password or None,
            client_keys=client_keys,
            known_hosts=(keys, [], []),
            config=None,
            agent_path=None,
            gss_host=None,
            preferred_auth=("publickey", "password"),
        )
        return connection, await connection.start_sftp_client()

    with asyncio.Runner() as runner:
        connection, client = _run(runner, connect(), settings.timeout_seconds)
        try:
            yield SftpFolder(client, unquote(parts.path) or "/", runner, settings)
        finally:
            client.exit()
            connection.close()
            runner.run(_closed(connection))


async def _closed(connection: asyncssh.SSHClientConnection) -> None:
    await connection.wait_closed()


def _run(runner: asyncio.Runner, work: Coroutine[Any, Any, Result], seconds: float) -> Result:
    """Do the work, and turn what goes wrong into `DeliveryFailed` by its kind alone: a server's own words may be anything."""
    try:
        return runner.run(asyncio.wait_for(work, seconds))
    except asyncssh.HostKeyNotVerifiable:
        raise _failed(
            "host_key", "the server does not show the declared host key; ask the partner before you trust another"
        ) from None
    except asyncssh.PermissionDenied:
        raise _failed("login", "the server does not let us in; check user, password and key") from None
    except asyncssh.SFTPError as problem:
        raise _failed("folder", f"the folder cannot be read ({type(problem).__name__})") from None
    except (asyncssh.Error, OSError, TimeoutError) as problem:
        raise _failed(
            "unreachable", f"the server cannot be reached ({type(problem).__name__}); it is tried again"
        ) from None


def _failed(code: str, problem: str) -> DeliveryFailed:
    return DeliveryFailed(f"sftp.{code}", problem, f"SFTP 读取失败（sftp.{code}）")


def _text(name: str | bytes) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name

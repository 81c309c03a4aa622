"""The SFTP fixture is a real server: it serves one folder, refuses strangers, goes away and comes back."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import asyncssh
import pytest

from tests.services.sftp import SftpServer


async def list_folder(server: SftpServer, **login: object) -> list[str]:
    known = asyncssh.import_known_hosts(server.known_hosts)
    async with (
        asyncssh.connect(server.host, server.port, known_hosts=known, config=None, **login) as connection,
        connection.start_sftp_client() as client,
    ):
        return sorted(str(name) for name in await client.listdir("/") if str(name) not in {".", ".."})


@pytest.mark.parametrize("by", ["password", "key"])
def test_the_sftp_server_serves_its_folder(sftp_server: SftpServer, by: str) -> None:
    (sftp_server.root / "XFJ_0001.xml").write_text("<a/>")
    logins: dict[str, Callable[[], dict[str, object]]] = {
        "password": lambda: {"password": sftp_server.password, "client_keys": None},
        "key": lambda: {"client_keys": [str(sftp_server.client_key_file)]},
    }
    listed = asyncio.run(list_folder(sftp_server, username=sftp_server.username, **logins[by]()))
    assert listed == ["XFJ_0001.xml"]


def test_the_sftp_server_refuses_a_stranger(sftp_server: SftpServer) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(list_folder(sftp_server, username=sftp_server.username, password="wrong", client_keys=None))


def test_the_sftp_server_comes_back_on_its_port(sftp_server: SftpServer) -> None:
    port = sftp_server.port
    sftp_server.stop()
    login = {"username": sftp_server.username, "password": sftp_server.password, "client_keys": None}
    with pytest.raises(ConnectionRefusedError):
        asyncio.run(list_folder(sftp_server, **login))
    sftp_server.start()
    assert sftp_server.port == port
    assert asyncio.run(list_folder(sftp_server, **login)) == []


def test_a_folder_is_served_and_nothing_above_it(sftp_server: SftpServer, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("not served")
    login = {"username": sftp_server.username, "password": sftp_server.password, "client_keys": None}
    assert asyncio.run(list_folder(sftp_server, **login)) == []

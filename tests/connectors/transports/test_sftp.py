"""A drop on a real SFTP server is read like a local one, from the declared server only, and never written to."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import asyncssh
import msgspec
import pytest

from santiao.connectors.transports.dropped import Shelf
from santiao.connectors.transports.sftp import SftpLogin, SftpSettings, open_sftp
from santiao.domain.errors import DeliveryFailed
from tests.connectors.transports.drop import SETTINGS, Reader, Sender, check_shelf, fill_for_contract, name_of
from tests.connectors.transports.hand_clock import HandClock
from tests.services.sftp import SftpServer


def url(server: SftpServer, folder: str = "/outbox") -> str:
    return f"sftp://{server.username}@{server.host}:{server.port}{folder}"


def settings_for(server: SftpServer) -> SftpSettings:
    return SftpSettings(host_keys=(server.host_key.export_public_key().decode(),), timeout_seconds=20)


@pytest.fixture
def sender(sftp_server: SftpServer) -> Sender:
    (sftp_server.root / "outbox").mkdir()
    return Sender(sftp_server.root / "outbox")


@pytest.fixture
def reader(sftp_server: SftpServer, clock: HandClock) -> Reader:
    def open_shelf(source: str) -> AbstractContextManager[Shelf]:
        return open_sftp(source, settings_for(sftp_server), SftpLogin(password=sftp_server.password))

    reader = Reader(url(sftp_server), clock)
    reader.files = reader.made(SETTINGS, clock, open_shelf)
    return reader


def told(folder: Path) -> Iterator[tuple[str, bytes, int]]:
    for path in sorted(folder.rglob("*")):
        yield path.name, path.read_bytes() if path.is_file() else b"", path.stat().st_mtime_ns


def test_a_server_is_a_shelf(sftp_server: SftpServer) -> None:
    fill_for_contract(sftp_server.root)
    check_shelf(open_sftp(url(sftp_server, "/"), settings_for(sftp_server), SftpLogin(password=sftp_server.password)))


def test_files_are_read_once_when_they_are_complete(sender: Sender, reader: Reader) -> None:
    sender.send(1, "a")
    sender.write(name_of(2), "b")
    sender.send(4, "d")
    assert reader.poll() == ["a", "d"]
    assert (reader.state("waiting"), reader.state("gaps")) == (name_of(2), "20260313:3")
    sender.write(name_of(2, ending="ok"), "")
    assert [reader.poll(), reader.poll()] == [["b"], []]


def test_nothing_on_the_server_is_changed(sender: Sender, reader: Reader, sftp_server: SftpServer) -> None:
    sender.send(1, "a")
    before = list(told(sftp_server.root))
    reader.poll()
    assert list(told(sftp_server.root)) == before


def test_a_large_file_comes_whole_and_one_beyond_its_bound_is_refused(
    sender: Sender, reader: Reader, clock: HandClock, sftp_server: SftpServer
) -> None:
    content = os.urandom(600_000).hex()
    sender.send(1, content)

    def open_shelf(source: str) -> AbstractContextManager[Shelf]:
        return open_sftp(source, settings_for(sftp_server), SftpLogin(password=sftp_server.password))

    reader.files = reader.made(msgspec.structs.replace(SETTINGS, file_bytes=2_000_000), clock, open_shelf)
    assert reader.poll() == [content]
    reader.files = reader.made(msgspec.structs.replace(SETTINGS, file_bytes=1_000_000), clock, open_shelf)
    reader.watermark = None
    assert reader.poll() == [""]


def test_a_private_key_opens_it_too(sender: Sender, sftp_server: SftpServer) -> None:
    sender.send(1, "a")
    login = SftpLogin(private_key=sftp_server.client_key_file.read_text())
    with open_sftp(url(sftp_server), settings_for(sftp_server), login) as shelf:
        assert shelf.read(name_of(1), 10) == b"a"


def test_a_server_with_another_host_key_is_not_believed(sender: Sender, sftp_server: SftpServer) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    login = SftpLogin(password=sftp_server.password)
    with (
        pytest.raises(DeliveryFailed, match=r"sftp\.host_key"),
        open_sftp(url(sftp_server), SftpSettings(host_keys=(other,)), login),
    ):
        pass
    both = SftpSettings(host_keys=(other, *settings_for(sftp_server).host_keys))
    with open_sftp(url(sftp_server), both, login) as shelf:
        assert list(shelf.entries()) == []


def test_a_wrong_password_is_told_without_it(sftp_server: SftpServer) -> None:
    login = SftpLogin(password="hunter2")
    with (
        pytest.raises(DeliveryFailed, match=r"sftp\.login") as caught,
        open_sftp(url(sftp_server), settings_for(sftp_server), login),
    ):
        pass
    assert "hunter2" not in f"{caught.value}{login!r}"
    assert caught.value.__cause__ is None


def test_a_server_that_goes_away_is_tried_again_and_nothing_is_lost(
    sender: Sender, reader: Reader, sftp_server: SftpServer
) -> None:
    sender.send(1, "a")
    sender.send(2, "b")
    pages = reader.files.read(url(sftp_server), None)
    first = next(pages)
    reader.watermark = first.watermark
    sftp_server.stop()
    with pytest.raises(DeliveryFailed, match=r"sftp\.unreachable"):
        list(pages)
    with pytest.raises(DeliveryFailed, match=r"sftp\.unreachable"):
        reader.poll()
    sftp_server.start()
    assert [item.raw for item in first.items] == [b"a"]
    assert reader.poll() == ["b"]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("sftp://{user}@{place}/none", "sftp.folder"),
        ("sftp://{user}@127.0.0.1:1/outbox", "sftp.unreachable"),
        ("sftp://{place}/outbox", "sftp.url"),
        ("sftp://{user}:hunter2@{place}/outbox", "sftp.url"),
        ("https://{user}@{place}/outbox", "sftp.url"),
    ],
)
def test_a_folder_that_cannot_be_opened_is_told(sftp_server: SftpServer, source: str, code: str) -> None:
    place = f"{sftp_server.host}:{sftp_server.port}"
    login = SftpLogin(password=sftp_server.password)
    with (
        pytest.raises(DeliveryFailed) as caught,
        open_sftp(source.format(user=sftp_server.username, place=place), settings_for(sftp_server), login) as shelf,
    ):
        list(shelf.entries())
    assert caught.value.code == code
    assert "hunter2" not in str(caught.value)


def test_keys_that_cannot_be_read_are_told(sftp_server: SftpServer) -> None:
    for settings, login in (
        (SftpSettings(host_keys=("no key",)), SftpLogin(password="x")),
        (settings_for(sftp_server), SftpLogin(private_key="no key")),
    ):
        with pytest.raises(DeliveryFailed, match=r"sftp\.settings"), open_sftp(url(sftp_server), settings, login):
            pass

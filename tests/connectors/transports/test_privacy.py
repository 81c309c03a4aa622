"""Nothing that a source tells, and no secret of ours, stands in a log, whatever is logged."""

import logging
from pathlib import Path

import pytest

from santiao.connectors.transports.sftp import SftpLogin, SftpSettings, open_sftp
from tests.connectors.transports.court_service import CLIENT, CourtService
from tests.connectors.transports.court_service import Reader as ListReader
from tests.connectors.transports.drop import Sender
from tests.connectors.transports.front_end import FrontEnd, stamp
from tests.connectors.transports.front_end import Reader as TableReader
from tests.connectors.transports.hand_clock import HandClock
from tests.services.sftp import SftpServer

NAME = "冯守业"


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything, down to what libraries say of their own working."""
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy", "sqlalchemy.engine", "sqlalchemy.pool", "httpx", "httpcore", "asyncssh"):
        caplog.set_level(logging.DEBUG, name)
    return caplog


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_tables_rows_are_not_logged(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock, logged: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite:///{tmp_path / 'front.sqlite'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    front = FrontEnd(url)
    for number in range(5):
        front.insert(f"A{number}", stamp(clock.now), NAME)
    logged.clear()
    assert len(TableReader(front, clock).poll()) == 5
    front.close()
    assert NAME not in logged.text
    assert repr(NAME.encode()) not in logged.text


def test_a_lists_records_and_our_secrets_are_not_logged(
    service: CourtService, logged: pytest.LogCaptureFixture
) -> None:
    service.put("c1", NAME)
    assert len(ListReader(service).poll()) == 1
    assert "HTTP Request" in logged.text
    for told in (NAME, CLIENT.client_secret, CLIENT.gateway_token, "token-1"):
        assert told not in logged.text


def test_a_servers_files_and_our_password_are_not_logged(
    sftp_server: SftpServer, logged: pytest.LogCaptureFixture
) -> None:
    Sender(sftp_server.root).write("a.xml", NAME)
    settings = SftpSettings(host_keys=(sftp_server.host_key.export_public_key().decode(),))
    source = f"sftp://{sftp_server.username}@{sftp_server.host}:{sftp_server.port}/"
    with open_sftp(source, settings, SftpLogin(password=sftp_server.password)) as folder:
        assert folder.read("a.xml", 100) == NAME.encode()
    assert NAME not in logged.text
    assert sftp_server.password not in logged.text

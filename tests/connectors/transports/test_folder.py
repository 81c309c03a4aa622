"""A local folder is a shelf of dropped files, and what is not plainly a file of it is not seen."""

from pathlib import Path

import pytest

from santiao.connectors.transports.folder import open_folder
from santiao.domain.errors import DeliveryFailed
from tests.connectors.transports.drop import Reader, Sender, check_shelf, fill_for_contract, name_of
from tests.connectors.transports.hand_clock import HandClock


def test_a_folder_is_a_shelf(tmp_path: Path) -> None:
    fill_for_contract(tmp_path)
    check_shelf(open_folder(str(tmp_path)))


def test_a_link_put_in_a_files_place_is_not_followed(tmp_path: Path) -> None:
    sender = Sender(tmp_path)
    sender.send(1, "a")
    sender.write("elsewhere", "not theirs")
    with open_folder(str(tmp_path)) as folder:
        (tmp_path / name_of(1)).unlink()
        (tmp_path / name_of(1)).symlink_to(tmp_path / "elsewhere")
        with pytest.raises(DeliveryFailed):
            folder.read(name_of(1), 100)
        assert folder.read(name_of(7), 100) is None


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, clock: HandClock) -> None:
    (tmp_path / "file").write_text("")
    for source in (tmp_path / "none", tmp_path / "file"):
        with pytest.raises(DeliveryFailed, match=r"drop\.folder"):
            Reader(str(source), clock).poll()

"""A file per batch: complete when its marker stands, and never written twice."""

from pathlib import Path

import pytest

from santiao.delivery.contract import Parcel
from santiao.delivery.files import FileDrop
from santiao.domain.errors import DeliveryFailed


def parcel(data: bytes = b"{}", destination: str = "court") -> Parcel:
    return Parcel(batch="FB_1_2", destination=destination, data=data, form="json", rows=1)


def test_a_marker_says_that_the_file_is_complete(tmp_path: Path) -> None:
    FileDrop(tmp_path).carry(parcel(b"[1]"))
    assert (tmp_path / "court" / "FB_1_2.json").read_bytes() == b"[1]"
    assert sorted(path.name for path in (tmp_path / "court").iterdir()) == ["FB_1_2.json", "FB_1_2.json.ok"]


def test_what_is_complete_is_left_as_it_is(tmp_path: Path) -> None:
    drop = FileDrop(tmp_path)
    drop.carry(parcel(b"first"))
    drop.carry(parcel(b"second"))
    assert (tmp_path / "court" / "FB_1_2.json").read_bytes() == b"first"


def test_what_a_crash_left_without_a_marker_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "court").mkdir()
    (tmp_path / "court" / "FB_1_2.json").write_bytes(b"half")
    FileDrop(tmp_path).carry(parcel(b"whole"))
    assert (tmp_path / "court" / "FB_1_2.json").read_bytes() == b"whole"


@pytest.mark.parametrize("destination", ["../elsewhere", "a/b", "", "Court", ".hidden"])
def test_a_name_that_is_no_folders_name_is_refused(tmp_path: Path, destination: str) -> None:
    with pytest.raises(DeliveryFailed, match=r"feedback\.destination"):
        FileDrop(tmp_path).carry(parcel(destination=destination))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_a_failed_delivery(tmp_path: Path) -> None:
    (tmp_path / "court").write_text("a file where the folder should be")
    with pytest.raises(DeliveryFailed, match=r"feedback\.folder"):
        FileDrop(tmp_path).carry(parcel())

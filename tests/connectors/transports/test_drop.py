"""A drop of documents: complete with its marker, told by number, as new as the latest time it carries."""

from datetime import datetime
from pathlib import Path

from santiao.connectors.forms import DropForm
from santiao.connectors.transports.drop import Drop
from tests.connectors.conftest import NOW
from tests.connectors.transports.readings import fault_codes, items_of, reading

FORM = DropForm(
    files="XFJ_*.xml",
    element="Xfj",
    changed=("lastmodifytime",),
    times="%Y-%m-%dT%H:%M:%S",
    charsets=("utf-8", "gb18030"),
    name_pattern=r"XFJ_(?P<day>\d{8})_(?P<number>\d{3})\.xml",
)


def put(
    folder: Path, number: int, *, day: str = "20260313", is_complete: bool = True, body: str = "<xm>张三</xm>"
) -> None:
    name = f"XFJ_{day}_{number:03}"
    (folder / f"{name}.xml").write_bytes(f"<XfjList><Xfj>{body}</Xfj></XfjList>".encode("gb18030"))
    if is_complete:
        (folder / f"{name}.ok").touch()


def test_a_file_without_its_marker_is_read_when_the_marker_comes(tmp_path: Path) -> None:
    reader = Drop(FORM, reading())
    put(tmp_path, 1)
    put(tmp_path, 2, is_complete=False)
    put(tmp_path, 3)
    pages = list(reader.read(str(tmp_path), None))
    assert [item.where for item in items_of(pages)] == ["XFJ_20260313_001.xml#1", "XFJ_20260313_003.xml#1"]
    (tmp_path / "XFJ_20260313_002.ok").touch()
    later = items_of(reader.read(str(tmp_path), pages[-1].watermark))
    assert [item.where for item in later] == ["XFJ_20260313_002.xml#1"]


def test_one_file_by_its_own_name_needs_its_marker_too(tmp_path: Path) -> None:
    put(tmp_path, 1)
    put(tmp_path, 2)
    source = str(tmp_path / "XFJ_20260313_002.xml")
    assert [item.where for item in items_of(Drop(FORM, reading()).read(source, None))] == ["XFJ_20260313_002.xml#1"]


def test_a_document_is_as_new_as_its_latest_item_or_its_name_and_never_newer_than_now(tmp_path: Path) -> None:
    reader = Drop(FORM, reading())
    put(tmp_path, 1, day="20260313", body="<lastmodifytime>2026-03-14T09:00:00</lastmodifytime>")
    put(tmp_path, 1, day="20260315", body="<lastmodifytime>2026-03-14T09:00:00</lastmodifytime>")
    put(tmp_path, 1, day="20260316", body="<lastmodifytime>2027-03-14T09:00:00</lastmodifytime>")
    told = [item.delivered_at for item in items_of(reader.read(str(tmp_path), None))]
    assert told == [
        datetime(2026, 3, 14, 9, tzinfo=NOW.tzinfo),
        datetime(2026, 3, 15, 23, 59, 59, tzinfo=NOW.tzinfo),
        datetime(2026, 3, 16, 23, 59, 59, tzinfo=NOW.tzinfo),
    ]


def test_a_refused_document_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    put(tmp_path, 1)
    (tmp_path / "XFJ_20260313_001.xml").write_bytes(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>')
    put(tmp_path, 2)
    put(tmp_path, 3, body="<tsnr>" + "长" * 2000 + "</tsnr>")
    items = items_of(Drop(FORM, reading(file_bytes=1000)).read(str(tmp_path), None))
    assert sorted(fault_codes(items)) == ["", "file.dtd", "file.oversize"]

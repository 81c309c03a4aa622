"""A drop for tests: the agency that sends files, the hub that reads them, and what every shelf of files keeps."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from santiao.connectors.contract import RawItem
from santiao.connectors.transports.dropped import DroppedFiles, DropSettings, Shelf
from santiao.connectors.transports.folder import open_folder
from santiao.domain.messages import Watermark
from tests.connectors.transports.hand_clock import HandClock

SETTINGS = DropSettings(files=("XFJ_*.xml",), name_pattern=r"_(?P<day>\d{8})_(?P<number>\d{3})\.xml$", file_bytes=1000)


def read_document(data: bytes, name: str) -> Iterator[RawItem]:
    """One item a line."""
    for number, line in enumerate(data.splitlines(), start=1):
        yield RawItem(where=f"{name}#{number}", raw=line, cells={"text": line.decode()})


def name_of(number: int, day: int = 20260313, ending: str = "xml") -> str:
    return f"XFJ_340300_{day}_{number:03}.{ending}"


class Reader:
    """The hub's side: it keeps the watermark of the last page it took."""

    def __init__(self, source: str, clock: HandClock, settings: DropSettings = SETTINGS) -> None:
        self._source = source
        self.files = self.made(settings, clock, open_folder)
        self.watermark: Watermark | None = None

    @staticmethod
    def made(
        settings: DropSettings, clock: HandClock, shelf: Callable[[str], AbstractContextManager[Shelf]]
    ) -> DroppedFiles:
        return DroppedFiles(
            settings,
            connector="petitions",
            feed="drop",
            clock=clock,
            open_shelf=shelf,
            read_document=read_document,
        )

    def poll(self) -> list[str]:
        """The raw items of one poll."""
        found: list[str] = []
        for page in self.files.read(self._source, self.watermark):
            self.watermark = page.watermark
            found += [item.raw.decode() for item in page.items]
        return found

    def state(self, name: str) -> str:
        return "" if self.watermark is None else self.watermark.state[name]


class Sender:
    """The agency's side of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seconds = 1_773_000_000

    def write(self, name: str, text: str) -> None:
        self._seconds += 1
        (self.folder / name).write_text(text)
        os.utime(self.folder / name, (self._seconds, self._seconds))

    def send(self, number: int, text: str, day: int = 20260313) -> None:
        self.write(name_of(number, day), text)
        self.write(name_of(number, day, "ok"), "")


def check_shelf(shelf: AbstractContextManager[Shelf]) -> None:
    """What every shelf keeps; the folder holds `a.xml` (`<a/>`), a folder and a link."""
    with shelf as opened:
        assert [(entry.name, entry.size) for entry in opened.entries()] == [("a.xml", 4)]
        assert opened.read("a.xml", 100) == b"<a/>"
        assert opened.read("a.xml", 2) == b"<a"
        assert opened.read("none.xml", 100) is None


def fill_for_contract(folder: Path) -> None:
    (folder / "a.xml").write_text("<a/>")
    (folder / "folder").mkdir()
    (folder / "link.xml").symlink_to("a.xml")

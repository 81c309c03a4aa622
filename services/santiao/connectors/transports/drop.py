"""Documents of a file drop (文件交换): XML in files that are complete when their marker stands beside them.

The rule kept here: a document is one delivery; the latest time it carries, in its items or in its name, is when it was delivered.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import msgspec

from santiao.connectors.contract import Page, RawItem
from santiao.connectors.expressions import compile_text
from santiao.connectors.forms import DropForm
from santiao.connectors.transports.dropped import DroppedFiles, DropSettings, Shelf
from santiao.connectors.transports.elements import DocumentForm, read_elements
from santiao.connectors.transports.files import day_in_name, latest
from santiao.connectors.transports.folder import open_folder
from santiao.connectors.transports.reading import Reading
from santiao.connectors.transports.timestamps import latest_told
from santiao.domain.messages import Watermark

OpenShelf = Callable[[str], AbstractContextManager[Shelf]]


class Drop:
    """Reads a folder of dropped documents, here or on a partner's server."""

    def __init__(self, form: DropForm, reading: Reading, open_shelf: OpenShelf = open_folder) -> None:
        self._form = form
        self._reading = reading
        self._open_shelf = open_shelf
        self._document = DocumentForm(form.element, frozenset(form.lists), form.charsets, reading.bounds.items)
        self._changed = tuple(compile_text(path) for path in form.changed)

    def read(self, source: str, watermark: Watermark | None) -> Iterator[Page]:
        path = Path(source)
        is_one = self._open_shelf is open_folder and path.is_file()
        settings = DropSettings(
            files=(path.name if is_one else self._form.files,),
            marker=self._form.marker,
            name_pattern=self._form.name_pattern,
            file_bytes=self._reading.bounds.file_bytes,
        )
        files = DroppedFiles(
            settings,
            connector=self._reading.connector,
            feed=self._reading.feed,
            clock=self._reading.clock,
            open_shelf=self._open_shelf,
            read_document=self.read_bytes,
        )
        yield from files.read(str(path.parent) if is_one else source, watermark)

    def read_bytes(self, data: bytes, name: str) -> tuple[RawItem, ...]:
        """The items of one document."""
        items = read_elements(data, name, self._document)
        delivered_at = self._latest(items, name)
        return tuple(msgspec.structs.replace(item, delivered_at=delivered_at) for item in items)

    def _latest(self, items: list[RawItem], name: str) -> datetime | None:
        texts = {changed(item.cells) for item in items if item.cells is not None for changed in self._changed}
        now = self._reading.clock()
        told = latest_told(texts, self._form.times, now)
        return latest([told, day_in_name(name, self._form.name_pattern)], now)

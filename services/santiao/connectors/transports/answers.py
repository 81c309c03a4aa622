"""Saved list answers of a service (`page-*.json`): each a delivery, each element of its list an item.

The rule kept here: an answer with which the source says that it is busy or failing is no item; an answer that is no JSON is one
item, quarantined; the others go on.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from santiao.connectors.contract import Page, RawItem
from santiao.connectors.expressions import compile_text, text_of
from santiao.connectors.faults import Place, fault, fault_at
from santiao.connectors.forms import AnswersForm
from santiao.connectors.transports.files import list_deliveries, read_delivery
from santiao.connectors.transports.reading import FilesRead, Reading
from santiao.connectors.transports.timestamps import latest_told
from santiao.domain.messages import Fault, Watermark


class Answers:
    """Reads a folder of saved answers, or one of them."""

    def __init__(self, form: AnswersForm, reading: Reading) -> None:
        self._form = form
        self._reading = reading
        self._changed = tuple(compile_text(path) for path in form.changed)

    def read(self, source: str, watermark: Watermark | None) -> Iterator[Page]:
        state = {} if watermark is None else dict(watermark.state)
        read = FilesRead(state)
        for path in read.unread(list_deliveries(source, (self._form.files,))):
            page = self._read_file(path)
            read.add(path)
            yield Page(page.items, self._reading.watermark(state), page.busy)
        yield Page((), self._reading.watermark(state))

    def _read_file(self, path: Path) -> Page:
        delivery = read_delivery(path, self._reading.bounds.file_bytes)
        if delivery.fault is not None:
            return Page((RawItem(where=path.name, raw=b"", fault=delivery.fault),))
        return self.read_bytes(delivery.data, path.name)

    def read_bytes(self, data: bytes, name: str) -> Page:
        """One answer: its items, or why it is busy."""
        data = data.removeprefix(BOM)
        try:
            answer: dict[str, msgspec.Raw] = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
            code = (
                text_of(msgspec.json.decode(answer[self._form.code]))
                if self._form.code in answer
                else self._form.ok_codes[0]
            )
            if code not in self._form.ok_codes:
                return Page((), busy=f"{name}: code {code[:20]}")
            elements = _list_at(answer, self._form.items.split("."))
        except UNREADABLE as failure:
            return Page((RawItem(where=name, raw=data, fault=unreadable("file", failure, data, name)),))
        if elements is None:
            return Page((RawItem(where=name, raw=data, fault=fault("file.no_items", name, self._form.items)),))
        if len(elements) > self._reading.bounds.items:
            return Page(
                (RawItem(where=name, raw=b"", fault=fault("file.too_many", name, str(self._reading.bounds.items))),)
            )
        return Page(self._items(elements, name))

    def _items(self, elements: list[msgspec.Raw], name: str) -> tuple[RawItem, ...]:
        """The elements as items; one that cannot be taken apart is one quarantined item, and the others go on."""
        items = [_item(bytes(raw), f"{name}#{number}") for number, raw in enumerate(elements, start=1)]
        texts = {changed(item.cells) for item in items if item.cells is not None for changed in self._changed}
        delivered_at = latest_told(texts, self._form.times, self._reading.clock())
        if delivered_at is None:
            return tuple(items)
        return tuple([msgspec.structs.replace(item, delivered_at=delivered_at) for item in items])


def _item(raw: bytes, where: str) -> RawItem:
    try:
        cells: object = msgspec.json.decode(raw)
    except UNREADABLE as failure:
        return RawItem(where=where, raw=raw, fault=unreadable("item", failure, raw, where))
    if not isinstance(cells, dict):
        return RawItem(where=where, raw=raw, fault=fault("item.not_object", where))
    return RawItem(where=where, raw=raw, cells=cells)


def _list_at(answer: dict[str, msgspec.Raw], steps: list[str]) -> list[msgspec.Raw] | None:
    """The elements of the list at a path, undecoded; None where no list is."""
    here = answer
    try:
        for step in steps[:-1]:
            here = msgspec.json.decode(here.get(step, _NONE), type=dict[str, msgspec.Raw])
        return msgspec.json.decode(here.get(steps[-1], _NONE), type=list[msgspec.Raw])
    except msgspec.ValidationError:
        return None


_NONE = msgspec.Raw(b"null")
BOM = b"\xef\xbb\xbf"


UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the decoder raises for bytes that are no JSON, or are JSON beyond reason."""


def unreadable(subject: str, failure: Exception, data: bytes, where: str) -> Fault:
    """Why a document (`file`) or an element (`item`) is no JSON: the decoder's own byte number, and nothing of what stands there."""
    if isinstance(failure, RecursionError):
        return fault_at(f"{subject}.not_json", where, Place("nested too deep", "嵌套过深"))
    told = str(failure)
    if isinstance(failure, UnicodeDecodeError):
        place = Place.at_byte(failure.start)
    elif "byte " in told:
        place = Place.at_byte(int(told.rsplit("byte ", 1)[1].rstrip(")")))
    elif "truncated" in told:
        return fault_at("file.truncated" if subject == "file" else "item.not_json", where, Place.at_byte(len(data)))
    else:
        place = Place("unexpected form", "结构不符")
    return fault_at(f"{subject}.not_json", where, place)

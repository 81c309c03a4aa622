"""Saved list answers of a service (`page-*.json`): each a delivery, each element of its list an item.

The rule kept here: an answer with which the source says that it is busy or failing is no item; an answer that is no JSON is one
item, quarantined; the others go on.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from santiao.connectors.contract import Page, RawItem
from santiao.connectors.expressions import compile_expression, text_of
from santiao.connectors.faults import fault
from santiao.connectors.forms import AnswersForm
from santiao.connectors.transports.files import list_deliveries, read_delivery
from santiao.connectors.transports.reading import FilesRead, Reading
from santiao.connectors.transports.timestamps import latest_told
from santiao.domain.messages import Watermark


class Answers:
    """Reads a folder of saved answers, or one of them."""

    def __init__(self, form: AnswersForm, reading: Reading) -> None:
        self._form = form
        self._reading = reading
        self._changed = tuple(compile_expression(path) for path in form.changed)

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
            decoded = [(bytes(raw), msgspec.json.decode(raw)) for raw in elements or ()]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as failure:
            return Page((RawItem(where=name, raw=data, fault=fault("file.not_json", name, place_of(failure))),))
        if elements is None:
            return Page((RawItem(where=name, raw=data, fault=fault("file.no_items", name, self._form.items)),))
        if len(elements) > self._reading.bounds.items:
            return Page(
                (RawItem(where=name, raw=b"", fault=fault("file.too_many", name, str(self._reading.bounds.items))),)
            )
        return Page(self._items(decoded, name))

    def _items(self, decoded: list[tuple[bytes, Any]], name: str) -> tuple[RawItem, ...]:
        now = self._reading.clock()
        texts = {
            text_of(changed(cells)) for _, cells in decoded if isinstance(cells, dict) for changed in self._changed
        }
        delivered_at = latest_told(texts, self._form.times, now)
        return tuple(
            RawItem(where=where, raw=raw, cells=cells, delivered_at=delivered_at)
            if isinstance(cells, dict)
            else RawItem(where=where, raw=raw, fault=fault("item.not_object", where), delivered_at=delivered_at)
            for number, (raw, cells) in enumerate(decoded, start=1)
            for where in (f"{name}#{number}",)
        )


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


def place_of(failure: Exception) -> str:
    """Where a document stopped being JSON: the decoder's own byte number, and nothing of what stands there."""
    if isinstance(failure, UnicodeDecodeError):
        return f"byte {failure.start}"
    told = str(failure)
    return f"byte {told.rsplit('byte ', 1)[1].rstrip(')')}" if "byte " in told else "unexpected form"

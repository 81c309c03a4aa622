"""CloudEvents 1.0 in a JSON-lines file, one structured event a line.

The rule kept here: an event is taken whole, its attributes and its data, so that a declaration may map either; what it carries as
its time is when it was delivered.
"""

from collections.abc import Iterator

from santiao.connectors.contract import Page, RawItem
from santiao.connectors.faults import fault
from santiao.connectors.forms import EventsForm
from santiao.connectors.transports.cloudevents import read_decoded
from santiao.connectors.transports.files import list_deliveries
from santiao.connectors.transports.lines import Line, read_lines
from santiao.connectors.transports.reading import FilesRead, Reading
from santiao.domain.messages import Watermark

_PAGE = 500


class EventLines:
    """Reads a file of events, or a folder of such files."""

    def __init__(self, form: EventsForm, reading: Reading) -> None:
        self._form = form
        self._reading = reading

    def read(self, source: str, watermark: Watermark | None) -> Iterator[Page]:
        state = {} if watermark is None else dict(watermark.state)
        read = FilesRead(state)
        for path in read.unread(list_deliveries(source, (self._form.files,))):
            items: list[RawItem] = []
            for line in read_lines(path, self._reading.bounds):
                items.append(self.read_line(line))
                if len(items) >= _PAGE:
                    yield Page(tuple(items))
                    items = []
            read.add(path)
            yield Page(tuple(items), self._reading.watermark(state))
        yield Page((), self._reading.watermark(state))

    def read_line(self, line: Line) -> RawItem:
        """The event of one line."""
        if line.item is not None:
            return line.item
        told = line.value.get("type")
        if self._form.types and isinstance(told, str) and told not in self._form.types:
            return RawItem(where=line.where, raw=line.raw, fault=fault("item.unknown_type", line.where))
        return read_decoded(line.raw, line.value, where=line.where, now=self._reading.clock())

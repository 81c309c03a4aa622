"""What a transport gives and what translation takes: the seam inside this room.

A transport moves bytes and knows a form (table, pages, file drop, snapshot, webhook, CloudEvents); a declaration
(`connectors/<agency>/connector.yaml`) says what the cells mean. A transport never decides what a cell means; translation never opens
a file or a socket.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

import msgspec

from santiao.domain.messages import Fault, Watermark

Cell = str | int | float | bool | None | bytes | list["Cell"] | dict[str, "Cell"]
"""A cell before conversion. Bytes only where a column must be decoded by itself (byte-limited text)."""


class RawItem(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One item as it came: `cells` when it could be taken apart, else `fault`.

    `where` is `file:line`, `file#element` or `table/key`; `delivered_at` the latest time the delivery itself carries, None when it
    carries none. `op` is set by transports that learn it from the form (SNAPSHOT_ABSENT); `counted` False for what is no item.
    """

    where: str
    raw: bytes
    cells: Mapping[str, Cell] | None = None
    fault: Fault | None = None
    table: str = ""
    delivered_at: datetime | None = None
    op: str = ""
    counted: bool = True
    charset: str = "utf-8"
    repairs: tuple[str, ...] = ()
    nonce: str = ""
    head: bytes = b""
    """What must stand before `raw` so that it can be read by itself: a row's header."""


class Page(msgspec.Struct, frozen=True):
    """A run of items whose watermark commits with them. `busy` when the source asked to be tried again (then no items)."""

    items: tuple[RawItem, ...]
    watermark: Watermark | None = None
    busy: str = ""


class Transport(Protocol):
    """Reads one source of one feed.

    Raises:
        DeliveryFailed: the source could not be opened or did not answer. Never for one bad item: that is a fault of the item.
    """

    def read(self, source: str, watermark: Watermark | None) -> Iterator[Page]:
        """Yield pages from where `watermark` stands (None: all there is)."""
        ...

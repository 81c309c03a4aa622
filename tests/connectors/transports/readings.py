"""What tests of readers of files share: a feed's reading on a clock that stands, and the items of all pages."""

from collections.abc import Iterable

import msgspec

from santiao.connectors.contract import Page, RawItem
from santiao.connectors.forms import Bounds
from santiao.connectors.transports.reading import Reading
from tests.connectors.conftest import NOW


def reading(headers: dict[str, str] | None = None, **bounds: int) -> Reading:
    """A feed's reading with other bounds than the common ones."""
    return Reading("agency", "feed", msgspec.convert(bounds, Bounds), headers or {}, lambda: NOW)


def items_of(pages: Iterable[Page]) -> list[RawItem]:
    """All items of all pages."""
    return [item for page in pages for item in page.items]


def fault_codes(items: Iterable[RawItem]) -> list[str]:
    """Each item's fault; empty where there is none."""
    return ["" if item.fault is None else item.fault.code for item in items]

"""What the commands `cases`, `links` and `case show` print, in the contract's form. No personal data stands in these views."""

from collections.abc import Iterator

import msgspec
from sqlalchemy.engine import Connection

from santiao.projections.batch_queries import BatchItem, list_batches
from santiao.projections.case_history import get_case_as_of
from santiao.projections.case_queries import EVERYTHING, OPEN, CaseItem, get_case, list_cases
from santiao.projections.deadlines import DeadlineEntry, deadlines_of
from santiao.projections.linking import LinkItem, list_links
from santiao.projections.moments import parse_as_of
from santiao.projections.reading import PAGE_MAX, Reading
from santiao.projections.timeline import TimelineEntry, whole_timeline_of
from santiao.store.database import Database


class CaseShown(msgspec.Struct, frozen=True):
    """One case with its other names, its timeline and its deadlines."""

    case: CaseItem
    aliases: tuple[str, ...]
    timeline: tuple[TimelineEntry, ...]
    deadlines: tuple[DeadlineEntry, ...]


def every_case(views: Database, connection: Connection, *, everything: bool) -> Iterator[CaseItem]:
    """Open cases, or all that live, the oldest first."""
    reading, after = Reading(views, connection), None
    while True:
        page = list_cases(reading, EVERYTHING if everything else OPEN, after=after, limit=PAGE_MAX)
        yield from (summary.item for summary in page.items)
        after = page.next
        if after is None:
            return


def every_link(views: Database, connection: Connection) -> Iterator[LinkItem]:
    """Everything that stands between two sources."""
    reading, after = Reading(views, connection), None
    while True:
        page = list_links(reading, after=after, limit=PAGE_MAX)
        yield from (detail.item for detail in page.items)
        after = page.next
        if after is None:
            return


def every_batch(views: Database, connection: Connection) -> Iterator[BatchItem]:
    """Every parent batch, by its number."""
    reading, after = Reading(views, connection), None
    while True:
        page = list_batches(reading, after=after)
        yield from page.items
        after = page.next
        if after is None:
            return


def show_case(views: Database, connection: Connection, name: str, as_of: str | None) -> CaseShown:
    """A case under any of its names, now or as it was recorded at a time.

    Raises:
        NotFound: nothing is, or was then, known under the name.
        Rejection: `as_of` is neither a date nor a time with offset.
    """
    reading = Reading(views, connection)
    moment = parse_as_of(as_of) if as_of else None
    found = get_case(reading, name) if moment is None else get_case_as_of(reading, name, moment)
    names = (found.item.case_id, *found.aliases)
    return CaseShown(
        case=found.item,
        aliases=found.aliases,
        timeline=whole_timeline_of(reading, names, as_of_ms=moment),
        deadlines=tuple(item.entry for item in deadlines_of(reading, names, as_of_ms=moment)),
    )

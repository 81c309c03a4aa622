"""The links (关联) between sources: what the rules linked or proposed, and what people said; the worklist of proposals."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from santiao.domain.events import links, sources
from santiao.domain.vocabulary import LinkState
from santiao.projections.batches import CHILDREN
from santiao.projections.case_overview_rows import SOURCES
from santiao.projections.contract import Index, Key, Projection, TableSet, ViewTable
from santiao.projections.moments import tell
from santiao.projections.reading import Page, Reading, Value, decode_cursor, encode_cursor, page_size
from santiao.store.log import Entry

VIEW = "linking"


class PairRow(msgspec.Struct, gc=False):
    """What stands between two sources, `a` < `b`; `rank` is the score downwards, so that the likeliest proposal sorts first."""

    a: str
    b: str
    state: str
    by: str
    score: int
    reasons: str
    evidence: str
    rank: int
    shard: int
    first_position: int
    position: int
    decided_ms: int


class ShownKeyRow(msgspec.Struct, gc=False):
    """The key under which others see a source, where it is not the one that names it for ever."""

    source_id: str
    key: str


def _pairs_of(entry: Entry, event: Any) -> Iterable[Key]:
    return ((event.a, event.b),) if hasattr(event, "a") else ()


def _sources_of(entry: Entry, event: Any) -> Iterable[Key]:
    name = getattr(event, "source_id", None)
    return (name,) if name else ()


PAIRS = ViewTable(
    name=VIEW,
    view=VIEW,
    row=PairRow,
    key_columns=2,
    indexes=(Index(("b",)), Index(("rank", "a", "b"), "state = 'proposed'")),
    looks_at=_pairs_of,
)
SHOWN_KEYS = ViewTable(name="linking_keys", view=VIEW, row=ShownKeyRow, looks_at=_sources_of)

_encode = msgspec.json.Encoder().encode
_decode_reasons = msgspec.json.Decoder(tuple[str, ...]).decode


class LinkFold:
    """Folds the events of links."""

    def __init__(self, tables: TableSet) -> None:
        self.rows = tables.of(PAIRS)
        self.keys = tables.of(SHOWN_KEYS)

    def accepted(self, at: Entry, event: links.LinkAccepted) -> None:
        self._tell(at, event, LinkState.ACCEPTED, event.by)

    def proposed(self, at: Entry, event: links.LinkProposed) -> None:
        self._tell(at, event, LinkState.PROPOSED, "person" if "person" in event.reasons else "rule")

    def _tell(self, at: Entry, event: links.LinkAccepted | links.LinkProposed, state: LinkState, by: str) -> None:
        row = self._row(at, event.a, event.b)
        row.state, row.by, row.evidence = state.value, str(by), event.evidence
        row.score, row.rank, row.reasons = event.score, -event.score, _encode(event.reasons).decode()

    def rejected(self, at: Entry, event: links.LinkRejected) -> None:
        row = self._row(at, event.a, event.b)
        row.state, row.by, row.evidence = LinkState.REJECTED.value, str(event.by), event.evidence

    def dissolved(self, at: Entry, event: links.LinkDissolved) -> None:
        if self.rows.get((event.a, event.b)) is not None:
            row = self._row(at, event.a, event.b)
            row.state, row.by = LinkState.DISSOLVED.value, str(event.by)

    def _row(self, at: Entry, a: str, b: str) -> PairRow:
        row = self.rows.change((a, b))
        if row is None:
            row = PairRow(a, b, "", "", 0, "[]", "", 0, at.shard, at.position, 0, 0)
            self.rows.put(row)
        row.position, row.decided_ms = at.position, at.recorded_ms
        return row

    def reported(self, at: Entry, event: sources.SourceReported) -> None:
        self._show(event.source_id, event.key)

    def rekeyed(self, at: Entry, event: sources.SourceRekeyed) -> None:
        self._show(event.source_id, event.new_key)

    def _show(self, source_id: str, key: str) -> None:
        if source_id.partition(":")[2] != key:
            self.keys.put(ShownKeyRow(source_id, key))
        elif self.keys.get(source_id) is not None:
            self.keys.delete(source_id)


LINKING = Projection(
    name=VIEW,
    version=1,
    tables=(PAIRS, SHOWN_KEYS),
    fold=LinkFold,
    handlers={
        "LinkAccepted": LinkFold.accepted,
        "LinkProposed": LinkFold.proposed,
        "LinkRejected": LinkFold.rejected,
        "LinkDissolved": LinkFold.dissolved,
        "SourceReported": LinkFold.reported,
        "SourceRekeyed": LinkFold.rekeyed,
    },
)


# --- queries -----------------------------------------------------------------------------------------------------------


class SourceName(msgspec.Struct, frozen=True):
    """A source by its agency and the key others see."""

    agency: str
    key: str


class LinkItem(msgspec.Struct, frozen=True):
    """A link as the contract tells it. `score` in thousandths."""

    a: SourceName
    b: SourceName
    state: str
    by: str
    score: int
    reasons: tuple[str, ...]


class LinkDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A link with what a person needs to decide about it; `a` and `b` are the ids that commands take."""

    item: LinkItem
    a: str
    b: str
    evidence: str
    first_position: int
    position: int
    decided_at: str


class LinkFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which links: of a state, with a source of one of these agencies, with one of these sources (by id). Empty means any."""

    state: str = ""
    agencies: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


ANY = LinkFilter()


def list_links(
    reading: Reading, asked: LinkFilter = ANY, *, after: str | None = None, limit: int = 100
) -> Page[LinkDetail]:
    """Links by their sources.

    Raises:
        Rejection: the cursor is of another list, or the limit out of bounds.
    """
    where, values = _conditions(asked)
    if after:
        a, b = decode_cursor(after, tuple[str, str])
        where.append("(a > ? OR (a = ? AND b > ?))")
        values.extend((a, a, b))
    rows = reading.rows(PAIRS, " AND ".join(where), values, order="a, b", limit=page_size(limit) + 1)
    shown = rows[:limit]
    return Page(_details(reading, shown), encode_cursor(shown[-1].a, shown[-1].b) if len(rows) > limit else None)


def list_proposals(reading: Reading, *, after: str | None = None, limit: int = 100) -> Page[LinkDetail]:
    """Proposals that wait for a person, the likeliest first. Two children of one batch are no question: they are one dispute.

    Raises:
        Rejection: the cursor is of another list, or the limit out of bounds.
    """
    sources, children = reading.table(SOURCES), reading.table(CHILDREN)
    of_one_batch = (
        f"SELECT 1 FROM {sources} s1, {sources} s2, {children} c1, {children} c2 WHERE s1.source_id = a AND s2.source_id = b "
        "AND c1.case_id = s1.case_id AND c2.case_id = s2.case_id AND c1.batch = c2.batch"
    )
    where, values = ["state = 'proposed'", f"NOT EXISTS ({of_one_batch})"], list[Value]()
    if after:
        rank, a, b = decode_cursor(after, tuple[int, str, str])
        where.append("(rank > ? OR (rank = ? AND (a > ? OR (a = ? AND b > ?))))")
        values.extend((rank, rank, a, a, b))
    rows = reading.rows(PAIRS, " AND ".join(where), values, order="rank, a, b", limit=page_size(limit) + 1)
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return Page(_details(reading, shown), encode_cursor(last.rank, last.a, last.b) if last is not None else None)


def _conditions(asked: LinkFilter) -> tuple[list[str], list[Value]]:
    where: list[str] = []
    values: list[Value] = []
    if asked.state:
        where.append("state = ?")
        values.append(asked.state)
    if asked.agencies:
        # Ids begin with the agency's name and a colon; ";" is the character after it.
        one = "(a >= ? AND a < ?) OR (b >= ? AND b < ?)"
        where.append(f"({' OR '.join([one] * len(asked.agencies))})")
        values.extend(bound for agency in asked.agencies for bound in (f"{agency}:", f"{agency};") * 2)
    if asked.sources:
        marks = ", ".join("?" * len(asked.sources))
        where.append(f"(a IN ({marks}) OR b IN ({marks}))")
        values.extend(asked.sources * 2)
    return where, values


def _details(reading: Reading, rows: Sequence[PairRow]) -> tuple[LinkDetail, ...]:
    names = {name for row in rows for name in (row.a, row.b)}
    shown = {row.source_id: row.key for row in reading.among(SHOWN_KEYS, "source_id", sorted(names))}

    def name_of(source_id: str) -> SourceName:
        agency, _, key = source_id.partition(":")
        return SourceName(agency, shown.get(source_id, key))

    return tuple(
        LinkDetail(
            item=LinkItem(name_of(row.a), name_of(row.b), row.state, row.by, row.score, _decode_reasons(row.reasons)),
            a=row.a,
            b=row.b,
            evidence=row.evidence,
            first_position=row.first_position,
            position=row.position,
            decided_at=tell(row.decided_ms),
        )
        for row in rows
    )

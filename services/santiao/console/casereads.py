"""Reading all that is known of one case, as one answer through the door: what a person is not granted is not even read.

The rule kept here: one look at a case is one disclosure, whatever the page shows of it; parties are masked unless she asks for them
in full.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from santiao.console.visits import Visit
from santiao.console.worklists import is_within_reach
from santiao.console.workrows import values_of
from santiao.domain.errors import NotFound
from santiao.domain.vocabulary import LinkState
from santiao.pool.access import Reach, Resource
from santiao.pool.disclose import CaseRow as Shown
from santiao.pool.reach import own_of
from santiao.projections.batch_queries import batches_of
from santiao.projections.case_overview_rows import CASES, SOURCES, CaseRow
from santiao.projections.case_overview_workflow import decode_list
from santiao.projections.case_parties import parties_of
from santiao.projections.case_queries import MERGES_MAX, CaseFilter, find_row, list_cases, sources_of
from santiao.projections.deadlines import DeadlineItem, deadlines_of
from santiao.projections.linking import LinkDetail, LinkFilter, list_links
from santiao.projections.reading import Reading
from santiao.projections.referral_queries import referrals_of
from santiao.projections.timeline import TimelineItem, timeline_of
from santiao.store.designations import read_designations

EVENTS_MAX = 2000
LINKS_MAX = 200
CHILDREN_MAX = 100
"""Children shown on a case's page; the worklist shows all of them."""


class CaseLook(msgspec.Struct, frozen=True):
    """What the door let through of a case; `parts` are those that she may see at all."""

    told: dict[str, Any]
    parts: frozenset[Resource]


def look_at_case(visit: Visit, name: str, *, in_full: bool = False) -> CaseLook:
    """A case by any of its names.

    Raises:
        NotFound: nothing is known under it, or it is beyond her reach.
    """
    purpose = visit.purpose_for(Resource.CASE)
    parts = _parts(visit, purpose)
    with visit.services.views.reading() as reading:
        row = _living(reading, name)
        if not is_within_reach(reading, row.case_id, visit.rights):
            raise NotFound("case.unknown", "no such case", "没有该案件")
        values = _values(visit, reading, row, parts)
    asked = Shown(row.case_id, values)
    told = visit.disclose(Resource.CASE, [asked], query=f"case {row.case_no}", purpose=purpose, masked=not in_full)
    return CaseLook(told.rows[0], parts)


def _parts(visit: Visit, purpose: str) -> frozenset[Resource]:
    """The parts of a case that she is granted for this purpose."""
    granted = visit.rights.resources & set(visit.services.policy.book.purposes[purpose].resources)
    wanted = (
        Resource.PARTIES,
        Resource.NARRATIVES,
        Resource.TIMELINE,
        Resource.DEADLINES,
        Resource.REFERRALS,
        Resource.LINKS,
    )
    return frozenset(each for each in wanted if each in granted)


def _living(reading: Reading, name: str) -> CaseRow:
    row = find_row(reading, name)
    for _ in range(MERGES_MAX):
        if not row.merged_into:
            break
        row = find_row(reading, row.merged_into)
    return row


def _values(visit: Visit, reading: Reading, row: CaseRow, parts: frozenset[Resource]) -> dict[str, Any]:
    names = (row.case_id, *decode_list(row.aliases))
    sources = sources_of(reading, [row.case_id]).get(row.case_id, [])
    ids = tuple(source.source_id for source in sources)
    values = values_of(row, sources)
    values["routing_rule"] = _rule_of(visit, row)
    values["batch"] = batches_of(reading, [row.case_id]).get(row.case_id, "")
    if values["batch"]:
        values["children"] = _children(visit, reading, values["batch"])
    if Resource.DEADLINES in parts:
        values["deadlines"] = [_deadline(item) for item in deadlines_of(reading, names)]
    if Resource.TIMELINE in parts:
        values["timeline"] = [_event(item) for item in _whole_timeline(reading, names)]
    if Resource.REFERRALS in parts:
        values["referral"] = [msgspec.structs.asdict(item) for item in referrals_of(reading, names)]
    if Resource.LINKS in parts:
        is_city = visit.rights.reach is Reach.CITY
        # A link that is not accepted tells of another agency's file, which only the whole city's may see.
        asked = LinkFilter(sources=ids, state="" if is_city else LinkState.ACCEPTED)
        links = list_links(reading, asked, limit=LINKS_MAX).items if ids else ()
        values["cases"] = link_values(reading, links, is_city=is_city)
    if Resource.PARTIES in parts:
        values["parties"] = [
            {"source_id": part.source_id, "part": part.part, "mentions": part.mentions}
            for part in parties_of(reading, names)
        ]
    if Resource.NARRATIVES in parts:
        values["data"] = [
            {"source_id": part.source_id, "part": part.part, "narrative": part.narrative}
            for part in parties_of(reading, names)
            if part.narrative is not None
        ]
    return values


def _rule_of(visit: Visit, row: CaseRow) -> str:
    """The routing rule that a designation on this case became, while it has no last day."""
    if not row.bounces:
        return ""
    with visit.services.database.readable() as store:
        rules = read_designations(store, row.shard)
    return next((each.rule for each in rules if each.case_id == row.case_id and each.route.effective_to is None), "")


def _children(visit: Visit, reading: Reading, batch: str) -> list[dict[str, Any]]:
    """The children of a batch that are within her reach, the oldest first."""
    asked = CaseFilter(everything=True, batch=batch, own=own_of(visit.rights))
    return [
        {
            "case_id": each.item.case_id,
            "case_no": each.item.case_no,
            "status": each.item.status,
            "dispute_type": each.item.dispute_type,
            "risk": each.item.risk,
            "body": each.body or each.proposed_body,
            "sources": [{"agency": source.agency} for source in each.item.sources],
        }
        for each in list_cases(reading, asked, limit=CHILDREN_MAX).items
    ]


def link_values(reading: Reading, links: Iterable[LinkDetail], *, is_city: bool) -> list[dict[str, Any]]:
    """Links with the case each side is in; another's case is named only to who may see the whole city."""
    found = list(links)
    ids = sorted({name for link in found for name in (link.a, link.b)})
    cases = {row.source_id: row.case_id for row in reading.among(SOURCES, "source_id", ids)}
    numbers = {row.case_id: row.case_no for row in reading.among(CASES, "case_id", sorted(set(cases.values())))}

    def side(name: str, agency: str, key: str) -> dict[str, Any]:
        number = numbers.get(cases.get(name, ""), "") if is_city else ""
        return {"source_id": name, "agency": agency, "key": key, "case_no": number, "case_id": cases.get(name, "")}

    return [
        {
            "a": side(link.a, link.item.a.agency, link.item.a.key),
            "b": side(link.b, link.item.b.agency, link.item.b.key),
            "state": link.item.state,
            "by": link.item.by,
            "score": link.item.score,
            "reasons": list(link.item.reasons),
            "decided_at": link.decided_at,
        }
        for link in found
    ]


def _deadline(item: DeadlineItem) -> dict[str, Any]:
    return {
        "deadline_id": item.deadline_id,
        "rule": item.entry.rule,
        "clock": item.clock,
        "about": item.about,
        "start": item.entry.start,
        "natural_end": item.entry.natural_end,
        "effective_end": item.entry.effective_end,
        "due": item.due_ms,
        "warn_on": item.warn_on,
        "provisional": item.entry.provisional,
        "party_right": item.party_right,
        "legal_source": item.entry.source,
        "confidence": item.confidence,
        "trace": list(item.entry.trace),
        "state": item.entry.state,
    }


def _event(item: TimelineItem) -> dict[str, Any]:
    data: Mapping[str, Any] = msgspec.json.decode(item.summary)
    return {
        "position": item.position,
        "type": item.type,
        "occurred_at": item.occurred_at,
        "recorded_at": item.recorded_at,
        "actor": item.actor,
        "data": data,
    }


def _whole_timeline(reading: Reading, names: Sequence[str]) -> list[TimelineItem]:
    found: list[TimelineItem] = []
    after: str | None = None
    while len(found) < EVENTS_MAX:
        page = timeline_of(reading, names, after=after)
        found.extend(page.items)
        after = page.next
        if after is None:
            break
    return found

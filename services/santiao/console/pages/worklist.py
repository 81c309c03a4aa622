"""The worklist (工作台): open cases and referrals by the next breach, with filters in the address; and what is new on it."""

from datetime import timedelta
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from santiao.console.actions import actions_for
from santiao.console.casework import CaseState
from santiao.console.fields import Choice, listed
from santiao.console.labels import codes_of
from santiao.console.refusals import PageRefused
from santiao.console.visits import Visit
from santiao.console.worklists import (
    Asker,
    WorkFilter,
    count_work,
    decode_positions,
    encode_positions,
    list_work,
    read_news,
)
from santiao.console.workrows import WorkRow, state_of, values_of, work_row
from santiao.pool.access import Resource
from santiao.pool.disclose import CaseRow as Shown
from santiao.projections.case_overview_rows import CaseRow
from santiao.projections.case_queries import sources_of
from santiao.projections.moments import NEVER
from santiao.projections.reading import Reading

SOON = timedelta(hours=72)
"""What is due soon where a rule has no warning of its own."""
FILTERS = ("due", "status", "dispute_type", "region", "risk", "agency", "body", "batch")


class Tab(msgspec.Struct, frozen=True):
    """A filter that is often wanted."""

    zh: str
    en: str
    filters: dict[str, str]
    count: int | None
    is_current: bool


class FilterField(msgspec.Struct, frozen=True):
    """One filter of the form."""

    name: str
    zh: str
    en: str
    choices: tuple[Choice, ...]
    value: str


def show_worklist(visit: Visit) -> Response:
    """A page of the list."""
    asked, asker = read_filter(visit), asker_of(visit)
    with visit.services.views.reading() as reading:
        page = list_work(reading, asked, asker, visit.query.get("after", ""))
        counts = count_work(reading, asker)
        rows = _shown(visit, reading, page.rows)
    chosen = {name: value for name in (*FILTERS, "mine") if (value := visit.query.get(name, ""))}
    return visit.show(
        "worklist.html",
        rows=rows,
        chosen=asked,
        chosen_query=_query(chosen) if chosen else "",
        next_query=_query({**chosen, "after": page.next}) if page.next else "",
        is_later=bool(visit.query.get("after")),
        position=encode_positions(page.positions),
        until=rows[-1].sort_ms if page.next else "",
        tabs=_tabs(counts, chosen),
        filters=_filter_fields(visit, asked),
    )


def show_news(visit: Visit) -> Response:
    """The rows that are new or changed since a position, to be put into the page on request."""
    asked, asker = read_filter(visit), asker_of(visit)
    since = decode_positions(visit.query.get("since", ""))
    with visit.services.views.reading() as reading:
        news = read_news(reading, asked, asker, since, until=until_of(visit))
        if news.is_much:
            raise PageRefused(409, "更新较多，请刷新页面", "too much is new; load the page again")
        rows = _shown(visit, reading, (*news.fresh, *news.changed))
    return visit.show("_news.html", rows=rows, gone=news.gone, position=encode_positions(news.positions))


def read_filter(visit: Visit) -> WorkFilter:
    """The filter that the address tells; what it cannot mean is refused."""
    told = {name: visit.query.get(name, "") for name in FILTERS}
    for name in ("status", "dispute_type", "risk", "agency"):
        if told[name] and told[name] not in _known(visit, name):
            raise PageRefused(400, "筛选条件无效", "a filter's value is not known")
    if told["due"] not in ("", "overdue", "soon"):
        raise PageRefused(400, "筛选条件无效", "a filter's value is not known")
    return WorkFilter(**told, mine=visit.query.get("mine") == "1")


def asker_of(visit: Visit) -> Asker:
    """Who asks, and when."""
    now_ms = int(visit.now.timestamp() * 1000)
    soon_ms = now_ms + int(SOON.total_seconds() * 1000)
    return Asker(rights=visit.rights, now_ms=now_ms, soon_ms=soon_ms)


def until_of(visit: Visit) -> int:
    """How far down the list the page reaches; a changed row below it is told on its own page."""
    told = visit.query.get("until", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) <= 16 else NEVER


def _known(visit: Visit, name: str) -> tuple[str, ...]:
    return tuple(visit.services.titles) if name == "agency" else codes_of(name)


def _shown(visit: Visit, reading: Reading, rows: tuple[CaseRow, ...]) -> list[WorkRow]:
    """Rows as they may be shown, through the door."""
    sources = sources_of(reading, [row.case_id for row in rows])
    asked = [Shown(row.case_id, values_of(row, sources.get(row.case_id, ()))) for row in rows]
    told = visit.disclose(Resource.CASES, asked, query=visit.back).rows
    shown = [work_row(visit, values) for values in told]
    return [
        msgspec.structs.replace(row, acts=_acts(visit, state_of(visit, values)))
        for row, values in zip(shown, told, strict=True)
    ]


def _acts(visit: Visit, case: CaseState) -> tuple[object, ...]:
    """The one or two things to do at once from the list."""
    wanted = [each for each in actions_for(visit, case) if each.is_next or each.name == "return"]
    return tuple(wanted[:2])


def _tabs(counts: dict[str, int], chosen: dict[str, str]) -> list[Tab]:
    rows: tuple[tuple[str, str, dict[str, str], int | None], ...] = (
        ("全部未结", "Open", {}, counts["open"]),
        ("超期", "Overdue", {"due": "overdue"}, counts["overdue"]),
        ("临期", "Due soon", {"due": "soon"}, None),
        ("待分流", "To triage", {"status": "registered"}, counts.get("registered", 0)),
        ("征求意见", "Consent", {"status": "consent_pending"}, counts.get("consent_pending", 0)),
        ("已移送", "Referred", {"status": "referred"}, counts.get("referred", 0)),
        ("调解中", "Mediating", {"status": "mediating"}, counts.get("mediating", 0)),
        ("不得分流", "Blocked", {"status": "blocked"}, counts.get("blocked", 0)),
        ("已办结", "Closed", {"status": "closed"}, None),
    )
    return [Tab(zh, en, filters, count, filters == chosen) for zh, en, filters, count in rows]


def _filter_fields(visit: Visit, asked: WorkFilter) -> list[FilterField]:
    regions = tuple(Choice(code, name, name) for code, name in sorted(visit.services.regions.items()))
    agencies = listed("agency", sorted(visit.services.titles))
    rows = (
        ("due", "期限", "Due", listed("urgency", ("overdue", "soon")), asked.due),
        ("status", "状态", "Status", listed("status"), asked.status),
        ("dispute_type", "类型", "Type", listed("dispute_type"), asked.dispute_type),
        ("region", "区域", "Region", regions, asked.region),
        ("risk", "风险", "Risk", listed("risk"), asked.risk),
        ("agency", "来源单位", "Agency", agencies, asked.agency),
    )
    return [FilterField(*row) for row in rows]


def _query(values: dict[str, str]) -> str:
    return f"?{urlencode(values)}"

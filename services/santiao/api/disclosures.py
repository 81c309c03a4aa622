"""`GET /v1/disclosures`: who was shown what, for auditors (审计), named each.

The rule kept here: looking at the record is an audit and is recorded itself; an agency's auditor sees who looked at its cases, and at what
its own people looked; the city's auditor sees all.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Response

from santiao.api.answers import answer_json
from santiao.api.asking import Asking, dependency
from santiao.api.openapi import answers, list_of
from santiao.api.problems import parameter_problem
from santiao.pool.access import Reach, Resource
from santiao.pool.disclose import CaseRow
from santiao.pool.disclosures import Disclosure
from santiao.pool.reach import check_known
from santiao.projections.case_overview_rows import VIEW as OVERVIEW
from santiao.projections.case_queries import get_case

router = APIRouter(tags=["audit"])
Moment = Annotated[datetime | None, Query(description="RFC 3339 with offset.")]


@router.get(
    "/v1/disclosures",
    summary="Who was shown what 披露记录",
    responses=answers(list_of(Disclosure), 400, 401, 403, 404, 429, 503),
)
def get_disclosures(
    asking: Annotated[Asking, dependency(Resource.DISCLOSURES)],
    case: Annotated[str, Query(pattern="^[0-9A-Za-z]{0,40}$", description="Any name of a case.")] = "",
    since: Moment = None,
    until: Moment = None,
    agency: Annotated[str, Query(pattern="^[0-9a-z-]{0,64}$")] = "",
    person: Annotated[str, Query(pattern="^[0-9A-Za-z._:-]{0,64}$", description="A person's id.")] = "",
    after: Annotated[str, Query(pattern="^[0-9a-z]{0,26}$", description="The `next` of the part before.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:
    """The latest first: of one case, or of a span of time (the last 30 days unless said)."""
    for name, moment in (("since", since), ("until", until)):
        if moment is not None and moment.tzinfo is None:
            raise parameter_problem(name, "time.offset", "give the time with its offset", "时间须带时区")
    found = (
        _of_case(asking, case, since, until)
        if case
        else _of_span(asking, since, until, agency, person, after, limit + 1)
    )
    if case:
        places = [place for place, each in enumerate(found) if each.id < after] if after else [0]
        found = found[places[0] :] if places else []
    page = found[:limit]
    shown = asking.disclose([CaseRow(each.cases[0].case_id if case else "", {"disclosure": each}) for each in page])
    following = page[-1].id if len(found) > limit else None
    return answer_json({"items": [row["disclosure"] for row in shown.rows], "next": following})


def _of_case(asking: Asking, case: str, since: datetime | None, until: datetime | None) -> list[Disclosure]:
    with asking.reading(None, OVERVIEW) as (reading, _):
        known = check_known(asking.rights, get_case(reading, case))
    names = (known.item.case_id, *known.aliases)
    found = asking.services.disclosures.seen_by(names, since, until)
    # An answer may have shown other cases too, which are nobody's business here.
    return [
        msgspec.structs.replace(each, cases=tuple(shown for shown in each.cases if shown.case_id in names))
        for each in found
    ]


def _of_span(
    asking: Asking,
    since: datetime | None,
    until: datetime | None,
    agency: str,
    person: str,
    after: str,
    limit: int,
) -> list[Disclosure]:
    last = until or datetime.now(UTC) + timedelta(days=1)
    first = since or asking.services.now() - timedelta(days=30)
    if asking.rights.reach is Reach.OWN:
        agency = asking.request.caller.agency
    return asking.services.disclosures.disclosures_between(
        first, last, agency=agency, person=person, before=after, limit=limit
    )

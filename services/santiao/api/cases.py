"""Cases: the list, one case, its parties, its narratives, its deadlines and its timeline, as they stand or as of a recorded time.

The rule kept here: a list shows cases as the command `santiao cases` does; who a person is stands on pages of its own, so that nobody is
shown a name who asked for a status.
"""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Response

from santiao.api.answers import answer_json
from santiao.api.asking import After, Asking, MinPosition, case_name, dependency
from santiao.api.case_answers import (
    CaseAnswer,
    DeadlineAnswer,
    NarrativeAnswer,
    PartiesAnswer,
    TimelineAnswer,
    case_values,
    deadline_values,
    narrative_values,
    parties_values,
    timeline_values,
)
from santiao.api.openapi import answers, list_of
from santiao.api.problems import parameter_problem
from santiao.pool.access import Resource
from santiao.pool.disclose import CaseRow
from santiao.pool.reach import check_known, own_of
from santiao.projections.batch_queries import batches_of
from santiao.projections.batches import VIEW as BATCHES
from santiao.projections.case_history import get_case_as_of, list_cases_as_of
from santiao.projections.case_overview_rows import VIEW as OVERVIEW
from santiao.projections.case_parties import VIEW as PARTIES
from santiao.projections.case_parties import parties_of
from santiao.projections.case_queries import CaseFilter, CaseItem, CaseOrder, CaseSummary, get_case, list_cases
from santiao.projections.deadlines import VIEW as DEADLINES
from santiao.projections.deadlines import deadlines_of
from santiao.projections.moments import parse_as_of
from santiao.projections.reading import Reading
from santiao.projections.timeline import VIEW as TIMELINE
from santiao.projections.timeline import timeline_of

router = APIRouter(tags=["cases"])
AsOf = Annotated[
    str | None,
    Query(
        description="As it was recorded then: a time with offset, or a date (its end in Asia/Shanghai).", max_length=40
    ),
]
Code = Annotated[str, Query(pattern="^[0-9A-Za-z_.-]{0,64}$")]
_LIST = answers(list_of(CaseItem), 400, 401, 403, 429, 503)
_ONE = (400, 401, 403, 404, 429, 503)


@router.get("/v1/cases", summary="Cases 案件列表", responses=_LIST)
def get_cases(
    asking: Annotated[Asking, dependency(Resource.CASES)],
    status: Code = "",
    dispute_type: Code = "",
    region: Annotated[str, Query(pattern="^([0-9]{6})?$", description="One ending in 00 covers all below it.")] = "",
    risk: Code = "",
    body: Code = "",
    agency: Code = "",
    batch: Annotated[str, Query(pattern="^(QT[0-9]{1,40})?$", description="Children of one parent batch 群体.")] = "",
    everything: Annotated[bool, Query(alias="all", description="Closed ones too.")] = False,  # noqa: FBT002 (a query parameter has a name)
    order: Annotated[
        CaseOrder, Query(description="By the next breach, by opening, or the newest first.")
    ] = CaseOrder.OPENED,
    as_of: AsOf = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    min_position: MinPosition = None,
) -> Response:
    """Cases with their sources; the open ones unless `all`, never those merged away."""
    asked = CaseFilter(
        everything=everything,
        status=status,
        dispute_type=dispute_type,
        region=region,
        risk=risk,
        body=body,
        agency=agency,
        batch=batch,
        own=own_of(asking.rights),
    )
    with asking.reading(min_position, OVERVIEW, BATCHES) as (reading, positions):
        if as_of is None:
            page = list_cases(reading, asked, order=order, after=after, limit=limit)
            items, following = tuple(case.item for case in page.items), page.next
        else:
            if batch:
                raise parameter_problem(
                    "batch", "batch.as_of", "which cases a batch has is told as it stands", "群体仅可查询当前状态"
                )
            if order is not CaseOrder.OPENED:
                raise parameter_problem(
                    "order", "order.as_of", "as of a time, cases come by opening", "历史查询仅按登记时间排序"
                )
            past = list_cases_as_of(reading, parse_as_of(as_of), asked, after=after, limit=limit)
            items, following = past.items, past.next
    shown = asking.disclose([CaseRow(item.case_id, item) for item in items])
    return answer_json({"items": shown.rows, "next": following}, positions=positions)


@router.get(
    "/v1/cases/{id}",
    summary="One case 案件",
    responses=answers(CaseAnswer, *_ONE, headers=("ETag", "Santiao-Position")),
)
def get_one_case(
    name: Annotated[str, Depends(case_name)],
    asking: Annotated[Asking, dependency(Resource.CASE)],
    as_of: AsOf = None,
    min_position: MinPosition = None,
) -> Response:
    """The case that lives under any of its names, with its deadlines. ETag is its version; as of a past time there is none."""
    with asking.reading(min_position, OVERVIEW, DEADLINES, BATCHES) as (reading, positions):
        now, then, moment = _find(asking, reading, name, as_of)
        clocks = deadlines_of(reading, _ids(then), as_of_ms=moment)
        batch = batches_of(reading, [now.item.case_id]).get(now.item.case_id, "") if moment is None else ""
    values = {**case_values(then), "batch": batch, "deadlines": [deadline_values(clock) for clock in clocks]}
    shown = asking.disclose([CaseRow(now.item.case_id, values)])
    return answer_json(shown.rows[0], positions=positions, version=then.version)


@router.get(
    "/v1/cases/{id}/timeline", summary="What happened 办理过程", responses=answers(list_of(TimelineAnswer), *_ONE)
)
def get_timeline(
    name: Annotated[str, Depends(case_name)],
    asking: Annotated[Asking, dependency(Resource.TIMELINE)],
    as_of: AsOf = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
    min_position: MinPosition = None,
) -> Response:
    """Every event of the case and of those merged into it, oldest first."""
    with asking.reading(min_position, OVERVIEW, TIMELINE) as (reading, positions):
        _, then, moment = _find(asking, reading, name, as_of)
        page = timeline_of(reading, _ids(then), as_of_ms=moment, after=after, limit=limit)
    shown = asking.disclose([CaseRow(item.case_id, timeline_values(item)) for item in page.items])
    return answer_json({"items": shown.rows, "next": page.next}, positions=positions)


@router.get("/v1/cases/{id}/deadlines", summary="Its clocks 期限", responses=answers(list_of(DeadlineAnswer), *_ONE))
def get_deadlines(
    name: Annotated[str, Depends(case_name)],
    asking: Annotated[Asking, dependency(Resource.DEADLINES)],
    as_of: AsOf = None,
    min_position: MinPosition = None,
) -> Response:
    """Every clock with its legal source and the days counted."""
    with asking.reading(min_position, OVERVIEW, DEADLINES) as (reading, positions):
        now, then, moment = _find(asking, reading, name, as_of)
        clocks = deadlines_of(reading, _ids(then), as_of_ms=moment)
    return _list(asking, positions, now, (deadline_values(clock) for clock in clocks))


@router.get("/v1/cases/{id}/parties", summary="Who is in it 当事人", responses=answers(list_of(PartiesAnswer), *_ONE))
def get_parties(
    name: Annotated[str, Depends(case_name)],
    asking: Annotated[Asking, dependency(Resource.PARTIES)],
    min_position: MinPosition = None,
) -> Response:
    """The parties as each source tells of them: masked, in full only where purpose and role grant it, or erased."""
    with asking.reading(min_position, OVERVIEW, PARTIES) as (reading, positions):
        now, _, _ = _find(asking, reading, name, None)
        parts = parties_of(reading, _ids(now))
    return _list(asking, positions, now, (parties_values(part) for part in parts if part.mentions))


@router.get(
    "/v1/cases/{id}/narratives", summary="What is told 诉求内容", responses=answers(list_of(NarrativeAnswer), *_ONE)
)
def get_narratives(
    name: Annotated[str, Depends(case_name)],
    asking: Annotated[Asking, dependency(Resource.NARRATIVES)],
    min_position: MinPosition = None,
) -> Response:
    """Titles, texts and claims as the sources tell them; for who handles the case."""
    with asking.reading(min_position, OVERVIEW, PARTIES) as (reading, positions):
        now, _, _ = _find(asking, reading, name, None)
        parts = parties_of(reading, _ids(now))
    return _list(asking, positions, now, (narrative_values(part) for part in parts if part.narrative))


def _find(
    asking: Asking, reading: Reading, name: str, as_of: str | None
) -> tuple[CaseSummary, CaseSummary, int | None]:
    """The case now, which decides who may know it; the case then; and when that was, None for now."""
    now = check_known(asking.rights, get_case(reading, name))
    if as_of is None:
        return now, now, None
    moment = parse_as_of(as_of)
    return now, get_case_as_of(reading, name, moment), moment


def _ids(case: CaseSummary) -> tuple[str, ...]:
    return (case.item.case_id, *case.aliases)


def _list(
    asking: Asking, positions: Any, case: CaseSummary, values: Iterable[msgspec.Struct | dict[str, Any]]
) -> Response:
    shown = asking.disclose([CaseRow(case.item.case_id, each) for each in values])
    return answer_json({"items": shown.rows, "next": None}, positions=positions)

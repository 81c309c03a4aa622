"""Designations (指定规则): the routing rules that named persons' decisions have become, with who decided, when and on which case.

The rule kept here: a rule is of the whole city, so only who reaches the whole city's cases is shown the list.
"""

from typing import Any

from starlette.responses import Response

from santiao.console.refusals import PageRefused
from santiao.console.visits import Visit
from santiao.domain.deciders.clocks import day_of
from santiao.domain.designations import Designation
from santiao.pool.access import Reach, Resource
from santiao.pool.disclose import CaseRow as Shown
from santiao.projections.case_overview_rows import CASES
from santiao.store.designations import read_designations

SHOWN_MAX = 200


def show_designations(visit: Visit) -> Response:
    """Every rule, those in force first, the newest first."""
    if visit.rights.reach is not Reach.CITY:
        raise PageRefused(403, "该页面仅供全市范围的岗位查看", "only who reaches the whole city's cases may see this")
    with visit.services.database.readable() as store:
        rows = read_designations(store)
    today = day_of(visit.now)
    rows = tuple(sorted(rows, key=lambda row: not row.route.is_in_force(today)))[:SHOWN_MAX]
    with visit.services.views.reading() as reading:
        numbers = {
            case.case_id: case.case_no for case in reading.among(CASES, "case_id", [row.case_id for row in rows])
        }
    asked = [Shown(row.case_id, designation_values(row, numbers.get(row.case_id, ""))) for row in rows]
    shown = visit.disclose(Resource.CASES, asked, query="designations").rows if asked else ()
    return visit.show("designations.html", rows=shown, today=today.isoformat())


def designation_values(row: Designation, case_no: str) -> dict[str, Any]:
    """A rule under the names by which the door knows its fields."""
    route = row.route
    return {
        "rule": row.rule,
        "case_no": case_no,
        "dispute_type": "、".join(route.dispute_types),
        "region": "、".join(route.regions),
        "agency": "、".join(route.agencies),
        "body": route.body,
        "officer": row.officer.removeprefix("person/"),
        "reason": row.reason,
        "decided_at": row.decided_at.isoformat(),
        "effective_from": route.effective_from.isoformat(),
        "effective_to": route.effective_to.isoformat() if route.effective_to else None,
        "ended_by": row.ended_by.removeprefix("person/"),
    }

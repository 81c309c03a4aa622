"""Which cases a caller may know at all, as views are asked: the same rule for one case and for a list.

The rule kept here: an agency knows the cases in which it has a source of its own and those that one of its bodies has; a case beyond that
looks like one that does not exist.
"""

from santiao.domain.errors import NotFound
from santiao.pool.access import Reach, Rights
from santiao.projections.case_queries import CaseSummary
from santiao.projections.case_reach import Own


def own_of(rights: Rights) -> Own | None:
    """The condition for lists; None where the reach is the whole city."""
    if rights.reach is Reach.CITY:
        return None
    return Own(agencies=tuple(sorted(rights.agencies)), bodies=tuple(sorted(rights.bodies)))


def may_know(rights: Rights, case: CaseSummary) -> bool:
    """True for a case within the caller's reach."""
    return (
        rights.reach is Reach.CITY
        or case.body in rights.bodies
        or any(source.agency in rights.agencies for source in case.item.sources)
    )


def check_known(rights: Rights, case: CaseSummary) -> CaseSummary:
    """The case, or NotFound as for one that does not exist."""
    if not may_know(rights, case):
        raise NotFound("case.unknown", "no such case", "没有该案件")
    return case

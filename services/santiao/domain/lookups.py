"""Look-ups in the rulebook that are remembered: disputes of a kind, in a place, at a time ask for the same rows.

The rule kept here: an answer is remembered under all that it depends on, and under no more, so that days between two changes of the
rows and figures between two thresholds share one. Rulebooks are compared by identity.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache

import msgspec

from santiao.domain import routing
from santiao.domain.deadlines import Deadline, compute_deadline, select_rule
from santiao.domain.deciders.clocks import day_of
from santiao.domain.errors import Rejection
from santiao.domain.risks import RiskInput, risk_of
from santiao.domain.rulebook import Rulebook
from santiao.domain.vocabulary import Risk
from santiao.domain.workflow import OriginClock, WorkflowBook

Designations = tuple[routing.RouteRule, ...]
Span = tuple[date, date | None]


def route(rulebook: Rulebook, dispute: routing.RouteInput, designations: Designations) -> routing.Route | None:
    """Where the routing rules send a dispute."""
    day = _same_rows_day(_turns_of_routes(rulebook, designations), dispute.on)
    return _route(rulebook, msgspec.structs.replace(dispute, on=day), designations)


@lru_cache(maxsize=16384)
def _route(rulebook: Rulebook, dispute: routing.RouteInput, designations: Designations) -> routing.Route | None:
    return routing.route(rulebook, dispute, designations)


@lru_cache(maxsize=8192)
def deadline(rulebook: Rulebook, rule: str, start: date | datetime, region: str) -> Deadline:
    """The deadline of a rule from its start. Raises Rejection as `select_rule` and `compute_deadline` do."""
    day = day_of(start) if isinstance(start, datetime) else start
    row = select_rule(rulebook, rule, day, region or None)
    return compute_deadline(row, start, rulebook.calendar, region or None)


def origin_rules(
    rulebook: Rulebook, workflow: WorkflowBook, agency: str, told: tuple[str, str], on: date, region: str
) -> tuple[str, ...]:
    """Rules of the origin's own clocks for a source of `agency` that tells this type and stage, of those in force on the day."""
    rows = _clocks_of(workflow, agency)
    if not rows:
        return ()
    return _origin_rules(rulebook, rows, told, _same_rows_day(_turns_of_rules(rulebook), on), region)


@lru_cache(maxsize=64)
def _clocks_of(workflow: WorkflowBook, agency: str) -> tuple[OriginClock, ...]:
    return tuple(row for row in workflow.origin_clocks if row.agency == agency)


@lru_cache(maxsize=16384)
def _origin_rules(
    rulebook: Rulebook, rows: tuple[OriginClock, ...], told: tuple[str, str], on: date, region: str
) -> tuple[str, ...]:
    dispute_type, stage = told
    return tuple(
        row.rule
        for row in rows
        if (not row.stages or stage in row.stages)
        and (not row.dispute_types or dispute_type in row.dispute_types)
        and _is_in_force(rulebook, row.rule, on, region)
    )


def _is_in_force(rulebook: Rulebook, rule: str, on: date, region: str) -> bool:
    """Texts end and begin: a clock whose text no longer holds on the day does not run."""
    try:
        select_rule(rulebook, rule, on, region or None)
    except Rejection:
        return False
    return True


def weigh_risk(rulebook: Rulebook, case: RiskInput) -> Risk:
    """The level of risk of what a case knows."""
    people, money, sources = _thresholds(rulebook)
    levelled = msgspec.structs.replace(
        case,
        people=_threshold_below(people, case.people or 0),
        amount_fen=_threshold_below(money, case.amount_fen or 0),
        sources=_threshold_below(sources, case.sources),
        minors=min(1, case.minors),
    )
    return _weigh_risk(rulebook, levelled)


@lru_cache(maxsize=8192)
def _weigh_risk(rulebook: Rulebook, case: RiskInput) -> Risk:
    return risk_of(rulebook, case).risk


@lru_cache(maxsize=8)
def _thresholds(rulebook: Rulebook) -> tuple[tuple[int, ...], ...]:
    """The figures of people, money and sources from which a sign of risk holds."""
    rules = rulebook.risks.rules
    columns = (
        [rule.people_from for rule in rules],
        [rule.amount_fen_from for rule in rules],
        [rule.sources_from for rule in rules],
    )
    return tuple(tuple(sorted({0, *(figure for figure in column if figure is not None)})) for column in columns)


def _threshold_below(thresholds: tuple[int, ...], figure: int) -> int:
    return thresholds[max(0, bisect_right(thresholds, figure) - 1)]


@lru_cache(maxsize=8)
def _turns_of_routes(rulebook: Rulebook, designations: Designations) -> tuple[date, ...]:
    """Days on which a route, an edge or a body begins or ceases to hold."""
    routes = (*rulebook.routing.routes, *designations)
    return _turning_days(
        [
            *((row.effective_from, row.effective_to) for row in routes),
            *((row.effective_from, row.effective_to) for row in rulebook.routing.edges),
            *((row.effective_from, row.effective_to) for row in rulebook.bodies),
        ]
    )


@lru_cache(maxsize=8)
def _turns_of_rules(rulebook: Rulebook) -> tuple[date, ...]:
    """Days on which the text of a clock begins or ceases to hold."""
    return _turning_days((row.effective_from, row.effective_to) for row in rulebook.rules)


def _turning_days(spans: Iterable[Span]) -> tuple[date, ...]:
    days: set[date] = set()
    for first, last in spans:
        days.add(first)
        if last is not None:
            days.add(last + timedelta(days=1))
    return tuple(sorted(days))


def _same_rows_day(days: tuple[date, ...], on: date) -> date:
    """The first day from which the rows have been as they are on `on`; before the first row, the day before it."""
    place = bisect_right(days, on)
    if place:
        return days[place - 1]
    return days[0] - timedelta(days=1) if days else on

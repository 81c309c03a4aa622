"""The policy as the city's rulebook tells it."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

import msgspec

from santiao.domain import routing
from santiao.domain.deadlines import Deadline, compute_deadline, select_rule
from santiao.domain.deciders.clocks import day_of
from santiao.domain.directory import Body, body_of
from santiao.domain.errors import Rejection
from santiao.domain.files import CaseFile, PartState, SourceFile
from santiao.domain.gates import GateInput
from santiao.domain.links.policy import LinkingPolicy
from santiao.domain.risks import RiskInput, risk_of, risk_signs
from santiao.domain.rulebook import Rulebook
from santiao.domain.vocabulary import Risk
from santiao.domain.wording import Reading
from santiao.domain.workflow import WorkflowBook


@lru_cache(maxsize=16384)
def _find_route(
    rulebook: Rulebook, dispute: routing.RouteInput, designations: tuple[routing.RouteRule, ...]
) -> routing.Route | None:
    """Disputes of a kind in a place go one way while no row begins or ends: the tables are searched once for all of them."""
    return routing.route(rulebook, dispute, designations)


@lru_cache(maxsize=8)
def _turning_days(rulebook: Rulebook, designations: tuple[routing.RouteRule, ...]) -> tuple[date, ...]:
    """Days on which a route, an edge or a body begins or ceases to hold."""
    routes = (*rulebook.routing.routes, *designations)
    spans = [
        *((row.effective_from, row.effective_to) for row in routes),
        *((row.effective_from, row.effective_to) for row in rulebook.routing.edges),
        *((row.effective_from, row.effective_to) for row in rulebook.bodies),
    ]
    return tuple(sorted({first for first, _ in spans} | {last + timedelta(days=1) for _, last in spans if last}))


def _same_rows_day(rulebook: Rulebook, designations: tuple[routing.RouteRule, ...], on: date) -> date:
    """The first day from which the rows have been as they are on `on`."""
    days = _turning_days(rulebook, designations)
    place = bisect_right(days, on)
    return days[place - 1] if place else on


class RulebookPolicy(msgspec.Struct, frozen=True, eq=False):
    """Answers deciders from the city's rows. `designations` are routes that named persons' decisions added."""

    rulebook: Rulebook
    workflow: WorkflowBook
    linking: LinkingPolicy
    case_secret: bytes
    designations: tuple[routing.RouteRule, ...] = ()

    @property
    def outcomes(self) -> frozenset[str]:
        return frozenset(self.workflow.outcomes)

    @property
    def contact_rule(self) -> str:
        return self.workflow.contact_rule

    @property
    def follow_up_rule(self) -> str:
        return self.workflow.follow_up_rule

    def body(self, name: str) -> Body:
        return body_of(self.rulebook, name)

    def reason(self, kind: str, code: str) -> None:
        known = [reason.code for reason in self.workflow.reasons if reason.answer == kind]
        if code not in known:
            raise Rejection(
                "reason.unknown",
                f"reasons to {kind}: {', '.join(known)}",
                f"原因代码应为：{'、'.join(known)}",
                "/reason",
            )

    def edge(self, agency: str, body: str, on: date) -> routing.Edge:
        kind = self.body(body).kind
        for edge in self.rulebook.routing.edges:
            in_force = edge.effective_from <= on and (edge.effective_to is None or on <= edge.effective_to)
            if in_force and (not edge.agencies or agency in edge.agencies) and (not edge.kinds or kind in edge.kinds):
                return edge
        raise Rejection(
            "edge.unknown", f"no edge leads from {agency or 'nobody'} to a {kind}", "没有对应的移送关系，请更换承办单位"
        )

    def route(self, files: Sequence[SourceFile], case: CaseFile, on: date) -> routing.Route | None:
        return _find_route(self.rulebook, self._input(files[0].agency, case, on), self.designations)

    def climb(self, agency: str, case: CaseFile, body: str, on: date) -> routing.Route | None:
        """Where it goes after a failure at `body`; None when back to its origin."""
        kind = routing.MediationKind(case.triage[0]) if case.triage else routing.MediationKind.PEOPLES
        return routing.climb(self.rulebook, self._input(agency, case, on), kind, self.body(body).level)

    def _input(self, agency: str, case: CaseFile, on: date) -> routing.RouteInput:
        day = _same_rows_day(self.rulebook, self.designations, on)
        return routing.RouteInput(
            dispute_type=case.dispute_type,
            region=case.region,
            street=case.street,
            risk=case.risk,
            agency=agency,
            on=day,
        )

    def risk(self, files: Sequence[SourceFile], dispute_type: str) -> Risk:
        parts = [part for file in files for part in file.parts.values()]
        known = RiskInput(
            signs=tuple(sorted({sign for part in parts for sign in part.risks})),
            gates=tuple(sorted({hit.gate for file in files for hit in file.hits})),
            dispute_type=dispute_type,
            agencies=tuple(sorted({file.agency for file in files})),
            people=max((part.people or 0 for part in parts), default=0),
            amount_fen=max((part.amount_fen or 0 for part in parts), default=0),
            sources=len(files),
            minors=max((part.minors for part in parts), default=0),
        )
        return risk_of(self.rulebook, known).risk

    def risk_signs(self, item: GateInput, reading: Reading) -> tuple[str, ...]:
        return risk_signs(self.rulebook, item, reading)

    def deadline_for(self, rule: str, start: date | datetime, region: str) -> Deadline:
        day = day_of(start) if isinstance(start, datetime) else start
        row = select_rule(self.rulebook, rule, day, region or None)
        return compute_deadline(row, start, self.rulebook.calendar, region or None)

    def mediation_rules(self, case: CaseFile, agency: str, on: date) -> tuple[str, ...]:
        found = _find_route(self.rulebook, self._input(agency, case, on), self.designations)
        return (found.mediation_rule,) if found is not None else ()

    def agreement_rules(self, body: str, dispute_type: str, effective_on: date) -> tuple[str, ...]:
        kind = self.body(body).kind if body else None
        return tuple(
            row.rule
            for row in self.workflow.agreement_clocks
            if row.effective_from <= effective_on
            and (not row.kinds or kind in row.kinds)
            and kind not in row.except_kinds
            and (not row.dispute_types or dispute_type in row.dispute_types)
            and dispute_type not in row.except_types
        )

    def origin_rules(self, agency: str, part: PartState, on: date, region: str) -> tuple[str, ...]:
        return tuple(
            row.rule
            for row in self.workflow.origin_clocks
            if row.agency == agency
            and self._is_in_force(row.rule, on, region)
            and (not row.stages or part.stage in row.stages)
            and (not row.dispute_types or part.type in row.dispute_types)
        )

    def _is_in_force(self, rule: str, on: date, region: str) -> bool:
        """Texts end and begin: a clock whose text no longer holds on the day does not run."""
        try:
            select_rule(self.rulebook, rule, on, region or None)
        except Rejection:
            return False
        return True

    def feedback_due(self, at: datetime, region: str) -> str | None:
        rule = self.workflow.feedback_rule
        return self.deadline_for(rule, day_of(at), region).effective_end if rule else None

    def given_by(self, agency: str) -> str:
        return self.workflow.given_by.get(agency, agency)

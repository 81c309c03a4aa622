"""The policy as the city's rulebook tells it."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from santiao.domain import lookups, routing
from santiao.domain.deadlines import Deadline
from santiao.domain.deciders.clocks import day_of
from santiao.domain.directory import Body, body_of
from santiao.domain.errors import Rejection
from santiao.domain.events.referrals import DesignatedRoute
from santiao.domain.files import CaseFile, PartState, SourceFile
from santiao.domain.gates import GateInput
from santiao.domain.links.policy import LinkingPolicy
from santiao.domain.risks import RiskInput, risk_signs
from santiao.domain.rulebook import Rulebook
from santiao.domain.vocabulary import Risk
from santiao.domain.wording import Reading
from santiao.domain.workflow import WorkflowBook


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
        asked = self._input(files[0].agency, case, on)
        return lookups.route(self.rulebook, asked, self._designations_for(asked))

    def routing_row(self, case: CaseFile, agency: str, body: str, on: date) -> DesignatedRoute | None:
        asked, chosen = self._input(agency, case, on), self.body(body)
        like = routing.route_to(self.rulebook.routing, asked, chosen.kind)
        if like is None:
            return None
        return DesignatedRoute(
            dispute_type=case.dispute_type,
            region=case.region,
            agency=agency,
            mediation=like.mediation,
            level=chosen.level,
            body_kind=chosen.kind,
            sector=chosen.sector,
            mediation_rule=like.mediation_rule,
            source_text=f"指定承办 {case.no}",
            effective_from=on,
        )

    def with_designations(self, designations: tuple[routing.RouteRule, ...]) -> "RulebookPolicy":
        return msgspec.structs.replace(self, designations=designations)

    def _designations_for(self, asked: routing.RouteInput) -> tuple[routing.RouteRule, ...]:
        """Of the added rows those for such a dispute, so that look-ups of others are remembered whatever is added."""
        return tuple(row for row in self.designations if asked.dispute_type in row.dispute_types)

    def climb(self, agency: str, case: CaseFile, body: str, on: date) -> routing.Route | None:
        """Where it goes after a failure at `body`; None when back to its origin."""
        kind = routing.MediationKind(case.triage[0]) if case.triage else routing.MediationKind.PEOPLES
        return routing.climb(self.rulebook, self._input(agency, case, on), kind, self.body(body).level)

    def _input(self, agency: str, case: CaseFile, on: date) -> routing.RouteInput:
        return routing.RouteInput(
            dispute_type=case.dispute_type,
            region=case.region,
            street=case.street,
            risk=case.risk,
            agency=agency,
            on=on,
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
        return lookups.weigh_risk(self.rulebook, known)

    def risk_signs(self, item: GateInput, reading: Reading) -> tuple[str, ...]:
        return risk_signs(self.rulebook, item, reading)

    def deadline_for(self, rule: str, start: date | datetime, region: str) -> Deadline:
        return lookups.deadline(self.rulebook, rule, start, region)

    def mediation_rules(self, case: CaseFile, agency: str, on: date) -> tuple[str, ...]:
        asked = self._input(agency, case, on)
        found = lookups.route(self.rulebook, asked, self._designations_for(asked))
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
        return lookups.origin_rules(self.rulebook, self.workflow, agency, (part.type, part.stage), on, region)

    def feedback_due(self, at: datetime, region: str) -> str | None:
        rule = self.workflow.feedback_rule
        return self.deadline_for(rule, day_of(at), region).effective_end if rule else None

    def given_by(self, agency: str) -> str:
        return self.workflow.given_by.get(agency, agency)

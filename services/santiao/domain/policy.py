"""The policy: what deciders ask of the rulebook. Law and local practice are its rows; nothing here is a number of days.

`RulebookPolicy` (in `rulebook_policy.py`) answers from the city's data; tests may answer otherwise.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from santiao.domain.calendar import WorkCalendar
from santiao.domain.deadlines import Deadline, HasRules
from santiao.domain.directory import Body
from santiao.domain.events.referrals import DesignatedRoute
from santiao.domain.files import CaseFile, PartState, SourceFile
from santiao.domain.gates import GateInput, HasGates
from santiao.domain.links.policy import LinkingPolicy
from santiao.domain.routing import Edge, Route, RouteRule
from santiao.domain.vocabulary import Risk
from santiao.domain.wording import Reading


class Book(HasRules, HasGates, Protocol):
    """The rows that clocks and gates read."""

    @property
    def version(self) -> str:
        """Names the rows by their content."""
        ...

    @property
    def calendar(self) -> WorkCalendar:
        """Working days."""
        ...


class Policy(Protocol):
    """Everything deciders may ask that is data.

    `case_secret` keys case ids; `outcomes` are the codes of `hub.outcome@1`; `contact_rule` and `follow_up_rule` name clock rules.
    """

    @property
    def rulebook(self) -> Book: ...
    @property
    def linking(self) -> LinkingPolicy: ...
    @property
    def case_secret(self) -> bytes: ...
    @property
    def outcomes(self) -> frozenset[str]: ...
    @property
    def contact_rule(self) -> str: ...
    @property
    def follow_up_rule(self) -> str: ...

    def body(self, name: str) -> Body:
        """A body of the directory. Raises NotFound `body.unknown`."""
        ...

    def reason(self, kind: str, code: str) -> None:
        """Raises Rejection `reason.unknown` unless `code` is a reason for `kind` (decline, return, suspend)."""
        ...

    def edge(self, agency: str, body: str, on: date) -> Edge:
        """The edge that a referral from `agency` to `body` goes along. Raises Rejection `edge.unknown`."""
        ...

    def route(self, files: Sequence[SourceFile], case: CaseFile, on: date) -> Route | None:
        """Where the routing rules send the case; None when a person must say."""
        ...

    def routing_row(self, case: CaseFile, agency: str, body: str, on: date) -> DesignatedRoute | None:
        """The routing row that a designation of `body` becomes; None for a kind of dispute that no rule may route."""
        ...

    def with_designations(self, designations: tuple[RouteRule, ...]) -> "Policy":
        """The same policy with the rows that named persons' decisions have added, the newest first."""
        ...

    def climb(self, agency: str, case: CaseFile, body: str, on: date) -> Route | None:
        """Where it goes after a failure at `body`; None when back to its origin."""
        ...

    def risk(self, files: Sequence[SourceFile], dispute_type: str) -> Risk:
        """How badly the case may turn, by its standing sources."""
        ...

    def risk_signs(self, item: GateInput, reading: Reading) -> tuple[str, ...]:
        """Codes of the signs of risk in an item's own content, read once for gates and signs."""
        ...

    def deadline_for(self, rule: str, start: date | datetime, region: str) -> Deadline:
        """One deadline by its rule id."""
        ...

    def mediation_rules(self, case: CaseFile, agency: str, on: date) -> tuple[str, ...]:
        """Rules of the mediation period."""
        ...

    def agreement_rules(self, body: str, dispute_type: str, effective_on: date) -> tuple[str, ...]:
        """Rules of the rights that an agreement before `body` starts."""
        ...

    def origin_rules(self, agency: str, part: PartState, on: date, region: str) -> tuple[str, ...]:
        """Rules of the origin's own clocks for a source of `agency`, of those in force on the day."""
        ...

    def feedback_due(self, at: datetime, region: str) -> str | None:
        """When feedback is due."""
        ...

    def given_by(self, agency: str) -> str:
        """How a deadline that the agency itself gave is cited."""
        ...

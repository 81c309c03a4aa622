"""The policy: what deciders ask of the rulebook. Law and local practice are its rows; nothing here is a number of days.

`RulebookPolicy` (in `rulebook_policy.py`) answers from the city's data; tests may answer otherwise.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

import msgspec

from santiao.domain.calendar import WorkCalendar
from santiao.domain.deadlines import Deadline, HasRules
from santiao.domain.files import CaseFile, PartState, SourceFile
from santiao.domain.gates import GateInput, HasGates
from santiao.domain.links.policy import LinkingPolicy
from santiao.domain.vocabulary import Risk


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """An edge of the referral graph (law §8.2): who may send whom what, and what silence means there.

    `hub_rule` is the answer clock from *sent*; `legal_rule` the legal one from its start event, empty where the law sets none;
    `silence` back_to_sender or deemed_own; `reference` names the row and version.
    """

    id: str
    basis: str
    reference: str
    needs_consent: bool
    hub_rule: str
    legal_rule: str = ""
    silence: str = "back_to_sender"


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Where a dispute should go: mediation kind, mode (`hub.docking@1`), body, and the row that says so."""

    mediation: str
    mode: str
    body: str
    rule: str


class Climb(msgspec.Struct, frozen=True, kw_only=True):
    """Where failure climbs to: a body, a kind of mediation, or the origin; `level` in words of the table."""

    to: str
    level: str
    rule: str


class Book(HasRules, HasGates, Protocol):
    """The rows that clocks and gates read."""

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

    def body(self, name: str) -> None:
        """Raises Rejection `body.unknown` unless the directory has the body."""
        ...

    def reason(self, kind: str, code: str) -> None:
        """Raises Rejection `reason.unknown` unless `code` is a reason for `kind` (decline, return)."""
        ...

    def edge(self, mode: str, origin: str) -> Edge:
        """The edge that a referral in `mode` from the agency `origin` goes along. Raises Rejection `edge.unknown`."""
        ...

    def route(self, files: Sequence[SourceFile], case: CaseFile) -> Route | None:
        """Where the routing rules send the case; None when no rule fits."""
        ...

    def climb(self, body: str, mediation: str, dispute_type: str, region: str) -> Climb:
        """Where it goes after a failure at `body`."""
        ...

    def risk(self, files: Sequence[SourceFile], dispute_type: str) -> Risk:
        """How badly the case may turn, by its standing sources."""
        ...

    def risk_signs(self, item: GateInput) -> tuple[str, ...]:
        """Codes of the signs of risk in an item's own content."""
        ...

    def deadline_for(self, rule: str, start: date | datetime, region: str) -> Deadline:
        """One deadline by its rule id."""
        ...

    def mediation_rules(self, mode: str, at: datetime) -> tuple[str, ...]:
        """Rules of the mediation period in a mode."""
        ...

    def agreement_rules(self, body: str, dispute_type: str, effective_on: date) -> tuple[str, ...]:
        """Rules of the rights that an agreement before `body` starts."""
        ...

    def origin_rules(self, agency: str, part: PartState) -> tuple[str, ...]:
        """Rules of the origin's own clocks for a source of `agency`."""
        ...

    def feedback_due(self, agency: str, at: datetime, region: str) -> str | None:
        """When feedback to an agency is due."""
        ...

    def given_by(self, agency: str) -> str:
        """How a deadline that the agency itself gave is cited."""
        ...

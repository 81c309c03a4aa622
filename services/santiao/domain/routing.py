"""Routing (分流): which mediation a dispute goes to, in which mode, to which body, under which clocks, and where it climbs when it fails.

Two tables decide. A *route* says for types and risks what kind of mediation and body; an *edge* says for the agency it comes from what the
referral rests on: mode, consent, both acceptance clocks, what silence means, what is owed back. A third table says how failure climbs.
"""

import datetime as dt
from enum import StrEnum
from typing import Protocol

import msgspec

from santiao.domain.calendar import covers
from santiao.domain.directory import LEVELS, BodyKind, BodyQuery, HasBodies, Level, body_of, find_bodies
from santiao.domain.rules import Confidence
from santiao.domain.vocabulary import Risk


class MediationKind(StrEnum):
    """Whose mediation it is."""

    PEOPLES = "peoples"
    ADMINISTRATIVE = "administrative"
    JUDICIAL = "judicial"
    SECTOR = "sector"
    LAWYER = "lawyer"


class Silence(StrEnum):
    """What no answer in time means on an edge. There is no silent acceptance of a mediation."""

    BACK_TO_SENDER = "back_to_sender"
    DEEMED_OWN = "deemed_own"


class RouteRule(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, kw_only=True):
    """For disputes like this: that kind of mediation, from that level up. The first row that fits decides; empty fields fit all.

    `kinds` are the bodies to ask, the best first; `mediation_rule` the period a mediation there runs for.
    """

    id: str
    version: str = "1"
    dispute_types: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = ()
    regions: tuple[str, ...] = ()
    mediation: MediationKind
    level: Level
    kinds: tuple[BodyKind, ...]
    sector: str = ""
    body: str = ""
    mediation_rule: str
    source_text: str = ""
    effective_from: dt.date
    effective_to: dt.date | None = None
    confidence: Confidence

    def is_in_force(self, on: dt.date) -> bool:
        """True on a day between its dates."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


class Edge(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, kw_only=True):
    """From an agency to kinds of bodies (law 8.2): mode of `hub.docking@1`, basis, consent, clocks, silence, and what is owed back.

    `hub_accept_rule` runs from *sent*; `legal_accept_rule`, where the law has one, from its own start event. `origin_rule` is the origin's
    own clock that keeps running. `may_forward` is False where the law forbids passing on: then it comes back and goes out anew.
    """

    id: str
    version: str = "1"
    agencies: tuple[str, ...] = ()
    kinds: tuple[BodyKind, ...] = ()
    mode: str
    basis: str
    needs_consent: bool
    hub_accept_rule: str
    legal_accept_rule: str | None = None
    return_rule: str
    silence: Silence
    feedback_rule: str
    origin_rule: str | None = None
    may_forward: bool = False
    effective_from: dt.date
    effective_to: dt.date | None = None
    confidence: Confidence


class Climb(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, kw_only=True):
    """Where a failed mediation goes next; `to_level` None means the same level."""

    id: str
    mediation: MediationKind
    level: Level
    to_mediation: MediationKind
    to_level: Level | None = None
    kinds: tuple[BodyKind, ...]
    mediation_rule: str
    source_text: str = ""
    confidence: Confidence


class RoutingBook(msgspec.Struct, frozen=True, gc=False, eq=False):
    """The three tables. `unroutable` are dispute types that no mediation takes without a person's decision."""

    routes: tuple[RouteRule, ...]
    edges: tuple[Edge, ...]
    climbs: tuple[Climb, ...]
    unroutable: tuple[str, ...] = ()


class HasRouting(HasBodies, Protocol):
    """What a routing reads: the rulebook."""

    @property
    def routing(self) -> RoutingBook:
        """The city's routing tables."""


class RouteInput(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A dispute to be routed: `agency` the connector whose source is referred, `on` the day, `street` by name where it is known."""

    dispute_type: str
    region: str
    risk: Risk
    agency: str
    on: dt.date
    street: str = ""


class Route(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The answer: what, to whom, under which clocks. `body` is None when the directory has nobody; then a person names one.

    `rule` and `edge` are `id@version`; the `*_rule` fields are ids of the law's clocks.
    """

    rule: str
    edge: str
    mediation: MediationKind
    mode: str
    level: Level
    body: str | None
    body_kind: BodyKind | None
    candidates: tuple[str, ...]
    basis: str
    needs_consent: bool
    hub_accept_rule: str
    legal_accept_rule: str | None
    return_rule: str
    silence: Silence
    mediation_rule: str
    feedback_rule: str
    origin_rule: str | None
    may_forward: bool


def route(rulebook: HasRouting, dispute: RouteInput, designations: tuple[RouteRule, ...] = ()) -> Route | None:
    """Where this dispute goes, or None when a person must say (an unclassified type, or no row or edge fits).

    `designations` are rows that named persons' decisions have added; they are asked first.
    """
    book = rulebook.routing
    if dispute.dispute_type in book.unroutable:
        return None
    for row in (*designations, *book.routes):
        if _fits(row, dispute) and _may_take(rulebook, row.body, dispute):
            wanted = _Wanted(row.mediation, row.level, row.kinds, row.sector, row.body, row.mediation_rule)
            return _to(rulebook, dispute, f"{row.id}@{row.version}", wanted)
    return None


def route_to(book: RoutingBook, dispute: RouteInput, kind: BodyKind) -> RouteRule | None:
    """The row by which a body of `kind` takes such a dispute: one that fits it where there is one, else any in force to that kind.

    None for a type that no mediation takes without a person's decision.
    """
    if dispute.dispute_type in book.unroutable:
        return None
    rows = [row for row in book.routes if kind in row.kinds and row.is_in_force(dispute.on)]
    return next((row for row in rows if _fits(row, dispute)), rows[0] if rows else None)


def climb(rulebook: HasRouting, dispute: RouteInput, mediation: MediationKind, level: Level) -> Route | None:
    """Where a mediation of this kind that failed at this level goes next, or None when it goes back to its origin."""
    for row in rulebook.routing.climbs:
        if row.mediation is mediation and row.level is level:
            wanted = _Wanted(row.to_mediation, row.to_level or row.level, row.kinds, "", "", row.mediation_rule)
            found = _to(rulebook, dispute, f"{row.id}@1", wanted)
            if found is not None and found.body is not None:
                return found
    return None


class _Wanted(msgspec.Struct, frozen=True, gc=False):
    mediation: MediationKind
    level: Level
    kinds: tuple[BodyKind, ...]
    sector: str
    body: str
    mediation_rule: str


def _to(rulebook: HasRouting, dispute: RouteInput, rule: str, wanted: _Wanted) -> Route | None:
    query = BodyQuery(
        kinds=wanted.kinds,
        level=wanted.level,
        region=dispute.region,
        street=dispute.street,
        sector=wanted.sector,
        dispute_type=dispute.dispute_type,
        on=dispute.on,
    )
    found = find_bodies(rulebook, query)
    named = (body_of(rulebook, wanted.body),) if wanted.body else ()
    found = tuple(dict.fromkeys((*named, *found)))
    chosen = found[0] if found else None
    kind = chosen.kind if chosen is not None else wanted.kinds[0]
    edge = _edge(rulebook.routing, dispute, kind)
    if edge is None:
        return None
    return Route(
        rule=rule,
        edge=f"{edge.id}@{edge.version}",
        mediation=wanted.mediation,
        mode=edge.mode,
        level=chosen.level if chosen is not None else wanted.level,
        body=chosen.id if chosen is not None else None,
        body_kind=chosen.kind if chosen is not None else None,
        candidates=tuple(body.id for body in found),
        basis=edge.basis,
        needs_consent=edge.needs_consent,
        hub_accept_rule=edge.hub_accept_rule,
        legal_accept_rule=edge.legal_accept_rule,
        return_rule=edge.return_rule,
        silence=edge.silence,
        mediation_rule=wanted.mediation_rule,
        feedback_rule=edge.feedback_rule,
        origin_rule=edge.origin_rule,
        may_forward=edge.may_forward,
    )


def _may_take(rulebook: HasBodies, named: str, dispute: RouteInput) -> bool:
    """True unless the row names a body that is closed, takes no such dispute, or is another street's."""
    if not named:
        return True
    body = body_of(rulebook, named)
    return (
        body.is_open(dispute.on)
        and (not body.accepts or dispute.dispute_type in body.accepts)
        and (not body.street or not dispute.street or body.street == dispute.street)
    )


def _fits(row: RouteRule, dispute: RouteInput) -> bool:
    return (
        row.is_in_force(dispute.on)
        and (not row.dispute_types or dispute.dispute_type in row.dispute_types)
        and (not row.agencies or dispute.agency in row.agencies)
        and (not row.risks or dispute.risk in row.risks)
        and (not row.regions or any(covers(region, dispute.region) for region in row.regions))
    )


def _edge(book: RoutingBook, dispute: RouteInput, kind: BodyKind) -> Edge | None:
    for edge in book.edges:
        in_force = edge.effective_from <= dispute.on and (edge.effective_to is None or dispute.on <= edge.effective_to)
        if (
            in_force
            and (not edge.agencies or dispute.agency in edge.agencies)
            and (not edge.kinds or kind in edge.kinds)
        ):
            return edge
    return None


def levels_above(level: Level) -> tuple[Level, ...]:
    """The levels that a matter of `level` may climb to, the nearest first."""
    return LEVELS[LEVELS.index(level) + 1 :]

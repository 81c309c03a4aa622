"""Choosing a body of the directory: those that may take the case's kind of dispute in its place, the nearest first."""

from santiao.console.fields import Choice
from santiao.console.labels import label_of
from santiao.console.visits import Visit
from santiao.domain.deciders.clocks import day_of
from santiao.domain.directory import LEVELS, Body, BodyKind


def body_choices(visit: Visit, region: str, dispute_type: str = "") -> tuple[Choice, ...]:
    """Bodies that mediate, under their region and level; the case's own region first, then the city's, then the others."""
    today = day_of(visit.now)
    bodies = [
        body
        for body in visit.services.rulebook.bodies
        if body.is_open(today) and body.modes and (not dispute_type or not body.accepts or dispute_type in body.accepts)
    ]

    def order(body: Body) -> tuple[int, str, int, str]:
        is_own, is_city = body.region == region, body.region.endswith("00")
        return (0 if is_own else 1 if is_city else 2, body.region, LEVELS.index(body.level), body.id)

    return tuple(_choice(visit, body) for body in sorted(bodies, key=order))


def court_choices(visit: Visit, region: str) -> tuple[Choice, ...]:
    """Courts, the region's own first."""
    today = day_of(visit.now)
    courts = [body for body in visit.services.rulebook.bodies if body.kind is BodyKind.COURT and body.is_open(today)]
    return tuple(_choice(visit, body) for body in sorted(courts, key=lambda body: (body.region != region, body.id)))


def _choice(visit: Visit, body: Body) -> Choice:
    place = visit.services.regions.get(body.region, body.region)
    return Choice(body.id, body.name, body.name, f"{place} · {label_of('level', body.level).zh}")

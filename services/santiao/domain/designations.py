"""Designations (指定承办): a named person's decision after the second bounce, as the routing row it becomes.

The row is told whole by the event, so that replay reads it and never decides again. It holds from the day of the decision for disputes of
the same kind, in the same place, from the same agency; the newest is asked first, before the city's own routes. Ending one gives it a last
day.
"""

import datetime as dt

import msgspec

from santiao.domain.directory import BodyKind, Level
from santiao.domain.events import Event, Meta
from santiao.domain.events.referrals import BodyDesignated, DesignatedRoute, DesignationEnded
from santiao.domain.routing import MediationKind, RouteRule
from santiao.domain.rules import Confidence


class Designation(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A routing row with its source: who decided, when, on which case, and why. `position` is the event's place in its shard's log."""

    route: RouteRule
    shard: int
    position: int
    case_id: str
    officer: str
    reason: str
    decided_at: dt.datetime
    ended_by: str = ""
    end_reason: str = ""

    @property
    def rule(self) -> str:
        """Its id, as later triages name it."""
        return self.route.id


def keep_designation(rows: dict[str, Designation], meta: Meta, event: Event) -> None:
    """Let an event change the rows it is about; most are about none.

    Raises:
        KeyError: a row ends that no earlier event made.
    """
    if isinstance(event, BodyDesignated) and event.route is not None:
        rows[event.rule] = Designation(
            route=_route(event.rule, event.body, event.route),
            shard=meta.shard,
            position=meta.position,
            case_id=meta.case_id,
            officer=event.officer,
            reason=event.reason,
            decided_at=meta.recorded_at,
        )
    elif isinstance(event, DesignationEnded):
        known = rows[event.rule]
        route = msgspec.structs.replace(known.route, effective_to=event.last_day)
        rows[event.rule] = msgspec.structs.replace(known, route=route, ended_by=event.officer, end_reason=event.reason)


def _route(rule: str, body: str, told: DesignatedRoute) -> RouteRule:
    return RouteRule(
        id=rule,
        dispute_types=(told.dispute_type,),
        agencies=(told.agency,) if told.agency else (),
        regions=(told.region,),
        mediation=MediationKind(told.mediation),
        level=Level(told.level),
        kinds=(BodyKind(told.body_kind),),
        sector=told.sector,
        body=body,
        mediation_rule=told.mediation_rule,
        source_text=told.source_text,
        effective_from=told.effective_from,
        confidence=Confidence.DEFAULT,
    )

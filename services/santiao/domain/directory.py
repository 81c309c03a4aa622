"""The directory of bodies (机构名录): who may take a dispute, where, in which sector and mode, and since when.

Rows are data with effective dates. Regions are six digits; a body below the county also names its street or town, because the sources tell
streets by name and not by code.
"""

import datetime as dt
from collections.abc import Hashable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

import msgspec

from santiao.domain.calendar import covers
from santiao.domain.errors import NotFound
from santiao.domain.rules import Confidence


class BodyKind(StrEnum):
    """What a body is."""

    PEOPLES_COMMITTEE = "peoples_committee"
    """人民调解委员会 of a village, street, county or city."""
    SECTOR_COMMITTEE = "sector_committee"
    """行业性专业性人民调解委员会: traffic, medical, property, labour."""
    STATION_ROOM = "station_room"
    """驻所人民调解室."""
    COURT_CENTRE = "court_centre"
    """诉调对接中心, with its own committee."""
    POLICE_STATION = "police_station"
    COURT = "court"
    PETITION_OFFICE = "petition_office"
    LABOUR_ARBITRATION = "labour_arbitration"
    JUSTICE_OFFICE = "justice_office"
    """司法所."""
    GOVERNANCE_CENTRE = "governance_centre"
    """综治中心."""
    ORGAN = "organ"
    """An administrative organ that mediates in its field."""
    HOTLINE_CENTRE = "hotline_centre"
    LEGAL_AID_CENTRE = "legal_aid_centre"
    LAWYER_ROOM = "lawyer_room"
    """律师调解工作室."""


class Level(StrEnum):
    """Where a body stands, the lowest first: failure climbs in this order."""

    VILLAGE = "village"
    STREET = "street"
    COUNTY = "county"
    CITY = "city"


LEVELS = tuple(Level)


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One body. `accepts` empty means any dispute type; `modes` are codes of `hub.docking@1`.

    `agency` is the connector whose records name it, `agency_codes` the codes and names by which they do.
    """

    id: str
    name: str
    kind: BodyKind
    level: Level
    region: str
    street: str = ""
    sector: str = ""
    modes: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()
    hours: str = ""
    phone: str = ""
    agency: str = ""
    agency_codes: tuple[str, ...] = ()
    effective_from: dt.date
    effective_to: dt.date | None = None
    source: str = ""
    confidence: Confidence = Confidence.DEFAULT

    def is_open(self, on: dt.date) -> bool:
        """True on a day between its dates."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


class HasBodies(Hashable, Protocol):
    """What a search reads: the rulebook."""

    @property
    def bodies(self) -> tuple[Body, ...]:
        """All bodies, of all times."""


class BodyQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to look for. Empty fields do not narrow; `level` is the lowest wanted."""

    kinds: tuple[BodyKind, ...] = ()
    level: Level = Level.VILLAGE
    region: str = ""
    street: str = ""
    sector: str = ""
    mode: str = ""
    dispute_type: str = ""
    on: dt.date


def find_bodies(rulebook: HasBodies, query: BodyQuery) -> tuple[Body, ...]:
    """The bodies that may take it: by kind as asked for, nearest first, those that name the type before those that take any.

    A street's or village's body of another street is left out; so is one of another county.
    """
    by_kind = _by_kind(rulebook)
    asked = (body for kind in dict.fromkeys(query.kinds) for body in by_kind.get(kind, ()))
    found = [body for body in (asked if query.kinds else rulebook.bodies) if _suits(body, query)]
    return tuple(sorted(found, key=lambda body: _distance(body, query)))


def body_of(rulebook: HasBodies, body_id: str) -> Body:
    """The body of that id, whatever its dates. Raises `NotFound` body.unknown."""
    body = _by_id(rulebook).get(body_id)
    if body is None:
        raise NotFound(
            "body.unknown", f"there is no body {body_id} in the directory", f"机构名录中没有{body_id}", "directory"
        )
    return body


def body_by_code(rulebook: HasBodies, agency: str, code: str, on: dt.date) -> Body | None:
    """The body that `agency` calls `code` (a unit code, a court code, or the name it writes)."""
    for body in _by_code(rulebook).get((agency, code), ()):
        if body.is_open(on):
            return body
    return None


def _suits(body: Body, query: BodyQuery) -> bool:
    return (
        body.is_open(query.on)
        and LEVELS.index(body.level) >= LEVELS.index(query.level)
        and (not query.region or covers(body.region, query.region) or body.region == query.region)
        and (not body.street or body.street == query.street)
        and (not query.sector or body.sector == query.sector)
        and (not query.mode or query.mode in body.modes)
        and (not query.dispute_type or not body.accepts or query.dispute_type in body.accepts)
    )


def _distance(body: Body, query: BodyQuery) -> tuple[int, int, bool, str]:
    rank = query.kinds.index(body.kind) if query.kinds else 0
    return (rank, LEVELS.index(body.level), not body.accepts, body.id)


@lru_cache(maxsize=8)
def _by_id(rulebook: HasBodies) -> Mapping[str, Body]:
    return {body.id: body for body in rulebook.bodies}


@lru_cache(maxsize=8)
def _by_kind(rulebook: HasBodies) -> Mapping[BodyKind, tuple[Body, ...]]:
    found: dict[BodyKind, list[Body]] = {}
    for body in rulebook.bodies:
        found.setdefault(body.kind, []).append(body)
    return {kind: tuple(bodies) for kind, bodies in found.items()}


@lru_cache(maxsize=8)
def _by_code(rulebook: HasBodies) -> Mapping[tuple[str, str], tuple[Body, ...]]:
    found: dict[tuple[str, str], list[Body]] = {}
    for body in rulebook.bodies:
        for code in body.agency_codes:
            found.setdefault((body.agency, code), []).append(body)
    return {key: tuple(bodies) for key, bodies in found.items()}

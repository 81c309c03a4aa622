"""What every agency's desk does: write a file down as the agency would, and deliver what was written when its time has come."""

from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from santiao.simulation.chance import Chance
from santiao.simulation.city import City
from santiao.simulation.firms import Firm
from santiao.simulation.hardships import Hardships
from santiao.simulation.journeys import Telling
from santiao.simulation.people import People, Person
from santiao.simulation.phrases import Storyteller
from santiao.simulation.schedule import Schedule
from santiao.simulation.settings import SimulationSettings
from santiao.simulation.staging import Staging
from santiao.simulation.truth import Truth


class Office(msgspec.Struct, frozen=True):
    """What all desks of one city share."""

    settings: SimulationSettings
    city: City
    chance: Chance
    people: People
    schedule: Schedule
    hardships: Hardships
    stories: Storyteller
    staging: Staging
    truth: Truth
    out: Path


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file at its desk."""

    file: Telling
    state: str
    text: str
    """All that was delivered of it, for evidence."""
    outcome: str = ""
    expect: str = "accepted"
    reason: str = ""
    others: tuple[Person, ...] = ()
    """Reporters and agents, who are no parties."""
    merged_into: str = ""
    feedback: str = ""
    key: str = ""
    """The key the hub will know it by, where it is not the file's own."""


class Desk(Protocol):
    """One agency's desk.

    `write` puts a file's versions into the staging, in the moments at which they reach the hub, and tells what became of it.
    `deliver` writes all deliveries into the agency's folder and enters each into the truth; it is called once, at the end.
    """

    agency: str

    def write(self, file: Telling) -> Filed: ...

    def deliver(self) -> None: ...


class Version(msgspec.Struct, frozen=True):
    """One state of a file, and when it can be seen at its agency."""

    seen: datetime
    text: str
    body: bytes


def delivered(versions: list[Version], times: list[datetime]) -> list[tuple[datetime, Version]]:
    """Return which versions are ever delivered by an agency that shows only the newest one, and at which of its times.

    `versions` are in order of `seen`; a version that is replaced before the next delivery is never seen by anybody.
    """
    kept: dict[datetime, Version] = {}
    for version in versions:
        moment = next((time for time in times if time >= version.seen), None)
        if moment is not None:
            kept[moment] = version
    return list(kept.items())


def masked(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) == 11 else phone


def mojibake(text: str) -> str:
    """GBK bytes read as Latin-1, the damage that can be undone."""
    return text.encode("gb18030").decode("latin-1")


def fullwidth(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def legal_person(firm: Firm) -> str:
    return f"{firm.head}某"

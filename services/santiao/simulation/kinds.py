"""Kinds of dispute and their wording, read from `wording/`: what each agency's people say of them, in several ways each.

A wording is a text with slots in braces. Slots every dispute fills: A and B (applicant, respondent), Bt (respondent as a
reporter says it), place, spot, flat, building, unit, room, up, home, road, street, district, group, amt, wan, date, months, n,
mu, age; and the kind's own slots, chosen once for each dispute so that all channels tell of the same thing.
"""

from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from santiao.simulation.city import read_data

Against = Literal[
    "above",
    "building",
    "village",
    "person",
    "spouse",
    "child",
    "kin",
    "manager",
    "village_committee",
    "shop",
    "builder",
    "employer",
    "platform",
    "training",
    "hospital",
    "school",
    "restaurant",
    "decorator",
    "developer",
    "dealer",
    "bank",
    "care",
    "carrier",
    "agency",
    "property",
]
PERSONAL = frozenset({"above", "building", "village", "person", "spouse", "child", "kin"})


class Texts(msgspec.Struct, frozen=True):
    """The wordings, by who tells them."""

    police: list[str]
    hotline: list[str]
    petition: list[str]
    claim: list[str]
    facts: list[str]
    committee: list[str]
    remark: list[str] = []
    """What a labour ledger says in its last column."""
    police_b: list[str] = []
    """What the respondent tells the police."""


class Kind(msgspec.Struct, frozen=True):
    """One kind of dispute."""

    type: str
    """`hub.dispute_type@1`."""
    label: str
    weight: float
    place: str
    against: Against
    amount: tuple[int, int]
    police: tuple[str, str, str]
    petition: tuple[str, str]
    hotline: tuple[str, str, str]
    cause: tuple[int, str]
    people: str
    """Its name in the people's mediation statistics."""
    heard: dict[str, float]
    """How likely each channel is to hear of it."""
    texts: Texts
    group: float = 0.0
    """How often several people complain together."""
    labour: list[str] = []
    ages: tuple[int, int] = (20, 72)
    slots: dict[str, list[str]] = {}

    @property
    def personal(self) -> bool:
        """True when the respondent is a person."""
        return self.against in PERSONAL


class TurnWords(msgspec.Struct, frozen=True):
    """A gate's wordings: told on its own, or as a turn that a dispute takes."""

    reason: str
    alone: dict[str, list[str]]
    turn: dict[str, list[str]] = {}


class Accusation(msgspec.Struct, frozen=True):
    reason: str
    petition: list[str]
    hotline: list[str]


class GateWords(msgspec.Struct, frozen=True):
    """All gates by code, and words that only sound like one."""

    G1: TurnWords
    G2: TurnWords
    G3: TurnWords
    G4: TurnWords
    G5: TurnWords
    lawsuit: TurnWords
    accusation: Accusation
    near_misses: list[str]

    def of(self, gate: str) -> TurnWords:
        words: TurnWords = getattr(self, gate)
        return words


class Narrative(msgspec.Struct, frozen=True):
    """What surrounds a story: openings, closings, references, officers' reports."""

    police_opening: list[str]
    police_closing: list[str]
    police_counterpart: list[str]
    police_repeat: list[str]
    police_feedback: dict[str, list[str]]
    hotline_opening: list[str]
    hotline_supplement: list[str]
    hotline_replies: dict[str, list[str]]
    petition_opening: list[str]
    petition_filler: list[str]
    petition_closing: list[str]
    petition_person: list[str]
    petition_person_phone: list[str]
    petition_firm: list[str]
    petition_replies: dict[str, list[str]]
    court_closing: list[str]
    committee_origin: list[str]
    committee_terms: dict[str, list[str]]
    labour_firm_head: list[str]
    references: dict[str, list[str]]
    renewed: list[str]
    compared: list[str]
    filed_notices: list[str]
    not_filed: list[str]


class Strays(msgspec.Struct, frozen=True):
    """Items that tell of no dispute."""

    police: list[str]
    police_codes: list[tuple[str, str, str]]
    petition: list[str]
    hotline: list[str]


@cache
def load_kinds() -> dict[str, Kind]:
    """Return all kinds by name, in the order of their names."""
    folder = resources.files("santiao.simulation").joinpath("wording", "kinds")
    kinds: dict[str, Kind] = {}
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".yaml"):
            kinds |= msgspec.convert(read_data("wording", "kinds", entry.name), dict[str, Kind])
    return dict(sorted(kinds.items()))


@cache
def load_gates() -> GateWords:
    return msgspec.convert(read_data("wording", "gates.yaml"), GateWords)


@cache
def load_narrative() -> Narrative:
    return msgspec.convert(read_data("wording", "narrative.yaml"), Narrative)


@cache
def load_strays() -> Strays:
    return msgspec.convert(read_data("wording", "strays.yaml"), Strays)

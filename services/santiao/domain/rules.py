"""The rows of the law's clocks (期限规则): what a row says, in which words.

A row is data with its text, article, effective dates and confidence; a changed text is a new row, never an edited one. Which row holds on a
day and in a place is asked of `deadlines.select_rule`.
"""

import datetime as dt
from enum import StrEnum

import msgspec

from santiao.domain.calendar import NATIONAL


class Unit(StrEnum):
    """What a length counts (期间单位)."""

    MINUTE = "minute"
    HOUR = "hour"
    CALENDAR_DAY = "calendar_day"
    WORKING_DAY = "working_day"
    MONTH = "month"
    YEAR = "year"


CLOCK_UNITS = frozenset({Unit.MINUTE, Unit.HOUR})


class Layer(StrEnum):
    """Rank of a text; the first named binds before the later ones."""

    NATIONAL_LAW = "national_law"
    JUDICIAL_INTERPRETATION = "judicial_interp"
    NATIONAL_POLICY = "national_policy"
    LOCAL_REGULATION = "local_regulation"
    LOCAL_POLICY = "local_policy"
    DEFAULT = "default"


class Nature(StrEnum):
    """What expiry means: an agency's duty is urged, a mediation ends, a party's right is lost."""

    AGENCY_DUTY = "agency_duty"
    MEDIATION_PERIOD = "mediation_period"
    PARTY_RIGHT = "party_right"
    SERVICE_TARGET = "service_target"


class Direction(StrEnum):
    """Forward from the start event, or back from an appointed day (notice before a hearing)."""

    AFTER = "after"
    BEFORE = "before"


class HourStart(StrEnum):
    """T2: the civil code counts from the stated moment; civil procedure and the police from the next full hour."""

    STATED_MOMENT = "stated_moment"
    NEXT_HOUR = "next_hour"


class Confidence(StrEnum):
    """S seen in a text, K known and not verified, D our own default without legal force."""

    SEEN = "S"
    KNOWN = "K"
    DEFAULT = "D"


class Lead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long before the end to warn."""

    length: int
    unit: Unit


class Extension(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who may lengthen a period, by how much at a time and how often; None is no bound in the text."""

    by: str
    needs_consent_of_all: bool = False
    max_length: int | None = None
    unit: Unit = Unit.CALENDAR_DAY
    max_times: int | None = None
    notify: str = ""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One row of the law's clocks. `rule_id@version` names it for ever; a changed text is a new row with its own dates.

    `row` is the family it is listed under where several lengths share one. `supersedes` names `rule_id@version` rows that give way
    to this one where it holds. `aliases` are further ids it answers to.
    """

    rule_id: str
    version: str
    name: str
    row: str = ""
    aliases: tuple[str, ...] = ()
    domain: str
    layer: Layer
    jurisdiction: str = NATIONAL
    nature: Nature
    trigger_event: str
    clock_start_event: str
    length: int
    unit: Unit
    direction: Direction = Direction.AFTER
    exclude_start: bool = True
    hour_start: HourStart = HourStart.STATED_MOMENT
    roll_forward: bool
    suspend_on: tuple[str, ...] = ()
    extension: Extension | None = None
    warn_before: Lead | None = None
    on_expiry: str
    on_expiry_is_system_action: bool
    source_text: str
    article: str
    effective_from: dt.date
    effective_to: dt.date | None = None
    confidence: Confidence
    supersedes: tuple[str, ...] = ()
    note: str = ""

    @property
    def reference(self) -> str:
        """`rule_id@version`, as events store it."""
        return f"{self.rule_id}@{self.version}"

    @property
    def source(self) -> str:
        """Text and article, for people."""
        return f"{self.source_text} {self.article}".strip()

    def is_in_force(self, day: dt.date) -> bool:
        """True on a day between its dates."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

"""What is told of a case, field by field: the forms of answers, and how a view's rows fill them.

The rule kept here: these types describe what the door lets through at most; a field that is not granted is missing from the answer.
"""

from typing import Any

import msgspec

from santiao.domain.events.envelope import Mention, Sealed
from santiao.projections.case_parties import PartOfSource
from santiao.projections.case_queries import CaseItem, CaseSummary, DueItem, SourceItem
from santiao.projections.deadlines import DeadlineItem
from santiao.projections.timeline import TimelineItem


class DeadlineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A clock: dates are YYYY-MM-DD, or RFC 3339 for rules of hours; `source` is the legal text, `trace` the days counted."""

    deadline_id: str
    rule: str
    clock: str
    about: str
    start: str
    natural_end: str | None
    effective_end: str
    warn_on: str | None
    provisional: bool
    party_right: bool
    on_expiry: str
    confidence: str
    source: str
    trace: tuple[str, ...]
    state: str


class CaseAnswer(CaseItem, frozen=True, kw_only=True):
    """A case as in the list, with where it stands in the workflow and its clocks."""

    aliases: tuple[str, ...]
    batch: str
    """Number of the parent batch (群体) whose child the case is; empty for most, and as of a past time."""
    version: int | None
    outcome: str | None
    blocked_by: tuple[str, ...]
    body: str
    proposed_body: str
    mediation_kind: str
    mode: str
    consents: tuple[str, ...]
    designation: str
    bounces: int
    referral_id: str
    referral_state: str
    mediation_id: str
    mediation_state: str
    agreement_no: str
    agreement_state: str
    next_due: DueItem | None
    notices: int
    updated_at: str
    deadlines: tuple[DeadlineAnswer, ...]


class TimelineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An event: what happened outside and when it was recorded; `data` its facts, none of them about a person."""

    position: int
    occurred_at: str
    recorded_at: str
    type: str
    case_id: str
    actor: str
    data: dict[str, Any]


class PartyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A party mention, as far as it may be shown; `erased` where its keys are destroyed."""

    slot: int
    role: str
    kind: str
    minor: bool | None
    name: str = ""
    ids: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    address: str = ""
    born: str = ""
    erased: bool = False


class PartiesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The parties as one part of one source tells of them."""

    source_id: str
    part: str
    mentions: tuple[PartyAnswer, ...]


class NarrativeText(msgspec.Struct, frozen=True, kw_only=True):
    """What a version tells in words."""

    title: str = ""
    text: str = ""
    claim: str = ""
    place: str = ""
    amount_fen: int | None = None
    handler: str = ""
    erased: bool = False


class NarrativeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one part of one source."""

    source_id: str
    part: str
    narrative: NarrativeText


class PartyValues(msgspec.Struct, frozen=True):
    """Mentions on their way to the door."""

    source_id: str
    part: str
    mentions: tuple[Mention, ...]


class NarrativeValues(msgspec.Struct, frozen=True):
    """A narrative on its way to the door."""

    source_id: str
    part: str
    narrative: Sealed | None


def case_values(case: CaseSummary) -> dict[str, Any]:
    """What the case page tells, under the names of `CaseAnswer`."""
    told = msgspec.structs.asdict(case)
    item: CaseItem = told.pop("item")
    sources: tuple[SourceItem, ...] = item.sources
    return {**msgspec.structs.asdict(item), "sources": sources, **told}


def deadline_values(clock: DeadlineItem) -> dict[str, Any]:
    """A clock under the names of `DeadlineAnswer`."""
    told = msgspec.structs.asdict(clock)
    entry = msgspec.structs.asdict(told.pop("entry"))
    return {"deadline_id": told.pop("deadline_id"), **entry, **told}


def timeline_values(item: TimelineItem) -> dict[str, Any]:
    """An event under the names of `TimelineAnswer`."""
    told = msgspec.structs.asdict(item)
    summary = told.pop("summary")
    return {**told, "data": msgspec.json.decode(summary)}


def parties_values(part: PartOfSource) -> PartyValues:
    """Mentions of one part of a source."""
    return PartyValues(part.source_id, part.part, part.mentions)


def narrative_values(part: PartOfSource) -> NarrativeValues:
    """The words of one part of a source."""
    return NarrativeValues(part.source_id, part.part, part.narrative)

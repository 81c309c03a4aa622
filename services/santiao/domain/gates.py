"""Gates (闸口): what the hub must not divert to mediation, and informer's material that it may not even keep.

A gate is read from one item's own content: its codes, texts, parties' ages and the court numbers it quotes; what a linked
source tells is no part of it. Rules are data with legal source and dates. Words that only frighten are no gate: see `wording`.
"""

import datetime as dt
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

import msgspec

from santiao.domain.phrases import Phrase, Wording
from santiao.domain.records import AgencyRecord, CodeField, DisputeFact, Party, ReferralAnswer, Relation, TextField
from santiao.domain.rules import Confidence
from santiao.domain.wording import (
    Condition,
    Finding,
    PreparedText,
    Reading,
    called_by,
    find,
    read_texts,
    says,
    screen_of,
)


class GateAction(StrEnum):
    """Block: accepted, never diverted. Refuse: not taken at all. Notice: may be mediated, not confirmed by a court."""

    BLOCK = "block"
    REFUSE = "refuse"
    NOTICE = "notice"


class CodeRange(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, kw_only=True):
    """Codes that tell by themselves: from `first` to `last` of the same length, or a label with one of `labels` in it.

    `list` is the code list's id as the connector names it; empty for any list of the agency.
    """

    list: str = ""
    first: str = ""
    last: str = ""
    labels: tuple[str, ...] = ()


class Gate(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, kw_only=True):
    """One gate of the law: its reason for machines, its name for people, its legal source."""

    gate: str
    reason: str
    name: str
    action: GateAction
    source_text: str
    article: str
    effective_from: dt.date
    effective_to: dt.date | None = None
    confidence: Confidence


class GateRule(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, kw_only=True):
    """How a gate shows in an item: by code, by what a text says, by either. All of `agencies`, `says`, `party_under` given must hold.

    `reason` and `action` replace the gate's own. In the same sentence a rule gives way to a hit on a gate of `yields_to`.
    `party_under` wants a party younger than so many years.
    """

    id: str
    version: str = "1"
    gate: str
    reason: str = ""
    action: GateAction | None = None
    agencies: tuple[str, ...] = ()
    except_agencies: tuple[str, ...] = ()
    codes: tuple[CodeRange, ...] = ()
    says: Condition | None = None
    fields: tuple[str, ...] = ()
    except_fields: tuple[str, ...] = ()
    party_under: int | None = None
    yields_to: tuple[str, ...] = ()
    effective_from: dt.date
    effective_to: dt.date | None = None
    confidence: Confidence
    note: str = ""


class GateBook(msgspec.Struct, frozen=True, gc=False, eq=False):
    """All gates, their rules, and the words the rules are made of."""

    gates: tuple[Gate, ...]
    rules: tuple[GateRule, ...]
    wording: Wording


class HasGates(Protocol):
    """What an evaluation reads: the rulebook."""

    @property
    def gates(self) -> GateBook:
        """The city's gates."""


class CodeTold(msgspec.Struct, frozen=True, gc=False):
    """A code of the item: list id, code, and the label beside it."""

    list: str
    code: str
    label: str = ""


class TextTold(msgspec.Struct, frozen=True, gc=False):
    """A narrative of the item, by field name."""

    field: str
    text: str


class GateInput(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An item's own content: `ages` those known of its parties on `occurred_on`, `court_numbers` those it quotes."""

    agency: str
    dispute_type: str = ""
    codes: tuple[CodeTold, ...] = ()
    texts: tuple[TextTold, ...] = ()
    ages: tuple[int, ...] = ()
    court_numbers: tuple[str, ...] = ()
    occurred_on: dt.date | None = None


class GateHit(msgspec.Struct, frozen=True, gc=False):
    """A gate met: its reason, what it does, the rule's `id@version`, and the field that told (never its words)."""

    gate: str
    reason: str
    action: GateAction
    rule_version: str
    evidence_field: str


def read_item(rulebook: HasGates, item: GateInput) -> Reading:
    """An item's texts made ready once, for whoever evaluates gates and risks of it."""
    told = [(text.field, text.text) for text in item.texts]
    if item.court_numbers:
        told.append(("court_numbers", "。".join(item.court_numbers)))
    return read_texts(rulebook.gates.wording, told)


def evaluate_gates(
    rulebook: HasGates, item: GateInput, on: dt.date | None = None, reading: Reading | None = None
) -> tuple[GateHit, ...]:
    """The gates `item` meets, refusals first, one hit a gate, in the order of the rules.

    `on` is the day the rules are read for (default: the item's own `occurred_on`); rules not in force that day do not count.
    `reading` is `read_item`'s, when the caller has it. Notices are left out: see `confirmation_obstacles`.
    """
    hits = _hits(rulebook.gates, item, on or item.occurred_on, reading or read_item(rulebook, item))
    once = {hit.gate: hit for hit in reversed(hits) if hit.action is not GateAction.NOTICE}
    kept = [hit for hit in hits if once.get(hit.gate) is hit]
    return tuple(sorted(kept, key=lambda hit: hit.action is not GateAction.REFUSE))


def confirmation_obstacles(rulebook: HasGates, item: GateInput, on: dt.date | None = None) -> tuple[GateHit, ...]:
    """What a court could not confirm though it may be mediated: status, title, bankruptcy (gate G6)."""
    hits = _hits(rulebook.gates, item, on or item.occurred_on, read_item(rulebook, item))
    return tuple(hit for hit in hits if hit.action is GateAction.NOTICE)


def gate_input_of(record: AgencyRecord) -> GateInput:
    """What the gates read of a record: codes, narratives, ages on the day, quoted court numbers. Answers and relations tell nothing."""
    body = record.fact
    if isinstance(body, ReferralAnswer | Relation):
        return GateInput(agency=record.connector)
    told: list[CodeField | None] = [body.outcome, body.stage]
    texts: list[tuple[str, TextField | None]] = [("narrative", body.narrative)]
    if isinstance(body, DisputeFact):
        told += [body.type, *body.codes]
        texts += [("title", body.title), ("claim", body.claim)]
    else:
        texts = [("feedback", body.narrative)]
        told += [getattr(body, "result", None)]
    day = record.reported_on or record.received_at.date()
    return GateInput(
        agency=record.connector,
        dispute_type=body.type.hub_code or "" if isinstance(body, DisputeFact) else "",
        codes=tuple(CodeTold(code.list, code.code or "", code.label or "") for code in told if code is not None),
        texts=tuple(TextTold(field, text) for field, cell in texts if cell is not None and (text := cell.value or "")),
        ages=tuple(age for party in body.parties if (age := _age(party, day)) is not None),
        court_numbers=tuple(reference.number for reference in record.references if "court" in reference.kind),
        occurred_on=day,
    )


def _age(party: Party, day: dt.date) -> int | None:
    if party.born is None:
        return None
    return day.year - party.born.year - ((day.month, day.day) < (party.born.month, party.born.day))


def _hits(book: GateBook, item: GateInput, day: dt.date | None, reading: Reading) -> list[GateHit]:
    called = called_by(screen_of(book.wording, _starts(book)), reading.marks)
    found: list[tuple[GateRule, Finding]] = []
    for number in sorted(_coded(book).union(called)):
        rule = book.rules[number]
        if _applies(rule, item, day):
            found.extend((rule, place) for place in _places(book, rule, item, reading.texts, called.get(number, [])))
    if not found:
        return []
    gates = {gate.gate: gate for gate in book.gates}
    out: list[GateHit] = []
    for rule, place in found:
        gate = gates[rule.gate]
        if _gives_way(rule, place, found):
            continue
        action = rule.action or gate.action
        hit = GateHit(rule.gate, rule.reason or gate.reason, action, f"{rule.id}@{rule.version}", place.field)
        if hit not in out:
            out.append(hit)
    return out


def _applies(rule: GateRule, item: GateInput, day: dt.date | None) -> bool:
    if rule.agencies and item.agency not in rule.agencies:
        return False
    if item.agency in rule.except_agencies:
        return False
    if day is not None and (day < rule.effective_from or (rule.effective_to is not None and day > rule.effective_to)):
        return False
    return rule.party_under is None or any(age < rule.party_under for age in item.ages)


@lru_cache(maxsize=8)
def _starts(book: GateBook) -> tuple[tuple[str, ...], ...]:
    return tuple(rule.says.any_of if rule.says is not None else () for rule in book.rules)


@lru_cache(maxsize=8)
def _coded(book: GateBook) -> frozenset[int]:
    """The numbers of the rules that codes may meet."""
    return frozenset(number for number, rule in enumerate(book.rules) if rule.codes)


def _places(
    book: GateBook, rule: GateRule, item: GateInput, texts: tuple[PreparedText, ...], called: list[Phrase]
) -> list[Finding]:
    """Where the rule is met: at most one code, or the first place in each text."""
    for code in item.codes:
        if any(code_matches(wanted, code) for wanted in rule.codes) and _code_stands(book, rule, texts):
            return [Finding(f"code:{code.list}", -1, -1)]
    if rule.says is None or not called:
        return []
    read = tuple(
        text
        for text in texts
        if (not rule.fields or text.field in rule.fields) and text.field not in rule.except_fields
    )
    return list(find(book.wording, rule.says, read, called))


def _code_stands(book: GateBook, rule: GateRule, texts: tuple[PreparedText, ...]) -> bool:
    """A code tells by itself unless a text takes it back (`unless_text`)."""
    if rule.says is None or not rule.says.unless_text:
        return True
    return not any(says(book.wording, rule.says.unless_text, text.text) for text in texts)


def code_matches(wanted: CodeRange, code: CodeTold) -> bool:
    """True when the code lies in the range or its label has one of the words."""
    if wanted.list and wanted.list != code.list:
        return False
    if wanted.first and len(code.code) == len(wanted.first) and wanted.first <= code.code <= wanted.last:
        return True
    return any(label in code.label for label in wanted.labels)


def _gives_way(rule: GateRule, place: Finding, found: list[tuple[GateRule, Finding]]) -> bool:
    return any(
        other.gate in rule.yields_to
        and there.field == place.field
        and there.begin < place.end
        and place.begin < there.end
        for other, there in found
    )

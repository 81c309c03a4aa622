"""Risk (风险等级): how badly a dispute may turn, by rules as data. The highest rule met decides, and every rule met is named.

What one item says is read once, at intake (`risk_signs`); what only the case knows (people, sources, gates) is weighed with it (`risk_of`).
"""

import datetime as dt
from functools import lru_cache
from typing import Protocol

import msgspec

from santiao.domain.gates import CodeRange, GateInput, code_matches
from santiao.domain.phrases import Wording
from santiao.domain.rules import Confidence
from santiao.domain.vocabulary import Risk
from santiao.domain.wording import Condition, Reading, called_by, find, read_texts, screen_of

_ORDER = tuple(Risk)


class RiskRule(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, kw_only=True):
    """One sign of risk. A rule with `codes` or `says` is read of an item's content; all other conditions given must hold of the case."""

    id: str
    risk: Risk
    name: str
    codes: tuple[CodeRange, ...] = ()
    says: Condition | None = None
    gates: tuple[str, ...] = ()
    dispute_types: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    people_from: int | None = None
    amount_fen_from: int | None = None
    sources_from: int | None = None
    with_minors: bool = False
    source_text: str = ""
    effective_from: dt.date
    effective_to: dt.date | None = None
    confidence: Confidence

    @property
    def is_content(self) -> bool:
        """True when an item's own words or codes tell it."""
        return bool(self.codes) or self.says is not None


class RiskBook(msgspec.Struct, frozen=True, gc=False, eq=False):
    """All signs, and the words they are made of."""

    rules: tuple[RiskRule, ...]
    wording: Wording


class HasRisks(Protocol):
    """What a weighing reads: the rulebook."""

    @property
    def risks(self) -> RiskBook:
        """The city's risk rules."""


class RiskInput(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a case knows: signs of its items, gates met, people involved, money in fen, number of sources, minors among the parties."""

    signs: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    dispute_type: str = ""
    agencies: tuple[str, ...] = ()
    people: int | None = None
    amount_fen: int | None = None
    sources: int = 1
    minors: int = 0


class RiskFinding(msgspec.Struct, frozen=True, gc=False):
    """The level, and the ids of all rules met."""

    risk: Risk
    reasons: tuple[str, ...] = ()


def risk_signs(rulebook: HasRisks, item: GateInput, reading: Reading | None = None) -> tuple[str, ...]:
    """Ids of the content rules that an item meets. `reading` is that of `gates.read_item`, when the caller has it."""
    book = rulebook.risks
    if reading is None:
        reading = read_texts(book.wording, ((told.field, told.text) for told in item.texts))
    texts = reading.texts
    called = called_by(screen_of(book.wording, _starts(book)), reading.marks)
    met: list[str] = []
    for number, rule in enumerate(book.rules):
        if not rule.is_content or (rule.agencies and item.agency not in rule.agencies):
            continue
        by_code = any(code_matches(wanted, code) for wanted in rule.codes for code in item.codes)
        starters = called.get(number)
        by_text = (
            rule.says is not None and starters and any(True for _ in find(book.wording, rule.says, texts, starters))
        )
        if by_code or by_text:
            met.append(rule.id)
    return tuple(met)


def risk_of(rulebook: HasRisks, case: RiskInput) -> RiskFinding:
    """The risk of a case: the highest level among the rules met, low when none is."""
    met = [rule for rule in rulebook.risks.rules if _holds(rule, case)]
    if not met:
        return RiskFinding(Risk.LOW)
    highest = max(met, key=lambda rule: _ORDER.index(rule.risk))
    return RiskFinding(highest.risk, tuple(rule.id for rule in met))


def _holds(rule: RiskRule, case: RiskInput) -> bool:
    if rule.is_content:
        return rule.id in case.signs
    wanted = (
        not rule.gates or any(gate in rule.gates for gate in case.gates),
        not rule.dispute_types or case.dispute_type in rule.dispute_types,
        not rule.agencies or any(agency in rule.agencies for agency in case.agencies),
        rule.people_from is None or (case.people or 0) >= rule.people_from,
        rule.amount_fen_from is None or (case.amount_fen or 0) >= rule.amount_fen_from,
        rule.sources_from is None or case.sources >= rule.sources_from,
        not rule.with_minors or case.minors > 0,
    )
    return all(wanted)


@lru_cache(maxsize=8)
def _starts(book: RiskBook) -> tuple[tuple[str, ...], ...]:
    return tuple(rule.says.any_of if rule.says is not None else () for rule in book.rules)

"""One shape of a declaration, compiled: from an item's cells to the fact it tells.

The rule kept here: everything that can be decided from the declaration alone is decided when it is loaded; an item costs only its own
cells.
"""

from collections.abc import Callable, Mapping
from datetime import date

import msgspec

from santiao.connectors.codes import CodeReader
from santiao.connectors.converters.codes import CodeTable
from santiao.connectors.converters.numerals import parse_numeral
from santiao.connectors.converters.region import RegionTable
from santiao.connectors.declaration import Declaration
from santiao.connectors.expressions import Expression, compile_conditions, compile_text
from santiao.connectors.fields import Cells, MoneyReader, Notes, TextReader, TimeReader, day_of
from santiao.connectors.kinds import KindWords, SettlementTeller, TypeReader
from santiao.connectors.narrative import NarrativeReader
from santiao.connectors.parties import PartyReader, place_reader
from santiao.connectors.quotations import Quotations
from santiao.connectors.regions import RegionReader
from santiao.connectors.rules import ShapeRule, StageRule, TextRule, TimeRule
from santiao.connectors.told_parties import add_told
from santiao.domain.records import (
    Body,
    CodeField,
    DisputeFact,
    MediationResult,
    Party,
    ReferralAnswer,
    Relation,
    SiteFeedback,
    TextField,
    TimeField,
)
from santiao.domain.vocabulary import OUTCOME_LIST, STAGE_LIST, MappingStatus


class Words(msgspec.Struct, frozen=True):
    """What reads free text, shared by a connector's shapes."""

    kinds: KindWords
    settlements: SettlementTeller
    narrative: Callable[[tuple[str, ...]], NarrativeReader]


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Where the agency's file stands: stage, outcome, the day it was settled."""

    stage: CodeField
    outcome: CodeField | None
    settled_on: date | None
    solved: bool | None


class StageTable:
    """The declared table from conditions to stage and outcome."""

    def __init__(self, shape: ShapeRule, declaration: Declaration, settlements: SettlementTeller) -> None:
        self._rows = [self._compile(row, declaration) for row in shape.stage]
        self._settlements = settlements
        status = shape.status
        self._list = STAGE_LIST if status is None else status.list
        self._code = None if status is None else compile_text(status.value)
        self._label = None if status is None or status.label is None else compile_text(status.label)
        self._reason = None if status is None or status.reason is None else compile_text(status.reason)

    def _compile(self, row: StageRule, declaration: Declaration) -> "_StageRow":
        days = tuple(TimeReader(each, "settled_on", declaration) for each in row.settled_on)
        settled = None if row.settled is None else compile_text(row.settled)
        return _StageRow(row, compile_conditions(row.when), days, settled, row.stage.value)

    def read(self, cells: Cells) -> Standing:
        row = self._row_of(cells)
        rule = row.rule
        code = None if self._code is None else self._code(cells) or None
        label = None if self._label is None else self._label(cells) or None
        stage = CodeField(self._list, "", code, label, row.stage, MappingStatus.EXACT)
        outcome = None
        if rule.outcome is not None:
            reason = None if self._reason is None else self._reason(cells) or None
            if self._code is not None:
                outcome = CodeField(self._list, "", code, reason or label, rule.outcome, rule.status)
            else:
                outcome = CodeField(OUTCOME_LIST, "", rule.outcome, reason, rule.outcome, rule.status)
        settled_on = None
        for reader in row.days:
            settled_on = day_of(reader.moment(cells))
            if settled_on is not None:
                break
        return Standing(stage, outcome, settled_on, rule.solved)

    def _row_of(self, cells: Cells) -> "_StageRow":
        for row in self._rows:
            if row.applies(cells) and (row.settled is None or self._settlements.tells_settled(row.settled(cells))):
                return row
        raise LookupError("the shape's stage table has no last row")


class _StageRow(msgspec.Struct, frozen=True):
    rule: StageRule
    applies: Callable[[Cells], bool]
    days: tuple[TimeReader, ...]
    settled: Callable[[Cells], str] | None
    stage: str


class FactReader:
    """Reads a shape's fact body."""

    def __init__(
        self,
        shape: ShapeRule,
        declaration: Declaration,
        tables: Mapping[str, CodeTable],
        regions: RegionTable,
        words: Words,
    ) -> None:
        self._shape = shape
        self._place = place_reader(regions, declaration.city[:4])
        limit = declaration.bounds.text_chars
        self.read: Callable[[Cells, str, date | None, Notes], Body | None] = getattr(self, f"_read_{shape.fact}")

        def text(rule: str | TextRule | None, field: str) -> TextReader | None:
            return None if rule is None else TextReader(rule, field, limit)

        def time(rule: str | TimeRule | None, field: str) -> TimeReader | None:
            return None if rule is None else TimeReader(rule, field, declaration)

        def cell(expression: Expression | None) -> Callable[[Cells], str]:
            return _nothing if expression is None else compile_text(expression)

        self._texts = {
            field: text(getattr(shape, field), field) for field in ("title", "narrative", "claim", "place", "handler")
        }
        self._times = {
            field: time(getattr(shape, field), field)
            for field in ("occurred", "registered", "deadline", "arrived", "finished", "answered")
        }
        self._type = TypeReader(shape.type, tables, words.kinds)
        self._region = RegionReader(shape.region, regions, declaration.city)
        self._standing = StageTable(shape, declaration, words.settlements) if shape.stage else None
        self._amount = None if shape.amount is None else MoneyReader(shape.amount)
        self._people = cell(shape.people)
        self._codes = tuple(CodeReader(rule, "codes", tables) for rule in shape.codes)
        self._parties = tuple(PartyReader(rule, declaration, tables, regions) for rule in shape.parties)
        told = shape.told_in
        self._told_role = None if told is None else told.role
        self._told_texts = () if told is None else tuple((each, compile_text(each)) for each in told.texts)
        narrated = shape.narrative.value if isinstance(shape.narrative, TextRule) else shape.narrative
        self._narrative_path = narrated
        self._told = None if told is None else words.narrative(told.cues)
        self._reason = None if shape.reason is None else CodeReader(shape.reason, "reason", tables)
        self._agreement_no, self._referral_no, self._answer = (
            cell(shape.agreement_no),
            cell(shape.referral_no),
            cell(shape.answer),
        )
        self.others: Quotations | None = None

    def _text(self, field: str, cells: Cells, charset: str, notes: Notes) -> TextField | None:
        reader = self._texts[field]
        return None if reader is None else reader(cells, charset, notes)

    def _time(self, field: str, cells: Cells, notes: Notes) -> TimeField | None:
        reader = self._times[field]
        return None if reader is None else reader(cells, notes)

    def _stand(self, cells: Cells) -> Standing:
        if self._standing is None:
            raise LookupError("the shape has no stage table")
        return self._standing.read(cells)

    def _people_of(
        self, cells: Cells, narrative: TextField | None, on: date | None, notes: Notes
    ) -> tuple[tuple[Party, ...], int | None]:
        """The parties, and how many people the item states."""
        parties: list[Party] = []
        stated: int | None = None
        for reader in self._parties:
            told = reader(cells, parties, notes, on)
            stated = told if told is not None else stated
        if self._told is not None and self._told_role is not None:
            for path, get in self._told_texts:
                text = narrative.value if narrative is not None and path == self._narrative_path else get(cells)
                add_told(parties, self._told.read(text), self._told_role, notes, on)
        count = _whole_number(self._people(cells))
        return tuple(parties), count if count is not None else stated

    def _read_dispute(self, cells: Cells, charset: str, on: date | None, notes: Notes) -> Body:
        narrative = self._text("narrative", cells, charset, notes)
        place = self._text("place", cells, charset, notes)
        standing = self._stand(cells)
        parties, people = self._people_of(cells, narrative, on, notes)
        return DisputeFact(
            type=self._type(cells, (narrative.value or "") if narrative is not None else "", notes),
            region=self._region(cells, notes),
            stage=standing.stage,
            outcome=standing.outcome,
            settled_on=standing.settled_on,
            title=self._text("title", cells, charset, notes),
            narrative=narrative,
            claim=self._text("claim", cells, charset, notes),
            place_text=place,
            place=None if place is None or place.value is None else self._place(place.value),
            amount=None if self._amount is None else self._amount(cells, notes),
            people=people,
            codes=tuple([code for reader in self._codes if (code := reader(cells, notes)) is not None]),
            occurred=self._time("occurred", cells, notes),
            registered=self._time("registered", cells, notes),
            source_deadline=self._time("deadline", cells, notes),
            handler=self._text("handler", cells, charset, notes),
            parties=parties,
        )

    def _read_site_feedback(self, cells: Cells, charset: str, on: date | None, notes: Notes) -> Body:
        narrative = self._text("narrative", cells, charset, notes)
        standing = self._stand(cells)
        result = next((code for reader in self._codes if (code := reader(cells, notes)) is not None), standing.stage)
        return SiteFeedback(
            result=result,
            stage=standing.stage,
            outcome=standing.outcome,
            settled_on=standing.settled_on,
            solved=standing.solved,
            narrative=narrative,
            arrived=self._time("arrived", cells, notes),
            finished=self._time("finished", cells, notes),
            parties=self._people_of(cells, narrative, on, notes)[0],
        )

    def _read_mediation_result(self, cells: Cells, charset: str, on: date | None, notes: Notes) -> Body | None:
        narrative = self._text("narrative", cells, charset, notes)
        standing = self._stand(cells)
        if standing.outcome is None:
            return None
        return MediationResult(
            outcome=standing.outcome,
            stage=standing.stage,
            settled_on=standing.settled_on,
            agreement_no=self._agreement_no(cells) or None,
            narrative=narrative,
            parties=self._people_of(cells, narrative, on, notes)[0],
        )

    def _read_referral_answer(self, cells: Cells, charset: str, _on: date | None, notes: Notes) -> Body | None:
        answer = self._shape.answers.get(self._answer(cells))
        number = self._referral_no(cells)
        if answer is None or not number:
            return None
        return ReferralAnswer(
            referral_no=number,
            answer=answer,
            reason=None if self._reason is None else self._reason(cells, notes),
            answered=self._time("answered", cells, notes),
            narrative=self._text("narrative", cells, charset, notes),
        )

    def _read_relation(self, cells: Cells, _charset: str, _on: date | None, notes: Notes) -> Body:
        others = () if self.others is None else tuple(each.number for each in self.others.declared(cells))
        return Relation(others=others, reason=None if self._reason is None else self._reason(cells, notes))


def _nothing(_cells: Cells) -> str:
    return ""


_MOST_PEOPLE = 100_000


def _whole_number(text: str) -> int | None:
    """A count as digits of any width or as a numeral; None for what is none, and for nobody."""
    if not text:
        return None
    if not text.isdecimal():
        number = parse_numeral(text.rstrip("人名户个位余多"))
        if number is None:
            return None
    else:
        number = int(text[:9])
    return number if 0 < number <= _MOST_PEOPLE else None

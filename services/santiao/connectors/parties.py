"""Parties of a record (当事人): declared cells into party mentions.

The rule kept here: a number goes to the person it stands with and to nobody where that cannot be told; nobody is made out of a cell
that names nobody and numbers nothing.
"""

from collections.abc import Callable, Mapping
from datetime import date

from santiao.connectors.codes import CodeReader
from santiao.connectors.converters.cells import Converted, Scalar, as_text
from santiao.connectors.converters.codes import CodeTable
from santiao.connectors.converters.identity import age_at
from santiao.connectors.converters.names import NamesInCell, PersonName, convert_name, convert_names
from santiao.connectors.converters.organisations import organisation_key
from santiao.connectors.converters.place import parse_place
from santiao.connectors.converters.region import RegionTable
from santiao.connectors.declaration import Declaration
from santiao.connectors.expressions import compile_conditions, compile_expression, compile_text
from santiao.connectors.fields import Cells, Notes, TextReader, TimeReader, scalar
from santiao.connectors.memory import remember
from santiao.connectors.numbers import ORGANISATIONS, NumberReader, born_by
from santiao.connectors.rules import PartyRule, TextRule
from santiao.domain.records import CodeField, Party, Phone, Place, QualityNote, TextField
from santiao.domain.vocabulary import FieldStatus, NameClass, PartyKind, PartyRole

MAX_PARTIES = 64
ADULT = 18
_SEX_LIST = "GB/T 2261.1"
_NOBODY: Converted[PersonName] = Converted(None, FieldStatus.NULL_MARKER)
BY_TITLE = {code: CodeField(_SEX_LIST, "2003", None, None, code) for code in ("1", "2")}


class PartyReader:
    """One party rule."""

    def __init__(
        self, rule: PartyRule, declaration: Declaration, tables: Mapping[str, CodeTable], regions: RegionTable
    ) -> None:
        self._rule = rule
        self._list = compile_expression(rule.each) if rule.each else None
        self._applies = compile_conditions(rule.when)
        self._role = None if rule.role_of is None else compile_text(rule.role_of)
        self._kind = None if rule.kind_of is None else compile_text(rule.kind_of)
        self._name = None if rule.name is None else compile_expression(rule.name)
        limit = declaration.bounds.text_chars
        self._address = (
            None
            if rule.address is None
            else TextReader(TextRule(value=rule.address, nulls=("place",)), "address", limit)
        )
        self._place = place_reader(regions, declaration.city[:4])
        self._sex = None if rule.sex is None else CodeReader(rule.sex, "sex", tables)
        self._born = None if rule.born is None else TimeReader(rule.born, "born", declaration)
        self._numbers = NumberReader(rule, declaration)
        self._read_name = remember(convert_name)
        self._read_names = remember(convert_names)

    def __call__(self, cells: Cells, parties: list[Party], notes: Notes, on: date | None) -> int | None:
        """Add the rule's parties; returns how many people the cell itself states, where it does."""
        if self._list is None:
            return self._add(cells, parties, notes, on) if self._applies(cells) else None
        elements = self._list(cells)
        for element in elements if isinstance(elements, list) else [elements]:
            if isinstance(element, dict) and self._applies(element):
                self._add(element, parties, notes, on)
        return None

    def _add(self, cells: Cells, parties: list[Party], notes: Notes, on: date | None) -> int | None:
        cell = None if self._name is None else scalar(self._name(cells))
        if not self._rule.several:
            name = self._read_name(cell) if isinstance(cell, str) else convert_name(cell)
            (ids,), (phones,) = self._numbers.identities(cells, 1), self._numbers.phones(cells, 1)
            self._add_one(cells, parties, notes, on, name, as_text(cell), 0, ids, phones)
            return None
        read = self._read_names(cell) if isinstance(cell, str) else convert_names(cell)
        told = read.value or NamesInCell((_NOBODY,))
        count = len(told.names)
        raw = as_text(cell) if count == 1 else None
        numbers = zip(
            told.names, self._numbers.identities(cells, count), self._numbers.phones(cells, count), strict=True
        )
        for place, (name, ids, phones) in enumerate(numbers):
            if not self._add_one(cells, parties, notes, on, name, raw, place, ids, phones):
                break
        return told.stated

    def _add_one(
        self,
        cells: Cells,
        parties: list[Party],
        notes: Notes,
        on: date | None,
        name: Converted[PersonName],
        raw: str | None,
        place: int,
        ids: tuple[Scalar, ...],
        phones: tuple[Phone, ...],
    ) -> bool:
        """Add one party, or nobody where the cells tell nobody; False when there is room for no more."""
        if len(parties) >= MAX_PARTIES:
            notes.append(QualityNote("parties", "too_many"))
            return False
        if name.value is not None or ids or phones:
            parties.append(self._party(cells, len(parties), name, raw, place, ids, phones, notes, on))
        return True

    def _party(
        self,
        cells: Cells,
        slot: int,
        name: Converted[PersonName],
        raw: str | None,
        place: int,
        ids: tuple[Scalar, ...],
        phones: tuple[Phone, ...],
        notes: Notes,
        on: date | None,
    ) -> Party:
        person = name.value
        kind = self._kind_of(cells, person)
        for code in name.notes:
            notes.append(QualityNote(f"parties/{slot}/name", code))
        numbers = self._numbers.read(ids, kind, slot, notes) if ids else ()
        if kind is PartyKind.UNKNOWN and any(number.kind in ORGANISATIONS for number in numbers):
            kind = PartyKind.ORG
        is_org, is_first = kind is PartyKind.ORG, place == 0
        address = self._address(cells, "utf-8", notes) if self._address is not None and is_first else None
        sex = self._sex(cells, notes) if self._sex is not None and is_first and not is_org else None
        born = self._born.moment(cells) if self._born is not None and is_first else None
        birth = born.day if born is not None else None if is_org or not numbers else born_by(numbers)
        text = None if person is None else person.text
        if sex is None or not sex.hub_code:
            sex = None if person is None or is_org else BY_TITLE.get(person.sex)
        return Party(
            slot=slot,
            role=self._role_of(cells),
            kind=kind,
            name=TextField(raw if raw is not None else text, text, name.status),
            name_class=_class_of(person, is_org=is_org),
            org_key=key_of_organisation(text) if is_org and text else None,
            ids=numbers,
            phones=phones,
            address=address,
            place=None if address is None or address.value is None else self._place(address.value),
            sex=sex,
            born=birth,
            minor=None if birth is None or on is None else age_at(birth, on) < ADULT,
            represents=0 if self._rule.represents and slot else None,
        )

    def _kind_of(self, cells: Cells, person: PersonName | None) -> PartyKind:
        if self._kind is not None and (told := self._rule.kinds.get(self._kind(cells))) is not None:
            return told
        if person is None or person.name_class is NameClass.PLACEHOLDER:
            return PartyKind.UNKNOWN
        return PartyKind.ORG if person.name_class is NameClass.ORG else PartyKind.NATURAL

    def _role_of(self, cells: Cells) -> PartyRole:
        return self._rule.role if self._role is None else self._rule.roles.get(self._role(cells), self._rule.role)


def place_reader(regions: RegionTable, within: str) -> Callable[[str], Place | None]:
    """Reads addresses into places of one city, each text once while it is remembered."""
    return remember(lambda text: parse_place(text, regions=regions, within=within))


key_of_organisation = remember(organisation_key)


def _class_of(person: PersonName | None, *, is_org: bool) -> NameClass:
    if person is None:
        return NameClass.PLACEHOLDER
    if is_org and person.name_class in {NameClass.FULL, NameClass.ORG, NameClass.UNCERTAIN}:
        return NameClass.ORG
    return person.name_class

"""Parties of a record (当事人): declared cells into party mentions.

The rule kept here: a number goes to the person it stands with and to nobody where that cannot be told; nobody is made out of a cell
that names nobody and numbers nothing.
"""

from collections.abc import Callable, Mapping
from datetime import date

from santiao.connectors.codes import CodeReader
from santiao.connectors.contract import Cell
from santiao.connectors.converters.cells import Converted, Scalar, as_text, split_cell
from santiao.connectors.converters.codes import CodeTable
from santiao.connectors.converters.identity import age_at, birth_date, read_identities
from santiao.connectors.converters.names import NamesInCell, PersonName, convert_name, convert_names
from santiao.connectors.converters.organisations import organisation_key
from santiao.connectors.converters.phone import convert_phones
from santiao.connectors.converters.place import parse_place
from santiao.connectors.converters.region import RegionTable
from santiao.connectors.converters.uscc import read_organisation_identity
from santiao.connectors.declaration import Declaration
from santiao.connectors.expressions import Expression, compile_conditions, compile_expression, text_of
from santiao.connectors.fields import Cells, Notes, TextReader, TimeReader, scalar
from santiao.connectors.rules import PartyRule, TextRule
from santiao.domain.records import CodeField, Identity, Party, Phone, QualityNote, TextField
from santiao.domain.vocabulary import FieldStatus, IdentityKind, NameClass, PartyKind, PartyRole

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
        self._role = _optional(rule.role_of)
        self._kind = _optional(rule.kind_of)
        self._name = _optional(rule.name)
        self._ids = tuple(compile_expression(each) for each in rule.ids)
        self._phones = tuple(compile_expression(each) for each in rule.phones)
        limit = declaration.bounds.text_chars
        self._address = (
            None
            if rule.address is None
            else TextReader(TextRule(value=rule.address, nulls=("place",)), "address", limit)
        )
        self._sex = None if rule.sex is None else CodeReader(rule.sex, "sex", tables)
        self._born = None if rule.born is None else TimeReader(rule.born, "born", declaration)
        self._regions = regions
        self._within = declaration.city[:4]
        self._area_code = declaration.area_code
        self._from_sheet = declaration.sheets

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
        if self._rule.several:
            read = convert_names(cell)
            told = read.value or NamesInCell((_NOBODY,))
        else:
            told = NamesInCell((convert_name(cell),))
        ids = self._identities(cells, len(told.names))
        phones = self._telephones(cells, len(told.names))
        for place, name in enumerate(told.names):
            if len(parties) >= MAX_PARTIES:
                notes.append(QualityNote("parties", "too_many"))
                break
            if name.value is None and not ids[place] and not phones[place]:
                continue
            raw = as_text(cell) if len(told.names) == 1 else None
            parties.append(self._party(cells, len(parties), name, raw, place, ids[place], phones[place], notes, on))
        return told.stated

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
        numbers = self._read_ids(ids, kind, slot, notes)
        if kind is PartyKind.UNKNOWN and any(number.kind in _ORGANISATIONS for number in numbers):
            kind = PartyKind.ORG
        is_org = kind is PartyKind.ORG
        address = self._address(cells, "utf-8", notes) if self._address is not None and place == 0 else None
        sex = self._sex(cells, notes) if self._sex is not None and place == 0 and not is_org else None
        born = self._born.moment(cells) if self._born is not None and place == 0 else None
        birth = born.day if born is not None else None if is_org else born_by(numbers)
        text = None if person is None else person.text
        return Party(
            slot=slot,
            role=self._role_of(cells),
            kind=kind,
            name=TextField(raw if raw is not None else text, text, name.status),
            name_class=_class_of(person, is_org=is_org),
            org_key=organisation_key(text) if is_org and text else None,
            ids=numbers,
            phones=phones,
            address=address,
            place=None if address is None else parse_place(address.value, regions=self._regions, within=self._within),
            sex=sex
            if sex is not None and sex.hub_code
            else None
            if person is None or is_org
            else BY_TITLE.get(person.sex),
            born=birth,
            minor=None if birth is None or on is None else age_at(birth, on) < ADULT,
            represents=self._represented(slot) if self._rule.represents else None,
        )

    def _represented(self, slot: int) -> int | None:
        return 0 if slot else None

    def _kind_of(self, cells: Cells, person: PersonName | None) -> PartyKind:
        if self._kind is not None and (told := self._rule.kinds.get(text_of(self._kind(cells)))) is not None:
            return told
        if person is None or person.name_class is NameClass.PLACEHOLDER:
            return PartyKind.UNKNOWN
        return PartyKind.ORG if person.name_class is NameClass.ORG else PartyKind.NATURAL

    def _role_of(self, cells: Cells) -> PartyRole:
        return (
            self._rule.role if self._role is None else self._rule.roles.get(text_of(self._role(cells)), self._rule.role)
        )

    def _identities(self, cells: Cells, count: int) -> list[tuple[Scalar, ...]]:
        """Number cells by name. Several numbers in a cell stand beside several names, else all with the first."""
        given: list[list[Scalar]] = [[] for _ in range(count)]
        for get in self._ids:
            cell = scalar(get(cells))
            if cell is None or cell == "":
                continue
            pieces = split_cell(cell) if count > 1 and isinstance(cell, str) else ()
            if len(pieces) == count:
                for place, piece in enumerate(pieces):
                    given[place].append(piece)
            elif len(pieces) <= 1:
                given[0].append(cell)
            else:
                for place, piece in enumerate(pieces[:count]):
                    given[place].append(piece)
        return [tuple(each) for each in given]

    def _read_ids(self, cells: tuple[Scalar, ...], kind: PartyKind, slot: int, notes: Notes) -> tuple[Identity, ...]:
        numbers: list[Identity] = []
        for cell in cells:
            read = self._read_id(cell, kind)
            for number in read:
                if number.status is not FieldStatus.OK:
                    notes.append(QualityNote(f"parties/{slot}/ids", number.status.value.lower()))
            numbers += read
        return tuple(dict.fromkeys(numbers))

    def _read_id(self, cell: Scalar, kind: PartyKind) -> tuple[Identity, ...]:
        if kind is not PartyKind.ORG:
            numbers = read_identities(cell, from_sheet=self._from_sheet)
            if kind is PartyKind.NATURAL or any(number.status is not FieldStatus.INVALID for number in numbers):
                return numbers
        code = read_organisation_identity(cell)
        if code is None:
            return ()
        if (
            code.value is None
            and (own := read_identities(cell, from_sheet=self._from_sheet))
            and own[0].value is not None
        ):
            return own
        return (code,)

    def _telephones(self, cells: Cells, count: int) -> list[tuple[Phone, ...]]:
        given: list[list[Phone]] = [[] for _ in range(count)]
        for get in self._phones:
            cell = scalar(get(cells))
            if cell is None or cell == "":
                continue
            pieces = split_cell(as_text(cell) or "") if count > 1 else ()
            aligned = list(pieces) if len(pieces) == count else [cell]
            for place, piece in enumerate(aligned):
                read = convert_phones(piece, area_code=self._area_code).value or ()
                given[place] += [phone for phone in read if all(phone.number != known.number for known in given[place])]
        return [tuple(each) for each in given]


_ORGANISATIONS = frozenset({IdentityKind.USCC, IdentityKind.ORG_CODE})


def _optional(expression: Expression | None) -> Callable[[Cells], Cell] | None:
    return None if expression is None else compile_expression(expression)


def _class_of(person: PersonName | None, *, is_org: bool) -> NameClass:
    if person is None:
        return NameClass.PLACEHOLDER
    if is_org and person.name_class in {NameClass.FULL, NameClass.ORG, NameClass.UNCERTAIN}:
        return NameClass.ORG
    return person.name_class


def born_by(numbers: tuple[Identity, ...]) -> date | None:
    """The birth date that one valid number tells; None for a cell of several persons."""
    valid = [number.value for number in numbers if number.value is not None and number.kind is IdentityKind.RESIDENT]
    return birth_date(valid[0]) if len(valid) == 1 else None

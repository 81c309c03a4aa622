"""Numbers that stand with a party (当事人的号码): identity numbers, organisation codes, telephones.

The rule kept here: of several numbers in a cell each goes to the name it stands beside where the counts agree, else all to the first;
what a number's own check refuses is kept with its raw text and told.
"""

from datetime import date
from functools import lru_cache

from santiao.connectors.converters.cells import Scalar, as_text, split_cell
from santiao.connectors.converters.identity import birth_date, read_identities
from santiao.connectors.converters.phone import convert_phones
from santiao.connectors.converters.uscc import read_organisation_identity
from santiao.connectors.declaration import Declaration
from santiao.connectors.expressions import compile_expression
from santiao.connectors.fields import Cells, Notes, scalar
from santiao.connectors.memory import LONGEST, MOST, remember, remembered
from santiao.connectors.rules import PartyRule
from santiao.domain.records import Identity, Phone, QualityNote
from santiao.domain.vocabulary import FieldStatus, IdentityKind, PartyKind

ORGANISATIONS = frozenset({IdentityKind.USCC, IdentityKind.ORG_CODE})


class NumberReader:
    """The cells of one party rule that hold numbers."""

    def __init__(self, rule: PartyRule, declaration: Declaration) -> None:
        self._ids = tuple(compile_expression(each) for each in rule.ids)
        self._phones = tuple(compile_expression(each) for each in rule.phones)
        self._area_code = declaration.area_code
        self._from_sheet = declaration.sheets
        self._telephones = remember(self._read_phones)
        self._known = remembered(lru_cache(maxsize=MOST)(self._read_id))

    def identities(self, cells: Cells, count: int) -> list[tuple[Scalar, ...]]:
        """Number cells by name. Several numbers in a cell stand beside several names, else all with the first."""
        given: list[list[Scalar]] = [[] for _ in range(count)]
        for get in self._ids:
            cell = scalar(get(cells))
            if cell is None or cell == "":
                continue
            pieces = split_cell(cell) if count > 1 and isinstance(cell, str) else ()
            if len(pieces) <= 1 and len(pieces) != count:
                given[0].append(cell)
            else:
                for place, piece in enumerate(pieces[:count]):
                    given[place].append(piece)
        return [tuple(each) for each in given]

    def read(self, cells: tuple[Scalar, ...], kind: PartyKind, slot: int, notes: Notes) -> tuple[Identity, ...]:
        """The numbers of one party's cells, each once; what is wrong with one is told."""
        numbers: list[Identity] = []
        for cell in cells:
            is_short = isinstance(cell, str) and len(cell) <= LONGEST
            read = (self._known if is_short else self._read_id)(cell, kind)
            for number in read:
                if number.status is not FieldStatus.OK:
                    notes.append(QualityNote(f"parties/{slot}/ids", number.status.value.lower()))
            numbers += read
        return tuple(numbers) if len(numbers) <= 1 else tuple(dict.fromkeys(numbers))

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

    def phones(self, cells: Cells, count: int) -> list[tuple[Phone, ...]]:
        """Telephones by name; a number told twice is one."""
        given: list[tuple[Phone, ...]] = [()] * count
        for get in self._phones:
            cell = scalar(get(cells))
            if cell is None or cell == "":
                continue
            text = cell if isinstance(cell, str) else as_text(cell) or ""
            pieces = split_cell(text) if count > 1 else ()
            for place, piece in enumerate(pieces if len(pieces) == count else (text,)):
                read = self._telephones(piece)
                known = given[place]
                given[place] = (
                    (*known, *[phone for phone in read if all(phone.number != each.number for each in known)])
                    if known
                    else read
                )
        return given

    def _read_phones(self, text: str) -> tuple[Phone, ...]:
        return convert_phones(text, area_code=self._area_code).value or ()


def born_by(numbers: tuple[Identity, ...]) -> date | None:
    """The birth date that one valid number tells; None for a cell of several persons."""
    valid = [number.value for number in numbers if number.value is not None and number.kind is IdentityKind.RESIDENT]
    return birth_date(valid[0]) if len(valid) == 1 else None

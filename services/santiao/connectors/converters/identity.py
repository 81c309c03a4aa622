"""Resident identity numbers (公民身份号码, GB 11643-1999): validity, damage, and what the number itself tells.

Eighteen characters: division (6), birth (8), sequence (3, odd is male), check (ISO 7064 MOD 11-2). The rules kept here: a number is
valid by its check character and a real calendar date; its first six digits are a soft hint only, for divisions are abolished and
renamed; a damaged number is never repaired; fifteen digits become eighteen for comparing only. Residence permits for Hong Kong,
Macao and Taiwan residents (81, 82, 83) follow the same rule; so does the foreigner's permanent residence card of 2023 (leading 9).
"""

import re
from datetime import date
from operator import mul

from santiao.connectors.converters.cells import Converted, Scalar, as_text, damaged, fold, invalid, narrow, split_cell
from santiao.connectors.converters.nulls import NULL, NUMBER, NullMarkers
from santiao.domain.records import Identity
from santiao.domain.vocabulary import FieldStatus, IdentityKind

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_OFFSET = 48 * sum(_WEIGHTS)
_CHECKS = "10X98765432"
_FULL_FORM = re.compile("[0-9]{17}[0-9X]")
_OLD_FORM = re.compile("[0-9]{15}")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{2}", re.IGNORECASE)
_WRAPPING = re.compile("['’‘`\"“”=\t]+")
_MASKED = re.compile(r"[0-9]{1,14}[*X×]{2,}[0-9]{0,6}[0-9X]?", re.IGNORECASE)
_DASHES = re.compile("[-–—_.·]")
_NOT_A_PERSONS = re.compile("编号|单号|案号|信访|工单|警情|信用代码|流水号")
_A_PERSONS = re.compile("身份|证件|证号")
_CONTEXT = 10
_IN_TEXT = re.compile(r"(?<![0-9A-Za-z.])(?:[1-9][0-9]{16}[0-9Xx]|[1-9][0-9]{14})(?![0-9A-Za-z])")
_LABEL = re.compile(r"^(?:[\u4e00-\u9fff]{2,12}|ID(?:CARD)?)[:：]?(?=[0-9])", re.IGNORECASE)
_RUN = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9Xx])|(?<![0-9])[0-9]{15}(?![0-9Xx])")
_CENTENARIAN_SEQUENCES = frozenset({"996", "997", "998", "999"})
TEST_DIVISION = "340398"
"""No division: numbers beginning so belong to nobody and are used for invented persons."""
MAX_CELL = 4_000
_EARLIEST_BIRTH = 1850
_LATEST_BIRTH = 2200


def check_character(first_17: str) -> str:
    """Check character of seventeen digits (ISO 7064 MOD 11-2)."""
    return _CHECKS[(sum(map(mul, _WEIGHTS, first_17.encode())) - _OFFSET) % 11]


def is_valid_number(number: str) -> bool:
    """True for eighteen canonical characters with a right check character and a birth date that exists."""
    return (
        _FULL_FORM.fullmatch(number) is not None
        and number[17] == check_character(number)
        and birth_date(number) is not None
    )


def widen(fifteen: str) -> str:
    """The eighteen characters of an old fifteen-digit number: the century 19 put in, the check character appended."""
    body = f"{fifteen[:6]}19{fifteen[6:]}"
    return body + check_character(body)


def birth_date(number: str) -> date | None:
    """Birth date told by a canonical number; None when there is no such day."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if _EARLIEST_BIRTH <= born.year < _LATEST_BIRTH else None


def sex_of(number: str) -> str:
    """GB/T 2261.1 sex told by a canonical number: "1" male, "2" female."""
    return "1" if int(number[16]) % 2 else "2"


def region_hint(number: str) -> str:
    """The six digits of the division that issued the number, as it was then; a hint, never a proof."""
    return number[:6]


def age_at(born: date, day: date) -> int:
    """Full years of age (周岁) on `day`; a birthday on 29 February is reached on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_test_person(number: str) -> bool:
    """True for a number of the unassigned division 340398: an invented person."""
    return number.startswith(TEST_DIVISION)


def kind_of(number: str) -> IdentityKind:
    """RESIDENT, also for the permits 81, 82, 83; OTHER for the foreigner's card (leading 9)."""
    return IdentityKind.OTHER if number.startswith("9") else IdentityKind.RESIDENT


def convert_identity(cell: Scalar, *, nulls: NullMarkers = NUMBER, from_sheet: bool = False) -> Converted[str]:
    """Read a cell of one identity number into its canonical eighteen characters.

    Status: NULL_MARKER; DAMAGED (`scientific_notation`, `digits_zeroed`); INVALID (`wrong_check`, `impossible_birth`, `masked`,
    `wrong_length`); else OK with notes `widened_from_15`, `centenarian_sequence`, `folded`. `from_sheet`: the cell went through a
    spreadsheet, which zeroes the last three digits; one such number in eleven has a right check by chance, so 000 is damage there.
    """
    raw = as_text(cell)
    if raw is None:
        return NULL
    if _FULL_FORM.fullmatch(raw):
        if from_sheet and raw.endswith("000") and raw.strip("0"):
            return damaged("digits_zeroed")
        return _read_18(raw, ()) if raw.strip("0") else NULL
    if nulls.cover(raw):
        return NULL
    number = _WRAPPING.sub("", fold(raw)).upper()
    if not _FULL_FORM.fullmatch(number):
        number = _DASHES.sub("", _LABEL.sub("", number)) if not _SCIENTIFIC.fullmatch(number) else number
    if _FULL_FORM.fullmatch(number):
        return _read_18(number, ("folded",))
    if _OLD_FORM.fullmatch(number):
        return _read_15(number, () if number == raw else ("folded",))
    if _SCIENTIFIC.fullmatch(number):
        return damaged("scientific_notation")
    return invalid("masked" if _MASKED.fullmatch(number) else "wrong_length")


def _read_18(number: str, notes: tuple[str, ...]) -> Converted[str]:
    if number[17] == check_character(number):
        return Converted(number, notes=notes) if birth_date(number) is not None else invalid("impossible_birth")
    return damaged("digits_zeroed") if number.endswith("000") else invalid("wrong_check")


def _read_15(number: str, notes: tuple[str, ...]) -> Converted[str]:
    wide = widen(number)
    if birth_date(wide) is None:
        return invalid("impossible_birth")
    if number[12:] in _CENTENARIAN_SEQUENCES:
        notes = (*notes, "centenarian_sequence")
    return Converted(wide, notes=(*notes, "widened_from_15"))


def convert_identities(
    cell: Scalar, *, nulls: NullMarkers = NUMBER, from_sheet: bool = False
) -> tuple[Converted[str], ...]:
    """Read a cell that may hold the numbers of several persons, in the cell's order; empty for a null marker."""
    return tuple(converted for _, converted in _read_pieces(cell, nulls, from_sheet=from_sheet))


def read_identities(cell: Scalar, *, nulls: NullMarkers = NUMBER, from_sheet: bool = False) -> tuple[Identity, ...]:
    """The same as a record keeps them: each with its own raw text and status; null markers leave nothing."""
    return tuple(
        Identity(IdentityKind.RESIDENT if each.value is None else kind_of(each.value), raw, each.value, each.status)
        for raw, each in _read_pieces(cell, nulls, from_sheet=from_sheet)
        if each.status is not FieldStatus.NULL_MARKER
    )


def _read_pieces(cell: Scalar, nulls: NullMarkers, *, from_sheet: bool) -> list[tuple[str, Converted[str]]]:
    raw = as_text(cell)
    if raw is None or nulls.cover(raw):
        return []
    if len(raw) > MAX_CELL:
        return [(raw[:MAX_CELL], invalid("too_long"))]
    whole = convert_identity(raw, nulls=nulls, from_sheet=from_sheet)
    if whole.status is not FieldStatus.INVALID or "wrong_length" not in whole.notes:
        return [(raw, whole)]
    pieces = split_cell(raw)
    if len(pieces) == 1:
        found = [hit[0] for hit in _RUN.finditer(narrow(raw))]
        pieces = tuple(found) if len(found) > 1 else pieces
    return [(piece, convert_identity(piece, nulls=nulls, from_sheet=from_sheet)) for piece in pieces]


def find_identities(text: str) -> tuple[tuple[str, tuple[int, int]], ...]:
    """Valid identity numbers that stand in free text: canonical number and where it stands.

    Another agency's number can pass the check by chance: one introduced as a file number (信访编号…), or of a whole city (division
    ending 00, which no person has), is none; fifteen digits count only when introduced as an identity number.
    """
    found = []
    folded = narrow(text)
    for hit in _IN_TEXT.finditer(folded):
        number, before = hit[0].upper(), folded[max(0, hit.start() - _CONTEXT) : hit.start()]
        introduced = _A_PERSONS.search(before) is not None
        if not introduced and (len(number) == 15 or number[4:6] == "00" or _NOT_A_PERSONS.search(before)):
            continue
        converted = _read_18(number, ()) if len(number) == 18 else _read_15(number, ())
        if converted.value is not None:
            found.append((converted.value, hit.span()))
    return tuple(found)


def stem_of(cell: Scalar) -> str | None:
    """First fifteen digits of an 18-character number, valid or spoilt, for weak comparison only; None when they tell no birth date.

    They are what a spreadsheet leaves, and what stands when only the check is wrong.
    """
    raw = as_text(cell)
    if raw is None:
        return None
    number = _WRAPPING.sub("", fold(raw)).upper()
    return number[:15] if _FULL_FORM.fullmatch(number) and birth_date(number) is not None else None

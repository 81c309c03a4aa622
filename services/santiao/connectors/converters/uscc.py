"""Organisation codes: the unified social credit code (统一社会信用代码, GB 32100-2015), the older organisation code (GB 11714), and
the 15-digit business registration number (工商注册号, GS 15).

The rules kept here: a code counts only with a right check character; O, I and the like, which GB 32100 never uses, are read as the
digits they stand for only when the check then holds; the nine characters inside a credit code are the organisation code, so that old
and new forms meet in `organisation_code`.
"""

import re

import msgspec

from santiao.connectors.converters.cells import Converted, Scalar, as_text, fold, invalid, narrow
from santiao.connectors.converters.identity import is_valid_number
from santiao.connectors.converters.nulls import NULL, NUMBER, NullMarkers
from santiao.domain.records import Identity
from santiao.domain.vocabulary import FieldStatus, IdentityKind

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES = {char: value for value, char in enumerate(_ALPHABET)}
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_INNER_VALUES = {char: value for value, char in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_FORM = re.compile("[0-9A-Z]{18}")
_OLD_FORM = re.compile("([0-9A-Z]{8})-?([0-9X])")
_REGISTRATION_FORM = re.compile("[0-9]{15}")
_LOOKALIKES = str.maketrans("OISZV", "01520")
_DASHES = re.compile("[-–—_‐‑−]")
_WRAPPING = re.compile("['’‘`\"“”=]+")
_INTRODUCED = re.compile("代码|信用")
_CONTEXT = 10
_IN_TEXT = re.compile("(?<![0-9A-Za-z])[0-9A-Za-z]{2}[0-9]{6}[0-9A-Za-z]{9}[0-9A-Za-z](?![0-9A-Za-z])")


class OrganisationCode(msgspec.Struct, frozen=True, gc=False):
    """A valid code: `code` canonical, `organisation_code` the nine characters of GB 11714 where the code has them, for comparing."""

    kind: IdentityKind
    code: str
    organisation_code: str | None = None


def credit_check(first_17: str) -> str | None:
    """Check character of a credit code; None when a character is not of its alphabet."""
    total = 0
    for weight, char in zip(_WEIGHTS, first_17, strict=False):
        value = _VALUES.get(char)
        if value is None:
            return None
        total += weight * value
    return _ALPHABET[-total % 31]


def organisation_check(first_8: str) -> str:
    """Check character of an organisation code (GB 11714, MOD 11; ten is written X)."""
    total = sum(weight * _INNER_VALUES[char] for weight, char in zip(_INNER_WEIGHTS, first_8, strict=False))
    return "0123456789X"[-total % 11]


def registration_check_holds(number: str) -> bool:
    """True when fifteen digits carry a right check digit (ISO 7064 MOD 11,10)."""
    carry = 10
    for char in number[:14]:
        total = (carry + int(char)) % 10 or 10
        carry = total * 2 % 11
    return (carry + int(number[14])) % 10 == 1


def is_valid_credit_code(code: str) -> bool:
    """True for eighteen canonical characters with a right check character."""
    return _CREDIT_FORM.fullmatch(code) is not None and credit_check(code) == code[17]


def convert_uscc(cell: Scalar, *, nulls: NullMarkers = NUMBER) -> Converted[OrganisationCode]:
    """Read an organisation's code of any of the three kinds.

    Status: NULL_MARKER; INVALID (`wrong_check`, `wrong_form`, `resident_number` where a person's own number stands instead); else OK
    with notes `lookalike_letters`, `inner_check_mismatch`, `folded`.
    """
    raw = as_text(cell)
    if raw is None:
        return NULL
    if len(raw) == 18 and _CREDIT_FORM.fullmatch(raw) and raw.strip("0") and credit_check(raw) == raw[17]:
        return _credit(raw, ())
    if nulls.cover(raw):
        return NULL
    code = _DASHES.sub("", _WRAPPING.sub("", fold(raw))).upper()
    notes = () if code == raw else ("folded",)
    if len(code) == 18:
        return _read_18(code, notes)
    if (old := _OLD_FORM.fullmatch(code)) is not None:
        return _read_9(old[1], old[2], notes)
    if _REGISTRATION_FORM.fullmatch(code):
        if registration_check_holds(code):
            return Converted(OrganisationCode(IdentityKind.OTHER, code), notes=notes)
        return invalid("wrong_check")
    return invalid("wrong_form")


def _read_18(code: str, notes: tuple[str, ...]) -> Converted[OrganisationCode]:
    if not _CREDIT_FORM.fullmatch(code):
        return invalid("wrong_form")
    if credit_check(code) == code[17]:
        return _credit(code, notes)
    if is_valid_number(code):
        return invalid("resident_number")
    read = code.translate(_LOOKALIKES)
    if read != code and credit_check(read) == read[17]:
        return _credit(read, (*notes, "lookalike_letters"))
    return invalid("wrong_check")


def _credit(code: str, notes: tuple[str, ...]) -> Converted[OrganisationCode]:
    inner = code[8:17]
    if organisation_check(inner) != inner[8]:
        return Converted(OrganisationCode(IdentityKind.USCC, code), notes=(*notes, "inner_check_mismatch"))
    return Converted(OrganisationCode(IdentityKind.USCC, code, inner), notes=notes)


def _read_9(body: str, check: str, notes: tuple[str, ...]) -> Converted[OrganisationCode]:
    if organisation_check(body) != check:
        read = body.replace("O", "0").replace("I", "1")
        if read == body or organisation_check(read) != check:
            return invalid("wrong_check")
        body, notes = read, (*notes, "lookalike_letters")
    return Converted(OrganisationCode(IdentityKind.ORG_CODE, body + check, body + check), notes=notes)


def read_organisation_identity(cell: Scalar, *, nulls: NullMarkers = NUMBER) -> Identity | None:
    """The code as a record keeps it, with raw text and status; None for a null marker."""
    converted = convert_uscc(cell, nulls=nulls)
    if converted.status is FieldStatus.NULL_MARKER:
        return None
    kind, code = (IdentityKind.USCC, None) if converted.value is None else (converted.value.kind, converted.value.code)
    return Identity(kind, as_text(cell) or "", code, converted.status)


def find_credit_codes(text: str) -> tuple[tuple[str, tuple[int, int]], ...]:
    """Valid credit codes that stand in free text: canonical code and where it stands.

    One of digits only could be another agency's number by chance; it counts when it is introduced as a code.
    """
    found = []
    narrowed = narrow(text)
    for hit in _IN_TEXT.finditer(narrowed):
        code = hit[0].upper()
        introduced = (
            not code.isdigit() or _INTRODUCED.search(narrowed, max(0, hit.start() - _CONTEXT), hit.start()) is not None
        )
        if introduced and is_valid_credit_code(code) and not is_valid_number(code):
            found.append((code, hit.span()))
    return tuple(found)

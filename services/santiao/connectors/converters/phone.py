"""Telephone numbers (电话): mobiles, landlines with and without area code, extensions, several in a cell, masked ones.

The rules kept here: an extension is kept apart and never lost; a landline without area code takes the column's default and says so; a
zero stripped from the front is put back; a masked number keeps its stars and is never completed. Numbers are national digits:
13800000011, 05523051234, 4001234567.
"""

import re
import unicodedata

from santiao.connectors.converters.cells import Converted, Scalar, as_text, invalid, narrow
from santiao.connectors.converters.nulls import NULL, NUMBER, NullMarkers
from santiao.domain.records import Phone
from santiao.domain.vocabulary import FieldStatus, PhoneKind

MAX_PHONES = 20
MAX_CELL = 400
_MOBILE = re.compile("1[3-9][0-9]{9}")
_HARD_SEPARATORS = re.compile(r"[、，,;；/／\\|｜\r\n]+|或者?|及|和")
_EXTENSION = re.compile(r"(?:转(?:接)?|分机号?|ext\.?|x|#)[:：]?([0-9]{1,6})(?:分机)?$", re.IGNORECASE)
_DASHED_EXTENSION = re.compile(r"^(.*[0-9*]{7,8})[-—–]([0-9]{1,6})$")
_COUNTRY = re.compile(r"^(?:\+|00)86[-]?(?=[0-9(])|^86(?=1[3-9][0-9*]{9}$)|^86-(?=[0-9])")
_OVERSEAS = re.compile(r"^(?:\+|00)([0-9]{8,15})$")
_MASKED_MOBILE = re.compile(r"(1[3-9][0-9])([*xX×]{3,6})([0-9]{3,4})")
_MASKED_LANDLINE = re.compile(r"(0[0-9]{2,3})-?([0-9]{0,4}[*xX×]{2,6}[0-9]{0,4})")
_BARE_BLANKS = re.compile(r"[\s()\u200b\ufeff]+")
_DASHES = re.compile("[-—–‐‑−]+")
_LANDLINE = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}")
_PLAIN_LANDLINE = re.compile(r"(0(?:10|2[0-9]|[3-9][0-9]{2}))-?([2-8][0-9]{6,7})")
_STRIPPED = re.compile(r"(?:10[2-8][0-9]{7}|2[0-9][2-8][0-9]{7}|[3-9][0-9]{2}[2-8][0-9]{6,7})")
_LOCAL = re.compile("[2-8][0-9]{6,7}")
_SERVICE = re.compile("(?:400|800)[0-9]{7}|9[56][0-9]{3,6}|1[0-9]{2}|12[0-9]{3}|1[01][0-9]{3}")
_LABEL = re.compile("^[\u4e00-\u9fff]{1,8}[:：]?(?=[+0-9(])|[(（]?[\u4e00-\u9fff:：]{1,8}[)）]?$")
_RUNS = re.compile(r"[0-9*+][0-9*xX×() \-—–]{5,24}[0-9*](?:\s*(?:转|分机)\s*[0-9]{1,6})?")
_IN_TEXT = re.compile(
    r"(?<![0-9A-Za-z*.-])(?:1[3-9][0-9]{9}|1[3-9][0-9]\*{3,5}[0-9]{3,4}|0[1-9][0-9]{1,2}[- ]?[2-8][0-9]{6,7})(?![0-9A-Za-z*])"
)


def convert_phones(cell: Scalar, *, area_code: str = "", nulls: NullMarkers = NUMBER) -> Converted[tuple[Phone, ...]]:
    """Read a cell of one or more telephone numbers.

    `area_code` ("0552") is put before a landline written without one. Status: NULL_MARKER; INVALID (`not_a_phone`, `too_long`) when
    no number could be read; else OK with notes `area_code_assumed`, `leading_zero_restored`, `area_unknown`, `masked`,
    `unread_piece`. Null markers beside a number (13800000011/无) leave nothing.
    """
    raw = as_text(cell)
    if raw is None:
        return NULL
    if len(raw) == 11 and _MOBILE.fullmatch(raw):
        return Converted((Phone(raw, raw, None, PhoneKind.MOBILE),))
    if (plain := _PLAIN_LANDLINE.fullmatch(raw)) is not None:
        return Converted((Phone(raw, plain[1] + plain[2], None, PhoneKind.LANDLINE),))
    if nulls.cover(raw):
        return NULL
    if len(raw) > MAX_CELL:
        return invalid("too_long")
    notes: dict[str, None] = {}
    phones: dict[tuple[str, str | None], Phone] = {}
    for piece in _pieces(raw):
        if nulls.cover(piece):
            continue
        phone = _read(piece, area_code, notes)
        if phone is None:
            notes["unread_piece"] = None
        else:
            phones.setdefault((phone.number or "", phone.extension), phone)
    if not phones:
        return invalid("not_a_phone") if notes else NULL
    return Converted(tuple(phones.values()), FieldStatus.OK, tuple(notes))


def _pieces(raw: str) -> list[str]:
    pieces = [
        piece.strip()
        for piece in _HARD_SEPARATORS.split(unicodedata.normalize("NFKC", raw), maxsplit=MAX_PHONES)
        if piece.strip()
    ]
    if len(pieces) == 1 and len(pieces[0]) > 16 and len(runs := _RUNS.findall(_split_mobiles(pieces[0]))) > 1:
        return runs[:MAX_PHONES]
    return pieces


def _split_mobiles(text: str) -> str:
    """Two mobiles with nothing but a blank or a dash between them."""
    return re.sub(r"(?<![0-9])(1[3-9][0-9]{9})[\s\-—–]+(?=[01][0-9])", r"\1\n", text)


def read_phone(text: str, *, area_code: str = "") -> Phone | None:
    """One number by itself; None when it is none."""
    return _read(unicodedata.normalize("NFKC", text).strip(), area_code, {})


def _read(piece: str, area_code: str, notes: dict[str, None]) -> Phone | None:
    text = _BARE_BLANKS.sub("", _LABEL.sub("", piece)) if not _MOBILE.fullmatch(piece) else piece
    extension = None
    if (told := _EXTENSION.search(text)) is not None and not _MASKED_MOBILE.fullmatch(text):
        text, extension = text[: told.start()].rstrip("-—–,"), told[1]
    text = _COUNTRY.sub("", text)
    if extension is None and (dashed := _DASHED_EXTENSION.match(text)) is not None and _is_whole(dashed[1]):
        text, extension = dashed[1], dashed[2]
    if (masked := _MASKED_MOBILE.fullmatch(text)) is not None:
        notes["masked"] = None
        stars = "*" * (11 - len(masked[1]) - len(masked[3]))
        return Phone(piece, f"{masked[1]}{stars}{masked[3]}", extension, PhoneKind.MOBILE, masked=True)
    if (masked := _MASKED_LANDLINE.fullmatch(text)) is not None:
        notes["masked"] = None
        return Phone(piece, masked[1] + re.sub("[xX×]", "*", masked[2]), extension, PhoneKind.LANDLINE, masked=True)
    digits = _DASHES.sub("", text)
    if (read := _classify(digits, area_code, notes)) is not None:
        return Phone(piece, read[0], extension, read[1])
    if (overseas := _OVERSEAS.match(text)) is not None:
        return Phone(piece, overseas[1], extension, PhoneKind.UNKNOWN)
    return None


def _is_whole(text: str) -> bool:
    """True when what stands before a dash is a number by itself, so that what follows is an extension."""
    digits = _DASHES.sub("", text)
    return bool(
        _LANDLINE.fullmatch(digits) or _LOCAL.fullmatch(digits) or ("-" in text and _STRIPPED.fullmatch(digits))
    )


def _classify(digits: str, area_code: str, notes: dict[str, None]) -> tuple[str, PhoneKind] | None:
    if _MOBILE.fullmatch(digits):
        return digits, PhoneKind.MOBILE
    if len(digits) == 12 and digits[0] == "0" and _MOBILE.fullmatch(digits[1:]):
        return digits[1:], PhoneKind.MOBILE
    if _LANDLINE.fullmatch(digits):
        return digits, PhoneKind.LANDLINE
    if _SERVICE.fullmatch(digits):
        return digits, PhoneKind.SERVICE
    if _LOCAL.fullmatch(digits):
        if area_code:
            notes["area_code_assumed"] = None
            return area_code + digits, PhoneKind.LANDLINE
        notes["area_unknown"] = None
        return digits, PhoneKind.LANDLINE
    if _STRIPPED.fullmatch(digits):
        notes["leading_zero_restored"] = None
        return f"0{digits}", PhoneKind.LANDLINE
    return None


def mask_agrees(masked: str, number: str) -> bool:
    """True when `number` can be the one behind `masked`: same length, and every digit that was left agrees."""
    return len(masked) == len(number) and all(left in {"*", right} for left, right in zip(masked, number, strict=True))


def find_phones(text: str) -> tuple[tuple[Phone, tuple[int, int]], ...]:
    """Mobiles and landlines with area code that stand in free text, and where."""
    found = []
    for hit in _IN_TEXT.finditer(narrow(text)):
        phone = read_phone(hit[0])
        if phone is not None:
            found.append((phone, hit.span()))
    return tuple(found)

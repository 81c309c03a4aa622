"""Narrative text: bytes into characters by the declared charset, and the repairs that can be undone.

The rules kept here: a charset is declared per feed and never guessed per field; a value cut in the middle of a character loses that
character only; every repair leaves a note; narrative is never folded (see `cells.fold`). GB18030 contains GB2312 and GBK, so a feed
that declares one of these is read as GB18030.
"""

import codecs
import re
from collections.abc import Sequence

from santiao.connectors.converters.cells import Converted, Scalar, as_text
from santiao.connectors.converters.markup import strip_markup
from santiao.connectors.converters.mojibake import repair_mojibake
from santiao.connectors.converters.nulls import BLANK, NULL, NullMarkers
from santiao.domain.vocabulary import FieldStatus

MAX_CHARS = 20_000
"""Longer text is cut here; the whole stays in the raw item."""

_NO_NOTES: tuple[str, ...] = ()
_GB_FAMILY = frozenset({"gb2312", "gbk", "gb18030", "cp936", "hz"})
_CUT_REASONS = frozenset({"incomplete multibyte sequence", "unexpected end of data"})
_LONGEST_CHARACTER = 4
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_OLD_GB_HANZI = re.compile("[\ue816-\ue864]")
# Fourteen characters that GB18030-2000 had in the private use area, and where later editions of Unicode have them.
_OLD_GB_TABLE = str.maketrans(
    "\ue816\ue817\ue818\ue81e\ue826\ue82b\ue82c\ue831\ue832\ue83b\ue843\ue854\ue855\ue864",
    "\U00020087\U00020089\U000200cc\u9fb4\u9fb5\u9fb6\u9fb7\U000215d7\u9fb8\U0002298f\u9fb9\u9fba\U000241fe\u9fbb",
)


def codec_for(declared: str) -> str:
    """Python's codec for a declared charset; GB2312 and GBK are widened to GB18030.

    Raises:
        LookupError: no such charset; the message is Python's own.
    """
    name = codecs.lookup(declared.strip()).name
    return "gb18030" if name in _GB_FAMILY else name


def decode(raw: bytes, charset: str, *, fallbacks: Sequence[str] = (), byte_limit: int | None = None) -> Converted[str]:
    """Decode a byte cell by its declared charset.

    A value whose last character is cut loses it (TRUNCATED, `tail_repaired`). Bytes that do not fit in the middle are tried with the
    declared fallbacks (`decoded_as_<charset>`), then marked one by one (DAMAGED, `undecodable_bytes`). `byte_limit` is the width of
    the column: a full one is TRUNCATED even when no character was cut.
    """
    codec = codec_for(charset)
    full = byte_limit is not None and len(raw) >= byte_limit - 1
    try:
        return _decoded(raw.decode(codec), codec, "byte_limit_reached" if full else "")
    except UnicodeDecodeError as fault:
        cut = _decode_cut(raw, codec, fault)
        if cut is not None:
            return _decoded(cut, codec, "tail_repaired")
    for fallback in fallbacks:
        try:
            text = raw.decode(codec_for(fallback))
        except UnicodeDecodeError:
            continue
        return Converted(text, FieldStatus.OK, (f"decoded_as_{codec_for(fallback)}",))
    return Converted(raw.decode(codec, errors="replace"), FieldStatus.DAMAGED, ("undecodable_bytes",))


def _decode_cut(raw: bytes, codec: str, fault: UnicodeDecodeError) -> str | None:
    """Text without its cut last character, or None when the fault is not a cut tail (a fixed-width column pads after it)."""
    body = raw.rstrip(b" ")
    if fault.start < len(body) - _LONGEST_CHARACTER:
        return None
    if len(body) == len(raw) and fault.reason not in _CUT_REASONS:
        return None
    try:
        body.decode(codec)
    except UnicodeDecodeError as second:
        return body[: second.start].decode(codec) if second.reason in _CUT_REASONS else None
    return None


def _decoded(text: str, codec: str, cut_note: str) -> Converted[str]:
    notes: tuple[str, ...] = (cut_note,) if cut_note else ()
    if codec == "gb18030" and _OLD_GB_HANZI.search(text):
        text, notes = text.translate(_OLD_GB_TABLE), (*notes, "private_use_mapped")
    return Converted(text, FieldStatus.TRUNCATED if cut_note else FieldStatus.OK, notes)


def convert_text(
    cell: Scalar | bytes,
    *,
    nulls: NullMarkers = BLANK,
    charset: str = "utf-8",
    fallbacks: Sequence[str] = (),
    byte_limit: int | None = None,
    markup: bool = False,
    max_chars: int = MAX_CHARS,
) -> Converted[str]:
    """Read a text cell: decode (bytes only), repair, strip markup where the column has it, remove control characters, cut to size.

    Status: NULL_MARKER, TRUNCATED (notes `tail_repaired`, `byte_limit_reached`, `size_cap`), DAMAGED, else OK. Other notes:
    `mojibake_gb18030`, `mojibake_utf-8`, `markup_stripped`, `image_removed`, `control_removed`, `private_use_mapped`.
    """
    status, notes = FieldStatus.OK, _NO_NOTES
    if isinstance(cell, bytes):
        decoded = decode(cell, charset, fallbacks=fallbacks, byte_limit=byte_limit)
        text, status, notes = decoded.value, decoded.status, decoded.notes
    else:
        text = as_text(cell)
        if text is not None and byte_limit is not None and _fills(text, charset, byte_limit):
            status, notes = FieldStatus.TRUNCATED, ("byte_limit_reached",)
    if text is None or nulls.cover(text):
        return NULL
    cleaned, more = _clean(text, markup=markup)
    if more:
        notes += tuple(note for note in more if note not in notes)
        if "tail_repaired" in more:
            status = FieldStatus.TRUNCATED
    if len(cleaned) > max_chars:
        cleaned, status, notes = cleaned[:max_chars].rstrip(), FieldStatus.TRUNCATED, (*notes, "size_cap")
    if not cleaned or (cleaned != text and nulls.cover(cleaned)):
        return NULL
    return Converted(cleaned, status, notes)


def _clean(text: str, *, markup: bool) -> tuple[str, list[str]]:
    notes: list[str] = []
    if text.endswith("\ufffd"):
        text = text.rstrip("\ufffd")
        notes.append("tail_repaired")
    if (repaired := repair_mojibake(text)) is not None:
        text, repair = repaired
        notes.append(repair)
    if markup and ("<" in text or "&" in text or "base64," in text):
        text, stripped = strip_markup(text)
        notes += stripped
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROLS.search(text):
        text = _CONTROLS.sub("", text)
        notes.append("control_removed")
    return text.strip(), notes


def _fills(text: str, charset: str, byte_limit: int) -> bool:
    """True when the text takes up its column: a driver that decodes for us has dropped the cut character, or marked it."""
    if len(text) * _LONGEST_CHARACTER < byte_limit - 1:
        return False
    return len(text.rstrip("\ufffd").encode(codec_for(charset), errors="replace")) >= byte_limit - 1

"""Mojibake (乱码): text that another program decoded by the wrong charset, turned back where nothing was lost.

The rule kept here: a repair is made only when it can be undone byte for byte and its result is plausible Chinese; it leaves a note.
Two kinds are known: GB18030 or UTF-8 bytes read as Latin-1 (张三 as ÕÅÈý), and UTF-8 bytes read as GBK (张三 as 寮犱笁).
"""

import re

_FORM = (
    "\u00a0-\u00ff\u0080-\u009f\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201a"
    "\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122"
)
_NOT_LATIN = re.compile(f"[^\x00-\x7f{_FORM}]")
_LATIN_RUN = re.compile(f"[{_FORM}]{{2,}}")
_NOT_CHINESE = re.compile(
    "[^\x00-\x7f\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff\u3001-\u3011\u3014-\u301b\uff01-\uff5e\u2014\u2018\u2019\u201c\u201d\u2026\u00b7\u3007]"
)
_HANZI = re.compile("[\u4e00-\u9fff]")
_WINDOWS_1252 = {
    ord(bytes([byte]).decode("cp1252")): byte
    for byte in range(0x80, 0xA0)
    if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_STARTS_UTF8 = re.compile(b"[\xc2-\xf4][\x80-\xbf]")
_PROBE = 16


def repair_mojibake(text: str) -> tuple[str, str] | None:
    """The text as it was meant and the note that names the repair, or None when there is nothing to repair."""
    if text.isascii():
        return None
    if _NOT_LATIN.search(text) is None:
        return _from_latin(text)
    return _from_gbk(text)


def _from_latin(text: str) -> tuple[str, str] | None:
    if _LATIN_RUN.search(text) is None:
        return None
    try:
        raw = bytes(ord(char) if ord(char) < 0x100 else _WINDOWS_1252[ord(char)] for char in text)
    except KeyError:
        return None
    as_gb, as_utf8 = _read(raw, "gb18030"), _read(raw, "utf-8")
    if as_gb is not None and (as_utf8 is None or _is_common(as_gb)):
        return as_gb, "mojibake_gb18030"
    return None if as_utf8 is None else (as_utf8, "mojibake_utf-8")


def _from_gbk(text: str) -> tuple[str, str] | None:
    """UTF-8 read as GBK. Common Chinese is left alone: only text with characters outside GB2312 is doubted."""
    first = _NOT_ASCII.search(text)
    if first is None or not _STARTS_UTF8.match(first[0].encode("gb18030", errors="replace")):
        return None
    probe = text[:_PROBE]
    try:
        probe.encode("gb18030").decode("utf-8")
    except UnicodeEncodeError:
        return None
    except UnicodeDecodeError as fault:
        if len(text) <= _PROBE or fault.reason != "unexpected end of data":
            return None
    if _is_common(probe):
        return None
    repaired = _read(text.encode("gb18030", errors="replace"), "utf-8")
    if repaired is None or not _is_common(repaired) or len(_HANZI.findall(repaired)) < 2:
        return None
    return repaired, "mojibake_utf-8"


def _read(raw: bytes, charset: str) -> str | None:
    try:
        text = raw.decode(charset)
    except UnicodeDecodeError:
        return None
    return text if _HANZI.search(text) and _NOT_CHINESE.search(text) is None else None


def _is_common(text: str) -> bool:
    """True when every character is in GB2312, as nearly all of everyday Chinese is."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True

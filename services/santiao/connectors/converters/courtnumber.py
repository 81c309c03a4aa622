"""Court case numbers (案号): （year）+ court word + type word + number + 号, in force since 2016 (法〔2015〕137号).

The rules kept here: the canonical form is for comparing only, the raw is never rebuilt; a number from before 2016 is opaque, because
its words mean something else ((2014)龙民一初字第00123号); 之一, 之二 are further documents of the same case.
"""

import re
import unicodedata

import msgspec

from santiao.connectors.converters.cells import Converted, Scalar, as_text, fold, invalid
from santiao.connectors.converters.nulls import NULL, TEXT, NullMarkers
from santiao.connectors.converters.numerals import parse_numeral

FIRST_YEAR = 2016
_LAST_YEAR = 2100
_LONGEST = 60
_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新军兵"
_BRACKETS = str.maketrans("〔〕[]【】﹝﹞{}", "()()()()()")
_FORM = re.compile(
    rf"\(?(?P<year>[0-9]{{4}})\)?(?P<court>最高法|[{_PROVINCES}][0-9]{{0,6}})(?P<type>[\u4e00-\u9fff]{{1,8}}?)第?(?P<number>[0-9]{{1,8}})号?"
    r"(?:之(?P<part>[一二三四五六七八九十]{1,3}|[0-9]{1,2}))?"
)
_OPAQUE = re.compile(
    r"\(?(?P<year>(?:19|20)[0-9]{2})\)?(?P<rest>[\u4e00-\u9fff][\u4e00-\u9fff0-9]{1,20}?第?[0-9]{1,8}(?:-[0-9]{1,3})?号?)(?:之[一二三四五六七八九十]{1,3})?"
)
PATTERN = (
    rf"[(（〔\[【]\s*(?:20[0-9]{{2}})\s*[)）〕\]】]\s*(?:最高法|[{_PROVINCES}]\s*[0-9]{{0,6}})\s*[\u4e00-\u9fff]{{1,8}}?\s*第?\s*[0-9]{{1,8}}\s*号"
    r"(?:之[一二三四五六七八九十]{1,3})?"
)
"""The number as it stands in free text, for a declaration's list of reference patterns."""


class CourtNumber(msgspec.Struct, frozen=True, gc=False):
    """A case number taken apart; all but `canonical` and `year` are empty for an opaque one. `part` is 1 for 之一."""

    canonical: str
    year: int
    court: str = ""
    type_word: str = ""
    number: int | None = None
    part: int | None = None
    opaque: bool = False


def convert_court_number(cell: Scalar, *, nulls: NullMarkers = TEXT) -> Converted[CourtNumber]:
    """Read a case number in any width and brackets.

    Status: NULL_MARKER; INVALID `not_a_case_number`; else OK, with note `opaque` for one from before 2016 or with an older form.
    """
    raw = as_text(cell)
    if raw is None or nulls.cover(raw):
        return NULL
    if len(raw) > _LONGEST:
        return invalid("not_a_case_number")
    text = fold(raw).translate(_BRACKETS)
    hit = _FORM.fullmatch(text)
    if hit is not None and FIRST_YEAR <= int(hit["year"]) < _LAST_YEAR and not hit["type"].endswith(("字", "字第")):
        year, number = int(hit["year"]), int(hit["number"])
        canonical = f"({year}){hit['court']}{hit['type']}{number}号"
        part = (
            None if hit["part"] is None else int(hit["part"]) if hit["part"].isdigit() else parse_numeral(hit["part"])
        )
        return Converted(CourtNumber(canonical, year, hit["court"], hit["type"], number, part))
    old = _OPAQUE.fullmatch(text)
    if old is None or (int(old["year"]) >= FIRST_YEAR and "字" not in old["rest"]):
        return invalid("not_a_case_number")
    return Converted(
        CourtNumber(f"({old['year']}){old['rest'].rstrip('号')}号", int(old["year"]), opaque=True), notes=("opaque",)
    )


def canonical_case_number(text: str) -> str:
    """Form under which two writings of one case number are equal; what is no case number is only folded."""
    converted = convert_court_number(text)
    return unicodedata.normalize("NFKC", text).strip() if converted.value is None else converted.value.canonical

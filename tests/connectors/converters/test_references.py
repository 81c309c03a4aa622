"""Quoted numbers: found in free text by declared patterns, whole, and never an identity number."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.courtnumber import PATTERN as COURT_PATTERN
from santiao.connectors.converters.identity import check_character
from santiao.connectors.converters.references import (
    MAX_REFERENCES,
    ReferencePattern,
    canonical_number,
    check_patterns,
    extract_references,
)

PATTERNS = (
    ReferencePattern("police", "20[0-9]{18}", ("date_first",), whole_run=True),
    ReferencePattern(
        "petition",
        "[1-9][0-9]{5}20[0-9]{10}",
        ("date_after_division", "no_person"),
        labels=("信访", "件编号"),
        whole_run=True,
    ),
    ReferencePattern("order", "[A-Za-z]{2}[0-9]{10}", ("date_after_letters",), whole_run=True),
    ReferencePattern("court", COURT_PATTERN, needs="号", canonical="court"),
    ReferencePattern(
        "labour",
        r"蚌[\u4e00-\u9fff]{0,2}劳人仲[\u4e00-\u9fff]{1,2}\s*[〔(（\[]20[0-9]{2}[〕)）\]]\s*[0-9]{1,6}\s*号",
        canonical="brackets",
    ),
)


def found(text: str) -> list[tuple[str, str]]:
    return [(each.kind, each.number) for each in extract_references(text, PATTERNS)]


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("曾报警（警情编号20260312340302000187）", "police", "20260312340302000187"),
        ("接警单号２０２６０３１２３４０３０２０００１８７。", "police", "20260312340302000187"),
        ("警情编号：20260312 340302 000187，", "police", "20260312340302000187"),
        ("12345热线单号BB2603100077", "order", "BB2603100077"),
        ("（单号：BB 2603100077）", "order", "BB2603100077"),
        ("前期12345工单bb2603100077未解决", "order", "BB2603100077"),
        ("信访编号340300202603130021", "petition", "340300202603130021"),
        ("案号为（2026）皖0302民诉前调486号，", "court", "(2026)皖0302民诉前调486号"),
        ("见(2026)皖0304民初71号之一。", "court", "(2026)皖0304民初71号"),
        ("见（２０２６）皖０３０４民初７１号", "court", "(2026)皖0304民初71号"),
        ("劳动仲裁案号蚌劳人仲调〔2026〕0041号，", "labour", "蚌劳人仲调〔2026〕0041号"),
        ("申请调解（蚌劳人仲调(2026) 0041号）", "labour", "蚌劳人仲调〔2026〕0041号"),
    ],
)
def test_a_quoted_number_is_found_in_its_canonical_form(text: str, kind: str, number: str) -> None:
    assert found(text) == [(kind, number)]


def test_the_span_is_where_it_stands_in_the_text_as_it_came() -> None:
    text = "为这事我打过12345（单号：ＢＢ 2603100077），又见（2026）皖0302民诉前调186号。"
    spans = [text[slice(*each.span)] for each in extract_references(text, PATTERNS)]
    assert spans == ["ＢＢ 2603100077", "（2026）皖0302民诉前调186号"]


def test_a_resident_number_is_no_petition_number() -> None:
    born_lately = "34039820130701008"
    assert found(f"身份证{born_lately}{check_character(born_lately)}") == []
    assert found(f"其子{born_lately}{check_character(born_lately)}") == []
    assert found("另有340398201307010088") == []


def test_a_label_vouches_for_a_number_that_could_be_a_persons_by_chance() -> None:
    bodies = (f"3403982026031300{digit}" for digit in range(10))
    number = next(body + check_character(body) for body in bodies if check_character(body) != "X")
    assert found(f"信访编号{number}") == [("petition", number)]
    assert found(f"见{number}") == []


def test_a_number_inside_a_longer_one_is_none() -> None:
    assert found("1" + "20260312340302000187") == []
    assert found("20260312340302000187" + "001") == []
    assert found("XBB2603100077") == []
    assert found("BB26031000771") == []


def test_a_number_with_an_impossible_date_is_none() -> None:
    assert found("20261312340302000187") == []
    assert found("340300202613130021") == []
    assert found("BB2613100077") == []


def test_each_number_comes_once_in_the_order_it_stands() -> None:
    text = "BB2603100077、20260312340302000187、BB2603100077、BB2603100078"
    assert [number for _, number in found(text)] == ["BB2603100077", "20260312340302000187", "BB2603100078"]


def test_a_pattern_may_need_its_label() -> None:
    strict = (ReferencePattern("order", "[0-9]{12}", labels=("单号",), label_needed=True),)
    assert len(extract_references("单号：123456789012", strict)) == 1
    assert extract_references("电话123456789012", strict) == ()


def test_a_flood_of_numbers_is_bounded() -> None:
    text = "，".join(f"BB26031{serial:05}" for serial in range(3 * MAX_REFERENCES))
    assert len(extract_references(text, PATTERNS)) == MAX_REFERENCES


@pytest.mark.parametrize(
    "pattern",
    [
        ReferencePattern("k", "("),
        ReferencePattern("k", "a", ("no such check",)),
        ReferencePattern("k", "a", canonical="no such form"),
    ],
)
def test_a_pattern_that_cannot_work_is_refused_with_its_kind(pattern: ReferencePattern) -> None:
    with pytest.raises(ValueError, match="pattern k"):
        check_patterns([pattern])
    check_patterns(PATTERNS)


@pytest.mark.parametrize(
    "writing",
    ["蚌劳人仲调〔2026〕0041号", "蚌劳人仲调(2026)0041号", "蚌劳人仲调（２０２６）０041 号", "蚌劳人仲调[2026]0041号"],
)
def test_a_key_and_its_quotation_meet(writing: str) -> None:
    assert canonical_number(writing, "brackets") == "蚌劳人仲调〔2026〕0041号"


dates = st.dates(date(2000, 1, 1), date(2089, 12, 31))


@given(
    dates,
    st.integers(0, 999_999),
    st.text(alphabet="，。（）原告曾报警见 ", max_size=12),
    st.text(alphabet="，。（）后", max_size=12),
)
def test_a_number_is_found_whatever_stands_around_it(day: date, serial: int, before: str, after: str) -> None:
    for kind, number in (
        ("police", f"{day:%Y%m%d}340302{serial:06}"),
        ("order", f"BB{day:%y%m%d}{serial % 10_000:04}"),
    ):
        assert (kind, number) in found(f"{before}{number}{after}")


@given(st.text(alphabet="0123456789BXｂ２（）〔〕()皖民初号劳人仲调蚌 　身份证信访", max_size=120))
def test_no_text_makes_it_fail_and_every_span_is_real(text: str) -> None:
    for each in extract_references(text, PATTERNS):
        start, end = each.span
        assert 0 <= start < end <= len(text)

"""Court case numbers (案号): one canonical form, old numbers opaque."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.courtnumber import CourtNumber, canonical_case_number, convert_court_number
from santiao.domain.vocabulary import FieldStatus

COURTS = ["皖0302", "皖03", "京0491", "最高法", "兵0101", "粤0604"]
TYPES = ["民诉前调", "民初", "民终", "民特", "诉前调确", "诉前调书", "执", "行初", "财保", "知民终"]


@pytest.mark.parametrize(
    "writing",
    [
        "（2026）皖0302民诉前调1234号",
        "(2026)皖0302民诉前调1234号",
        "〔2026〕皖0302民诉前调1234号",
        "【2026】皖0302民诉前调1234号",
        "（２０２６）皖０３０２民诉前调１２３４号",
        "（2026）皖0302民诉前调第1234号",
        " (2026) 皖 0302 民诉前调 01234 号 ",
        "2026皖0302民诉前调1234号",
        "（2026）皖0302民诉前调1234",
        "(2026)皖0302民诉前调1234号之一",
    ],
)
def test_every_writing_has_one_canonical_form(writing: str) -> None:
    read = convert_court_number(writing).value
    assert read is not None
    assert (read.canonical, read.year, read.court, read.type_word, read.number) == (
        "(2026)皖0302民诉前调1234号",
        2026,
        "皖0302",
        "民诉前调",
        1234,
    )
    assert canonical_case_number(writing) == "(2026)皖0302民诉前调1234号"


def test_a_further_document_is_of_the_same_case() -> None:
    read = convert_court_number("（2026）皖0302民初71号之二").value
    assert read == CourtNumber("(2026)皖0302民初71号", 2026, "皖0302", "民初", 71, 2)


@pytest.mark.parametrize(
    "writing", ["(2014)龙民一初字第00123号", "（2015）蚌山民一初字第01234号", "(2014)皖0302民初12号"]
)
def test_a_number_from_before_2016_is_opaque(writing: str) -> None:
    read = convert_court_number(writing)
    assert read.value is not None
    assert (read.value.opaque, read.value.court, read.notes) == (True, "", ("opaque",))
    assert canonical_case_number(writing.replace("(", "（").replace(")", "）")) == canonical_case_number(writing)


@pytest.mark.parametrize(
    "cell",
    [
        "蚌劳人仲调〔2026〕0041号",
        "BB2603100077",
        "20260312340302000187",
        "某某",
        "（2026）",
        "(2026)皖0302号",
        "1" * 80,
    ],
)
def test_another_number_is_no_case_number(cell: str) -> None:
    read = convert_court_number(cell)
    assert (read.value, read.status) == (None, FieldStatus.INVALID)


@pytest.mark.parametrize("cell", ["", None, "无", "/"])
def test_markers_are_null(cell: str | None) -> None:
    assert convert_court_number(cell).status is FieldStatus.NULL_MARKER


@given(st.integers(2016, 2099), st.sampled_from(COURTS), st.sampled_from(TYPES), st.integers(1, 99_999_999))
def test_every_number_made_by_the_rule_comes_back(year: int, court: str, word: str, number: int) -> None:
    for opening, closing in (("（", "）"), ("(", ")"), ("〔", "〕")):
        read = convert_court_number(f"{opening}{year}{closing}{court}{word}{number}号").value
        assert read is not None
        assert (read.canonical, read.year, read.number) == (f"({year}){court}{word}{number}号", year, number)
        assert read.court + read.type_word == court + word
        assert canonical_case_number(read.canonical) == read.canonical


@given(st.text(alphabet="（）()〔〕0123456789２皖民初诉前调字第号之一 ", max_size=40))
def test_no_cell_makes_it_fail_and_canonical_is_stable(cell: str) -> None:
    read = convert_court_number(cell).value
    if read is not None:
        assert canonical_case_number(read.canonical) == read.canonical

"""Mojibake (N11): turned back only when nothing was lost and the result is Chinese."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.mojibake import repair_mojibake


def common_hanzi() -> st.SearchStrategy[str]:
    """Characters of the first level of GB2312, of which nearly all names and stories are made."""
    return st.builds(
        lambda row, cell: bytes((row, cell)).decode("gb2312"), st.integers(0xB0, 0xD6), st.integers(0xA1, 0xFE)
    )


@pytest.mark.parametrize(
    ("broken", "meant"), [("ÕÅÈý", "张三"), ("½âÎÄÄÈ", "解文娜"), ("Â¬·ïÏ¼", "卢凤霞"), ("¶¡¿¡½Ü", "丁俊杰")]
)
def test_names_read_as_latin_are_turned_back(broken: str, meant: str) -> None:
    assert repair_mojibake(broken) == (meant, "mojibake_gb18030")


@given(st.lists(common_hanzi(), min_size=2, max_size=40).map("".join))
def test_gb18030_read_as_latin_is_turned_back(text: str) -> None:
    assert repair_mojibake(text.encode("gb18030").decode("latin-1")) == (text, "mojibake_gb18030")


@given(st.lists(common_hanzi(), min_size=2, max_size=40).map("".join))
def test_utf_8_read_as_gbk_is_turned_back_or_left_alone(text: str) -> None:
    try:
        broken = text.encode().decode("gb18030")
    except UnicodeDecodeError:
        return
    repaired = repair_mojibake(broken)
    assert repaired is None or repaired == (text, "mojibake_utf-8")


def test_the_usual_case_of_utf_8_read_as_gbk_is_turned_back() -> None:
    assert repair_mojibake("寮犱笁") == ("张三", "mojibake_utf-8")
    assert repair_mojibake("市民来电反映".encode().decode("latin-1")) == ("市民来电反映", "mojibake_utf-8")


@given(st.lists(common_hanzi(), min_size=1, max_size=60).map("".join))
def test_good_chinese_is_left_alone(text: str) -> None:
    assert repair_mojibake(text) is None


@pytest.mark.parametrize(
    "text", ["", "abc", "José Ñandú", "Müller", "“你好”——某某", "张𬭎", "王㛃", "Ⅱ期①号", "50€", "…"]
)
def test_what_is_no_mojibake_is_left_alone(text: str) -> None:
    assert repair_mojibake(text) is None


@given(st.text())
def test_a_repair_can_be_undone_byte_for_byte(text: str) -> None:
    repaired = repair_mojibake(text)
    if repaired is None:
        return
    meant, note = repaired
    raw = meant.encode(note.removeprefix("mojibake_"))
    forms = {raw.decode("latin-1"), raw.decode("cp1252", errors="replace"), raw.decode("gb18030", errors="replace")}
    assert text in forms or len(text) == len(raw)

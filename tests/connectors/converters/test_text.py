"""Narrative text: decoding, cut tails, control characters, size (N11, N17, N18)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.nulls import TEXT
from santiao.connectors.converters.text import codec_for, convert_text, decode
from santiao.domain.vocabulary import FieldStatus

chinese = st.text(
    st.one_of(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), st.sampled_from("，。：abc 12𬭎䶮㛃")),
    max_size=60,
)


@pytest.mark.parametrize("declared", ["GB2312", "gbk", "GB18030", "cp936", " GBK "])
def test_every_charset_of_the_gb_family_is_read_as_the_widest(declared: str) -> None:
    assert codec_for(declared) == "gb18030"
    assert decode("张𬭎".encode("gb18030"), declared).value == "张𬭎"


def test_an_unknown_charset_is_a_fault_of_the_declaration() -> None:
    with pytest.raises(LookupError):
        codec_for("gb-2099")


@given(chinese, st.sampled_from(["gb18030", "utf-8"]), st.integers(0, 200))
def test_a_cut_text_loses_the_cut_character_and_no_other(text: str, charset: str, width: int) -> None:
    raw = text.encode(charset)
    cut = raw[:width]
    whole = ""
    for char in text:
        if len((whole + char).encode(charset)) > width:
            break
        whole += char
    read = decode(cut, charset)
    assert read.value == whole
    assert (read.status is FieldStatus.TRUNCATED) == (len(whole.encode(charset)) < len(cut))
    assert "\ufffd" not in whole


def test_a_column_that_pads_after_the_cut_is_mended_too() -> None:
    read = decode("张三".encode("gb18030")[:-1] + b"     ", "gbk")
    assert (read.value, read.status, read.notes) == ("张", FieldStatus.TRUNCATED, ("tail_repaired",))


def test_a_full_column_is_cut_even_when_no_character_is() -> None:
    assert decode("调解".encode("gb18030") * 500, "gbk", byte_limit=2000).notes == ("byte_limit_reached",)
    assert decode("调解".encode("gb18030") * 400, "gbk", byte_limit=2000).status is FieldStatus.OK


def test_a_driver_that_decodes_leaves_a_mark_or_a_full_column() -> None:
    marked = convert_text("双方同意调\ufffd", charset="gbk")
    assert (marked.value, marked.status) == ("双方同意调", FieldStatus.TRUNCATED)
    full = convert_text("调解" * 500, charset="gbk", byte_limit=2000)
    assert (full.status, full.notes) == (FieldStatus.TRUNCATED, ("byte_limit_reached",))


def test_bytes_of_another_charset_are_read_by_a_declared_fallback_only() -> None:
    raw = "经调解，双方达成一致意见。".encode()
    assert decode(raw, "ascii").status is FieldStatus.DAMAGED
    read = decode(raw, "ascii", fallbacks=["big5", "utf-8"])
    assert (read.value, read.notes) == ("经调解，双方达成一致意见。", ("decoded_as_utf-8",))


def test_bytes_that_fit_nowhere_are_marked_and_the_rest_stays() -> None:
    read = decode("张".encode("gb18030") + b"\xff\xff" + b"abc", "gbk")
    assert read.status is FieldStatus.DAMAGED
    assert read.value is not None
    assert read.value.startswith("张")
    assert read.value.endswith("abc")


def test_private_use_characters_of_the_old_standard_get_their_later_places() -> None:
    read = decode(b"\xfe\x59\xfe\xa0", "gbk")
    assert (read.value, read.notes) == ("\u9fb4\u9fbb", ("private_use_mapped",))


def test_control_characters_go_and_line_breaks_stay() -> None:
    read = convert_text("第一行\x00\x0b\r\n第二行\u202e\ud83d")
    assert (read.value, read.notes) == ("第一行\n第二行", ("control_removed",))


def test_narrative_is_not_folded() -> None:
    assert convert_text("Ⅱ期①号楼，面积９０㎡").value == "Ⅱ期①号楼，面积９０㎡"


def test_markers_and_what_is_nothing_after_cleaning_are_null() -> None:
    assert convert_text("无", nulls=TEXT).status is FieldStatus.NULL_MARKER
    assert convert_text("<p>&nbsp;</p>", markup=True).status is FieldStatus.NULL_MARKER
    assert convert_text(None).status is FieldStatus.NULL_MARKER
    assert convert_text(b"  ").status is FieldStatus.NULL_MARKER


def test_text_beyond_its_cap_is_cut_and_says_so() -> None:
    read = convert_text("长" * 30, max_chars=10)
    assert (read.value, read.status, read.notes) == ("长" * 10, FieldStatus.TRUNCATED, ("size_cap",))


@given(st.one_of(st.text(), st.binary()), st.booleans())
def test_whatever_comes_can_be_written_again(cell: str | bytes, markup: bool) -> None:
    read = convert_text(cell, charset="gb18030", markup=markup, byte_limit=40)
    if read.value is not None:
        read.value.encode("utf-8")
        assert "\x00" not in read.value

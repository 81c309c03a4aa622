"""Null markers (N10): what a column calls nothing, and what it does not."""

import pytest

from santiao.connectors.converters.nulls import BLANK, NULL_SETS, NUMBER, PLACE, TEXT, TIME, declare_markers, is_ditto


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "  ",
        "\u3000",
        "null",
        "NULL",
        "N/A",
        "无",
        " 无 ",
        "不详",
        "未知",
        "/",
        "／",
        "—",
        "-",
        "空",
        "详见附件",
        "同上",
        "〃",
        "－",
    ],
)
def test_what_agencies_write_for_nothing_is_null_in_text(cell: str) -> None:
    assert TEXT.cover(cell)


@pytest.mark.parametrize("cell", ["0", "000000", "000000000000000000", "0000-0000000", "电话不详", "见附件"])
def test_zeros_are_null_where_a_number_is_wanted(cell: str) -> None:
    assert NUMBER.cover(cell)


@pytest.mark.parametrize("cell", ["0000-00-00", "0000-00-00 00:00:00", "00000000000000"])
def test_zeros_are_null_where_a_time_is_wanted(cell: str) -> None:
    assert TIME.cover(cell)


def test_zero_is_a_channel_code_and_an_amount() -> None:
    assert not BLANK.cover("0")
    assert not TEXT.cover("0")
    assert not BLANK.cover("/")


def test_a_place_that_says_unknown_is_null_but_a_story_that_does_is_not() -> None:
    assert PLACE.cover("住址不详")
    assert not PLACE.cover("住址不详，由其邻居转交到三楼")
    assert not TEXT.cover("原因不详")


def test_a_declaration_adds_its_own_markers_to_named_sets() -> None:
    markers = declare_markers(["blank"], ["待补", "ＮＩＬ２"])
    assert markers.cover("待补")
    assert markers.cover("nil2")
    assert not markers.cover("无")
    with pytest.raises(KeyError):
        declare_markers(["no such set"])


def test_every_named_set_holds_the_empty_cell() -> None:
    assert all(markers.cover("") and markers.cover(None) for markers in NULL_SETS.values())


def test_a_ditto_mark_is_known_in_any_width() -> None:
    assert is_ditto("〃")
    assert is_ditto(" 同上 ")
    assert not is_ditto("同上楼")

"""Names of organisations: what is one, and when two spellings are the same firm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.organisations import (
    close_breaks,
    is_organisation,
    organisation_key,
    trim_organisation,
)


@pytest.mark.parametrize(
    "spelling",
    [
        "某某建筑劳务有限公司",
        "某某建筑劳务公司",
        "某某建筑劳务有限责任公司",
        "某某建筑劳务",
        " 某某 建筑劳务有限公司",
        "（某某）建筑劳务有限公司",
    ],
)
def test_how_a_firm_is_incorporated_does_not_tell_it_apart(spelling: str) -> None:
    assert organisation_key(spelling) == "某某建筑劳务"


def test_place_words_and_width_do_not_tell_firms_apart() -> None:
    assert organisation_key("安徽省蚌埠市甲乙物业管理有限公司") == organisation_key("安徽蚌埠甲乙物业管理有限公司")
    assert organisation_key("ＡＢＣ科技股份有限公司") == organisation_key("abc科技")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("甲乙物业有限公司", "甲乙物业有限公司蚌埠分公司"),
        ("甲乙物业有限公司", "甲丙物业有限公司"),
        ("城东农贸市场", "城东农贸场"),
    ],
)
def test_words_that_tell_two_firms_apart_stay(one: str, other: str) -> None:
    assert organisation_key(one) != organisation_key(other)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("庚辛市政建设工程有限公司", "庚辛市政建设工程"),
        ("庚辛市民广场管理有限公司", "庚辛市民广场管理"),
        ("甲乙城市花园物业有限公司", "甲乙城市花园物业"),
        ("甲乙都市物业有限公司", "甲乙都市物业"),
        ("甲乙超市连锁有限公司", "甲乙超市连锁"),
        ("安徽省心装饰有限公司", "安徽省心装饰"),
        ("盐城市甲乙物业有限公司", "盐城甲乙物业"),
        ("庚辛市政务服务中心", "庚辛政务服务中心"),
        ("庚辛市民政服务中心", "庚辛民政服务中心"),
    ],
)
def test_only_a_city_loses_its_last_word(name: str, key: str) -> None:
    assert organisation_key(name) == key


def test_a_citys_own_word_before_a_word_that_begins_alike() -> None:
    assert organisation_key("庚辛市市政工程有限公司") == organisation_key("庚辛市政工程有限公司")


@pytest.mark.parametrize("gap", ["\n", "\r\n", " ", "\u3000", "（以下简称甲乙）"])
@pytest.mark.parametrize(("left", "right"), [("甲乙建筑", "劳务有限公司"), ("甲乙建筑劳务", "有限责任公司")])
def test_a_firms_broken_name_is_one_name(left: str, gap: str, right: str) -> None:
    assert close_breaks(f"{left}{gap}{right}") == left + right


@pytest.mark.parametrize("text", ["拖欠工资\n公司不认账", "张三\n甲乙物业有限公司", "本人反映 装修公司施工扰民"])
def test_a_line_that_begins_a_name_of_its_own_is_no_break(text: str) -> None:
    assert close_breaks(text) == text


def test_a_name_that_would_vanish_keeps_its_form() -> None:
    assert organisation_key("集团有限公司") == "集团有限公司"
    assert organisation_key("") == ""


@pytest.mark.parametrize("name", ["王会", "李行", "欧阳中", "张店", "赵院长"])
def test_a_person_whose_name_ends_like_an_organisation_is_none(name: str) -> None:
    assert not is_organisation(name)


@given(st.text(max_size=200))
def test_the_key_of_a_key_is_itself_or_shorter(name: str) -> None:
    key = organisation_key(name)
    assert organisation_key(trim_organisation(name)) == organisation_key(name[:120]) or len(name) > 120
    assert len(organisation_key(key)) <= len(key)

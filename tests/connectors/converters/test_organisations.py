"""Names of organisations: what is one, and when two spellings are the same firm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.organisations import is_organisation, organisation_key, trim_organisation


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

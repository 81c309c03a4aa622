"""How masked values look, and that no value shows through its mask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.pool.fields import FieldClass, class_of, mask_identity, mask_name, mask_phone, mask_year


@pytest.mark.parametrize(
    ("name", "masked"), [("张三", "张*"), ("欧阳娜", "欧阳*"), ("周大明", "周*"), ("", "*"), ("鿋某", "鿋*")]
)
def test_a_name_keeps_its_surname(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("340398198503151238", "3403**********1238"),
        ("340398850315123", "3403*******5123"),
        ("E12345678", "*******78"),
        ("12", "****"),
    ],
)
def test_an_identity_number_keeps_its_ends(number: str, masked: str) -> None:
    assert mask_identity(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"), [("13800000011", "138****0011"), ("05520000001", "*********01"), ("110", "****")]
)
def test_a_telephone_keeps_its_ends(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


def test_a_birthday_keeps_its_year() -> None:
    assert mask_year("1985-03-15") == "1985"


@given(st.text(alphabet="0123456789X", min_size=5, max_size=20))
def test_no_number_shows_through_its_mask(number: str) -> None:
    assert number not in mask_identity(number)
    assert number not in mask_phone(number)


def test_a_field_that_is_not_listed_has_no_class() -> None:
    assert class_of("raw") is None
    assert class_of("subject") is None
    assert class_of("case_no") is FieldClass.CASE

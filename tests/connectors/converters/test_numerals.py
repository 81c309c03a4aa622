"""Chinese numerals as people and clerks write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.numerals import NUMERAL_CHARS, parse_numeral


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("十二", 12),
        ("二十", 20),
        ("三十二", 32),
        ("一百零五", 105),
        ("一千零一", 1001),
        ("两百五", 250),
        ("三千五", 3500),
        ("一万二", 12_000),
        ("一万二千", 12_000),
        ("一万零五百", 10_500),
        ("叁万陆仟伍佰", 36_500),
        ("二〇二六", 2026),
        ("一亿零三万", 100_030_000),
        ("廿三", 23),
    ],
)
def test_a_numeral_is_read(text: str, number: int) -> None:
    assert parse_numeral(text) == number


@pytest.mark.parametrize("text", ["", "万", "千元", "三五", "三五万", "百", "十十", "一二百", "abc", "一" * 41])
def test_what_is_no_numeral_is_not_guessed(text: str) -> None:
    assert parse_numeral(text) is None


def spell(number: int) -> str:
    """The usual spelling of a number below ten thousand."""
    digits, said, gap = "零一二三四五六七八九", "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            said += ("零" if gap and said else "") + digits[digit] + name
            gap = False
        else:
            gap = True
    return said


@given(st.integers(1, 9999))
def test_what_is_spelt_is_read_back(number: int) -> None:
    assert parse_numeral(spell(number)) == number


@given(st.text(alphabet=NUMERAL_CHARS, max_size=50))
def test_nothing_made_of_numerals_makes_it_fail(text: str) -> None:
    number = parse_numeral(text)
    assert number is None or number >= 0

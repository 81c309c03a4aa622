"""What a narrative tells: topics, sums, days, names, and numbers of another matter."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.domain.links.profile import Amount
from santiao.domain.links.wording import MAX_CHARS, TextReader, is_told_by
from tests.domain.links.small_cities import POLICY

READER = TextReader(POLICY.text)


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("赔偿损失12600元", [Amount(1_260_000)]),
        ("欠36,500.50元未付", [Amount(3_650_050)]),
        ("把21.1万借给他", [Amount(21_100_000, 50_000)]),
        ("共3万元", [Amount(3_000_000, 500_000)]),
        ("垫付50元，2026年1月，电话13800000011", []),
        ("警情编号20260110340302000187元", []),
    ],
)
def test_sums_are_read_with_how_exact_they_are(text: str, amounts: list[Amount]) -> None:
    assert list(READER.read(text, wants_names=False).amounts) == amounts


def test_days_that_do_not_exist_are_none() -> None:
    days = READER.read("2026年1月10日、2026年2月30日", wants_names=False).days
    assert days == (date(2026, 1, 10).toordinal(),)


def test_one_matter_in_two_agencies_words_has_one_topic() -> None:
    one = READER.read("楼上卫生间渗水，吊顶发霉", wants_names=False).topics
    other = READER.read("反映楼上漏水", wants_names=False).topics
    assert one == other != 0
    assert READER.read("被未牵绳犬只咬伤", wants_names=False).topics & one == 0


def test_names_are_among_what_is_read_and_only_on_demand() -> None:
    text = "楼上傅德胜家夜里拖凳子，欧阳明又骂人，承包人张勇不管"
    assert {"傅德胜", "欧阳明", "张勇"} <= {*READER.read(text, wants_names=True).names}
    assert READER.read(text, wants_names=False).names == ()


def test_only_the_sentence_that_says_so_makes_a_number_anothers() -> None:
    text = "上次(2025)皖0302民诉前调453号的事已了，这回是新发生的争议。又报过警20260110340302000187。"
    digits = READER.read(text, wants_names=False).earlier_digits
    assert is_told_by("(2025)皖0302民诉前调453号", digits)
    assert not is_told_by("20260110340302000187", digits)
    assert not is_told_by("没有数字", digits)


def test_boilerplate_says_nothing() -> None:
    assert READER.read("无人受伤", wants_names=True) == READER.read(" ", wants_names=True)


@given(st.text(alphabet="张李0123456789.,万元年月日的是 \n。（）20", max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    clues = READER.read(text, wants_names=True)
    assert all(amount.fen > 0 for amount in clues.amounts)


def test_a_huge_text_is_read_up_to_a_bound() -> None:
    assert READER.read("空" * MAX_CHARS + "漏水", wants_names=False).topics == 0
    READER.read("0" * 200_000 + "元", wants_names=True)

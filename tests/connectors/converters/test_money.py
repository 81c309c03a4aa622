"""Amounts of money (N13): into whole fen, about or exact."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.cells import Scalar
from santiao.connectors.converters.money import WAN_YUAN, Amount, convert_money
from santiao.domain.vocabulary import FieldStatus

fens = st.integers(0, 10**12)


@pytest.mark.parametrize(
    ("cell", "fen", "approximate"),
    [
        ("￥36,500.00", 3_650_000, False),
        ("约20万", 20_000_000, True),
        ("3.65万元", 3_650_000, False),
        ("49000左右", 4_900_000, True),
        ("12600.00", 1_260_000, False),
        ("¥ 36，500", 3_650_000, False),
        ("１２６００", 1_260_000, False),
        ("0", 0, False),
        ("1万2", 1_200_000, False),
        ("3万5千元", 3_500_000, False),
        ("叁万陆仟伍佰元整", 3_650_000, False),
        ("一万二千元", 1_200_000, False),
        ("12元5角", 1_250, False),
        ("20余万元", 20_000_000, True),
        ("人民币50000元", 5_000_000, False),
        ("合计：99,700元", 9_970_000, False),
        ("1.5亿", 15_000_000_000, False),
        ("近3万", 3_000_000, True),
        (36500.0, 3_650_000, False),
        (36500, 3_650_000, False),
        ("叁仟元伍角", 300_050, False),
    ],
)
def test_an_amount_is_read(cell: Scalar, fen: int, approximate: bool) -> None:
    read = convert_money(cell)
    assert (read.value, read.status) == (Amount(fen, approximate), FieldStatus.OK)


def test_the_headings_unit_counts_unless_the_cell_names_its_own() -> None:
    assert convert_money("3.65", unit_fen=WAN_YUAN).value == Amount(3_650_000)
    assert convert_money(3.65, unit_fen=WAN_YUAN).value == Amount(3_650_000)
    assert convert_money("36500元", unit_fen=WAN_YUAN).value == Amount(3_650_000)
    assert convert_money("3.65万", unit_fen=WAN_YUAN).value == Amount(3_650_000)


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        ("-100", "negative"),
        ("（100）", "negative"),
        ("2-3万", "range"),
        ("100美元", "foreign_currency"),
        ("$100", "foreign_currency"),
        ("详谈", "not_an_amount"),
        ("万", "not_an_amount"),
        ("5千3万", "not_an_amount"),
        ("99999999999999亿", "too_large"),
        ("1" * 90, "not_an_amount"),
        ("1.2.3", "not_an_amount"),
        ("三五万元", "not_an_amount"),
    ],
)
def test_what_is_no_amount_is_said(cell: str, note: str) -> None:
    read = convert_money(cell)
    assert (read.value, read.status, read.notes) == (None, FieldStatus.INVALID, (note,))


@pytest.mark.parametrize("cell", ["", None, "无", "/", "不详", "-"])
def test_markers_are_null(cell: str | None) -> None:
    assert convert_money(cell).status is FieldStatus.NULL_MARKER


def test_less_than_a_fen_is_rounded_and_said() -> None:
    assert convert_money("1.235").value == Amount(124)
    assert convert_money("1.235").notes == ("rounded",)


@given(fens)
def test_every_amount_survives_every_form(fen: int) -> None:
    yuan = Decimal(fen) / 100
    for cell in (
        f"{yuan}",
        f"{yuan:.2f}",
        f"￥{yuan:,.2f}",
        f"{yuan}元",
        f"{yuan:,.2f}元整",
        f"{Decimal(fen) / WAN_YUAN:f}万元",
    ):
        assert convert_money(cell).value == Amount(fen), cell
    assert convert_money(f"约{yuan}元").value == Amount(fen, approximate=True)
    assert convert_money(f"{yuan}元左右").value == Amount(fen, approximate=True)


@given(st.text(alphabet="0123456789.,万千百元角分约左右￥- 一二三十整至亿", max_size=30))
def test_no_cell_makes_it_fail_and_no_amount_is_negative(cell: str) -> None:
    read = convert_money(cell)
    assert (read.value is not None) == (read.status is FieldStatus.OK)
    assert read.value is None or read.value.fen >= 0

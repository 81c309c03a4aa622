"""Telephones (N15): splitting, area codes, extensions, masks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.phone import convert_phones, find_phones, mask_agrees, read_phone
from santiao.domain.records import Phone
from santiao.domain.vocabulary import FieldStatus, PhoneKind

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
area_codes = st.sampled_from(["010", "021", "0552", "0311", "0991", "025"])


@st.composite
def landlines(draw: st.DrawFn) -> tuple[str, str]:
    area = draw(area_codes)
    return area, draw(st.from_regex("[2-8][0-9]{7}" if len(area) == 3 else "[2-8][0-9]{6}", fullmatch=True))


def phones(cell: str, area_code: str = "0552") -> list[tuple[str | None, str | None]]:
    return [(each.number, each.extension) for each in convert_phones(cell, area_code=area_code).value or ()]


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("0552-3051234-8012", [("05523051234", "8012")]),
        ("552-3051234转8012", [("05523051234", "8012")]),
        ("3051234", [("05523051234", None)]),
        ("5523046327", [("05523046327", None)]),
        ("(0552)3051234", [("05523051234", None)]),
        ("0552 3051234", [("05523051234", None)]),
        ("3051234-8012", [("05523051234", "8012")]),
        ("0552-3051234分机8012", [("05523051234", "8012")]),
        ("+86 138 0000 0011", [("13800000011", None)]),
        ("8613800000011", [("13800000011", None)]),
        ("１３８００００００１１", [("13800000011", None)]),
        ("138-0000-0011", [("13800000011", None)]),
        ("013800000011", [("13800000011", None)]),
        ("张三13800000011", [("13800000011", None)]),
        ("13800000011（张三）", [("13800000011", None)]),
        ("13800007297、0552-3067788", [("13800007297", None), ("05523067788", None)]),
        ("13800000011/无", [("13800000011", None)]),
        ("13800000011 13900000022", [("13800000011", None), ("13900000022", None)]),
        ("13800000011/13800000011", [("13800000011", None)]),
        ("400-123-4567", [("4001234567", None)]),
        ("12345", [("12345", None)]),
        ("010-62345678", [("01062345678", None)]),
        ("1062345678", [("01062345678", None)]),
        ("电话：0552-3051234", [("05523051234", None)]),
    ],
)
def test_a_cell_is_read(cell: str, read: list[tuple[str, str | None]]) -> None:
    assert phones(cell) == read


@given(mobiles)
def test_a_mobile_is_read_in_every_writing(number: str) -> None:
    for writing in (
        number,
        f"{number[:3]} {number[3:7]} {number[7:]}",
        f"+86-{number}",
        f"0086{number}",
        f"0{number}",
        f" {number}\u3000",
    ):
        assert phones(writing) == [(number, None)]


@given(landlines(), st.from_regex("[0-9]{2,5}", fullmatch=True))
def test_a_landline_is_read_in_every_writing(line: tuple[str, str], extension: str) -> None:
    area, local = line
    for writing in (
        f"{area}-{local}",
        f"{area}{local}",
        f"（{area}）{local}",
        f"{area} {local}",
        f"{area[1:]}-{local}",
    ):
        assert phones(writing) == [(area + local, None)]
    for writing in (
        f"{area}-{local}-{extension}",
        f"{area}{local}转{extension}",
        f"{area[1:]}-{local}转{extension}",
        f"{area}-{local}#{extension}",
    ):
        assert phones(writing) == [(area + local, extension)]


@given(landlines())
def test_a_stripped_zero_is_put_back(line: tuple[str, str]) -> None:
    area, local = line
    read = convert_phones((area + local).lstrip("0"), area_code="0552")
    assert read.value is not None
    assert read.value[0].number == area + local
    assert read.notes == ("leading_zero_restored",)


@given(
    st.lists(mobiles, min_size=1, max_size=6, unique=True),
    st.sampled_from(["/", "、", "；", ",", "，", "|", "\n", " 或 "]),
)
def test_several_numbers_are_told_apart_in_order(numbers: list[str], separator: str) -> None:
    assert [number for number, _ in phones(separator.join(numbers))] == numbers


def test_a_local_number_takes_the_columns_area_code_or_says_that_it_has_none() -> None:
    assert convert_phones("3051234", area_code="0552").notes == ("area_code_assumed",)
    unknown = convert_phones("3051234")
    assert unknown.value == (Phone("3051234", "3051234", None, PhoneKind.LANDLINE),)
    assert unknown.notes == ("area_unknown",)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("138****0011", "138****0011"),
        ("138xxxx0011", "138****0011"),
        ("138＊＊＊＊0011", "138****0011"),
        ("138*****011", "138*****011"),
    ],
)
def test_a_masked_mobile_keeps_what_was_left(cell: str, number: str) -> None:
    read = convert_phones(cell)
    assert read.value is not None
    assert (read.value[0].number, read.value[0].masked, read.value[0].kind) == (number, True, PhoneKind.MOBILE)


@given(mobiles, mobiles)
def test_a_mask_agrees_with_the_number_behind_it(number: str, other: str) -> None:
    masked = f"{number[:3]}****{number[7:]}"
    assert mask_agrees(masked, number)
    assert mask_agrees(masked, other) == (other[:3] == number[:3] and other[7:] == number[7:])
    assert not mask_agrees(masked, "05523051234"[:10])


@pytest.mark.parametrize("cell", ["", None, "无", "不详", "0", "-", "/", "同上", "无/不详"])
def test_markers_are_null(cell: str | None) -> None:
    assert convert_phones(cell).status is FieldStatus.NULL_MARKER


@pytest.mark.parametrize("cell", ["12345678901234", "021-12345678", "abc", "11111111111", "1380000001"])
def test_what_is_no_number_is_invalid(cell: str) -> None:
    read = convert_phones(cell, area_code="0552")
    assert (read.value, read.status) == (None, FieldStatus.INVALID)


def test_a_cell_beyond_its_bounds_is_not_taken_apart() -> None:
    assert convert_phones("13800000011、" * 100).notes == ("too_long",)


def test_an_unread_piece_beside_a_number_is_said() -> None:
    assert convert_phones("13800000011/微信同号").notes == ("unread_piece",)


def test_numbers_in_free_text_are_found_where_they_stand() -> None:
    text = "身份证340398198503151238，手机13600005204，座机0552-3051234，单号BB2603100077，１３８００００００１１。"
    found = find_phones(text)
    assert [phone.number for phone, _ in found] == ["13600005204", "05523051234", "13800000011"]
    assert text[slice(*found[1][1])] == "0552-3051234"


@given(st.text(alphabet="0123456789*-—转/、 ()+无x#０１分机或", max_size=60))
def test_no_cell_makes_it_fail_and_every_number_is_digits(cell: str) -> None:
    read = convert_phones(cell, area_code="0552")
    for phone in read.value or ():
        assert set(phone.number or "") <= set("0123456789*")
        assert phone.masked == ("*" in (phone.number or ""))
    read_phone(cell)

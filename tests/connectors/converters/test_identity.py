"""Resident identity numbers (N13, N14): validity, damage, several in a cell, and what a number tells."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.identity import (
    age_at,
    birth_date,
    check_character,
    convert_identities,
    convert_identity,
    find_identities,
    is_test_person,
    is_valid_number,
    kind_of,
    read_identities,
    region_hint,
    sex_of,
    stem_of,
    widen,
)
from santiao.domain.vocabulary import FieldStatus, IdentityKind

VALID = [
    "340398198503151238",
    "340398197608204565",
    "340398199201010020",
    "340398196505051311",
    "340398198802290078",
    "34039819830412005X",
    "340398201307010088",
]

births = st.dates(date(1900, 1, 1), date(2099, 12, 31))
sequences = st.integers(1, 999).map("{:03}".format)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Numbers of invented persons: the unassigned division, any birth, any sequence."""
    body = f"340398{draw(births):%Y%m%d}{draw(sequences)}"
    return body + check_character(body)


@pytest.mark.parametrize("number", VALID)
def test_a_valid_number_is_itself(number: str) -> None:
    read = convert_identity(number)
    assert (read.value, read.status, read.notes) == (number, FieldStatus.OK, ())
    assert is_test_person(number)
    assert region_hint(number) == "340398"


def test_the_number_tells_birth_sex_and_age() -> None:
    assert birth_date("340398198802290078") == date(1988, 2, 29)
    assert sex_of("340398196505051311") == "1"
    assert sex_of("340398197608204565") == "2"
    assert age_at(date(2013, 7, 1), date(2026, 6, 30)) == 12
    assert age_at(date(2013, 7, 1), date(2026, 7, 1)) == 13
    assert age_at(date(1988, 2, 29), date(2026, 2, 28)) == 37
    assert age_at(date(1988, 2, 29), date(2026, 3, 1)) == 38


@given(numbers())
def test_every_number_made_by_the_rule_is_valid_in_any_writing(number: str) -> None:
    wide = number.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    spaced = f"{number[:6]} {number[6:14]} {number[14:]}"
    for writing in (number, number.lower(), wide, spaced, f"'{number}", f"身份证：{number}", f"{number}\u3000"):
        assert convert_identity(writing).value == number
    assert is_valid_number(number)


@given(numbers(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_is_noticed(number: str, place: int, char: str) -> None:
    wrong = number[:place] + char + number[place + 1 :]
    if wrong == number or (char == "X" and place < 17):
        return
    assert convert_identity(wrong).value is None


@given(numbers(), st.integers(0, 16))
def test_two_neighbours_changed_over_are_noticed(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number and "X" not in swapped[:17]:
        assert convert_identity(swapped).value is None


@given(st.dates(date(1900, 1, 1), date(1999, 12, 31)), sequences)
def test_fifteen_digits_are_widened_for_comparing(born: date, sequence: str) -> None:
    old = f"340398{born:%y%m%d}{sequence}"
    read = convert_identity(old)
    assert read.value == widen(old)
    assert is_valid_number(read.value or "")
    assert birth_date(read.value or "") == born
    assert "widened_from_15" in read.notes


def test_the_known_old_number_and_the_centenarians_mark() -> None:
    assert convert_identity("340398650505131").value == "340398196505051311"
    assert "centenarian_sequence" in convert_identity("340398650505996").notes


@pytest.mark.parametrize("cell", ["3.40398E+17", "3.40398198503151E+17", "3.4e17", 3.4039819850315123e17])
def test_scientific_notation_is_damage(cell: str | float) -> None:
    read = convert_identity(cell)
    assert (read.value, read.status, read.notes) == (None, FieldStatus.DAMAGED, ("scientific_notation",))


@given(numbers())
def test_zeroed_digits_are_damage_and_never_repaired(number: str) -> None:
    zeroed = number[:15] + "000"
    read = convert_identity(zeroed)
    assert read.status is (FieldStatus.OK if check_character(zeroed[:17]) == "0" else FieldStatus.DAMAGED)
    from_sheet = convert_identity(zeroed, from_sheet=True)
    assert (from_sheet.value, from_sheet.status) == (None, FieldStatus.DAMAGED)
    assert stem_of(zeroed) == stem_of(number) == number[:15]


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        ("340398198503151239", "wrong_check"),
        ("34039819850230123" + check_character("34039819850230123"), "impossible_birth"),
        ("3403981985031512", "wrong_length"),
        ("340398********1238", "masked"),
        ("340398851332123", "impossible_birth"),
    ],
)
def test_what_is_wrong_is_said(cell: str, note: str) -> None:
    read = convert_identity(cell)
    assert (read.value, read.status, read.notes) == (None, FieldStatus.INVALID, (note,))


@pytest.mark.parametrize(
    "cell", ["", None, "无", "/", "0", "000000000000000000", "详见附件", "null", "00000000000000000０"]
)
def test_markers_are_null(cell: str | None) -> None:
    assert convert_identity(cell).status is FieldStatus.NULL_MARKER
    assert convert_identities(cell) == ()


@given(st.lists(numbers(), min_size=2, max_size=8), st.sampled_from(["；", "、", ",", ";", "/", "\n", " ", "  "]))
def test_a_cell_may_hold_several_persons_numbers(written: list[str], separator: str) -> None:
    assert [each.value for each in convert_identities(separator.join(written))] == written


def test_one_damaged_number_among_several_stays_in_its_place() -> None:
    read = read_identities(f"{VALID[0]}；340398198503151239；无；{VALID[1]}")
    assert [(each.value, each.status) for each in read] == [
        (VALID[0], FieldStatus.OK),
        (None, FieldStatus.INVALID),
        (VALID[1], FieldStatus.OK),
    ]
    assert read[1].raw == "340398198503151239"


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [("810000", IdentityKind.RESIDENT), ("830000", IdentityKind.RESIDENT), ("911156", IdentityKind.OTHER)],
)
def test_permits_and_the_foreigners_card_follow_the_same_check(prefix: str, kind: IdentityKind) -> None:
    body = f"{prefix}19850315123"
    number = body + check_character(body)
    assert convert_identity(number).value == number
    assert kind_of(number) is kind


def test_an_abolished_division_is_no_fault() -> None:
    body = "34260119850315123"
    assert convert_identity(body + check_character(body)).status is FieldStatus.OK


def test_numbers_in_free_text_are_found_where_they_stand() -> None:
    text = f"被反映人：某某，身份证{VALID[0]}，手机13800000011；另有证号340398650505131。"
    found = find_identities(text)
    assert [number for number, _ in found] == [VALID[0], "340398196505051311"]
    assert [text[start:end] for _, (start, end) in found] == [VALID[0], "340398650505131"]


def test_another_agencys_number_is_no_persons() -> None:
    body = "34030220260313002"
    county_number = body + check_character(body)
    assert find_identities(f"信访编号{county_number}") == ()
    assert find_identities("警情20260312340302000187，单号BB2603100077") == ()
    whole_city = "34030020260313002"
    assert find_identities(f"见{whole_city}{check_character(whole_city)}") == ()
    assert find_identities("流水340398650505131") == ()


@given(st.text(alphabet="0123456789Xx '；、/３Ｘ.eE+-*无身份证", max_size=60))
def test_no_cell_makes_it_fail_and_every_value_is_valid(cell: str) -> None:
    for each in (convert_identity(cell), *convert_identities(cell)):
        assert each.value is None or is_valid_number(each.value)
        assert (each.value is not None) == (each.status is FieldStatus.OK)

"""Organisation codes (N13): credit codes, older organisation codes, registration numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.identity import check_character
from santiao.connectors.converters.uscc import (
    convert_uscc,
    credit_check,
    find_credit_codes,
    is_valid_credit_code,
    organisation_check,
    read_organisation_identity,
    registration_check_holds,
)
from santiao.domain.vocabulary import FieldStatus, IdentityKind

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
inner_bodies = st.text(ALPHABET, min_size=8, max_size=8).filter(lambda body: body.strip("0"))


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    """Codes of invented firms, right inside and out."""
    body = draw(inner_bodies)
    first = f"91340398{body}{organisation_check(body)}"
    return first + str(credit_check(first))


@pytest.mark.parametrize(
    "code",
    ["91110000600037341L", "91340398MA0TE0T00W", "91340398MA0TE0T010", "11340398MB0TE0T02D", "52340398MJ0TE0T03P"],
)
def test_known_codes_are_valid(code: str) -> None:
    read = convert_uscc(code)
    assert read.value is not None
    assert (read.value.code, read.value.kind, read.status) == (code, IdentityKind.USCC, FieldStatus.OK)


def test_the_code_inside_is_given_only_when_its_own_check_holds() -> None:
    whole = convert_uscc("91110000600037341L").value
    assert whole is not None
    assert whole.organisation_code == "600037341"
    read = convert_uscc("91340398MA0TE0T00W")
    assert read.value is not None
    assert read.value.organisation_code is None
    assert read.notes == ("inner_check_mismatch",)


@given(credit_codes())
def test_old_and_new_forms_meet_in_the_organisation_code(code: str) -> None:
    inner = code[8:17]
    new = convert_uscc(code).value
    old = convert_uscc(f"{inner[:8]}-{inner[8]}").value
    assert new is not None
    assert old is not None
    assert new.organisation_code == old.organisation_code == old.code == inner
    assert old.kind is IdentityKind.ORG_CODE


@given(credit_codes())
def test_every_writing_of_a_code_is_read(code: str) -> None:
    wide = code.translate({char: char + 0xFEE0 for char in range(0x21, 0x7F)})
    for writing in (code, code.lower(), wide, f" {code} ", f"{code[:8]}-{code[8:]}", f"'{code}"):
        read = convert_uscc(writing).value
        assert read is not None
        assert read.code == code


@given(credit_codes())
def test_letters_the_standard_never_uses_are_read_as_digits_when_the_check_holds(code: str) -> None:
    mistyped = code.replace("0", "O").replace("1", "I")
    read = convert_uscc(mistyped)
    assert read.value is not None
    assert read.value.code == code
    assert ("lookalike_letters" in read.notes) == (mistyped != code)


@given(credit_codes(), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(code: str, place: int, char: str) -> None:
    wrong = code[:place] + char + code[place + 1 :]
    assert is_valid_credit_code(wrong) == (wrong == code)


@pytest.mark.parametrize("cell", ["", None, "无", "/", "0", "000000000000000000", "不详"])
def test_markers_are_null(cell: str | None) -> None:
    assert convert_uscc(cell).status is FieldStatus.NULL_MARKER
    assert read_organisation_identity(cell) is None


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        ("91340398MA0TE0T00X", "wrong_check"),
        ("12345678-0", "wrong_check"),
        ("某公司", "wrong_form"),
        ("123", "wrong_form"),
    ],
)
def test_what_is_wrong_is_said(cell: str, note: str) -> None:
    read = convert_uscc(cell)
    assert (read.value, read.status, read.notes) == (None, FieldStatus.INVALID, (note,))
    kept = read_organisation_identity(cell)
    assert kept is not None
    assert (kept.raw, kept.value, kept.status) == (cell, None, FieldStatus.INVALID)


def test_a_persons_number_is_no_organisations() -> None:
    for sequence in range(100, 200):
        body = f"34039819850315{sequence}"
        number = body + check_character(body)
        if not is_valid_credit_code(number):
            assert convert_uscc(number).notes == ("resident_number",)
            assert find_credit_codes(f"代码{number}") == ()


def test_registration_numbers_carry_their_own_check() -> None:
    read = convert_uscc("110108000000016").value
    assert read is not None
    assert (read.kind, read.organisation_code) == (IdentityKind.OTHER, None)
    assert sum(registration_check_holds(f"11010800000001{digit}") for digit in range(10)) == 1


def test_codes_in_free_text_are_found_where_they_stand() -> None:
    text = "被反映单位：某公司（统一社会信用代码９１340398MA0TE0T00W）。"
    ((code, (start, end)),) = find_credit_codes(text)
    assert code == "91340398MA0TE0T00W"
    assert text[start:end] == "９１340398MA0TE0T00W"


def test_digits_only_are_a_code_in_text_when_introduced_as_one() -> None:
    body = "1134039800000001"
    code = next(
        f"{body}{last}{credit_check(body + str(last))}"
        for last in range(10)
        if str(credit_check(body + str(last))).isdigit()
    )
    assert find_credit_codes(f"统一社会信用代码：{code}")[0][0] == code
    assert find_credit_codes(f"信访编号{code}") == ()


@given(st.text(alphabet="0123456789ABOIX-９Ａ 无/'", max_size=30))
def test_no_cell_makes_it_fail(cell: str) -> None:
    read = convert_uscc(cell)
    assert (read.value is not None) == (read.status is FieldStatus.OK)

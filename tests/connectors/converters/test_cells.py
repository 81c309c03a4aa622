"""Cells before conversion: text of scalars, folding of identifiers, cells with several values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.cells import MAX_PIECES, Scalar, as_text, fold, narrow, split_cell


@pytest.mark.parametrize(
    ("cell", "text"),
    [(None, None), ("a", "a"), (9182, "9182"), (46093.0, "46093"), (12.5, "12.5"), (3.40398e17, "3.40398e+17")],
)
def test_a_number_is_written_as_it_was_meant(cell: Scalar, text: str | None) -> None:
    assert as_text(cell) == text


def test_folding_makes_identifiers_half_width_and_drops_every_blank() -> None:
    assert fold(" ３４０３９８　１９８５\u200b０３Ｘ ") == "3403981985" + "03X"


@given(st.text())
def test_narrowing_keeps_every_character_in_its_place(text: str) -> None:
    assert len(narrow(text)) == len(text)


def test_null_markers_keep_the_place_of_what_stands_beside_them() -> None:
    assert split_cell("13800000011/无") == ("13800000011", "无")
    assert split_cell("梁杰、宋广才；\n王五") == ("梁杰", "宋广才", "王五")


@given(st.text(alphabet="甲、,;/ \n|", max_size=3000))
def test_a_cell_is_taken_into_a_bounded_number_of_pieces(text: str) -> None:
    pieces = split_cell(text)
    assert len(pieces) <= MAX_PIECES
    assert all(piece and piece == piece.strip() for piece in pieces)

"""The content hash: the same for the same row in any form, another for another row."""

from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.contract import Cell
from santiao.connectors.hashing import content_hash

ROW: dict[str, Cell] = {"key": "1", "text": "楼上漏水", "count": 3, "flag": "0"}


def test_padding_order_and_empty_cells_do_not_count() -> None:
    padded: dict[str, Cell] = {
        "flag": "0 ",
        "count": "3",
        "text": "楼上漏水  ",
        "key": "1",
        "more": None,
        "blank": "  ",
    }
    assert content_hash(padded, frozenset()) == content_hash(ROW, frozenset())


def test_a_volatile_cell_does_not_count() -> None:
    assert content_hash({**ROW, "flag": "1"}, frozenset({"flag"})) == content_hash(ROW, frozenset({"flag"}))


def test_a_cell_cut_inside_a_character_hashes_as_a_driver_gives_it() -> None:
    cut = "楼上漏水".encode("gb18030")[:-1]
    from_file = content_hash({"text": cut}, frozenset(), "gb18030")
    assert from_file == content_hash({"text": "楼上漏"}, frozenset()) == content_hash({"text": "楼上漏�"}, frozenset())


texts = st.text(
    st.characters(codec="gb18030", exclude_characters=" \t\r\n\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0�\x00"), min_size=1
)


@given(st.dictionaries(st.sampled_from("abcd"), texts, min_size=1), st.sampled_from("abcd"), texts)
def test_another_cell_is_another_hash(row: dict[str, str], name: str, told: str) -> None:
    changed = {**row, name: told}
    if {key: cell.strip() for key, cell in changed.items()} != {key: cell.strip() for key, cell in row.items()}:
        assert content_hash(changed, frozenset()) != content_hash(row, frozenset())

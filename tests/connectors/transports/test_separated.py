"""CSV out of bytes: a cut character spoils its own cell, and nothing else."""

import pytest

from santiao.connectors.transports.separated import choose_charset, read_rows


def test_rows_keep_their_first_line_and_their_bytes() -> None:
    data = '编号,内容\r\n1,"两行\n内容，含""引号"""\r\n2,末\r\n'.encode("gb18030")
    header, first, second = read_rows(data, "gb18030")
    assert (header.line, first.line, second.line) == (1, 2, 4)
    assert first.cells == ("1", '两行\n内容，含"引号"')
    assert b"".join(row.raw for row in (header, first, second)) == data


@pytest.mark.parametrize(("charset", "cut"), [("utf-8", 1), ("utf-8", 2), ("gb18030", 1)])
def test_a_cell_cut_inside_a_character_is_bytes_of_its_own(charset: str, cut: int) -> None:
    spoilt = "内容".encode(charset)[:-cut]
    data = b"1,\xb8,x".replace(b"\xb8", spoilt) + "\n2,好,张三\n".encode(charset)
    first, second = read_rows(data, charset)
    assert first.cells[1] == spoilt
    assert (first.cells[0], first.cells[2]) == ("1", "x")
    assert second.cells == ("2", "好", "张三")


def test_gb18030_characters_whose_second_byte_is_ascii_split_nothing() -> None:
    text = "丂丄亊,侊侌\n"  # second bytes 0x40 to 0x5F, none of them a comma or a quote
    (row,) = read_rows(text.encode("gb18030"), "gb18030")
    assert row.cells == ("丂丄亊", "侊侌")


def test_a_byte_order_mark_is_no_part_of_the_first_heading() -> None:
    (row,) = read_rows(b"\xef\xbb\xbf" + "编号,名".encode(), "utf-8")
    assert row.cells == ("编号", "名")


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
@pytest.mark.parametrize("count", [1, 3, 30])
def test_a_quote_never_closed_spoils_its_own_line_only(charset: str, count: int) -> None:
    broken = "".join(f'{n},"开,x\n' for n in range(count))
    data = f'a,b,c\n0,"两\n行",x\n{broken}90,乙,y\n'.encode(charset)
    rows = list(read_rows(data, charset))
    assert rows[1].cells == ("0", "两\n行", "x")
    assert rows[-1].cells == ("90", "乙", "y")
    assert b"".join(row.raw for row in rows) == data
    assert len(rows) == 3 + count or count > 1


def test_the_last_cell_cut_inside_its_quotes_is_a_row_with_what_there_is() -> None:
    *_, last = read_rows('a,b\n1,好\n2,"半'.encode(), "utf-8")
    assert last.cells == ("2", "半")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("编号,内容".encode(), "utf-8"),
        ("编号,内容".encode("gb18030"), "gb18030"),
        (b"\xef\xbb\xbf" + "编".encode(), "utf-8"),
        (("编号与内容，" * 500).encode("gb18030") + b"\xb8", "gb18030"),
        (("编号与内容，" * 500).encode() + b"\xe7\xbc", "utf-8"),
        (b"a,b\n1,2\n", "utf-8"),
    ],
)
def test_the_charset_is_what_the_bytes_say(data: bytes, expected: str) -> None:
    assert choose_charset(data, ("utf-8", "gb18030")) == expected

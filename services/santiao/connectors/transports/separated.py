"""CSV rows out of bytes: split first, decoded afterwards, cell by cell where a cell was cut inside a character.

The rule kept here: rows and cells are found in the bytes, because no byte of a multi-byte character in UTF-8 or GB18030 is a comma, a
quote or a line end; so a cut character spoils its own cell and nothing else.
"""

import csv
from collections.abc import Generator, Iterable, Iterator

import msgspec

from santiao.connectors.contract import Cell
from santiao.connectors.converters.text import codec_for
from santiao.connectors.expressions import is_empty

_BOM = b"\xef\xbb\xbf"
_OPEN_QUOTES = 20
"""Lines with a quote that is never closed, before quotes mean nothing in the rest of a document."""
csv.field_size_limit(2**31 - 1)
"""A file is within its bound before it is split; a row beyond the bound of an item is refused by itself, and the next one is read."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """One row: its first line's number, its bytes, its cells. A cell is bytes where it must be decoded by itself."""

    line: int
    raw: bytes
    cells: tuple[str | bytes, ...]


def read_rows(data: bytes, charset: str) -> Iterator[Row]:
    """Yield the rows of a CSV document in `charset`.

    A quote that is never closed is no quote: its line is a row by itself, and the next line is read.
    """
    data = data.removeprefix(_BOM)
    codec = codec_for(charset)
    lines = data.splitlines(keepends=True)
    try:
        texts, codec = [line.decode(codec) for line in lines], ""
    except UnicodeDecodeError:
        texts = [line.decode("latin-1") for line in lines]  # stands for the bytes one to one, so bytes are split
    begin = 0
    for _ in range(_OPEN_QUOTES):
        begin = yield from _read_quoted(lines, texts, codec, begin)
        if begin == len(lines):
            return
        yield _row(lines, begin, begin + 1, next(csv.reader([texts[begin]], quoting=csv.QUOTE_NONE), []), codec)
        begin += 1
    for cells in csv.reader(texts[begin:], quoting=csv.QUOTE_NONE):
        yield _row(lines, begin, begin + 1, cells, codec)
        begin += 1


def _read_quoted(lines: list[bytes], texts: list[str], codec: str, begin: int) -> Generator[Row, None, int]:
    """Rows from line `begin` on; returns the line in which a quote opens that is never closed, else their number."""
    start, reader = begin, csv.reader(texts[begin:] if begin else texts)
    for cells in reader:
        end = begin + reader.line_num
        if end == len(lines) and end > start + 1 and b"".join(lines[start:end]).count(b'"') % 2:
            return start
        yield _row(lines, start, end, cells, codec)
        start = end
    return len(lines)


def _row(lines: list[bytes], start: int, end: int, cells: list[str], codec: str) -> Row:
    raw = lines[start] if end == start + 1 else b"".join(lines[start:end])
    return Row(start + 1, raw, tuple(_decode_cell(cell, codec) for cell in cells) if codec else tuple(cells))


def _decode_cell(cell: str, codec: str) -> str | bytes:
    if cell.isascii():
        return cell
    raw = cell.encode("latin-1")
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return raw


def is_wide(data: bytes) -> bool:
    """True for UTF-16 or UTF-32 by its mark: no agency's charset, and no byte of it could be told apart."""
    return data.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"))


def named(names: tuple[str, ...], cells: Iterable[Cell]) -> dict[str, Cell]:
    """A row's cells by their columns. Of two columns of one name the first that holds something counts."""
    row = dict(zip(names, cells, strict=False))
    if len(row) == len(names):
        return row
    kept: dict[str, Cell] = {}
    for name, cell in zip(names, cells, strict=False):
        if is_empty(kept.get(name)):
            kept[name] = cell
    return kept


def choose_charset(data: bytes, charsets: tuple[str, ...]) -> str:
    """The first declared charset in which the document reads, a few spoilt characters aside.

    One character in ten may be spoilt: a cut cell must not change how the whole file is read, and a charset that reads any bytes must
    not win because of it.
    """
    if data.startswith(_BOM):
        return "utf-8"
    sample = data[:_SAMPLE]
    foreign = len(sample) - len(sample.translate(None, _FOREIGN))
    for charset in charsets:
        try:
            data.decode(codec_for(charset))
        except UnicodeDecodeError:
            if sample.decode(codec_for(charset), errors="replace").count("\ufffd") * _SPOILT_IN > foreign:
                continue
        return charset
    return charsets[0]


_SAMPLE = 256 * 1024
_FOREIGN = bytes(range(0x80, 0x100))
_SPOILT_IN = 10

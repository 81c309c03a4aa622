"""CSV rows out of bytes: split first, decoded afterwards, cell by cell where a cell was cut inside a character.

The rule kept here: rows and cells are found in the bytes, because no byte of a multi-byte character in UTF-8 or GB18030 is a comma, a
quote or a line end; so a cut character spoils its own cell and nothing else.
"""

import csv
from collections.abc import Iterator

import msgspec

from santiao.connectors.converters.text import codec_for

_BOM = b"\xef\xbb\xbf"
_MAX_CELL = 16 * 1024 * 1024
csv.field_size_limit(_MAX_CELL)


class Row(msgspec.Struct, frozen=True):
    """One row: its first line's number, its bytes, its cells. A cell is bytes where it must be decoded by itself."""

    line: int
    raw: bytes
    cells: tuple[str | bytes, ...]


def read_rows(data: bytes, charset: str) -> Iterator[Row]:
    """Yield the rows of a CSV document in `charset`.

    A quote that is never closed ends with the file; its row is the rest of the document.
    """
    data = data.removeprefix(_BOM)
    codec = codec_for(charset)
    lines = data.splitlines(keepends=True)
    try:
        yield from _read_whole(lines, [line.decode(codec) for line in lines])
    except UnicodeDecodeError:
        yield from _read_bytes(lines, codec)


def _read_whole(lines: list[bytes], texts: list[str]) -> Iterator[Row]:
    start, reader = 0, csv.reader(texts)
    for cells in reader:
        end = reader.line_num
        yield Row(start + 1, lines[start] if end == start + 1 else b"".join(lines[start:end]), tuple(cells))
        start = end


def _read_bytes(lines: list[bytes], codec: str) -> Iterator[Row]:
    """Latin-1 stands for the bytes one to one, so the reader splits bytes and every cell gives its own back."""
    start, reader = 0, csv.reader(line.decode("latin-1") for line in lines)
    for cells in reader:
        end = reader.line_num
        yield Row(start + 1, b"".join(lines[start:end]), tuple(_decode_cell(cell, codec) for cell in cells))
        start = end


def _decode_cell(cell: str, codec: str) -> str | bytes:
    if cell.isascii():
        return cell
    raw = cell.encode("latin-1")
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return raw


def choose_charset(data: bytes, charsets: tuple[str, ...]) -> str:
    """The first declared charset in which the document reads; where it reads in none, the first in which nearly all of it does.

    One character in a thousand may be spoilt: a cut cell must not change how the whole file is read.
    """
    if data.startswith(_BOM):
        return "utf-8"
    for charset in charsets:
        try:
            data.decode(codec_for(charset))
        except UnicodeDecodeError:
            continue
        return charset
    sample = data[:_SAMPLE]
    for charset in charsets:
        if sample.decode(codec_for(charset), errors="replace").count("\ufffd") * 1000 <= len(sample):
            return charset
    return charsets[0]


_SAMPLE = 256 * 1024

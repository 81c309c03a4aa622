"""A picture with a palette shows what the picture showed."""

import struct
import zlib

import pytest

from tools.palette import SIGNATURE, shrink


def png(rows: list[bytes], width: int, kind: int) -> bytes:
    """A PNG of filtered rows."""
    header = struct.pack(">IIBBBBB", width, len(rows), 8, kind, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )


def shown(picture: bytes, width: int) -> list[list[tuple[int, ...]]]:
    """The colours of a picture with a palette and unfiltered rows."""
    chunks, place = {}, len(SIGNATURE)
    while place < len(picture):
        (length,) = struct.unpack(">I", picture[place : place + 4])
        data = picture[place + 8 : place + 8 + length]
        assert (
            zlib.crc32(picture[place + 4 : place + 8] + data)
            == struct.unpack(">I", picture[place + 8 + length :][:4])[0]
        )
        chunks[picture[place + 4 : place + 8]] = data
        place += 12 + length
    data, palette = zlib.decompress(chunks[b"IDAT"]), chunks[b"PLTE"]
    rows = [data[start + 1 : start + 1 + width] for start in range(0, len(data), width + 1)]
    return [[tuple(palette[3 * place : 3 * place + 3]) for place in row] for row in rows]


def test_every_filter_is_taken_off() -> None:
    white, red, black = (255, 255, 255), (255, 0, 0), (0, 0, 0)
    rows = [
        bytes([0, *white, *red, *black]),
        bytes([1, *white, 0, 1, 1, 1, 0, 0]),  # each less the one to its left
        bytes([2, 0, 0, 0, 0, 0, 0, 0, 0, 0]),  # as the row above
        bytes([3, 128, 128, 128, 0, 129, 129, 129, 0, 0]),  # less the mean of left and above
        bytes([4, 0, 0, 0, 0, 0, 0, 0, 0, 0]),  # less the nearest of left, above and corner
    ]
    assert shown(shrink(png(rows, 3, 2)), 3) == [[white, red, black]] * 5


def test_what_is_transparent_is_shown_as_its_colour() -> None:
    assert shown(shrink(png([bytes([0, 255, 0, 0, 255, 0, 0, 255, 9])], 2, 6)), 2) == [[(255, 0, 0), (0, 0, 255)]]


def test_rare_shades_become_their_nearest_neighbours() -> None:
    many = [bytes([0, *(value for red in range(0, 256, 8) for value in (red, green, 0))]) for green in range(0, 256, 8)]
    exact = [[(red | red >> 5, green | green >> 5, 0) for red in range(0, 256, 8)] for green in range(0, 256, 8)]
    for row, wanted in zip(shown(shrink(png(many, 32, 2)), 32), exact, strict=True):
        for colour, original in zip(row, wanted, strict=True):
            assert sum(abs(a - b) for a, b in zip(colour, original, strict=True)) <= 255


def test_what_no_browser_writes_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="8 bits"):
        shrink(png([b"\0\0"], 1, 3))

"""Makes a screenshot's PNG small: 256 colours instead of sixteen million, which pages of text and badges can spare.

Kept here: plain Python, so that taking the pictures anew needs no imaging library. Reads what a browser writes: 8 bits a channel, RGB or
RGBA, not interlaced.
"""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {2: 3, 6: 4}
Colour = tuple[int, int, int]


def shrink(picture: bytes) -> bytes:
    """The same picture with a palette. Raises ValueError where it is no PNG as browsers write them."""
    width, height, depth, kind = struct.unpack(">IIBB", picture[16:26])
    if not picture.startswith(SIGNATURE) or depth != 8 or kind not in _CHANNELS:
        raise ValueError("not a PNG of 8 bits a channel in RGB or RGBA")
    size = _CHANNELS[kind]
    packed = b"".join(data for name, data in _chunks(picture) if name == b"IDAT")
    rows = list(_rows(zlib.decompress(packed), width * size, size))
    colours = [[_round(row[at : at + 3]) for at in range(0, len(row), size)] for row in rows]
    counts = Counter(colour for row in colours for colour in row)
    palette = [colour for colour, _ in counts.most_common(256)]
    places = {colour: _nearest(colour, palette) for colour in counts}
    indexed = b"".join(b"\0" + bytes(places[colour] for colour in row) for row in colours)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", bytes(value for colour in palette for value in colour)),
        (b"IDAT", zlib.compress(indexed, 9)),
        (b"IEND", b""),
    )
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(SIGNATURE)
    while place < len(picture):
        (length,) = struct.unpack(">I", picture[place : place + 4])
        yield picture[place + 4 : place + 8], picture[place + 8 : place + 8 + length]
        place += 12 + length


def _rows(data: bytes, width: int, size: int) -> Iterator[bytearray]:
    """Take the rows' filters off (PNG specification, 9.2)."""
    above = bytearray(width)
    for start in range(0, len(data), width + 1):
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + width])
        for at in range(width) if kind else ():
            left = row[at - size] if at >= size else 0
            corner = above[at - size] if at >= size else 0
            guess = (0, left, above[at], (left + above[at]) // 2, _paeth(left, above[at], corner))[kind]
            row[at] = (row[at] + guess) & 0xFF
        yield row
        above = row


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


def _round(pixel: bytearray) -> Colour:
    """To five bits a channel, so that shades nobody tells apart are one."""
    red, green, blue = ((value & 0xF8) | (value >> 5) for value in pixel)
    return red, green, blue


def _nearest(colour: Colour, palette: list[Colour]) -> int:
    return min(
        range(len(palette)), key=lambda place: sum((a - b) ** 2 for a, b in zip(colour, palette[place], strict=True))
    )

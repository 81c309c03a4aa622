"""Case files (卷宗) as bytes: MessagePack, and past four kilobytes packed, because every step about a case writes its file again.

A case of the most sources there may be has a clock for each of them, alike but for a few bytes; packed it stays well within the 16 KiB
that a case file may take.
"""

import zlib

import msgspec

from santiao.domain.files import CaseFile

_PACK_FROM = 4096
_PACKED = b"x"
"""What zlib's bytes begin with; no MessagePack map does."""
_SIZE_MAX = 1 << 24
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(CaseFile).decode


def encode_case(case: CaseFile) -> bytes:
    """A case file's bytes."""
    data = _encode(case)
    return data if len(data) < _PACK_FROM else zlib.compress(data, 1)


def decode_case(data: bytes) -> CaseFile:
    """The case file of such bytes."""
    if data[:1] == _PACKED:
        data = zlib.decompressobj().decompress(data, _SIZE_MAX)
    return _decode(data)

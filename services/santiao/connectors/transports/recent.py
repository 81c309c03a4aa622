"""What a feed has given within its overlap, so that a row that is only read again is no item.

The rule kept here: forgetting is safe, remembering wrongly is not. When more was seen than the bound allows, the oldest is
forgotten; its rows come as items once more and the hub answers that they are repeats. A row is remembered by a digest of its
content, never by the content.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator

DEFAULT_LIMIT = 2000
_DIGEST_BYTES = 9


def digest_of(*parts: bytes) -> str:
    """Twelve characters that stand for one version of one row; 72 bits, so that a chance match is out of reach."""
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES, person=b"recent")
    for part in parts:
        digest.update(len(part).to_bytes(4, "big"))
        digest.update(part)
    return urlsafe_b64encode(digest.digest()).decode()


class Recent:
    """The versions given lately, each with its moment: a sortable text, or "" where its time cannot be read.

    A version without a moment is kept while complete polls still meet it, a dated one until the overlap has passed it.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self._limit = limit
        self._moments: dict[str, str] = {}
        self._met: set[str] = set()

    @classmethod
    def decode(cls, text: str, limit: int = DEFAULT_LIMIT) -> "Recent":
        """Read what `encode` wrote."""
        recent = cls(limit)
        for group in filter(None, text.split(";")):
            moment, _, digests = group.partition("=")
            recent._moments.update(dict.fromkeys(digests.split(","), moment))
        return recent

    def encode(self) -> str:
        """Text for the watermark: `moment=digest,digest;moment=digest`, in order, at most `limit` digests."""
        self._shorten()
        groups: dict[str, list[str]] = {}
        for digest, moment in self._moments.items():
            groups.setdefault(moment, []).append(digest)
        return ";".join(f"{moment}={','.join(sorted(groups[moment]))}" for moment in sorted(groups))

    def admit(self, moment: str, digest: str) -> bool:
        """True when this version was not given before; it is remembered from now on."""
        if not moment:
            self._met.add(digest)
        is_new = digest not in self._moments
        self._moments[digest] = moment
        return is_new

    def forget_before(self, moment: str) -> None:
        """Forget dated versions that no later poll reads again."""
        self._moments = {digest: at for digest, at in self._moments.items() if not at or at >= moment}

    def end_poll(self) -> None:
        """Forget undated versions that a poll, now complete, did not meet: their rows changed or went."""
        self._moments = {digest: at for digest, at in self._moments.items() if at or digest in self._met}
        self._met = set()

    def __len__(self) -> int:
        return len(self._moments)

    def __iter__(self) -> Iterator[str]:
        return iter(self._moments)

    def _shorten(self) -> None:
        excess = len(self._moments) - self._limit
        if excess > 0:
            oldest = sorted(self._moments.items(), key=lambda entry: (not entry[1], entry[1]))[:excess]
            for digest, _ in oldest:
                del self._moments[digest]

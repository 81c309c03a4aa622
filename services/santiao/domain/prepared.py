"""A record made ready for deciding: sealed, blinded, its gates and risks found. What `advance` takes; no plain person in it."""

import zlib

import msgspec

from santiao.domain.events.sources import SourceFacts, Version
from santiao.domain.ids import SourceId
from santiao.domain.links.profile import Profile, combine
from santiao.domain.vocabulary import Op


class PreparedRecord(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A version of a part of a source.

    `profile` is the part's blind comparison profile, None where the record tells nothing to compare. `others` are the source ids a
    MERGE or SPLIT names. `is_informers` when the content is informer's material (检举控告) learned of by its text.
    """

    source_id: SourceId
    connector: str
    key: str
    key_base: str = ""
    key_rank: str = ""
    key_qualifier: str = ""
    part: str = ""
    op: Op = Op.UPSERT
    aliases: tuple[str, ...] = ()
    at: Version
    facts: SourceFacts
    profile: Profile | None = None
    others: tuple[str, ...] = ()
    reason: str = ""


class SourceProfile(msgspec.Struct, frozen=True, gc=False):
    """A source's comparison profile, kept part by part, so that a corrected part can take the place of the one before."""

    parts: dict[str, Profile] = {}

    def whole(self) -> Profile:
        """The union over the standing parts."""
        if len(self.parts) == 1:
            return next(iter(self.parts.values()))
        return combine(*(self.parts[part] for part in sorted(self.parts)))


_SLOTS_PER_PART = 32


def first_slot(part: str) -> int:
    """Where the party slots of a part begin, so that those of different parts stand apart; small enough for the index."""
    return 0 if part == "" else _SLOTS_PER_PART * (1 + zlib.crc32(part.encode()) % 1000)

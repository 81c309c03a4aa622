"""A record made ready for deciding: sealed, blinded, its gates and risks found. What `advance` takes; no plain person in it."""

import msgspec

from santiao.domain.events.sources import SourceFacts, Version
from santiao.domain.ids import SourceId
from santiao.domain.links.profile import Profile
from santiao.domain.vocabulary import Op


class PreparedRecord(msgspec.Struct, frozen=True, kw_only=True):
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

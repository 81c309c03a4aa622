"""What has a schema: every case event, present and retired, and the incoming record. One `.avsc` family each.

The wire form of a case event carries its `meta` (id, times, cause, rules) as first field, so that a topic or an export can be
read with its schema alone.
"""

import msgspec

from santiao.domain.events import EVENT_TYPES, Meta
from santiao.domain.records import AgencyRecord
from santiao.schemas.avsc import make_schema
from santiao.schemas.retired import RETIRED

CASE = "case"
INCOMING = "incoming"


RECORD_MAJOR = 1


def make_namespace(kind: str) -> str:
    """The Avro namespace of every named type in a folder's schemas."""
    return f"cn.santiao.{kind}"


class Entry(msgspec.Struct, frozen=True):
    """One type with a schema: the folder it belongs to, its wire name and major version."""

    kind: str
    name: str
    major: int
    cls: type[msgspec.Struct]
    is_retired: bool = False

    @property
    def namespace(self) -> str:
        return make_namespace(self.kind)

    def make_schema(self) -> dict[str, object]:
        leading = {"meta": Meta} if self.kind == CASE else {}
        return make_schema(self.cls, self.namespace, name=self.name, leading=leading)


def read_catalogue() -> tuple[Entry, ...]:
    """Every entry, sorted by folder, name and major."""
    entries = [Entry(CASE, name, cls.version, cls) for name, cls in EVENT_TYPES.items()]
    entries += [Entry(CASE, name, major, cls, is_retired=True) for (name, major), cls in RETIRED.items()]
    entries.append(Entry(INCOMING, "AgencyRecord", RECORD_MAJOR, AgencyRecord))
    return tuple(sorted(entries, key=lambda entry: (entry.kind, entry.name, entry.major)))

"""What a whole snapshot says of the rows it lacks.

The rules kept here: a row that one snapshot lacks is only missing; one that the next snapshot lacks too is absent, and is told once. A
snapshot that is sent again can only bring a row back, one that comes late says nothing, and one without any row says nothing either:
an export that failed looks just like it.
"""

from collections.abc import Iterable

import msgspec

from santiao.connectors.transports.files import natural_order

KEYS_MAX = 20_000
"""What a watermark can hold: with their contents' digests some 300 KB."""


class Snapshots(msgspec.Struct, frozen=True):
    """What is known of a feed's snapshots: the name of the newest, the keys that live, and those that it lacked.

    `name` sorts as the snapshots follow one another, numbers in it counting as numbers. `is_judged` is False where the keys were
    too many to remember: then nothing is told absent until there are fewer.
    """

    name: str = ""
    known: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    is_judged: bool = True


def compare(
    before: Snapshots, name: str, keys: Iterable[str], limit: int = KEYS_MAX
) -> tuple[Snapshots, tuple[str, ...]]:
    """What is known after the snapshot `name`, which held `keys`, and the keys that are absent now, sorted.

    Only a snapshot that was read whole may be compared. A key that comes back after it was told absent is known again.
    """
    present = frozenset(keys)
    if not present or natural_order(name) < natural_order(before.name):
        return before, ()
    if name == before.name:
        return msgspec.structs.replace(before, known=before.known | present, missing=before.missing - present), ()
    absent = before.missing - present
    known = (before.known | present) - absent
    if len(known) > limit:
        return Snapshots(name, is_judged=False), ()
    return Snapshots(name, known, known - present), tuple(sorted(absent))

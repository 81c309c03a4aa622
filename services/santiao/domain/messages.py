"""What reaches the hub: delivered items, people's commands, timers that fire; and what it answers.

An *item* is one row, list element or delivery as it came. `Delivered` is an item after its connector read it: a record, or a
fault. A `Batch` is what one transaction takes, with the feed's watermark, so that both commit together.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from santiao.domain.records import AgencyRecord


class FaultKind(StrEnum):
    """Quarantined: not understood, kept sealed with its raw bytes. Refused: understood, may not be taken, nothing kept."""

    QUARANTINED = "quarantined"
    REFUSED = "refused"


class Fault(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Why an item gave no record. `code` stable, `path` the field or place in the file; no cell content in any text."""

    kind: FaultKind
    code: str
    path: str
    detail: str
    detail_zh: str
    key: str = ""
    """Key of the source when a refusal means that what is known of it must be shut away (informer's material)."""


class Delivered(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One item as its connector read it: exactly one of `record` and `fault` is set.

    `where` names file, line, row or element, for people. `counted` is False for records that are no item of their own (absence
    from a snapshot). `nonce` is a delivery's single-use number, remembered with it.
    """

    connector: str
    feed: str
    where: str
    received_at: datetime
    raw: bytes
    record: AgencyRecord | None = None
    fault: Fault | None = None
    counted: bool = True
    nonce: str = ""
    quarantine_id: str = ""
    """Set when a quarantined item is tried again."""
    recorded_at: datetime | None = None
    """Set when a recorded order is replayed: when its step was recorded then."""


class Watermark(msgspec.Struct, frozen=True, gc=False):
    """How far a feed has been read; `state` is the transport's own (keys, sequence numbers), small."""

    connector: str
    feed: str
    state: dict[str, str]
    observed_at: datetime
    """When the source last answered, with or without news: silence is told apart from nothing new."""


class Offset(msgspec.Struct, frozen=True, gc=False):
    """Where a partition is expected to stand (`expected`) and where it stands once the batch is in (`after`)."""

    topic: str
    partition: int
    expected: int
    after: int


class Batch(msgspec.Struct, frozen=True, gc=False):
    """What one transaction takes, with the watermark or the offset that covers it.

    `has_news` when the watermark also covers new records that went to the hub by another way.
    """

    items: tuple[Delivered, ...]
    watermark: Watermark | None = None
    offset: Offset | None = None
    has_news: bool = False


class ReceiptState(StrEnum):
    """What became of an item."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    QUARANTINED = "quarantined"
    REFUSED = "refused"


class Receipt(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The answer for one item. `blocked` for an accepted one that met a gate."""

    state: ReceiptState
    receipt_id: str
    source_key: str = ""
    position: int | None = None
    blocked: bool = False
    code: str = ""
    path: str = ""
    detail: str = ""
    detail_zh: str = ""
    quarantine_id: str | None = None


class Counts(msgspec.Struct):
    """received = accepted + repeated + quarantined + refused; blocked counts accepted items that met a gate."""

    received: int = 0
    accepted: int = 0
    repeated: int = 0
    quarantined: int = 0
    refused: int = 0
    blocked: int = 0

    def add(self, receipt: Receipt) -> None:
        """Count one item's receipt."""
        self.received += 1
        setattr(self, receipt.state.value, getattr(self, receipt.state.value) + 1)
        self.blocked += receipt.blocked and receipt.state is ReceiptState.ACCEPTED

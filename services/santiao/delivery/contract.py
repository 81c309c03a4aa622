"""What delivery hands over, and to whom: the seam between the outbox and the ways out of the hub."""

from typing import Protocol

import msgspec

from santiao.domain.events.cases import FeedbackOwed


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """An outbox row under a lease. `attempts` counts this one; with `lease_ms` it is the fence: who lost the lease settles nothing."""

    id: int
    destination: str
    kind: str
    case_pk: int
    attempts: int
    lease_ms: int
    batch: str
    owed: FeedbackOwed


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A batch as it leaves: its name, for whom, its bytes and their form (`json`, `xml`, `csv`)."""

    batch: str
    destination: str
    data: bytes
    form: str
    rows: int


class Carrier(Protocol):
    """A way out of the hub.

    `carry` returns when the agency's side has all of the parcel. The same batch may be carried twice, after a crash between handing over
    and noting it; it has the same name then, and a carrier leaves what was complete as it is.

    Raises:
        DeliveryFailed: the other side cannot be reached or did not take it; tried again later.
    """

    def carry(self, parcel: Parcel) -> None: ...

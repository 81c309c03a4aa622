"""What the API stands on: values and means handed in at start, and nothing it finds by itself."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from santiao.api.observing import TracesRequests
from santiao.api.rate import Buckets
from santiao.connectors.connector import Connector
from santiao.domain.commands import AnyCommand
from santiao.domain.messages import Batch, Receipt
from santiao.hub.command import Answer
from santiao.pool.access import AccessPolicy
from santiao.pool.disclose import Door
from santiao.pool.disclosures import DisclosureBook
from santiao.pool.registry import Registry
from santiao.projections.projector import Projector
from santiao.projections.reading import ViewReader
from santiao.store.database import Database
from santiao.telemetry.figures import Figures


class TakesBatches(Protocol):
    """The way in for records: one batch, one transaction, a receipt per item."""

    def take(self, batch: Batch) -> list[Receipt]:
        """Receive a batch.

        Raises:
            StoreFailure: nothing of it was taken.
            Conflict: another writer was faster, again and again.
        """
        ...


class TakesCommands(Protocol):
    """The way in for people's commands (`hub/command.py`)."""

    def command(
        self,
        command: AnyCommand,
        *,
        actor: str,
        idempotency_key: str,
        if_match: int | None = None,
        received_at: datetime | None = None,
    ) -> Answer:
        """Decide and record a command; raises Rejection, Conflict, NotFound."""
        ...


class ShelvedItem(Protocol):
    """A quarantined item, without its bytes."""

    @property
    def id(self) -> str: ...
    @property
    def connector(self) -> str: ...
    @property
    def feed(self) -> str: ...
    @property
    def where(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def detail_zh(self) -> str: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def state(self) -> str: ...
    @property
    def tries(self) -> int: ...


class Replayed(Protocol):
    """How many of how many."""

    @property
    def matched(self) -> int: ...
    @property
    def taken(self) -> int: ...
    @property
    def left(self) -> int: ...
    @property
    def dry_run(self) -> bool: ...


class ShelvesItems(Protocol):
    """Looking at quarantined items and trying them again."""

    def find(self, connector: str = "", code: str = "") -> Sequence[ShelvedItem]:
        """Open items, oldest first."""
        ...

    def show(self, item: str) -> ShelvedItem:
        """One item; raises NotFound."""
        ...

    def replay(self, items: Sequence[str], *, connector: str = "", code: str = "", dry_run: bool = False) -> Replayed:
        """Translate and receive items again."""
        ...


class NotReady(msgspec.Struct, frozen=True, kw_only=True):
    """Something that keeps the hub from being ready, and why."""

    name: str
    why: str
    why_zh: str


class Services(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The bundle `create_app` takes.

    `now` is the hub's clock, `arrival` when something counts as received; `clock_follows` is true where the clock follows what is
    received, as in replays. `not_ready` names what keeps the process from serving beyond what the API can see itself.
    """

    version: str
    database: Database
    views: ViewReader
    projector: Projector
    registry: Registry
    policy: AccessPolicy
    door: Door
    disclosures: DisclosureBook
    commander: TakesCommands
    intake: TakesBatches
    quarantine: ShelvesItems
    connectors: Mapping[str, Connector]
    metrics: Figures
    buckets: Buckets
    now: Callable[[], datetime]
    arrival: Callable[[], datetime]
    clock_follows: bool = False
    not_ready: Callable[[], Sequence[NotReady]] = tuple
    tracing: TracesRequests | None = None

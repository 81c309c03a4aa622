"""What the console stands on: values and means handed in at start, and nothing it finds by itself."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

import msgspec

from santiao.console.labels import Label
from santiao.domain.commands import AnyCommand
from santiao.domain.routing import Edge
from santiao.domain.rulebook import Rulebook
from santiao.domain.workflow import WorkflowBook
from santiao.hub.command import Answer
from santiao.pool.access import AccessPolicy
from santiao.pool.disclose import Door
from santiao.pool.sessions import Sessions
from santiao.projections.feed_health import Feed
from santiao.projections.reading import ViewReader
from santiao.store.database import Database


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
    def tries(self) -> int: ...


class FindsQuarantined(Protocol):
    """Looking at items that were not understood."""

    def find(self, connector: str = "", code: str = "") -> Sequence[ShelvedItem]:
        """Open items, oldest first."""
        ...


class DeadLetter(Protocol):
    """A record or a delivery that was given up, without its content."""

    @property
    def id(self) -> str: ...
    @property
    def agency(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def since(self) -> datetime: ...
    @property
    def tries(self) -> int: ...


class FindsDeadLetters(Protocol):
    """Looking at what was given up."""

    def find(self, agency: str = "", kind: str = "", cause: str = "") -> Sequence[DeadLetter]:
        """Dead letters, oldest first."""
        ...


class ConsoleServices(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The bundle `create_console` takes.

    `database` is the log's own, for what only it knows of `feeds`; `edge_of` says along which edge a referral goes from an agency to
    a body on a day (raises Rejection where there is none). `titles` are connectors' names for people, `regions` the city's divisions
    by code. `now` is the hub's clock and `clock_follows` is true where it does not tick by itself, so that countdowns stand still
    with it. `is_stopping` ends the streams when the process stops.
    """

    version: str
    views: ViewReader
    sessions: Sessions
    policy: AccessPolicy
    door: Door
    commander: TakesCommands
    quarantine: FindsQuarantined
    dead_letters: FindsDeadLetters
    database: Database
    feeds: Sequence[Feed]
    rulebook: Rulebook
    workflow: WorkflowBook
    edge_of: Callable[[str, str, date], Edge]
    titles: Mapping[str, Label]
    regions: Mapping[str, str]
    now: Callable[[], datetime]
    clock_follows: bool = False
    is_stopping: Callable[[], bool] = lambda: False

"""Who saw a wrong link: when a person says that two sources are two disputes, whoever was shown their common case is noted.

A decider is pure and cannot look disclosures up, so the ids come in with the command.
"""

from datetime import datetime

import msgspec

from santiao.domain.commands import AnyCommand, DissolveLink, RejectLink
from santiao.hub.command import Answer, Commander
from santiao.pool.disclosures import DisclosureBook

MAX_SEEN = 500
"""More than so many looks are told by their number only: the event stays small, the register holds them all."""


class WitnessedCommander:
    """Takes commands like `hub.command.Commander`, and lets an undone link know who had been shown it."""

    def __init__(self, commander: Commander, disclosures: DisclosureBook) -> None:
        self._commander = commander
        self._disclosures = disclosures

    def command(
        self,
        command: AnyCommand,
        *,
        actor: str,
        idempotency_key: str,
        if_match: int | None = None,
        received_at: datetime | None = None,
    ) -> Answer:
        """Decide and record a command; raises as `Commander.command` does."""
        if isinstance(command, RejectLink | DissolveLink):
            seen = tuple(each.id for each in self._disclosures.who_has_seen(command.case, limit=MAX_SEEN))
            command = msgspec.structs.replace(command, seen=seen)
        return self._commander.command(
            command, actor=actor, idempotency_key=idempotency_key, if_match=if_match, received_at=received_at
        )

"""What every part of the hub shares: the store, the keys, the policy, the clock. Built in one place, at start."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from santiao.domain.links.features import ProfileReader
from santiao.domain.observing import UNOBSERVED, Observer
from santiao.domain.policy import Policy
from santiao.hub.examine import Examiner
from santiao.store.blind import BlindIndex
from santiao.store.clock import Clock
from santiao.store.database import Database
from santiao.store.keys import KeyStore
from santiao.store.log import Log


def _unheard() -> None:
    """Nobody waits for news of commits."""


class Engine(msgspec.Struct, frozen=True, eq=False):
    """The hub's means. `fingerprint` names the code that folds case files; `committed` is told after every step's commit;
    `observer` of how it went.
    """

    database: Database
    keys: KeyStore
    blind: BlindIndex
    policy: Policy
    clock: Clock
    examiner: Examiner
    fingerprint: str
    log: Log
    reader: ProfileReader
    committed: Callable[[], None] = _unheard
    observer: Observer = UNOBSERVED

    def now(self, received_at: datetime | None) -> datetime:
        """When a step is recorded. A following clock hears of what was received."""
        if received_at is not None:
            self.clock.hear(received_at)
        return self.clock.now()

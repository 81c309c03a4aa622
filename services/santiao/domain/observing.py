"""What the hub's rooms tell of their own work while they do it: how long, how much, of what. By this the log's work is measured and traced.

The rules kept here: an observer is told afterwards and answers nothing, so nothing that is decided can depend on it; it is told ids,
names, codes and counts. What a trace is known by is derived from the message that began it (`Meta.correlation`), so that no byte is
written for it and a replay writes the same bytes, watched or not.
"""

from collections.abc import Sequence
from typing import Protocol

from santiao.domain.messages import Batch, Receipt


class Observer(Protocol):
    """Is told of finished work, in the thread that did it, right after its commit; `seconds` is how long it took.

    An implementation returns quickly and never raises.
    """

    def took(self, batch: Batch, receipts: Sequence[Receipt], seconds: float, commit_seconds: float) -> None:
        """A batch was committed; `commit_seconds` of it was the database's commit."""
        ...

    def commanded(self, kind: str, message: bytes, seconds: float) -> None:
        """A command of a person or agency was recorded."""
        ...

    def fired(self, shard: int, messages: Sequence[bytes], seconds: float) -> None:
        """Timers of a shard fired in one transaction; each is a message of its own."""
        ...

    def relayed(self, shard: int, after: int, until: int, seconds: float) -> None:
        """Events of a shard with `after` < position <= `until` were published."""
        ...

    def folded(self, views: Sequence[str], shard: int, after: int, until: int, seconds: float) -> None:
        """Events of a shard with `after` < position <= `until` were folded into these views."""
        ...

    def delivered(self, destination: str, owed: Sequence[int], outcome: str, seconds: float) -> None:
        """Rows of the outbox came to `delivered`, `put_off` or `buried`; `owed` are the log keys of the events that owe them."""
        ...

    def disclosed(self, purpose: str, channel: str, rows: int) -> None:
        """A disclosure was recorded and its answer given."""
        ...


class Unobserved:
    """Nobody looks."""

    def took(self, batch: Batch, receipts: Sequence[Receipt], seconds: float, commit_seconds: float) -> None: ...

    def commanded(self, kind: str, message: bytes, seconds: float) -> None: ...

    def fired(self, shard: int, messages: Sequence[bytes], seconds: float) -> None: ...

    def relayed(self, shard: int, after: int, until: int, seconds: float) -> None: ...

    def folded(self, views: Sequence[str], shard: int, after: int, until: int, seconds: float) -> None: ...

    def delivered(self, destination: str, owed: Sequence[int], outcome: str, seconds: float) -> None: ...

    def disclosed(self, purpose: str, channel: str, rows: int) -> None: ...


class Together:
    """Several observers, told one after another."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def took(self, batch: Batch, receipts: Sequence[Receipt], seconds: float, commit_seconds: float) -> None:
        for each in self._observers:
            each.took(batch, receipts, seconds, commit_seconds)

    def commanded(self, kind: str, message: bytes, seconds: float) -> None:
        for each in self._observers:
            each.commanded(kind, message, seconds)

    def fired(self, shard: int, messages: Sequence[bytes], seconds: float) -> None:
        for each in self._observers:
            each.fired(shard, messages, seconds)

    def relayed(self, shard: int, after: int, until: int, seconds: float) -> None:
        for each in self._observers:
            each.relayed(shard, after, until, seconds)

    def folded(self, views: Sequence[str], shard: int, after: int, until: int, seconds: float) -> None:
        for each in self._observers:
            each.folded(views, shard, after, until, seconds)

    def delivered(self, destination: str, owed: Sequence[int], outcome: str, seconds: float) -> None:
        for each in self._observers:
            each.delivered(destination, owed, outcome, seconds)

    def disclosed(self, purpose: str, channel: str, rows: int) -> None:
        for each in self._observers:
            each.disclosed(purpose, channel, rows)


UNOBSERVED: Observer = Unobserved()

"""Messages of `santiao.case-events` to the views: a stretch of a shard at a time, checkpoints in the views' own transaction.

The rules kept here: where the views stand says what is new. The log is the truth: a hole in what came, or a message that cannot be read, is
filled from it, so a view never waits for a message and never leaves an event out.
"""

import logging
from collections.abc import Sequence
from typing import NamedTuple

from santiao.domain.errors import Conflict, InvalidRecord
from santiao.projections.projector import Projector
from santiao.runtimes.kafka.event_form import EventForm, Place, place_of
from santiao.runtimes.kafka.receiving import Message
from santiao.store.log import Entry

logger = logging.getLogger(__name__)
_TRIES = 20


class _Told(NamedTuple):
    place: Place
    message: Message


class EventsProjector:
    """Folds what comes from the topic. Not for several threads at once."""

    def __init__(self, projector: Projector, form: EventForm) -> None:
        self._projector = projector
        self._form = form
        self._reached: dict[int, int] = {}

    def take(self, messages: Sequence[Message]) -> None:
        """Fold a run of one partition, in the order it came.

        Raises:
            StoreFailure: a database failed; what was folded before stands.
            Conflict: other workers kept being faster.
        """
        shards: dict[int, list[_Told]] = {}
        for message in messages:
            place = self._place_of(message)
            if place is not None and place.position > self._reached.get(place.shard, 0):
                shards.setdefault(place.shard, []).append(_Told(place, message))
        for shard, told in shards.items():
            self._take_shard(shard, told)

    def _take_shard(self, shard: int, told: Sequence[_Told]) -> None:
        unique = {each.place.position: each.message for each in told}
        positions = sorted(unique)
        first, last = positions[0], positions[-1]
        entries = self._decode([unique[position] for position in positions])
        is_dense = entries is not None and last - first + 1 == len(positions)
        for _ in range(_TRIES):
            try:
                if not (is_dense and self._projector.fold_told(shard, first - 1, last, entries or ())):
                    self.fold_from_log(shard)
            except Conflict:
                continue
            self._reached[shard] = last
            return
        raise Conflict(
            "view.contended", "other processes keep folding the same views", "其他进程正在更新视图，请稍后重试"
        )

    def fold_from_log(self, shard: int) -> None:
        """Bring the views on from the log itself; raises as `take` does."""
        logger.info("views are brought on from the log", extra={"shard": shard})
        while self._projector.run_once({shard}):
            pass

    def _decode(self, messages: Sequence[Message]) -> list[Entry] | None:
        try:
            return [self._form.decode(each.value or b"") for each in messages]
        except InvalidRecord as fault:
            logger.error("an event cannot be read from its topic; the log is read instead", extra={"code": fault.code})  # noqa: TRY400 - the code says it
            return None

    def _place_of(self, message: Message) -> Place | None:
        try:
            return place_of(message.headers)
        except InvalidRecord as fault:
            logger.error("a message on the topic of events is none", extra={"code": fault.code})  # noqa: TRY400 - the code says it
            return None

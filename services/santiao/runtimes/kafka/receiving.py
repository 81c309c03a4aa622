"""Messages of `santiao.records` to the hub: a run of one partition, one transaction, its effect and `next_offset` together.

The rules kept here: the store's `next_offset` says what is new, whatever Kafka remembers; nothing is skipped, so a hole is a `Gap` and the
partition is read again from where the store stands; what cannot be read is quarantined with its bytes, what cannot be decided is parked,
and of either a dead letter is sent before anything commits. Only a transaction that fails for its content is divided.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from santiao.domain.errors import Conflict, InvalidRecord, SantiaoError
from santiao.domain.messages import Batch, Delivered, Fault, FaultKind, Offset
from santiao.hub.receive import Receiver
from santiao.runtimes.kafka.limits import FailureLimits
from santiao.runtimes.kafka.record_form import RecordForm
from santiao.store.offsets import read_offset

logger = logging.getLogger(__name__)
_TRIES = 20
_UNKNOWN = "unknown"


class Message(NamedTuple):
    """A message as it came."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Gap(Exception):
    """Messages between where the store stands and what came are missing; the partition is to be read again from `next_offset`."""

    def __init__(self, partition: int, next_offset: int, came: int) -> None:
        super().__init__(f"partition {partition} stands at {next_offset}, and {came} came")
        self.partition = partition
        self.next_offset = next_offset
        self.came = came


class Letter(NamedTuple):
    """A message that is put aside, for `santiao.dead-letters`. Bytes that are no record are not sent on: the quarantine keeps them."""

    partition: int
    message: Message
    cause: str
    is_record: bool


SendLetters = Callable[[Sequence[Letter]], None]
"""Returns once the letters are acknowledged by the brokers."""


class RecordsReceiver:
    """Takes runs of messages of one topic. Not for several threads at once."""

    def __init__(
        self, receiver: Receiver, form: RecordForm, topic: str, send_letters: SendLetters, limits: FailureLimits
    ) -> None:
        self._receiver = receiver
        self._form = form
        self._topic = topic
        self._send_letters = send_letters
        self._limits = limits
        self._next: dict[int, int] = {}

    def next_offset(self, partition: int) -> int:
        """Where the store stands."""
        database = self._receiver.engine.database
        with database.readable() as connection:
            return read_offset(connection, self._topic, partition)

    def forget(self, partition: int) -> None:
        """The partition may have been another worker's in between: the store is asked again."""
        self._next.pop(partition, None)

    def take(self, partition: int, messages: Sequence[Message]) -> int:
        """Take a run of one partition, in order of offset; how many were new.

        Raises:
            Gap: what comes next did not come; what came before it is in.
            StoreFailure: the store failed; nothing was taken, or only the first part.
            Conflict: other workers kept being faster.
            TooManyFailures: so much cannot be taken that the fault is not the records'.
        """
        for _ in range(_TRIES):
            if partition not in self._next:
                self._next[partition] = self.next_offset(partition)
            expected = self._next[partition]
            fresh = [each for each in messages if each.offset >= expected]
            dense = [each for place, each in enumerate(fresh) if each.offset == expected + place]
            try:
                if dense:
                    self._take_run(partition, expected, dense)
            except Conflict:
                self.forget(partition)
                continue
            except BaseException:
                self.forget(partition)
                raise
            if len(dense) < len(fresh):
                raise Gap(partition, expected + len(dense), fresh[len(dense)].offset)
            return len(dense)
        raise Conflict("receive.contended", "other workers keep taking the same partition", "其他进程正在处理同一分区")

    def _take_run(self, partition: int, expected: int, run: Sequence[Message]) -> None:
        held = [each for each in run if each.value is not None]
        opened = self._form.open([(each.value or b"", each.headers) for each in held])
        pairs = list(zip(held, opened, strict=True))
        unread = [(message, each) for message, each in pairs if isinstance(each, InvalidRecord)]
        self._limits.judge(len(unread), len(run))
        if unread:
            self._send_letters([Letter(partition, message, fault.code, False) for message, fault in unread])
        items = [
            self._quarantined(partition, message, each) if isinstance(each, InvalidRecord) else each
            for message, each in pairs
        ]
        self._commit(partition, expected, expected + len(run), held, items)

    def _commit(
        self, partition: int, expected: int, after: int, held: Sequence[Message], items: Sequence[Delivered]
    ) -> None:
        def heed(places: Mapping[int, str]) -> None:
            self._limits.judge(len(places), len(items))
            self._send_letters([Letter(partition, held[place], cause, True) for place, cause in places.items()])

        offset = Offset(self._topic, partition, expected, after)
        try:
            self._receiver.receive(Batch(tuple(items), offset=offset), heed)
        except SantiaoError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, one item of the batch is behind it
            self._divide(partition, expected, after, held, items, error)
            return
        self._next[partition] = after
        self._limits.passed(len(items))

    def _divide(
        self,
        partition: int,
        expected: int,
        after: int,
        held: Sequence[Message],
        items: Sequence[Delivered],
        error: Exception,
    ) -> None:
        """The transaction failed for what it was to write: halve it until the one item that cannot be written is alone."""
        kind = type(error).__name__
        if len(items) > 1:
            half = len(items) // 2
            middle = held[half].offset
            self._commit(partition, expected, middle, held[:half], items[:half])
            self._commit(partition, middle, after, held[half:], items[half:])
            return
        if not items or items[0].fault is not None:
            raise error
        self._limits.judge(1, 1)
        logger.error("a record cannot be written and is quarantined", extra={"partition": partition, "error": kind})
        fault = InvalidRecord("record.unwritable", f"it cannot be written ({kind})", "记录无法写入", "record")
        self._send_letters([Letter(partition, held[0], fault.code, True)])
        self._commit(partition, expected, after, held, [self._quarantined(partition, held[0], fault)])

    def _quarantined(self, partition: int, message: Message, fault: InvalidRecord) -> Delivered:
        logger.error(
            "a message gave no record and is quarantined",
            extra={"partition": partition, "offset": message.offset, "code": fault.code},
        )
        told = Fault(
            kind=FaultKind.QUARANTINED, code=fault.code, path=fault.path, detail=fault.detail, detail_zh=fault.detail_zh
        )
        key = (message.key or b"").decode(errors="replace")
        return Delivered(
            connector=key.partition(":")[0][:40] or _UNKNOWN,
            feed=self._topic,
            where=f"{self._topic}/{partition}/{message.offset}",
            received_at=_received_at(message),
            raw=message.value or b"",
            fault=told,
        )


def _received_at(message: Message) -> datetime:
    told = dict(message.headers).get("received_at", b"")
    try:
        moment = datetime.fromisoformat(told.decode())
    except ValueError:
        return datetime.now(UTC)
    return moment if moment.tzinfo is not None else datetime.now(UTC)

"""Faust as a pump: bytes of one topic to a function that takes runs of a partition. It knows nothing of records, events or cases.

The rules kept here: nothing is acknowledged but what the function has taken, so no way of failing acknowledges (Faust's own would: an
agent that raises acknowledges what it had). A failing store is waited for, with everything after it. A hole makes the partition be read
again from where the function stands. Whoever is no longer the owner of a partition is told by a `Conflict`, not by Faust.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import faust
import msgspec
from faust.types import TP

from santiao.domain.errors import Conflict, StoreFailure
from santiao.runtimes.kafka.receiving import Gap, Message

logger = logging.getLogger(__name__)
BATCH = 500
_WITHIN_SECONDS = 0.005
_PAUSE_MAX_SECONDS = 5.0
_SEEK_SECONDS = 5.0

Take = Callable[[int, Sequence[Message]], object]
"""Takes a run of one partition, in order; returns when it is committed. Called in one thread of its own, never at once with itself."""


class PumpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between pumps. Times in seconds; `folder` for what Faust writes (nothing of ours)."""

    group: str
    bootstrap: str
    topic: str
    folder: Path
    session_seconds: float = 10.0
    commit_seconds: float = 1.0


class Pump:
    """One consumer in a group. `run` works until `stop` is called; `failure` says why it ended by itself."""

    def __init__(self, settings: PumpSettings, take: Take) -> None:
        self.settings = settings
        self._take = take
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"take-{settings.topic}")
        self._sought: dict[int, tuple[int, float]] = {}
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self.failure: BaseException | None = None
        self.failing = ""
        self.taken = 0
        self.rebalances = 0
        self._app = self._build()

    def _build(self) -> Any:
        told = self.settings
        app: Any = faust.App(
            told.group,
            broker=";".join(f"kafka://{each}" for each in told.bootstrap.split(",")),
            datadir=str(told.folder),
            autodiscover=False,
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            key_serializer="raw",
            value_serializer="raw",
            store="memory://",
            consumer_auto_offset_reset="earliest",
            broker_session_timeout=told.session_seconds,
            broker_heartbeat_interval=told.session_seconds / 5,
            broker_max_poll_records=BATCH,
            broker_max_poll_interval=600.0,
            broker_commit_interval=told.commit_seconds,
            broker_commit_livelock_soft_timeout=600.0,
            # Waiting for handlers inside a rebalance is what makes groups hang; whoever comes late meets the store's compare-and-set.
            stream_wait_empty=False,
            stream_buffer_maxsize=4 * BATCH,
            stream_recovery_delay=0.0,
            worker_redirect_stdouts=False,
        )
        topic = app.topic(told.topic, key_type=bytes, value_type=bytes)

        @app.agent(topic, name=f"{told.group}.agent")  # type: ignore[untyped-decorator]
        async def pump(stream: Any) -> None:
            async for events in stream.noack_take(BATCH, within=_WITHIN_SECONDS):
                await self._pass_on(events)

        @app.on_partitions_assigned.connect  # type: ignore[untyped-decorator]
        async def assigned(_app: Any, partitions: Iterable[TP], **_rest: Any) -> None:
            self.rebalances += 1
            self._sought.clear()
            logger.info(
                "partitions assigned",
                extra={"topic": told.topic, "partitions": sorted(each.partition for each in partitions)},
            )

        return app

    async def run(self) -> None:
        """Work until `stop`."""
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._app.loop = self._loop
        self._app.finalize()
        await self._app.start()
        try:
            while not self._stopping.is_set() and self.failure is None:
                if self._app.crashed:
                    self.failure = self._app.crash_reason
                    break
                try:
                    await asyncio.wait_for(self._wake.wait(), 0.5)
                except TimeoutError:
                    continue
        finally:
            self._stopping.set()
            await self._app.stop()
            self._executor.shutdown(wait=True)

    def stop(self) -> None:
        """Take nothing more: what is in hand is finished, what waits is left to the next owner. From any thread."""
        self._stopping.set()
        if self._loop is not None and self._wake is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    def assignment(self) -> set[int]:
        """Partitions that this consumer is to read."""
        return {each.partition for each in self._app.consumer.assignment()} if self._app.started else set()

    def reread(self, partition: int, offset: int) -> None:
        """Read a partition again from an offset. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            gap = Gap(partition, offset, offset)
            asyncio.run_coroutine_threadsafe(self._seek(gap), self._loop)

    async def _pass_on(self, events: Sequence[Any]) -> None:
        assert self._loop is not None
        runs: dict[int, list[Any]] = {}
        for event in events:
            runs.setdefault(event.message.partition, []).append(event)
        for partition, run in runs.items():
            if self._stopping.is_set():
                return
            due = self._still_due(partition, run)
            if not due:
                continue
            messages = [
                Message(each.message.offset, each.message.key, each.message.value, _headers(each.message.headers))
                for each in due
            ]
            try:
                has_taken = await self._loop.run_in_executor(self._executor, self._insist, partition, messages)
            except Gap as gap:
                await self._seek(gap)
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is ends this worker; nothing is acknowledged by it
                self._fail(error)
                return
            if has_taken:
                self.taken += len(due)
                for event in due:
                    event.ack()

    def _insist(self, partition: int, messages: Sequence[Message]) -> bool:
        """Take, and wait for a store that does not answer; False when told to stop before it did."""
        pause = 0.1
        while not self._stopping.is_set():
            try:
                self._take(partition, messages)
            except (StoreFailure, Conflict) as error:
                if self.failing != error.code:
                    logger.error("what came cannot be taken and is tried again", extra={"code": error.code})  # noqa: TRY400 - the code says it
                self.failing = error.code
                self._stopping.wait(pause)
                pause = min(_PAUSE_MAX_SECONDS, pause * 2)
                continue
            if self.failing:
                logger.info("what came is taken again", extra={"topic": self.settings.topic})
            self.failing = ""
            return True
        return False

    def _still_due(self, partition: int, run: Sequence[Any]) -> Sequence[Any]:
        """After a seek, what was under way before it is passed over until the message sought comes."""
        sought = self._sought.get(partition)
        if sought is None:
            return run
        offset, until = sought
        if any(each.message.offset == offset for each in run):
            del self._sought[partition]
            place = next(n for n, each in enumerate(run) if each.message.offset == offset)
            return run[place:]
        if time.monotonic() < until:
            return ()
        del self._sought[partition]
        return run

    async def _seek(self, gap: Gap) -> None:
        logger.warning(
            "messages were left out and are read again",
            extra={"topic": self.settings.topic, "partition": gap.partition, "from": gap.next_offset, "came": gap.came},
        )
        self._sought[gap.partition] = (gap.next_offset, time.monotonic() + _SEEK_SECONDS)
        await self._app.consumer.seek(TP(self.settings.topic, gap.partition), gap.next_offset)

    def _fail(self, error: BaseException) -> None:
        logger.error(
            "the worker stops",
            extra={"topic": self.settings.topic, "code": getattr(error, "code", type(error).__name__)},
            exc_info=error,
        )
        self.failure = error
        self.stop()


def _headers(told: Any) -> list[tuple[str, bytes]]:
    """Faust gives headers as a list of pairs, as a mapping or not at all."""
    if not told:
        return []
    return list(told.items() if isinstance(told, dict) else told)

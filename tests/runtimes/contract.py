"""What holds on either runtime: the guarantees of one core, tried on each by the same tests.

A runtime under test takes items as connectors hand them over, comes to rest, and tells in which order it decided them. Sizes grow with
`SANTIAO_CITY_DISPUTES` (disputes of each of six cities).
"""

import itertools
import os
import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from santiao.bootstrap import Hub
from santiao.domain.messages import Batch, Delivered
from santiao.hub.prepare import record_message_id
from santiao.settings import Settings
from santiao.store import intake
from tests.chaos.aftermath import check_same_log, recorded_times
from tests.chaos.cities import SHARDS, deliveries_of
from tests.hub.cities import facts_of

DISPUTES = int(os.environ.get("SANTIAO_CITY_DISPUTES", "8"))


class RuntimeUnderTest(Protocol):
    """A runtime with its hub."""

    hub: Hub
    home: Path

    def deliver(self, items: Sequence[Delivered]) -> None:
        """Hand items over; returns when they are safe, not when they are decided."""
        ...

    def disturb(self) -> None:
        """What befalls such a runtime in the middle of its work."""
        ...

    def settle(self) -> None:
        """Wait until everything delivered is decided and folded."""
        ...

    def recorded(self) -> Iterator[Delivered]:
        """What was delivered, each shard's in the order in which it was decided."""
        ...


def six_cities(seed: int) -> list[Delivered]:
    """Six cities' items, one city's after another's."""
    return [item for shard in SHARDS for item in deliveries_of(shard, DISPUTES, seed)]


def interleaved(items: Sequence[Delivered], seed: int) -> list[Delivered]:
    """The same items in any order, one in four of them again."""
    chance = random.Random(seed)
    mixed = [*items, *chance.sample(list(items), len(items) // 4)]
    chance.shuffle(mixed)
    return mixed


class RuntimeContract:
    """To be inherited with a fixture `runtime`."""

    def test_the_same_log_whatever_the_order_and_the_runtime(self, runtime: RuntimeUnderTest, tmp_path: Path) -> None:
        """Guarantees 1, 2 (a), 2 (b) and 3, in one life of a runtime, because beginning one is what costs."""
        items = six_cities(11)
        order = interleaved(items, 11)
        half = len(order) // 2
        runtime.deliver(order[:half])
        runtime.disturb()
        runtime.deliver(order[half:])
        runtime.settle()
        self._everything_is_accounted_for(runtime, order)
        self._the_facts_are_those_of_a_calm_day(runtime, items, tmp_path / "calm")
        self._the_recorded_order_gives_the_same_bytes(runtime, tmp_path / "replayed")
        assert [each.view for each in runtime.hub.projector.verify() if not each.agrees] == []

    @staticmethod
    def _everything_is_accounted_for(runtime: RuntimeUnderTest, order: Sequence[Delivered]) -> None:
        with runtime.hub.database.readable() as connection:
            counts = intake.read_counts(connection)
        sums = {
            state: sum(number for name, number in counts.items() if name.endswith(f"|{state}"))
            for state in ("received", "accepted", "repeated", "quarantined", "refused")
        }
        assert sums.pop("received") == len(order) == sum(sums.values())

    @staticmethod
    def _the_facts_are_those_of_a_calm_day(runtime: RuntimeUnderTest, items: Sequence[Delivered], home: Path) -> None:
        calm = Hub(Settings(home=home, clock="follow"))
        for start in range(0, len(items), 200):
            calm.receiver.receive(Batch(tuple(items[start : start + 200])))
        assert facts_of(runtime.hub) == facts_of(calm)
        assert len(facts_of(calm).sources) > len(SHARDS) * DISPUTES
        calm.close()

    @staticmethod
    def _the_recorded_order_gives_the_same_bytes(runtime: RuntimeUnderTest, home: Path) -> None:
        home.mkdir()
        for name in ("keys.db", "keys.db-wal", "master.key"):
            if (runtime.home / name).exists():
                shutil.copy(runtime.home / name, home / name)
        times = recorded_times(runtime.hub)
        replayed = Hub(Settings(home=home, clock="follow"))
        waiting, sizes = runtime.recorded(), itertools.cycle((1, 7, 200))
        while run := list(itertools.islice(waiting, next(sizes))):
            replayed.receiver.receive(
                Batch(
                    tuple(
                        msgspec.structs.replace(item, recorded_at=times.get(record_message_id(item.record)))
                        for item in run
                        if item.record is not None
                    )
                )
            )
        check_same_log(runtime.hub, replayed)
        replayed.close()

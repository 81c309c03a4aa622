"""How a process stands with its work, as its runtime tells it: what is stuck and why, and how far each partition is behind.

A runtime hands in a function that returns a `Standing`; it is asked whenever the figures are, so it answers from memory.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum

import msgspec
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from santiao.telemetry.labels import label


class Part(StrEnum):
    """What can be stuck."""

    LOOP = "loop"
    PARTITION = "partition"
    VIEW = "view"
    CONNECTOR = "connector"
    CLOCK = "clock"


class Stuck(msgspec.Struct, frozen=True):
    """A part that makes no progress or keeps failing. `name` as doctor names it (`santiao.records/3`, `case_overview`); `reason` a code."""

    part: Part
    name: str
    reason: str


class PartitionStanding(msgspec.Struct, frozen=True):
    """A partition this process consumes: the next offset it will take, and where the partition ends."""

    topic: str
    partition: int
    next_offset: int
    end_offset: int

    @property
    def lag(self) -> int:
        """Messages that wait."""
        return max(0, self.end_offset - self.next_offset)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a process stands."""

    stuck: tuple[Stuck, ...] = ()
    partitions: tuple[PartitionStanding, ...] = ()


class StandingFigures(Collector):
    """A standing, as figures."""

    def __init__(self, standing: Callable[[], Standing]) -> None:
        self._standing = standing

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: registering asks nobody."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All of it."""
        told = self._standing()
        stuck = GaugeMetricFamily(
            "santiao_stuck",
            "1 for each part that makes no progress or keeps failing, with the code of the reason.",
            labels=("part", "name", "reason"),
        )
        for each in dict.fromkeys(told.stuck):
            stuck.add_metric((each.part.value, label(each.name), label(each.reason or "unknown")), 1)
        lag = GaugeMetricFamily(
            "santiao_partition_lag_records",
            "Messages of a partition that wait for this process.",
            labels=("topic", "partition"),
        )
        offset = GaugeMetricFamily(
            "santiao_partition_next_offset",
            "The next offset this process takes from a partition.",
            labels=("topic", "partition"),
        )
        for held in told.partitions:
            place = (label(held.topic), str(held.partition))
            lag.add_metric(place, held.lag)
            offset.add_metric(place, held.next_offset)
        yield from (stuck, lag, offset)

"""The topics: what they are called, how they are cut, and whether those that stand are as they should be.

The rule kept here: a topic that stands is never changed. What differs is told, with what to do; another number of partitions would move
shards, so it is a new topic after draining.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError

from santiao.domain.errors import NotFound, StoreFailure

_DAY_MS = 24 * 3600 * 1000


class TopicNames(msgspec.Struct, frozen=True):
    """Names of the three topics; `prefix` lets several hubs share a Kafka."""

    prefix: str = ""

    @property
    def records(self) -> str:
        """Agencies' records on their way to the hub."""
        return f"{self.prefix}santiao.records"

    @property
    def events(self) -> str:
        """What the hub decided."""
        return f"{self.prefix}santiao.case-events"

    @property
    def letters(self) -> str:
        """What could not be taken, with its cause."""
        return f"{self.prefix}santiao.dead-letters"


def partition_of(shard: int, partitions: int) -> int:
    """The partition of a shard's records and of its events."""
    return shard % partitions


class TopicPlan(msgspec.Struct, frozen=True):
    """How a topic should be."""

    name: str
    partitions: int
    replication: int
    settings: dict[str, str]


def plan_topics(names: TopicNames, partitions: int, replication: int, *, retention_days: int = 7) -> list[TopicPlan]:
    """Records and letters hold sealed personal fields and are kept briefly; events are sealed by mention and kept for readers."""
    safe = {"min.insync.replicas": str(max(1, replication - 1)), "cleanup.policy": "delete"}
    brief = {**safe, "retention.ms": str(retention_days * _DAY_MS)}
    return [
        TopicPlan(names.records, partitions, replication, brief),
        TopicPlan(names.events, partitions, replication, {**safe, "retention.ms": "-1"}),
        TopicPlan(names.letters, partitions, replication, {**safe, "retention.ms": str(90 * _DAY_MS)}),
    ]


class TopicState(StrEnum):
    """What became of a topic."""

    MADE = "made"
    GOOD = "good"
    DIFFERENT = "different"


class TopicReport(msgspec.Struct, frozen=True, kw_only=True):
    """A topic and, where it stands otherwise than planned, each difference as `what: there is X, planned is Y`."""

    name: str
    state: TopicState
    differences: tuple[str, ...] = ()


class TopicKeeper:
    """Makes topics and looks at them."""

    def __init__(self, bootstrap: str) -> None:
        """Connect.

        Raises:
            StoreFailure: no broker answers.
        """
        try:
            self._admin: Any = KafkaAdminClient(bootstrap_servers=bootstrap.split(","), client_id="santiao-topics")
        except KafkaError as error:
            raise unreachable(error) from None

    def close(self) -> None:
        """Let go of the connection."""
        self._admin.close()

    def ensure(self, plans: Sequence[TopicPlan]) -> list[TopicReport]:
        """Make topics that are missing and compare the others with their plans.

        Raises:
            StoreFailure: the brokers do not answer, or refuse.
        """
        try:
            standing = set(self._admin.list_topics())
            return [self._compare(plan) if plan.name in standing else self._make(plan) for plan in plans]
        except KafkaError as error:
            raise unreachable(error) from None

    def _make(self, plan: TopicPlan) -> TopicReport:
        told = {
            plan.name: {
                "num_partitions": plan.partitions,
                "replication_factor": plan.replication,
                "configs": plan.settings,
            }
        }
        try:
            self._admin.create_topics(told)
        except TopicAlreadyExistsError:
            return self._compare(plan)
        self._admin.wait_for_topics([plan.name])
        return TopicReport(name=plan.name, state=TopicState.MADE)

    def _compare(self, plan: TopicPlan) -> TopicReport:
        (topic,) = self._admin.describe_topics([plan.name])
        partitions = topic["partitions"]
        found: dict[str, str] = {"partitions": str(len(partitions))}
        found["replication"] = str(min((len(each["replica_nodes"]) for each in partitions), default=0))
        found.update(self._settings_of(plan))
        wanted = {"partitions": str(plan.partitions), "replication": str(plan.replication), **plan.settings}
        differences = tuple(
            f"{what}: there is {found.get(what, 'nothing')}, planned is {value}"
            for what, value in wanted.items()
            if found.get(what) != value
        )
        state = TopicState.DIFFERENT if differences else TopicState.GOOD
        return TopicReport(name=plan.name, state=state, differences=differences)

    def _settings_of(self, plan: TopicPlan) -> Mapping[str, str]:
        told = self._admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, plan.name)])
        return read_settings(told, plan.settings)

    def partitions(self, topic: str) -> int:
        """How many partitions a topic has.

        Raises:
            NotFound: there is no such topic yet.
            StoreFailure: the brokers do not answer.
        """
        try:
            described = self._admin.describe_topics([topic])
        except UnknownTopicOrPartitionError:
            described = []
        except KafkaError as error:
            raise unreachable(error) from None
        number = len(described[0]["partitions"]) if described else 0
        if not number:
            raise NotFound(
                "topic.missing",
                f"there is no topic {topic}; make it: santiao topics create",
                f"没有主题 {topic}，请先执行 santiao topics create",
            )
        return number


def read_settings(told: Any, wanted: Mapping[str, str]) -> dict[str, str]:
    """The wanted settings out of what the client answers, whose form has differed between its versions."""
    found: dict[str, str] = {}

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for name, value in node.items():
                if name in wanted and isinstance(value, dict) and "value" in value:
                    found[name] = str(value["value"])
                else:
                    walk(value)
            if node.get("name") in wanted and "value" in node:
                found[node["name"]] = str(node["value"])
        elif isinstance(node, list | tuple):
            for each in node:
                walk(each)

    walk(told)
    return found


def unreachable(error: Exception) -> StoreFailure:
    """What a failure of the client means to us."""
    return StoreFailure(
        "kafka.unreachable",
        f"Kafka did not do what it was asked ({type(error).__name__}); check SANTIAO_KAFKA and the brokers",
        "Kafka 未能响应，请检查 SANTIAO_KAFKA 与各节点",
    )

"""What the brokers say of a topic: where each partition ends. Asked apart from Faust, so that a consumer that stands still is seen."""

import threading
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from santiao.runtimes.kafka.topics import unreachable


class EndOffsets:
    """Asks for the ends of a topic's partitions. Safe to share between threads."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._client: Any = None
        self._lock = threading.Lock()

    def __call__(self) -> dict[int, int]:
        """Where each partition ends.

        Raises:
            StoreFailure: the brokers do not answer.
        """
        return self._ask("end_offsets")

    def beginnings(self) -> dict[int, int]:
        """The oldest offset that each partition still has; raises as asking for the ends does."""
        return self._ask("beginning_offsets")

    def _ask(self, what: str) -> dict[int, int]:
        with self._lock:
            try:
                if self._client is None:
                    self._client = KafkaConsumer(
                        bootstrap_servers=self._bootstrap.split(","),
                        client_id="santiao-offsets",
                        group_id=None,
                        enable_auto_commit=False,
                    )
                numbers = self._client.partitions_for_topic(self._topic) or ()
                places = [TopicPartition(self._topic, number) for number in sorted(numbers)]
                told = getattr(self._client, what)(places)
            except KafkaError as error:
                self._close()
                raise unreachable(error) from None
            return {place.partition: offset for place, offset in told.items()}

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._close()

"""Producing so that nothing is lost: idempotent, acknowledged by all in-sync replicas, and counted as sent only when it is."""

from collections.abc import Sequence
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from santiao.runtimes.kafka.topics import unreachable

_PATIENCE_SECONDS = 30.0
Headers = list[tuple[str, bytes]]


class Producer:
    """Sends messages. `confirm` is the only word that they arrived; after a failure everything since the last is sent again."""

    def __init__(self, bootstrap: str, name: str, *, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        """Connect.

        Raises:
            StoreFailure: no broker answers.
        """
        self._patience = patience_seconds
        self._bootstrap = bootstrap
        self._name = name
        self._pending: list[Any] = []
        self._client: Any = None
        self._connect()

    def _connect(self) -> None:
        try:
            self._client = KafkaProducer(
                bootstrap_servers=self._bootstrap.split(","),
                client_id=self._name,
                acks="all",
                enable_idempotence=True,
                linger_ms=1,
                request_timeout_ms=10_000,
                delivery_timeout_ms=int(self._patience * 1000),
                max_block_ms=int(self._patience * 1000),
            )
        except KafkaError as error:
            raise unreachable(error) from None

    def send(self, topic: str, partition: int, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """Put a message on its way.

        Raises:
            StoreFailure: the brokers do not answer; nothing sent since the last `confirm` counts.
        """
        try:
            self._pending.append(self._client.send(topic, partition=partition, key=key, value=value, headers=headers))
        except KafkaError as error:
            self._begin_anew()
            raise unreachable(error) from None

    def confirm(self) -> int:
        """Wait until all that was sent is acknowledged; how many that was.

        Raises:
            StoreFailure: some of it was not; all since the last `confirm` is to be sent again.
        """
        pending: Sequence[Any] = self._pending
        try:
            self._client.flush(timeout=self._patience + 5)
            for each in pending:
                each.get(timeout=1)
        except KafkaError as error:
            self._begin_anew()
            raise unreachable(error) from None
        self._pending = []
        return len(pending)

    def _begin_anew(self) -> None:
        """Another producer: none of the old one's messages may come after those that are sent again."""
        self._pending = []
        self._client.close(timeout=1)
        self._connect()

    def close(self) -> None:
        """Let go; what was not confirmed does not count."""
        self._client.close(timeout=1)

"""Dead letters on their topic (`santiao.dead-letters`): what could not be taken, with its cause, for those who watch from outside.

The rule kept here: a letter is acknowledged before the batch it belongs to commits. It may come twice and does not get lost. The value is
the record as it was sent, sealed; bytes that are no record are not passed on, the hub's quarantine keeps them.
"""

from collections.abc import Sequence

from santiao.runtimes.kafka.producing import Producer
from santiao.runtimes.kafka.receiving import Letter


class LetterSender:
    """Sends letters."""

    def __init__(self, producer: Producer, topic: str, records_topic: str) -> None:
        self._producer = producer
        self._topic = topic
        self._records_topic = records_topic

    def __call__(self, letters: Sequence[Letter]) -> None:
        """Send, and return once the brokers have acknowledged.

        Raises:
            StoreFailure: they did not.
        """
        for letter in letters:
            headers = [(name, value) for name, value in letter.message.headers if name in ("shard", "received_at")]
            headers += [
                ("cause", letter.cause.encode()),
                ("topic", self._records_topic.encode()),
                ("partition", str(letter.partition).encode()),
                ("offset", str(letter.message.offset).encode()),
            ]
            value = letter.message.value if letter.is_record else None
            self._producer.send(self._topic, letter.partition, letter.message.key, value, headers)
        self._producer.confirm()

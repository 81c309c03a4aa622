"""The baseline of what goes through Kafka: a plain Faust worker whose agent does nothing, on the same topic.

`empty_agent BROKERS TOPIC MESSAGES`: prints seconds from the first message to the last.
"""

import asyncio
import sys
import tempfile
import time
import uuid
from typing import Any

import faust

_PATIENCE_SECONDS = 120.0


async def pass_through(brokers: str, topic: str, messages: int) -> float:
    """Seconds between the first and the last of so many messages."""
    with tempfile.TemporaryDirectory(prefix="santiao-empty-") as folder:
        app: Any = faust.App(
            f"empty-{uuid.uuid4().hex}",
            broker=f"kafka://{brokers}",
            datadir=folder,
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            key_serializer="raw",
            value_serializer="raw",
            store="memory://",
            consumer_auto_offset_reset="earliest",
            worker_redirect_stdouts=False,
            loop=asyncio.get_running_loop(),
        )
        seen, began = 0, 0.0
        done = asyncio.Event()

        @app.agent(app.topic(topic, key_type=bytes, value_type=bytes))  # type: ignore[untyped-decorator]
        async def empty(stream: Any) -> None:
            nonlocal seen, began
            async for _ in stream:
                began = began or time.perf_counter()
                seen += 1
                if seen == messages:
                    done.set()

        app.finalize()
        await app.start()
        try:
            await asyncio.wait_for(done.wait(), _PATIENCE_SECONDS)
            return time.perf_counter() - began
        finally:
            await app.stop()


if __name__ == "__main__":
    spent = asyncio.run(pass_through(sys.argv[1], sys.argv[2], int(sys.argv[3])))
    sys.stdout.write(f"{spent}\n")

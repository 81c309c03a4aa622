"""One of two processes that do the same work on one store at the same moment, and tell what their steps came to.

Spoken to by lines: the name of a stage, answered by one line of JSON. A stage begins when both
are through with the one before.
"""

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from santiao.bootstrap import Hub
from santiao.domain import commands
from santiao.domain.errors import Conflict, Rejection
from santiao.domain.messages import Batch, Offset
from santiao.settings import Settings
from santiao.store import tables
from santiao.store.case_codec import decode_case
from tests.projections.lives import delivered, records_of

LATE = "2027-12-31T12:00:00+08:00"
"""A clock that stands still after everything was due."""
DISPUTES, BATCH = 30, 4
TOPIC = "records"
_AGAIN = "keys.made_elsewhere"


def open_store(home: Path, url: str) -> Hub:
    """The store that both work on."""
    return Hub(Settings(home=home, store_url=url, clock=LATE, cache_mib=16))


class Racer:
    """One of the two. `name` tells it apart, `seed` orders its work."""

    def __init__(self, hub: Hub, name: str, seed: int) -> None:
        self.hub = hub
        self.name = name
        self.chance = random.Random(f"{seed}-{name}")
        self.cases: list[tuple[str, int]] = []

    def receive(self) -> list[str]:
        """Everything an invented city sends, in an order of its own; the state of every receipt."""
        items = [delivered(record) for record in records_of(DISPUTES)]
        self.chance.shuffle(items)
        return [
            str(receipt.state)
            for start in range(0, len(items), BATCH)
            for receipt in self.hub.intake.take(Batch(tuple(items[start : start + BATCH])))
        ]

    def consume(self) -> list[str]:
        """A partition's messages in their order, as a worker that does not know it has a rival."""
        items = [delivered(record) for record in records_of(DISPUTES)]
        told = []
        for number, item in enumerate(items):
            offset = Offset(topic=TOPIC, partition=0, expected=number, after=number + 1)
            while (code := self._outcome(lambda: self.hub.receiver.receive(Batch((item,), offset=offset)))) == _AGAIN:  # noqa: B023 - called at once
                pass
            told.append(code)
        return told

    def fire(self) -> int:
        """Every timer that is due."""
        fired = 0
        while number := self.hub.timers.fire_due(limit=2):
            fired += number
        return fired

    def look(self) -> int:
        """Cases and their versions, as both see them before either acts."""
        with self.hub.database.readable() as connection:
            rows = connection.execute(select(tables.case_files.c.data).order_by(tables.case_files.c.pk)).scalars()
            cases = [case for case in map(decode_case, rows) if case.merged_into is None and case.status != "closed"]
        self.cases = [(case.id, case.version) for case in cases]
        return len(cases)

    def command(self) -> list[str]:
        """Close every case at the version that was seen."""
        return [
            self._outcome(lambda: self._close(case, f"{self.name}-{case}", version))  # noqa: B023 - called at once
            for case, version in self.cases
        ]

    def repeat(self) -> list[str]:
        """Open every case again, both under the same key: one command that was sent twice."""
        return [self._outcome(lambda: self._reopen(case)) for case, _ in self.cases]  # noqa: B023 - called at once

    def _close(self, case: str, key: str, version: int) -> object:
        command = commands.CloseCase(case=case, reason="done")
        return self.hub.commander.command(command, actor="P1", idempotency_key=key, if_match=version)

    def _reopen(self, case: str) -> object:
        command = commands.ReopenCase(case=case, reason="again")
        return self.hub.commander.command(command, actor="P1", idempotency_key=f"again-{case}")

    def project(self) -> int:
        """Fold the views, as far as the rival leaves something."""
        return self.hub.catch_up()

    def deliver(self) -> int:
        """Hand over feedback; rows handed over."""
        delivered_rows = 0
        while number := self.hub.courier.deliver_due().delivered:
            delivered_rows += number
        return delivered_rows

    def _outcome(self, act: Callable[[], object]) -> str:
        try:
            done = act()
        except (Conflict, Rejection) as failure:
            return failure.code
        return "repeated" if getattr(done, "repeated", False) else "done"


def main() -> None:
    """Serve the lines on standard input."""
    home, url, name, seed = sys.argv[1:]
    racer = Racer(open_store(Path(home), url), name, int(seed))
    for line in sys.stdin:
        stage = line.rstrip("\n")
        sys.stdout.write(json.dumps(getattr(racer, stage)()) + "\n")
        sys.stdout.flush()
    racer.hub.close()


if __name__ == "__main__":
    main()

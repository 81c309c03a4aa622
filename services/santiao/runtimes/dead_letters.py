"""Dead letters (死信): records whose step raised, with the later ones of their source, and feedback that was given up. One desk for both.

The rules kept here: replay goes through the same code as the first time, in order, takes what is named and touches no other; it moves no
watermark and counts nothing as received again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, select

from santiao.delivery.outbox import Outbox, decode_owed
from santiao.domain.errors import NotFound
from santiao.hub.engine import Engine
from santiao.hub.release import Releaser
from santiao.runtimes.replaying import ReplayProgress, ReplayReport
from santiao.store.delivery_tables import batch_rows
from santiao.store.log import decode_row, from_millis
from santiao.store.parking import Parked
from santiao.store.tables import events, outbox

RECORD, FEEDBACK = "record", "feedback"


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One letter. `about` is the source's number or what is owed, with its key; `cause` why it is here; nothing of its content."""

    id: str
    kind: str
    agency: str
    about: str
    cause: str
    since: datetime
    tries: int = 1
    order: int = 0
    """Its place behind others of the same source; 0 is decided first."""

    @property
    def reason(self) -> str:
        """The cause, as the console calls it."""
        return self.cause


class DeadLetterDesk:
    """Looking at dead letters and trying them again."""

    def __init__(self, engine: Engine, releaser: Releaser, outbox: Outbox) -> None:
        self.engine = engine
        self._releaser = releaser
        self._outbox = outbox

    def find(self, agency: str = "", kind: str = "", cause: str = "") -> list[DeadLetter]:
        """Letters that match, records first, each source's in order."""
        found = [*self._records(), *self._feedback()]
        return [
            each
            for each in found
            if agency in ("", each.agency) and kind in ("", each.kind) and (not cause or each.cause.startswith(cause))
        ]

    def show(self, letter: str) -> DeadLetter:
        """One letter.

        Raises:
            NotFound: no letter under this id.
        """
        for each in self.find():
            if each.id == letter:
                return each
        raise NotFound("dead_letter.unknown", f"no dead letter {letter}", f"没有死信 {letter}")

    def replay(
        self,
        letters: Sequence[str],
        *,
        agency: str = "",
        kind: str = "",
        cause: str = "",
        dry_run: bool = False,
        progress: ReplayProgress = lambda _what, _done, _all: None,
    ) -> ReplayReport:
        """Try letters again. A record is decided with those that wait before and behind it: a source's order is not broken.

        Raises:
            NotFound: a letter that is named is not there.
            StoreFailure: the store failed; what was done before stands.
        """
        chosen = [self.show(letter) for letter in letters] or self.find(agency, kind, cause)
        records = [each for each in chosen if each.kind == RECORD]
        sources = list(dict.fromkeys(f"{each.agency}:{each.about}" for each in records))
        waiting = [each for each in self._records() if f"{each.agency}:{each.about}" in set(sources)]
        feedback = [each for each in chosen if each.kind == FEEDBACK]
        matched = len(waiting) + len(feedback)
        if dry_run:
            return ReplayReport(matched=matched, taken=0, left=matched, dry_run=True)
        tried = 0

        def tell(number: int) -> None:
            nonlocal tried
            tried += number
            progress("replay", tried, matched)

        done = self._releaser.release(sources, tell)
        revived = self._outbox.revive(int(each.id.removeprefix("f")) for each in feedback)
        tell(len(feedback))
        taken = done.decided + revived
        return ReplayReport(matched=matched, taken=taken, left=matched - taken)

    def _records(self) -> list[DeadLetter]:
        places: dict[str, int] = {}
        found = []
        for each in self._releaser.parked():
            place = places.get(each.record.prepared.source_id, 0)
            places[each.record.prepared.source_id] = place + 1
            found.append(_of_record(each, place))
        return found

    def _feedback(self) -> list[DeadLetter]:
        query = (
            select(outbox, events.c.data.label("event"), batch_rows.c.agency_key)
            .join(events, events.c.id == outbox.c.id)
            .outerjoin(batch_rows, batch_rows.c.outbox_id == outbox.c.id)
            .where(outbox.c.state == "dead")
            .order_by(outbox.c.id)
        )
        with self.engine.database.readable() as connection:
            return [_of_feedback(row) for row in connection.execute(query)]


def _of_record(parked: Parked, place: int) -> DeadLetter:
    record = parked.record
    return DeadLetter(
        id=parked.message_id.hex(),
        kind=RECORD,
        agency=record.connector,
        about=record.prepared.source_id.partition(":")[2],
        cause=parked.cause,
        since=from_millis(record.received_ms),
        order=place,
    )


def _of_feedback(row: Row[Any]) -> DeadLetter:
    owed = decode_owed(row.data)
    return DeadLetter(
        id=f"f{row.id}",
        kind=FEEDBACK,
        agency=row.destination,
        about=f"{row.kind.partition('.')[2]} {owed.key}",
        cause=row.cause or "",
        since=decode_row(row.id, row.event)[0].recorded_at,
        tries=row.attempts,
    )

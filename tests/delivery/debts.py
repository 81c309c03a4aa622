"""Debts to agencies made by hand, a clock moved by hand, and a way out that fails when it is told to."""

from datetime import UTC, datetime, timedelta

from santiao.delivery.contract import Parcel
from santiao.delivery.courier import Courier
from santiao.delivery.outbox import Outbox, decode_owed
from santiao.delivery.schedule import Retries, Schedule
from santiao.delivery.writing import FeedbackWriter
from santiao.domain.errors import DeliveryFailed
from santiao.domain.events.cases import FeedbackOwed
from santiao.store.shelf_rows import encode
from santiao.store.tables import case_files, outbox
from tests.stories.telling import Story

POLICE = "20260302340302000187"
PAUSES = (10.0, 100.0)


class HandClock:
    """Says what it is told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Door:
    """Takes parcels, or fails with the code it is given."""

    def __init__(self) -> None:
        self.parcels: list[Parcel] = []
        self.fails_with = ""

    def carry(self, parcel: Parcel) -> None:
        if self.fails_with:
            raise DeliveryFailed(self.fails_with, "told to fail")
        self.parcels.append(parcel)


def owe(story: Story, keys: list[str], *, agency: str = "police-110", cases: int = 1) -> list[int]:
    """Owe the outcome of known cases to an agency under these keys, in this order; the rows' ids."""
    with story.hub.database.writable() as connection:
        pks = list(connection.execute(case_files.select().with_only_columns(case_files.c.pk)).scalars())
        events = list(connection.exec_driver_sql("SELECT id FROM events ORDER BY id").scalars())
        rows = []
        for place, key in enumerate(keys):
            owed = FeedbackOwed(
                source_id=f"{agency}:{key}", agency=agency, key=key, kind="outcome", about="", outcome="O10"
            )
            pk = pks[0] if cases == 1 else 1_000_000 + place % cases
            rows.append((events[place], 3403, agency, "feedback.outcome", pk, encode(owed), "due", 0, 0, None))
        story.hub.database.insert(connection, outbox, rows)
    return [row[0] for row in rows]


def courier_of(story: Story, clock: HandClock, door: Door, *, rows: int = 200, lease: float = 60) -> Courier:
    """A courier over a story's hub, with two retries."""
    retries = Retries(pauses=PAUSES, rows=rows, lease_seconds=lease)
    writer = FeedbackWriter(story.hub.database, story.hub.connectors, lambda body: body)
    return Courier(Outbox(story.hub.database), writer, door, Schedule(every=retries), clock)


def states(story: Story) -> dict[str, tuple[str, str | None]]:
    """State and cause of every row, by key."""
    with story.hub.database.readable() as connection:
        rows = connection.execute(outbox.select().order_by(outbox.c.id)).all()
    return {decode_owed(row.data).key: (row.state, row.cause) for row in rows}

"""A folder of deliveries, in the agencies' own forms, received into a hub whose home is new, as `santiao receive` does, agency by agency.

What came of every item is noted with file and line, and what the hub holds afterwards is read from its store.
"""

import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from santiao.bootstrap import Hub
from santiao.domain.files import CaseFile, LinkFile, SourceFile
from santiao.domain.links.profile import Profile
from santiao.domain.messages import Counts, Delivered, Receipt
from santiao.settings import Settings
from santiao.store.case_codec import decode_case
from santiao.store.shelf import decode_link, decode_profile, decode_source

Source = tuple[str, str]
"""Connector's name and source key, as others see it."""
Progress = Callable[[str], None]

SOURCES = {
    "police-110": ".",
    "court": ".",
    "petitions": ".",
    "human-resources": ".",
    "hotline-12345": "deliveries.jsonl",
    "peoples-mediation": "events.jsonl",
}
"""Below an agency's own folder, what its connector is given to read."""
POLICE_TABLES = "qzk_110.sqlite"
_PLACE = re.compile(r"(?P<file>.+?\.(?:csv|xlsx|jsonl|json|xml|sqlite))(?:.*?(?P<line>[0-9]+))?$", re.IGNORECASE)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one item. `key` as far as it was understood."""

    agency: str
    file: str
    line: int
    state: str
    key: str = ""
    code: str = ""
    quarantine_id: str = ""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub holds: sources by the key that others see, links, profiles by a source's own name."""

    sources: dict[Source, SourceFile]
    links: tuple[LinkFile, ...]
    profiles: dict[str, Profile]
    cases: dict[str, CaseFile]


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A folder after it was received."""

    counts: dict[str, Counts]
    outcomes: tuple[Outcome, ...]
    held: Held


def receive_folder(
    folder: Path, home: Path, *, police_tables: bool = False, city: Path = Path(), progress: Progress
) -> Received:
    """Receive what is in `folder`; agencies whose folder is missing are passed over.

    `city` is the folder of the city the hub is for; empty: the one the project brings.
    `police_tables` reads the police's tables as they stand after the last day instead of their daily snapshots.
    """
    hub = Hub(Settings(home=home, clock="follow", city=city))
    try:
        counts: dict[str, Counts] = {}
        outcomes: list[Outcome] = []
        for agency, below in SOURCES.items():
            path = folder / agency / below
            source = str(path)
            if agency == "police-110" and police_tables:
                path = folder / agency / POLICE_TABLES
                source = f"sqlite:///{path.resolve()}"
            if path.exists():
                progress(agency)
                counts[agency] = _receive(hub, agency, source, outcomes)
        return Received(counts=counts, outcomes=tuple(outcomes), held=read_held(hub))
    finally:
        hub.close()


def _receive(hub: Hub, agency: str, source: str, outcomes: list[Outcome]) -> Counts:
    connector, counts = hub.connectors[agency], Counts()
    for batch in connector.read(source, hub.intake.watermark(connector), again=True):
        for item, receipt in zip(batch.items, hub.intake.take(batch), strict=True):
            if item.counted:
                counts.add(receipt)
                outcomes.append(_outcome(item, receipt))
    return counts


def _outcome(item: Delivered, receipt: Receipt) -> Outcome:
    place = _PLACE.match(item.where)
    return Outcome(
        agency=item.connector,
        file=place["file"] if place else item.where,
        line=int(place["line"] or 0) if place else 0,
        state=receipt.state.value,
        key=item.record.key if item.record is not None else item.fault.key if item.fault is not None else "",
        code=receipt.code,
        quarantine_id=receipt.quarantine_id or "",
    )


def read_held(hub: Hub) -> Held:
    """What the hub's store says."""
    with hub.database.readable() as connection:

        def column(sql: str) -> list[bytes]:
            return [bytes(data) for (data,) in connection.exec_driver_sql(sql)]

        sources = [decode_source(data) for data in column("SELECT data FROM sources")]
        return Held(
            sources={(file.agency, file.key): file for file in sources},
            links=tuple(decode_link(data) for data in column("SELECT data FROM links WHERE data IS NOT NULL")),
            profiles={
                str(name): decode_profile(bytes(data)).whole()
                for name, data in connection.exec_driver_sql(
                    "SELECT s.name, p.data FROM profiles p JOIN sources s ON s.pk = p.source_pk"
                )
            },
            cases={case.id: case for case in map(decode_case, column("SELECT data FROM case_files"))},
        )

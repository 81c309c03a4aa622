"""Every case event has a schema and every schema an event, so that a partner can read all that the hub writes."""

import json

from santiao.domain.events import EVENT_TYPES
from tests.architecture.sources import ROOT


def schema_names(folder: str) -> set[str]:
    """Return the names of the records that the folder's files define at their top, whatever the version."""
    return {json.loads(path.read_text())["name"] for path in (ROOT / "schemas" / folder).rglob("*.avsc")}


def test_every_event_has_a_schema_and_every_schema_an_event() -> None:
    schemas = schema_names("case")
    events = set(EVENT_TYPES)
    assert not events - schemas, (
        f"without a schema, write it with the schemas room's generator: {sorted(events - schemas)}"
    )
    assert not schemas - events, (
        f"without an event, though a released schema is never withdrawn: {sorted(schemas - events)}"
    )


def test_the_incoming_record_has_a_schema() -> None:
    assert "AgencyRecord" in schema_names("incoming")


def test_every_event_says_what_happened() -> None:
    found = [name for name, kind in EVENT_TYPES.items() if not (kind.__doc__ or "").strip()]
    assert not found, f"one sentence, in the past tense: {found}"

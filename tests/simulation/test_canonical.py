"""The canonical stream: records as connectors give them, in order of time, the same for the same settings."""

from collections import Counter
from itertools import islice, pairwise

import msgspec
import pytest

from santiao.domain.records import AgencyRecord, DisputeFact
from santiao.simulation.canonical import canonical_stream
from santiao.simulation.settings import SimulationSettings

SETTINGS = SimulationSettings(disputes=400, seed=9)


@pytest.fixture(scope="module")
def records() -> list[AgencyRecord]:
    return list(canonical_stream(SETTINGS))


def test_the_same_settings_give_the_same_records(records: list[AgencyRecord]) -> None:
    assert list(islice(canonical_stream(SETTINGS), 200)) == records[:200]
    assert next(canonical_stream(SimulationSettings(disputes=400, seed=10))) != records[0]


def test_time_goes_on_but_for_what_began_before_the_period(records: list[AgencyRecord]) -> None:
    back = [later for earlier, later in pairwise(records) if later.received_at < earlier.received_at]
    assert len(back) < len(records) / 50
    assert all(record.received_at.utcoffset() is not None for record in records)


def test_records_are_whole(records: list[AgencyRecord]) -> None:
    for record in records:
        assert msgspec.json.decode(msgspec.json.encode(record), type=AgencyRecord) == record
        assert record.shard == 3403
        if isinstance(record.body, DisputeFact):
            assert record.body.type.hub_code
            assert record.body.parties
            assert [party.slot for party in record.body.parties] == list(range(len(record.body.parties)))


def test_versions_of_a_part_differ_and_grow(records: list[AgencyRecord]) -> None:
    versions = Counter((record.connector, record.key, record.part, record.source_version) for record in records)
    assert set(versions.values()) == {1}
    assert len({record.content_hash for record in records}) == len(records)


def test_what_is_quoted_mostly_exists(records: list[AgencyRecord]) -> None:
    known = {(record.connector, record.key) for record in records}
    known |= {(record.connector, alias) for record in records for alias in record.aliases}
    quoted = [(reference.kind, reference.number) for record in records for reference in record.references]
    missing = [each for each in quoted if each not in known]
    assert quoted
    assert len(missing) < len(quoted) / 8


def test_all_agencies_speak_and_disputes_end(records: list[AgencyRecord]) -> None:
    assert {record.connector for record in records} == {
        *("police-110", "court", "petitions", "human-resources", "hotline-12345", "peoples-mediation")
    }
    assert {record.part.partition("/")[0] for record in records} == {"", "feedback", "result"}
    assert any(isinstance(record.body, DisputeFact) and record.body.settled_on for record in records)


def test_a_large_city_is_as_busy_a_day_as_a_city_is() -> None:
    first = next(canonical_stream(SimulationSettings(disputes=400_000)))
    assert first.received_at.year < 2025


def test_another_city_is_another_shard() -> None:
    assert {record.shard for record in canonical_stream(SimulationSettings(disputes=20, city="yunze"))} == {3419}

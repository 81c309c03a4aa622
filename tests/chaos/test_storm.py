"""A short storm in every run of the suite; `make chaos` raises long ones."""

import os
import sys

import msgspec

from tests.chaos.scenario import Plan, live_through
from tests.services.postgres import PostgresServer


def test_nothing_is_lost_and_nothing_happens_twice_in_a_short_storm(postgres: PostgresServer) -> None:
    seed = int(os.environ.get("SANTIAO_CHAOS_SEED", "0")) or int.from_bytes(os.urandom(3), "big")
    outcome = live_through(Plan(seed=seed, seconds=45, every=5, disputes=40, rate=60), postgres)
    sys.stderr.write(f"storm: {msgspec.json.encode(outcome.findings).decode()} {outcome.weather}\n")
    assert outcome.findings.counts["quarantined"] > 0
    assert outcome.weather.blows >= 6

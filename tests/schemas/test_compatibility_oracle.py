"""The gate against real reading: on invented pairs of schemas it never says compatible where a library then fails."""

from hypothesis import HealthCheck, event, given, settings

from tests.schemas.gate_oracle import Pair, judge, pairs_with_data


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(pairs_with_data())
def test_what_the_gate_passes_both_libraries_read_alike(pair: Pair) -> None:
    verdict = judge(pair)
    if verdict is None:
        event("a library refuses one of the schemas")
        return
    event(f"gate {'refuses' if verdict.refused_by else 'passes'}, reading {'fails' if verdict.failure else 'succeeds'}")
    assert verdict.refused_by or not verdict.failure, verdict.failure

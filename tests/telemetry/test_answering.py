"""A worker's own port: figures and health, also while its work hangs, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from santiao.domain.errors import StoreFailure
from santiao.telemetry.answering import FiguresPort
from santiao.telemetry.figures import Figures
from santiao.telemetry.standing import Part, PartitionStanding, Standing, Stuck

STUCK = Stuck(Part.PARTITION, "santiao.records/3", "offset.conflict")


@contextmanager
def answering(*standings: Standing) -> Iterator[str]:
    """The address of a worker that stands as told; the last of several is asked for ever after."""
    waiting = list(standings)

    def standing() -> Standing:
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    figures = Figures(role="worker")
    figures.watch_standing(lambda: waiting[0])
    port = FiguresPort("127.0.0.1", 0, figures, standing)
    try:
        yield f"http://127.0.0.1:{port.port}"
    finally:
        port.close()


def test_ready_until_something_is_stuck_and_then_it_is_named() -> None:
    with answering(Standing(), Standing(stuck=(STUCK,))) as address:
        assert httpx.get(f"{address}/health/ready").json() == {"status": "ready", "not_ready": []}
        answer = httpx.get(f"{address}/health/ready")
        assert answer.status_code == 503
        assert answer.json()["not_ready"] == [
            {"part": "partition", "name": "santiao.records/3", "reason": "offset.conflict"}
        ]
        assert httpx.get(f"{address}/health/live").status_code == 200


def test_figures_tell_lag_and_what_is_stuck_and_why() -> None:
    held = PartitionStanding("santiao.records", 3, next_offset=10, end_offset=25)
    standing = Standing(stuck=(STUCK, STUCK), partitions=(held,))
    with answering(standing) as address:
        text = httpx.get(f"{address}/metrics").text
    for line in (
        'santiao_stuck{name="santiao.records/3",part="partition",reason="offset.conflict"} 1.0',
        'santiao_partition_lag_records{partition="3",topic="santiao.records"} 15.0',
        'santiao_partition_next_offset{partition="3",topic="santiao.records"} 10.0',
        "process_resident_memory_bytes",
    ):
        assert line in text, line


def test_other_addresses_are_unknown() -> None:
    with answering(Standing()) as address:
        assert httpx.get(f"{address}/v1/cases").status_code == 404
        assert httpx.post(f"{address}/metrics").status_code == 501


def test_a_port_that_is_taken_is_said_with_its_setting() -> None:
    with answering(Standing()) as address:
        taken = int(address.rpartition(":")[2])
        with pytest.raises(StoreFailure, match="SANTIAO_METRICS_PORT"):
            FiguresPort("127.0.0.1", taken, Figures(), Standing)

"""`santiao topics create`: makes what is missing, checks what stands, changes nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from santiao.domain.errors import NotFound
from santiao.runtimes.kafka.topics import TopicKeeper, TopicNames, partition_of

_START = "from santiao.cli import main; main()"


def create(kafka: str, home: Path, *words: str) -> tuple[int, list[dict[str, object]]]:
    told = {"SANTIAO_KAFKA": kafka, "SANTIAO_HOME": str(home), "SANTIAO_TOPIC_PREFIX": f"{home.name}."}
    done = subprocess.run(
        [sys.executable, "-c", _START, "topics", "create", "--json", *words],
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_missing_topics_are_made_and_standing_ones_are_only_looked_at(kafka: str, tmp_path: Path) -> None:
    words = ("--partitions", "4", "--replication", "1")
    status, made = create(kafka, tmp_path, *words)
    assert status == 0
    assert [each["state"] for each in made] == ["made"] * 3
    names = TopicNames(f"{tmp_path.name}.")
    assert [each["name"] for each in made] == [names.records, names.events, names.letters]
    status, again = create(kafka, tmp_path, *words)
    assert status == 0
    assert [each["state"] for each in again] == ["good"] * 3


def test_what_differs_is_told_and_left_as_it_is(kafka: str, tmp_path: Path) -> None:
    create(kafka, tmp_path, "--partitions", "4", "--replication", "1")
    status, told = create(kafka, tmp_path, "--partitions", "6", "--replication", "1", "--retention-days", "3")
    assert status == 1
    assert told[0]["differences"] == [
        "partitions: there is 4, planned is 6",
        "retention.ms: there is 604800000, planned is 259200000",
    ]
    keeper = TopicKeeper(kafka)
    assert keeper.partitions(TopicNames(f"{tmp_path.name}.").records) == 4
    keeper.close()


def test_a_missing_topic_is_told_with_what_to_do(kafka: str) -> None:
    keeper = TopicKeeper(kafka)
    with pytest.raises(NotFound, match="santiao topics create"):
        keeper.partitions("no-such-topic")
    keeper.close()


def test_a_kafka_out_of_reach_is_told_in_both_languages(tmp_path: Path) -> None:
    told = {"SANTIAO_KAFKA": "127.0.0.1:1", "SANTIAO_HOME": str(tmp_path)}
    command = [sys.executable, "-c", _START, "topics", "create"]
    done = subprocess.run(command, env={**os.environ, **told}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "SANTIAO_KAFKA" in done.stderr
    assert "无法" in done.stderr or "未能" in done.stderr


def test_records_and_events_of_a_shard_have_one_partition() -> None:
    assert {partition_of(shard, 16) for shard in range(3401, 3417)} == set(range(16))
    assert partition_of(3403, 16) == 3403 % 16

"""Readers that nobody here wrote: librdkafka with fastavro, and Apache's Avro in Java, with nothing but the files in `schemas/`."""

import json
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition
from fastavro import parse_schema, schemaless_reader
from fastavro.schema import fingerprint, to_parsing_canonical_form

from santiao.domain.events import event_name
from santiao.runtimes.kafka.topics import partition_of
from tests.hub.cities import city_items
from tests.runtimes.cluster.processes import Cluster, running
from tests.services.postgres import PostgresServer
from tools.components import KAFKA_JARS

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"
JAVA = Path(__file__).parent / "java" / "ReadEvents.java"
Place = tuple[int, int, int, str]
"""partition, shard, position, name"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, kafka: str, postgres: PostgresServer) -> Iterator[Cluster]:
    """A cluster through which a small city has gone, stopped again."""
    home = tmp_path_factory.mktemp("readers")
    with running(Cluster(home, kafka, postgres.create(), prefix=f"{home.name}.")) as made:
        made.make_topics()
        items = city_items(12, 5)
        made.start("worker", "--only", "receive")
        made.start("worker", "--only", "relay")
        made.produce(items)
        made.wait_for("all records to be taken", lambda: made.taken() == len(items))
        made.wait_for("all events to be relayed", lambda: made.relayed() == made.heads())
        made.stop()
        yield made


def logged(cluster: Cluster) -> dict[int, list[Place]]:
    """What the log holds, by shard."""
    found = {}
    with cluster.hub.database.readable() as connection:
        for shard in cluster.hub.engine.log.shards(connection):
            partition = partition_of(shard, cluster.partitions)
            found[shard] = [
                (partition, shard, meta.position, event_name(event))
                for meta, event in cluster.hub.engine.log.stream(connection, shard)
            ]
    return found


def by_shard(places: list[Place]) -> dict[int, list[Place]]:
    shards: dict[int, list[Place]] = {}
    for place in places:
        shards.setdefault(place[1], []).append(place)
    return shards


def read_all(bootstrap: str, topic: str, partitions: int) -> Iterator[tuple[Any, dict[str, Any], str]]:
    """Every message with its datum and the name of its schema."""
    schemas = {}
    for path in SCHEMAS.glob("*/*.avsc"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        print_of = fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO")
        schemas[bytes.fromhex(print_of)] = (parse_schema(schema), schema["name"])
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, number, 0) for number in range(partitions)])
    ends = {number: consumer.get_watermark_offsets(TopicPartition(topic, number))[1] for number in range(partitions)}
    for _ in range(sum(ends.values())):
        message = consumer.poll(30)
        assert message is not None
        assert message.error() is None
        value = message.value() or b""
        assert value[:2] == b"\xc3\x01"
        schema, name = schemas[value[2:10]]
        stream = BytesIO(value[10:])
        datum: Any = schemaless_reader(stream, schema, None)
        assert not stream.read()
        yield message, datum, name
    consumer.close()


def test_librdkafka_and_fastavro_read_every_event_in_its_place(cluster: Cluster) -> None:
    places = []
    for message, datum, name in read_all(cluster.settings.kafka, cluster.names.events, cluster.partitions):
        headers = {key: value.decode() for key, value in message.headers()}
        meta = datum["meta"]
        assert (headers["shard"], headers["position"]) == (str(meta["shard"]), str(meta["position"]))
        assert headers["ce_id"] == meta["id"].hex()
        assert headers["ce_specversion"] == "1.0"
        assert f".{name}." in headers["ce_type"]
        assert message.key().decode() == (meta["case_id"] or str(meta["shard"]))
        places.append((message.partition(), meta["shard"], meta["position"], name))
    assert by_shard(places) == logged(cluster)


def test_librdkafka_and_fastavro_read_every_record_and_find_it_sealed(cluster: Cluster) -> None:
    told = list(read_all(cluster.settings.kafka, cluster.names.records, cluster.partitions))
    assert {name for _, _, name in told} == {"AgencyRecord"}
    assert {message.partition() for message, _, _ in told} == {
        datum["shard"] % cluster.partitions for _, datum, _ in told
    }
    assert all(set(datum["body"]) == {"alg", "key_id", "data"} and datum["raw"] == b"" for _, datum, _ in told)
    assert len(told) == len(city_items(12, 5))


def test_apaches_avro_in_java_reads_the_same(cluster: Cluster) -> None:
    for topic in (cluster.names.events, cluster.names.records):
        done = subprocess.run(
            ["java", "-cp", f"{KAFKA_JARS}/*", str(JAVA), cluster.settings.kafka, topic, str(SCHEMAS)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        lines = [line.split(" ") for line in done.stdout.splitlines()]
        places = [(int(partition), int(shard), int(position), name) for partition, shard, position, name in lines]
        if topic == cluster.names.events:
            assert by_shard(places) == logged(cluster)
        else:
            assert len(places) == len(city_items(12, 5))

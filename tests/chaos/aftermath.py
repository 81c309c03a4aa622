"""What must hold after a storm: nothing lost, nothing twice, positions dense, views and topic the log's, and the log a replay's.

The replay is the judge of all: every shard's records in the order in which they stand on their topic, with the times at which they were
recorded, go into an embedded hub with the same keys; its log must be the cluster's byte for byte, and its views' digests the same.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from kafka import KafkaConsumer, TopicPartition

from santiao.bootstrap import Hub
from santiao.domain.errors import InvalidRecord
from santiao.domain.messages import Batch, Delivered
from santiao.hub.prepare import record_message_id
from santiao.runtimes.kafka.event_form import place_of
from santiao.schemas.single_object import SingleObjectCodec
from santiao.settings import Settings
from santiao.store import intake, tables
from santiao.store.log import decode_row
from santiao.store.resources import resource_dir
from tests.runtimes.cluster.processes import Cluster

_BATCH = 200


class Findings(NamedTuple):
    """Numbers for people; whatever must hold is asserted on the way."""

    messages: int
    counts: dict[str, int]
    events: int
    relayed_twice: int
    letters: int


def judge(cluster: Cluster, folder: Path) -> Findings:
    """Hold a cluster that has come to rest to everything it promises."""
    counts = check_counts(cluster)
    twice = check_topic(cluster)
    check_views(cluster)
    check_outbox(cluster)
    replayed = replay(cluster, folder)
    check_same_log(cluster.hub, replayed)
    replayed.close()
    events = sum(cluster.heads().values())
    return Findings(cluster.taken(), counts, events, twice, len(list(read(cluster, cluster.names.letters))))


def read(cluster: Cluster, topic: str) -> Iterator[Any]:
    """Every message of a topic, each partition's in order."""
    consumer = KafkaConsumer(bootstrap_servers=cluster.settings.kafka.split(","), group_id=None)
    try:
        for number in range(cluster.partitions):
            place = TopicPartition(topic, number)
            consumer.assign([place])
            consumer.seek_to_beginning(place)
            end = consumer.end_offsets([place])[place]
            while consumer.position(place) < end:
                for messages in consumer.poll(timeout_ms=1000).values():
                    yield from messages
    finally:
        consumer.close()


def check_counts(cluster: Cluster) -> dict[str, int]:
    """Every message is accounted for once: received = accepted + repeated + quarantined + refused = what the topic holds."""
    with cluster.hub.database.readable() as connection:
        told = intake.read_counts(connection)
    sums: dict[str, int] = {}
    for name, number in told.items():
        state = name.partition("|")[2]
        sums[state] = sums.get(state, 0) + number
    assert sums["received"] == cluster.taken()
    assert sums["received"] == sum(sums.get(state, 0) for state in ("accepted", "repeated", "quarantined", "refused"))
    return sums


def check_topic(cluster: Cluster) -> int:
    """The topic of events holds the log: dense, in order once repeats are left out, with the same bytes; how many came twice."""
    codec = SingleObjectCodec(resource_dir("schemas"))
    reached: dict[int, int] = {}
    twice = 0
    for message in read(cluster, cluster.names.events):
        shard, position = place_of(message.headers)
        if position <= reached.get(shard, 0):
            twice += 1
            continue
        assert position == reached.get(shard, 0) + 1, f"shard {shard}: {position} follows {reached.get(shard, 0)}"
        meta, _ = codec.decode_event(message.value)
        assert (meta.shard, meta.position) == (shard, position)
        reached[shard] = position
    assert reached == cluster.heads()
    with cluster.hub.database.readable() as connection:
        rows = connection.execute(tables.events.select().with_only_columns(tables.events.c.id, tables.events.c.data))
        metas = [decode_row(row.id, row.data)[0] for row in rows]
    assert len(metas) == sum(reached.values())
    assert len({meta.id for meta in metas}) == len(metas)
    return twice


def check_views(cluster: Cluster) -> None:
    """Views stand at the log's end and are its fold."""
    assert cluster.is_folded()
    assert [each.view for each in cluster.hub.projector.verify() if not each.agrees] == []


def check_outbox(cluster: Cluster) -> None:
    """Every row that was delivered stands in one batch, and in its file once."""
    with cluster.hub.database.readable() as connection:
        rows = connection.exec_driver_sql("SELECT state, count(*) FROM outbox GROUP BY state").fetchall()
        states: dict[str, int] = {row[0]: row[1] for row in rows}
        handed = connection.exec_driver_sql("SELECT count(*), count(DISTINCT outbox_id) FROM feedback_rows").one()
    assert handed[0] == handed[1]
    assert handed[0] >= states.get("delivered", 0)


def replay(cluster: Cluster, folder: Path) -> Hub:
    """The recorded order of every shard, played into one process on SQLite with the same keys."""
    folder.mkdir(exist_ok=True)
    for name in ("keys.db", "keys.db-wal", "master.key"):
        if (cluster.home / name).exists():
            shutil.copy(cluster.home / name, folder / name)
    recorded = recorded_times(cluster.hub)
    hub = Hub(Settings(home=folder, clock="follow"))
    run: list[Delivered] = []
    for message in read(cluster, cluster.names.records):
        (opened,) = cluster.form.open([(message.value, message.headers)])
        if isinstance(opened, InvalidRecord):
            continue
        assert opened.record is not None
        at = recorded.get(record_message_id(opened.record))
        run.append(msgspec.structs.replace(opened, recorded_at=at))
        if len(run) == _BATCH:
            hub.receiver.receive(Batch(tuple(run)))
            run = []
    hub.receiver.receive(Batch(tuple(run)))
    return hub


def recorded_times(hub: Hub) -> dict[bytes, Any]:
    """When the step of each message was recorded, by the message."""
    with hub.database.readable() as connection:
        rows = connection.execute(tables.events.select().with_only_columns(tables.events.c.id, tables.events.c.data))
        metas = (decode_row(row.id, row.data)[0] for row in rows)
        return {meta.cause: meta.recorded_at for meta in metas}


def check_same_log(hub: Hub, other: Hub) -> None:
    """The same events to the byte, the same facts, the same digests of views."""
    logs = []
    for each in (hub, other):
        with each.database.readable() as connection:
            columns = (tables.events.c.id, tables.events.c.data)
            rows = connection.execute(tables.events.select().with_only_columns(*columns).order_by(tables.events.c.id))
            logs.append([(row.id, bytes(row.data)) for row in rows])
    for mine, theirs in zip(*logs, strict=True):
        assert mine == theirs, f"{decode_row(*mine)}\n{decode_row(*theirs)}"
    other.catch_up()
    digests = [{told.view: told.live for told in each.projector.verify()} for each in (hub, other)]
    assert digests[0] == digests[1]

"""The relay: one at a time, in order, resumable, and not twice what the brokers already have."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from santiao.bootstrap import Hub
from santiao.domain.errors import Conflict, StoreFailure
from santiao.domain.messages import Batch
from santiao.runtimes.kafka.event_form import EventForm, place_of
from santiao.runtimes.kafka.producing import Producer
from santiao.runtimes.kafka.relay import Relay, read_relayed
from santiao.schemas.single_object import SingleObjectCodec
from santiao.store.resources import resource_dir
from tests.chaos.aftermath import read
from tests.hub.cities import city_items
from tests.runtimes.cluster.processes import Cluster, running
from tests.services.postgres import PostgresServer


@pytest.fixture
def cluster(tmp_path: Path, kafka: str, postgres: PostgresServer) -> Iterator[Cluster]:
    """A store with a small city's events, of which none is relayed."""
    with running(Cluster(tmp_path / "home", kafka, postgres.create(), prefix=f"{tmp_path.name}.")) as made:
        made.make_topics()
        made.hub.receiver.receive(Batch(city_items(12, 5)))
        yield made


def relay_of(cluster: Cluster, owner: str, hub: Hub | None = None) -> Relay:
    codec = SingleObjectCodec(resource_dir("schemas"))
    producer = Producer(cluster.settings.kafka, owner)
    engine = (hub or cluster.hub).engine
    return Relay(engine, EventForm(codec), producer, cluster.names.events, cluster.partitions, owner)


def places(cluster: Cluster) -> list[int]:
    return [place_of(message.headers).position for message in read(cluster, cluster.names.events)]


def test_one_relays_and_another_stands_by_until_the_first_gives_way(cluster: Cluster) -> None:
    first, second = relay_of(cluster, "first"), relay_of(cluster, "second")
    first.turn()
    assert first.sent == sum(cluster.heads().values())
    cluster.hub.receiver.receive(Batch(city_items(20, 6)))
    second.turn()
    assert second.sent == 0
    first.close()
    second.turn()
    assert read_relayed(cluster.hub.database, cluster.names.events) == cluster.heads()
    assert places(cluster) == list(range(1, sum(cluster.heads().values()) + 1))
    second.close()


def test_what_the_brokers_have_is_not_sent_again_for_a_store_that_did_not_answer(cluster: Cluster) -> None:
    relay = relay_of(cluster, "first")
    move = relay._move

    def fail(_stretches: object) -> None:
        raise StoreFailure("store.unreachable", "it did not answer")

    relay._move = fail  # type: ignore[method-assign,assignment]
    with pytest.raises(StoreFailure):
        relay.turn()
    assert read_relayed(cluster.hub.database, cluster.names.events) == {}
    relay._move = move  # type: ignore[method-assign]
    relay.turn()
    assert read_relayed(cluster.hub.database, cluster.names.events) == cluster.heads()
    assert places(cluster) == list(range(1, sum(cluster.heads().values()) + 1))
    relay.close()


def test_a_relay_that_slept_through_its_lease_gives_way(cluster: Cluster) -> None:
    sleeper, successor = relay_of(cluster, "sleeper"), relay_of(cluster, "successor")
    stretches = sleeper.waiting()
    successor.turn()
    with pytest.raises(Conflict):
        sleeper._move(stretches)
    assert read_relayed(cluster.hub.database, cluster.names.events) == cluster.heads()
    successor.close()
    sleeper.close()

"""A storm from beginning to end: brokers, database, cluster, six cities' records, blows, and the judgement."""

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import msgspec

from santiao.bootstrap import Hub
from santiao.domain.messages import Batch
from santiao.settings import Settings
from tests.chaos.aftermath import Findings, judge
from tests.chaos.cities import sendings
from tests.chaos.storm import Blow, Storm, Weather, draw
from tests.hub.cities import facts_of
from tests.runtimes.cluster.processes import Cluster, running
from tests.services.kafka import running_cluster
from tests.services.postgres import PostgresServer

_PATIENCE_SECONDS = 300.0


class Plan(NamedTuple):
    """How hard and how long. The same seed gives the same records and the same schedule."""

    seed: int
    seconds: float
    every: float
    disputes: int
    rate: float
    partitions: int = 6


class Outcome(msgspec.Struct, frozen=True):
    """What a storm was and what it came to."""

    plan: Plan
    weather: Weather
    findings: Findings
    schedule: list[Blow]


def live_through(plan: Plan, postgres: PostgresServer) -> Outcome:
    """Raise a storm and judge what is left."""
    sending = sendings(plan.disputes, plan.seed)
    schedule = draw(plan.seed, plan.seconds, plan.every, can_crash_database=postgres.can_crash)
    sys.stderr.write(f"storm: seed {plan.seed}, {len(sending)} messages, {len(schedule)} blows\n")
    with tempfile.TemporaryDirectory(prefix="santiao-storm-") as folder, running_cluster(3) as brokers:
        home = Path(folder) / "cluster"
        home.mkdir()
        store, views = postgres.create(), postgres.create()
        made = Cluster(home, brokers.bootstrap, store, views=views, partitions=plan.partitions)
        with running(made) as cluster:
            cluster.patience_seconds = _PATIENCE_SECONDS
            cluster.make_topics(replication=3)
            weather = Storm(cluster, brokers, postgres).rage(sending, schedule, plan.rate)
            cluster.stop()
            findings = judge(cluster, Path(folder) / "replay")
            straight = Hub(Settings(home=Path(folder) / "straight", clock="follow"))
            once = list({id(each.item): each.item for each in sending if not each.bytes_are_bad}.values())
            for start in range(0, len(once), 500):
                straight.receiver.receive(Batch(tuple(once[start : start + 500])))
            # Guarantee 2 (a): whatever the order, the repeats and the deaths on the way, the facts are those of a calm day.
            assert facts_of(cluster.hub) == facts_of(straight)
            straight.close()
        for url in (store, views):
            postgres.drop(url)
    return Outcome(plan, weather, findings, schedule)

"""The console's part of a home opened: the bundle its pages stand on."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from santiao.connectors.connector import Connector
from santiao.console.labels import Label
from santiao.console.places import read_region_names
from santiao.console.services import ConsoleServices
from santiao.pool.witness import WitnessedCommander
from santiao.projections.feed_health import Feed
from santiao.projections.reading import ViewReader
from santiao.store.workflow_files import load_workflow

if TYPE_CHECKING:
    from santiao.bootstrap.hub import Hub


def build_console(hub: "Hub", *, version: str, is_stopping: Callable[[], bool] = lambda: False) -> ConsoleServices:
    """The services of a hub's console; `create_console` makes the application of them."""
    connectors = [hub.connectors[name] for name in hub.connectors]
    cities = {connector.declaration.city[:4] for connector in connectors}
    regions: dict[str, str] = {}
    for city in sorted(cities):
        regions.update(read_region_names(hub.city / "regions.csv", city))
    return ConsoleServices(
        version=version,
        views=ViewReader(hub.views),
        sessions=hub.access.sessions,
        policy=hub.access.policy,
        door=hub.access.door,
        commander=WitnessedCommander(hub.commander, hub.access.disclosures),
        quarantine=hub.quarantine,
        dead_letters=hub.dead_letters,
        database=hub.database,
        feeds=[_feed_of(each) for each in connectors],
        edge_of=hub.engine.policy.edge,
        rulebook=hub.rulebook,
        workflow=load_workflow(hub.city),
        titles={each.name: Label(each.declaration.title.zh, each.declaration.title.en) for each in connectors},
        regions=regions,
        now=hub.engine.clock.now,
        clock_follows=hub.engine.clock.setting != "system",
        is_stopping=is_stopping,
    )


def _feed_of(connector: Connector) -> Feed:
    told = connector.declaration
    answers, news = timedelta(hours=told.freshness.answer_hours), timedelta(hours=told.freshness.news_hours)
    return Feed(told.name, told.feed, answers, news)

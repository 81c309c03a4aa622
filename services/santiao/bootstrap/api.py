"""The API over a home opened."""

from collections.abc import Callable, Sequence

from fastapi import FastAPI

from santiao import __version__
from santiao.api.app import create_app
from santiao.api.rate import Buckets
from santiao.api.services import NotReady, Services
from santiao.bootstrap.hub import Hub
from santiao.bootstrap.telemetry import Telemetry
from santiao.pool.witness import WitnessedCommander
from santiao.projections.reading import ViewReader
from santiao.telemetry.figures import Figures
from santiao.telemetry.store_figures import StoreFigures


def build_services(
    hub: Hub, not_ready: Callable[[], Sequence[NotReady]] = tuple, telemetry: Telemetry | None = None
) -> Services:
    """The bundle that the API, and the console on it, stand on. `not_ready` names what the caller knows to be missing; `telemetry` is
    the process's, with the figures that its rooms were built with.
    """
    engine = hub.engine
    metrics = Figures(version=__version__) if telemetry is None else telemetry.figures
    metrics.watch(StoreFigures(hub.database, hub.projector, engine.clock.now))
    return Services(
        version=__version__,
        database=hub.database,
        views=ViewReader(hub.views),
        projector=hub.projector,
        registry=hub.access.registry,
        policy=hub.access.policy,
        door=hub.access.door,
        disclosures=hub.access.disclosures,
        commander=WitnessedCommander(hub.commander, hub.access.disclosures),
        intake=hub.intake,
        quarantine=hub.quarantine,
        connectors=hub.connectors,
        metrics=metrics,
        buckets=Buckets(),
        now=engine.clock.now,
        arrival=engine.clock.arrival,
        clock_follows=engine.clock.setting == "follow",
        not_ready=not_ready,
        tracing=None if telemetry is None else telemetry.tracing,
    )


def build_api(
    hub: Hub, not_ready: Callable[[], Sequence[NotReady]] = tuple, telemetry: Telemetry | None = None
) -> FastAPI:
    """The application, ready to be served."""
    return create_app(build_services(hub, not_ready, telemetry))

"""Every figure that the code can expose, by name, with its unit and kind, as a scrape would show it."""

from pathlib import Path

from prometheus_client.core import Metric

from santiao.bootstrap.hub import Hub
from santiao.settings import Settings
from santiao.telemetry.figures import Figures
from santiao.telemetry.standing import Standing
from santiao.telemetry.store_figures import StoreFigures

ENDINGS = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_count", "_sum"),
    "gauge": ("",),
}


def exposed(home: Path) -> dict[str, Metric]:
    """Return the families that a hub at work exposes, by name."""
    hub = Hub(Settings(home=home, cache_mib=8))
    try:
        figures = Figures(role="test", version="0")
        figures.watch(StoreFigures(hub.database, hub.projector, hub.engine.clock.now))
        figures.watch_standing(Standing)
        return {family.name: family for family in figures.registry.collect()}
    finally:
        hub.close()


def series_names(families: dict[str, Metric]) -> set[str]:
    """Return the names that an expression may use."""
    return {f"{name}{ending}" for name, family in families.items() for ending in ENDINGS[family.type]}

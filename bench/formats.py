"""Intake from the agencies' own bytes: connector and hub together, against the hub alone on the very records the connector made of them.

The two are timed in one pass over one store, batch by batch, so that nothing else differs between them. Deliveries are mostly news: one
day of the police's tables, one ledger, few polls; what comes again is cheap for the hub and dear for the connector.
"""

import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec

from bench.deliveries import POLICE_TABLES
from bench.figures import Beside, Figure, at_least, told
from santiao.bootstrap import Hub
from santiao.settings import Settings
from santiao.simulation.settings import SimulationSettings
from santiao.simulation.simulator import simulate

WANTED = 0.6
_WORKBOOKS = "workbooks"
_UNASKED = frozenset({_WORKBOOKS})
"""Forms that no figure is asked of: unpacking a workbook costs what the library costs."""
FORMATS = {
    "XML petitions": ("petitions", "petitions"),
    "CSV police": ("police-110", "police-110"),
    "table police (SQLite)": ("police-110", f"police-110/{POLICE_TABLES}"),
    "CSV human resources": ("human-resources", "human-resources"),
    "XLSX human resources": ("human-resources", _WORKBOOKS),
    "JSON pages court": ("court", "court"),
    "JSON lines hotline": ("hotline-12345", "hotline-12345/deliveries.jsonl"),
    "CloudEvents committees": ("peoples-mediation", "peoples-mediation/events.jsonl"),
}
"""What each format is called here, its connector, and where the city's deliveries have it."""


class FormatFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One format. `ratio` of wall time, `cpu_ratio` without waiting for the disk, which flatters connectors; CPU milliseconds an item."""

    items: int
    ratio: Figure
    cpu_ratio: float
    items_per_s: Figure
    connector_ms: float
    hub_ms: float


def measure_formats(disputes: int, tell: Callable[[str], None]) -> dict[str, FormatFigures]:
    """Every format of one city, each into a store of its own."""
    with tempfile.TemporaryDirectory(prefix="santiao-bench-") as scratch:
        city = Path(scratch) / "city"
        settings = SimulationSettings(
            disputes=disputes,
            seed=1,
            police_days=1,
            ledgers=2,
            court_polls=4,
            court_page_size=100,
            period_from=date(2025, 11, 1),
        )
        tell(f"  inventing the deliveries of {disputes:,} disputes")
        simulate(settings, city)
        _set_workbooks_apart(city)
        found = {}
        for number, (name, (connector, below)) in enumerate(FORMATS.items()):
            tell(f"  {name}")
            path = city / below
            source = f"sqlite:///{path.resolve()}" if below.endswith(".sqlite") else str(path)
            found[name] = _measure(connector, source, Path(scratch) / f"home-{number}", is_asked=below not in _UNASKED)
        return found


def _set_workbooks_apart(city: Path) -> None:
    (city / _WORKBOOKS).mkdir()
    for workbook in (city / "human-resources").glob("*.xlsx"):
        workbook.rename(city / _WORKBOOKS / workbook.name)


def _measure(name: str, source: str, home: Path, *, is_asked: bool) -> FormatFigures:
    hub = Hub(Settings(home=home, clock="follow"))
    try:
        connector = hub.connectors[name]
        next(
            connector.read(source), None
        )  # the first batch of a process pays for patterns and tables that are made once
        stream = connector.read(source)
        reading = taking = reading_cpu = taking_cpu = 0.0
        items = 0
        while True:
            began, began_cpu = time.perf_counter(), time.process_time()
            batch = next(stream, None)
            between, between_cpu = time.perf_counter(), time.process_time()
            if batch is None:
                break
            hub.intake.take(batch)
            taking += time.perf_counter() - between
            taking_cpu += time.process_time() - between_cpu
            reading += between - began
            reading_cpu += between_cpu - began_cpu
            items += len(batch.items)
    finally:
        hub.close()
    both, unit = reading + taking, "of canonical intake"
    alone = Beside(1.0, "the same records, canonical")
    return FormatFigures(
        items=items,
        ratio=at_least(taking / both, WANTED, unit, alone) if is_asked else told(taking / both, unit, alone),
        cpu_ratio=round(taking_cpu / (reading_cpu + taking_cpu), 3),
        items_per_s=told(
            items / both,
            "items/s",
            Beside(items / taking, "the same records, canonical"),
            per_cpu=items / (reading_cpu + taking_cpu),
        ),
        connector_ms=round(1000 * reading_cpu / items, 3),
        hub_ms=round(1000 * taking_cpu / items, 3),
    )

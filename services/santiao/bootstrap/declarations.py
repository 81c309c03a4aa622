"""Agencies' declarations checked, and cities invented: what needs no home, or fills one."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from santiao.bootstrap.hub import Hub
from santiao.connectors.check import CheckReport, check
from santiao.connectors.declaration import DeclarationFault
from santiao.domain.errors import Rejection
from santiao.domain.messages import Counts
from santiao.runtimes.intake import Intake
from santiao.settings import load_settings
from santiao.simulation.settings import SimulationSettings
from santiao.simulation.simulator import Summary, simulate
from santiao.simulation.webhook import SECRET
from santiao.store.resources import resource_dir

Progress = Callable[[str, int, int], None]


class DeclarationReport(msgspec.Struct, frozen=True):
    """What checking the declarations found."""

    connectors: tuple[str, ...]
    samples: int
    items: int
    differences: tuple[str, ...]
    is_good: bool

    def lines(self) -> list[str]:
        """What a person reads: a line for each difference, then a summary."""
        summary = f"{len(self.connectors)} connectors, {self.samples} samples, {self.items} items, {len(self.differences)} differences"
        return [*self.differences, summary]


def check_declarations(name: str | None = None) -> DeclarationReport:
    """Read the samples of one connector, or of all, and compare with the expected results.

    A declaration that cannot be loaded is a difference like any other: its message names file, line and mend.
    """
    settings = load_settings()
    folder = settings.connectors if settings.connectors != Path() else resource_dir("connectors")
    city = settings.city if settings.city != Path() else resource_dir("city")
    try:
        report: CheckReport = check(folder, regions=city / "regions.csv", name=name)
    except DeclarationFault as fault:
        return DeclarationReport((), 0, 0, (str(fault),), is_good=False)
    told = tuple(str(each) for each in report.differences)
    return DeclarationReport(report.connectors, report.samples, report.items, told, is_good=report.is_good)


def simulate_city(disputes: int, seed: int, out: Path, progress: Progress) -> Summary:
    """Invent a city's deliveries in the agencies' own forms.

    Raises:
        Rejection: settings that cannot be met, or a folder that is not empty.
    """
    try:
        return simulate(
            SimulationSettings(disputes=disputes, seed=seed), out, lambda done, all_: progress("simulate", done, all_)
        )
    except (ValueError, FileExistsError) as error:
        raise Rejection("simulate.settings", str(error), str(error)) from None


class LoadSummary(msgspec.Struct, frozen=True):
    """A city invented and played into a hub: what was invented, and what became of it by agency."""

    city: Summary
    agencies: dict[str, Counts]


SOURCES = {
    "police-110": "police-110",
    "court": "court",
    "petitions": "petitions",
    "human-resources": "human-resources",
    "hotline-12345": "hotline-12345/deliveries.jsonl",
    "peoples-mediation": "peoples-mediation/events.jsonl",
}
"""Where a simulated city's deliveries stand, by connector."""


_INVENTED = {"HOTLINE_12345": SECRET.decode()}
"""What the invented hotline signs with; a real hotline's secret is not asked for."""


def load_simulated(hub: Hub, disputes: int, seed: int, progress: Progress) -> LoadSummary:
    """Invent a city and read its deliveries into the hub, agency by agency.

    Raises:
        Rejection: settings that cannot be met.
        StoreFailure: the store failed.
    """
    with tempfile.TemporaryDirectory(prefix="santiao-city-") as folder:
        out = Path(folder) / "city"
        summary = simulate_city(disputes, seed, out, progress)
        total, done = sum(summary.records.values()), 0
        agencies: dict[str, Counts] = {}
        intake = Intake(hub.engine, hub.receiver, hub.load_connectors(_INVENTED))
        for name, place in SOURCES.items():
            if not (out / place).exists():
                continue

            def tell(number: int, name: str = name) -> None:
                nonlocal done
                done += number
                progress(name, done, max(total, done))

            agencies[name] = intake.receive_once(name, [str(out / place)], tell)
    hub.catch_up()
    return LoadSummary(summary, agencies)

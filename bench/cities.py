"""Several simulated cities, each with a seed of its own, received and judged like a folder: where linking, gates and connectors are weak.

Every rate is added up over the cities; misses are told with their city, the kinds with most of them first.
"""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from bench.acceptance import Miss
from bench.deliveries import Progress
from bench.figures import Figure, Rated, at_most, rate
from bench.homes import settle_in
from bench.quality import Quality, WrongPair, measure_quality
from santiao.simulation.city import load_city
from santiao.simulation.settings import SimulationSettings
from santiao.simulation.simulator import simulate

CITIES = ("bengbu", "yunze")
MOST_SHOWN = 40


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Misses of one kind: how many in how many cities, and the first of them with their city."""

    kind: str
    count: int
    cities: int
    examples: list[tuple[str, Miss | WrongPair]]


class Cities(msgspec.Struct, frozen=True, kw_only=True):
    """All cities together, then each in short."""

    cities: list[str]
    rates: dict[str, Rated]
    hard_negatives_joined: Figure
    worst: list[Told]
    by_city: dict[str, dict[str, float]]


def measure_cities(seeds: Sequence[int], disputes: int, names: Sequence[str], progress: Progress) -> Cities:
    """Simulate a city for every seed, the names in turn, and judge each."""
    found: dict[str, Quality] = {}
    for place, seed in enumerate(seeds):
        name = names[place % len(names)]
        with tempfile.TemporaryDirectory(prefix="santiao-bench-") as out:
            folder = Path(out) / f"{name}-{seed}"
            progress(f"{name} {seed}")
            simulate(SimulationSettings(disputes=disputes, seed=seed, city=name), folder)
            city = settle_in(load_city(name), Path(out) / "city")
            found[folder.name] = measure_quality(folder, city=city, progress=lambda _agency: None)
    return add_up(found)


def add_up(found: dict[str, Quality]) -> Cities:
    """Rates and misses over all cities."""
    rates: dict[str, list[Rated]] = defaultdict(list)
    for quality in found.values():
        for name, rated in _rates(quality):
            rates[name].append(rated)
    return Cities(
        cities=list(found),
        rates={name: merge(each) for name, each in rates.items()},
        hard_negatives_joined=at_most(
            sum(each.linking.hard_negatives_joined.value for each in found.values()), 0, "pairs"
        ),
        worst=sorted(_worst(found), key=lambda each: (-each.count, each.kind)),
        by_city={city: {name: rated.rate for name, rated in _rates(each)} for city, each in found.items()},
    )


def merge(rates: Iterable[Rated]) -> Rated:
    """One share over several cities, wanted as each of them is."""
    given = list(rates)
    return rate(sum(each.right for each in given), sum(each.of for each in given), given[0].wanted)


def _rates(quality: Quality) -> Iterator[tuple[str, Rated]]:
    linking, taken, facts = quality.linking, quality.acceptance, quality.agreement
    yield "case_precision", linking.case_precision
    yield "link_precision", linking.link_precision
    yield "certain_recall", linking.certain_recall
    yield from ((f"recall.{kind}", rated) for kind, rated in linking.recall.items())
    yield from ((f"coverage.{kind}", rated) for kind, rated in linking.coverage.items())
    yield "proposals", linking.proposals
    yield "records", taken.records
    yield "deliveries", taken.deliveries
    yield from ((f"expected.{name}", rated) for name, rated in taken.by_expectation.items())
    yield "gates", taken.gates
    yield from (("type", facts.type), ("region", facts.region), ("stage", facts.stage), ("outcome", facts.outcome))


def _worst(found: dict[str, Quality]) -> Iterator[Told]:
    kinds: dict[str, list[tuple[str, Miss | WrongPair]]] = defaultdict(list)
    for city, quality in found.items():
        for pair in quality.linking.wrongly_joined:
            kinds[f"wrongly joined: {pair.kind or 'strangers'}"].append((city, pair))
        for pair in quality.linking.missed:
            kinds[f"missed: {pair.kind}"].append((city, pair))
        for miss in quality.acceptance.misses:
            kinds[f"{miss.agency}: expected {miss.expected}, got {miss.got}"].append((city, miss))
        for name, misses in quality.agreement.misses.items():
            for miss in misses:
                kinds[f"{name} by {miss.agency}"].append((city, miss))
    for kind, examples in kinds.items():
        cities = Counter(city for city, _ in examples)
        yield Told(kind=kind, count=len(examples), cities=len(cities), examples=examples[:MOST_SHOWN])

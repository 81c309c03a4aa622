"""Small invented cities as delivered items, and the facts a hub makes of them."""

import random
import re
import shutil
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from santiao.bootstrap import Hub
from santiao.domain.messages import Batch, Delivered
from santiao.settings import Settings
from santiao.simulation.settings import SimulationSettings
from santiao.simulation.simulator import simulate
from santiao.store import tables
from santiao.store.case_codec import decode_case
from santiao.store.resources import resource_dir
from santiao.store.shelf import decode_link, decode_source

SOURCES = {
    "police-110": "police-110",
    "court": "court",
    "petitions": "petitions",
    "human-resources": "human-resources",
    "hotline-12345": "hotline-12345/deliveries.jsonl",
}


class Facts(NamedTuple):
    """What guarantee 2 calls facts: source states, automatic links, gates, the origins' clocks."""

    sources: dict[str, tuple[object, ...]]
    links: frozenset[tuple[str, str]]


@cache
def city_items(disputes: int, seed: int) -> tuple[Delivered, ...]:
    """Every item of an invented city that its connectors could read, agency by agency."""
    folder = Path(mkdtemp(prefix="santiao-city-"))
    simulate(SimulationSettings(disputes=disputes, seed=seed), folder)
    hub = open_home(Path(mkdtemp(prefix="santiao-reader-")))
    items = [
        item
        for connector, source in SOURCES.items()
        for batch in hub.connectors[connector].read(str(folder / source))
        for item in batch.items
        if item.record is not None
    ]
    hub.close()
    return tuple(items)


def open_home(home: Path, url: str = "", city: Path = Path()) -> Hub:
    """A hub on a fresh home whose clock follows what is received; `city` where its rows are others than the checkout's."""
    return Hub(Settings(home=home, store_url=url, clock="follow", city=city))


def city_of_small_cases(folder: Path, *, limit: int) -> Path:
    """The city's own rows, with at most so many sources to a case."""
    shutil.copytree(resource_dir("city"), folder)
    linking = folder / "linking.yaml"
    rows, found = re.subn(
        r"(?m)^component_limit: \d+$", f"component_limit: {limit}", linking.read_text(encoding="utf-8")
    )
    assert found == 1
    linking.write_text(rows, encoding="utf-8")
    return folder


def batches_of(hub: Hub) -> frozenset[frozenset[tuple[str, ...]]]:
    """The parent batches that stand: each the sources of its children, whatever the numbers are."""
    found: dict[str, set[tuple[str, ...]]] = {}
    with hub.database.readable() as connection:
        for row in connection.execute(tables.case_files.select()):
            case = decode_case(row.data)
            if case.batch:
                found.setdefault(case.batch, set()).add(tuple(sorted(case.sources)))
    return frozenset(map(frozenset, found.values()))


def in_batches(items: Sequence[Delivered], sizes: Iterator[int]) -> Iterator[Batch]:
    """The items in batches of the sizes given."""
    place = 0
    while place < len(items):
        size = next(sizes)
        yield Batch(tuple(items[place : place + size]))
        place += size


def disturbed(items: Sequence[Delivered], seed: int) -> list[Delivered]:
    """The same deliveries out of order, one in five of them again."""
    chance = random.Random(seed)
    shuffled = list(items)
    chance.shuffle(shuffled)
    again = chance.sample(shuffled, len(shuffled) // 5)
    for item in again:
        shuffled.insert(chance.randrange(len(shuffled) + 1), item)
    return shuffled


def facts_of(hub: Hub) -> Facts:
    """The facts that stand in a hub."""
    clocks: dict[str, set[tuple[str, str, str, bool]]] = {}
    sources: dict[str, tuple[object, ...]] = {}
    with hub.database.readable() as connection:
        for row in connection.execute(tables.case_files.select()):
            for clock in decode_case(row.data).clocks:
                if clock.clock == "origin" and clock.state != "cancelled":
                    live = clock.state in ("running", "warned")
                    clocks.setdefault(clock.about, set()).add((clock.rule, clock.start, clock.effective_end, live))
        for row in connection.execute(tables.sources.select()):
            file = decode_source(row.data)
            parts = tuple(sorted((name, part.at.content_hash, part.stage) for name, part in file.parts.items()))
            origin_clocks = tuple(sorted(clocks.get(f"source/{file.id}", ())))
            sources[file.id] = (file.key, str(file.state), parts, file.hits, file.merged_into, origin_clocks)
        links = [decode_link(row.data) for row in connection.execute(tables.links.select()) if row.data is not None]
    return Facts(sources, frozenset((link.a, link.b) for link in links if link.state == "accepted"))

"""Guarantee 2: order does not change the facts, and a recorded order replays to the byte in any batch size."""

import itertools
import shutil
from pathlib import Path

import pytest

from santiao.bootstrap import Hub
from santiao.store import tables
from tests.hub.cities import batches_of, city_items, city_of_small_cases, disturbed, facts_of, in_batches, open_home


def receive_all(hub: Hub, batches: object) -> None:
    for batch in batches:  # type: ignore[attr-defined]
        hub.receiver.receive(batch)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_permuted_repeated_and_delayed_deliveries_end_in_equal_facts(tmp_path: Path, seed: int) -> None:
    items = city_items(60, seed)
    facts = []
    for number, order in enumerate((items, disturbed(items, seed), disturbed(items, seed + 100))):
        hub = open_home(tmp_path / str(number))
        receive_all(hub, in_batches(order, itertools.cycle([1, 3, 40, 200])))
        facts.append(facts_of(hub))
        assert list(hub.refolder.differences()) == []
        hub.close()
    for other in facts[1:]:
        assert other.links == facts[0].links
        assert other.sources == facts[0].sources


@pytest.mark.parametrize("seed", [5, 6])
def test_which_cases_are_children_of_one_batch_does_not_depend_on_arrival(tmp_path: Path, seed: int) -> None:
    city = city_of_small_cases(tmp_path / "city", limit=2)
    items = city_items(60, seed)
    found = []
    for number, order in enumerate((items, disturbed(items, seed), disturbed(items, seed + 100))):
        hub = open_home(tmp_path / str(number), city=city)
        receive_all(hub, in_batches(order, itertools.cycle([1, 3, 40, 200])))
        found.append(batches_of(hub))
        assert list(hub.refolder.differences()) == []
        hub.close()
    assert found[0]
    assert all(len(children) > 1 for children in found[0])
    assert found[1:] == [found[0], found[0]]


def test_a_recorded_order_replays_to_equal_bytes_in_any_batch_size(tmp_path: Path) -> None:
    items = disturbed(city_items(60, 4), 4)
    logs = []
    first = tmp_path / "first"
    for number, sizes in enumerate(([500], [1], [7, 64])):
        home = tmp_path / f"replay-{number}" if number else first
        if number:
            home.mkdir()
            for name in ("keys.db", "master.key"):
                shutil.copy(first / name, home / name)
        hub = open_home(home)
        receive_all(hub, in_batches(items, itertools.cycle(sizes)))
        with hub.database.readable() as connection:
            logs.append([(row.id, row.data) for row in connection.execute(tables.events.select().order_by("id"))])
        hub.close()
    assert logs[0] == logs[1]
    assert logs[0] == logs[2]

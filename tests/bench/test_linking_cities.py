"""Linking on invented cities nobody tuned for: right as a city needs it, straight from the connectors.

Goal: a change of rules, weights or extraction that links wrongly is noticed here. Method: cities of their own seeds, judged by their truth.
"""

from pathlib import Path

import pytest

from bench.linking_cities import connectors_of_the_checkout, link, read_records, standing_parts
from bench.linking_eval import evaluate, read_truth
from santiao.domain.vocabulary import LinkState
from santiao.simulation.settings import SimulationSettings
from santiao.simulation.simulator import simulate
from santiao.store.linking_files import load_linking_policy
from santiao.store.resources import resource_dir


@pytest.mark.parametrize(("seed", "city"), [(7301, "bengbu"), (7302, "yunze"), (7303, "bengbu")])
def test_a_city_is_linked_rightly(tmp_path: Path, seed: int, city: str) -> None:
    folder = tmp_path / "city"
    simulate(SimulationSettings(disputes=160, seed=seed, city=city), folder)
    parts = standing_parts(read_records(folder, connectors_of_the_checkout()))
    linked = link(parts, load_linking_policy(resource_dir("city")))
    report = evaluate(
        read_truth(folder / "truth.json"), linked.in_state(LinkState.ACCEPTED), linked.in_state(LinkState.PROPOSED)
    )
    assert report.hard_negatives_joined == {}
    assert report.link_precision.rate >= 0.995
    assert report.case_precision.rate >= 0.995
    assert report.certain_recall.rate >= 0.90
    assert report.covered["phone_and_place"].rate >= 0.80
    assert report.proposal_precision.rate >= 0.5


def test_the_order_of_sources_leaves_the_links_alone(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    simulate(SimulationSettings(disputes=60, seed=7304), folder)
    parts = standing_parts(read_records(folder, connectors_of_the_checkout()))
    policy = load_linking_policy(resource_dir("city"))
    forwards = link(parts, policy).in_state(LinkState.ACCEPTED)
    backwards = link(dict(reversed(parts.items())), policy).in_state(LinkState.ACCEPTED)
    assert forwards == backwards
    assert len(forwards) > 50

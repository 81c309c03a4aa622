"""The wording: every kind of dispute is told by everybody who may hear of it, and no slot stays open."""

from datetime import date
from string import Formatter

import pytest

from santiao.simulation.chance import Chance
from santiao.simulation.city import load_city
from santiao.simulation.disputes import Inventor
from santiao.simulation.firms import Firms
from santiao.simulation.kinds import load_gates, load_kinds, load_narrative, load_strays
from santiao.simulation.people import People
from santiao.simulation.places import Map

KINDS = load_kinds()


@pytest.fixture(scope="module")
def inventor() -> Inventor:
    city = load_city("bengbu")
    places = Map(city, Chance(1), 200)
    firms = Firms(city, Chance(2), places, 200)
    return Inventor(Chance(3), places, firms, People(city, Chance(4), 1.0), last_start=date(2026, 3, 1))


def test_every_type_that_is_a_dispute_of_people_has_a_kind() -> None:
    assert {kind.type for kind in KINDS.values()} == {f"D{n:02d}" for n in range(1, 24)}


@pytest.mark.parametrize("name", KINDS)
def test_no_slot_stays_open(name: str, inventor: Inventor) -> None:
    dispute = inventor.dispute(name, date(2025, 12, 1))
    texts = dispute.kind.texts
    for text in (
        *texts.police,
        *texts.hotline,
        *texts.petition,
        *texts.claim,
        *texts.facts,
        *texts.committee,
        *texts.remark,
    ):
        told = text.format_map(dispute.slots)
        assert "{" not in told
        assert len(told) > 4


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_that_goes_to_arbitration_can_be_written_there(name: str) -> None:
    kind = KINDS[name]
    assert ("labour" in kind.heard) == bool(kind.labour) == bool(kind.texts.remark)
    assert kind.amount[0] <= kind.amount[1]


def test_gates_have_reasons_and_words_for_their_channels() -> None:
    gates = load_gates()
    for gate in ("G1", "G2", "G3", "G4", "G5"):
        assert set(gates.of(gate).alone) == {"police", "hotline", "petition"}
    assert set(gates.G5.turn) == {"police", "hotline", "petition"}
    assert len(gates.near_misses) == len(set(gates.near_misses)) > 20


def test_openings_take_the_story() -> None:
    words = load_narrative()
    for opening in (*words.police_opening, *words.hotline_opening, *words.petition_opening):
        assert "x" in {field for _, field, _, _ in Formatter().parse(opening)}
    assert set(words.references) == {
        *("police-110", "hotline-12345", "petitions", "court", "human-resources", "peoples-mediation")
    }
    assert load_strays().police

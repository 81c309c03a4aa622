"""Evidence is weighed on text alone."""

from datetime import date

import pytest

from santiao.simulation.chance import Chance
from santiao.simulation.city import load_city
from santiao.simulation.disputes import Dispute, Inventor
from santiao.simulation.evidence import Shared, read_told, weigh
from santiao.simulation.firms import Firms
from santiao.simulation.people import People, Person
from santiao.simulation.places import Map


@pytest.fixture(scope="module")
def dispute() -> Dispute:
    city = load_city("bengbu")
    places = Map(city, Chance(1), 200)
    firms = Firms(city, Chance(2), places, 200)
    return Inventor(Chance(3), places, firms, People(city, Chance(4), 0.0), last_start=date(2026, 3, 1)).dispute(
        "leak", date(2025, 12, 1)
    )


def compare(dispute: Dispute, a: str, b: str) -> tuple[str, Shared]:
    return weigh(
        dispute, read_told(dispute, "N-1", "N-1", a, ()), read_told(dispute, "（2026）皖0302民初7号", "8a81", b, ())
    )


def parties(dispute: Dispute) -> tuple[Person, Person]:
    assert isinstance(dispute.respondent, Person)
    return dispute.applicants[0], dispute.respondent


def test_a_number_named_is_the_best_evidence(dispute: Dispute) -> None:
    assert compare(dispute, "见(2026)皖0302民初7号", "无")[0] == "explicit_reference"
    assert compare(dispute, "案号 （2026） 皖0302民初7号", "无")[0] == "explicit_reference"


def test_identities_of_both_sides(dispute: Dispute) -> None:
    a, b = parties(dispute)
    assert compare(dispute, a.id + b.id, f"{a.id15} {b.id.lower()}") == ("both_ids", Shared(2, 0, 0, place=False))


def test_one_identity_needs_the_other_sides_name(dispute: Dispute) -> None:
    a, b = parties(dispute)
    spaced = f"{b.name[0]}　{b.name[1:]}"
    assert compare(dispute, f"{a.id} {b.name}", f"{a.id} {spaced}")[0] == "one_id_and_counterpart"
    assert compare(dispute, f"{a.id} {a.name}", f"{a.id} {a.name}")[0] == "text_only"


def test_a_masked_phone_and_the_place(dispute: Dispute) -> None:
    a, _ = parties(dispute)
    masked = f"{a.phone[:3]}****{a.phone[-4:]}"
    place = dispute.place.name
    assert compare(dispute, f"{a.phone} {place}", f"{masked} {place}3栋") == (
        "phone_and_place",
        Shared(0, 0, 1, place=True),
    )
    assert compare(dispute, f"{a.phone} {place}", masked)[0] == "text_only"

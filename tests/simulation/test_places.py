"""Finding a place's name in a text is finding that place: no name contains another."""

import pytest

from santiao.simulation.chance import Chance
from santiao.simulation.city import load_city
from santiao.simulation.places import Map


@pytest.mark.parametrize("disputes", [1, 120, 20_000])
def test_no_name_contains_another(disputes: int) -> None:
    city = load_city("bengbu")
    places = Map(city, Chance(5), disputes)
    names = [place.name for place in (*places.estates, *places.villages, *places.roads, *places.sites)]
    together = "|".join(names)
    assert [name for name in names if together.count(name) != 1] == []


def test_a_bigger_city_has_more_places() -> None:
    city = load_city("bengbu")
    assert len(Map(city, Chance(5), 20_000).estates) > 5 * len(Map(city, Chance(5), 120).estates)


def test_places_lie_in_the_districts_of_the_city() -> None:
    city = load_city("yunze")
    places = Map(city, Chance(6), 300)
    for place in (*places.estates, *places.villages, *places.sites):
        assert place.district in city.districts
        assert place.street in place.district.streets


def test_an_unknown_city_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="bengbu, yunze"):
        load_city("atlantis")

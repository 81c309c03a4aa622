"""Bodies that do not exist have credit codes whose check characters are right."""

from santiao.simulation.chance import Chance
from santiao.simulation.city import load_city
from santiao.simulation.firms import ALPHABET, CODE_WEIGHTS, Firms, credit_code
from santiao.simulation.places import Map


def test_codes_are_those_of_the_standard() -> None:
    # The organisation's own check of body MA001T9W is 0, the whole code's D.
    assert credit_code("91", "MA001T9W") == "91340398MA001T9W0D"
    assert credit_code("12", "MA023T6L") == "12340398MA023T6L4A"


def test_every_firm_has_a_right_code_and_a_name_of_its_own() -> None:
    city = load_city("bengbu")
    places = Map(city, Chance(1), 5000)
    firms = Firms(city, Chance(2), places, 5000)
    assert len({firm.name for firm in firms.all}) == len(firms.all) == len({firm.uscc for firm in firms.all})
    for firm in firms.all:
        total = sum(ALPHABET.index(char) * weight for char, weight in zip(firm.uscc, CODE_WEIGHTS, strict=False))
        assert ALPHABET.index(firm.uscc[17]) == (31 - total % 31) % 31
        assert firm.uscc[2:8] == "340398"


def test_an_estate_keeps_its_property_firm() -> None:
    city = load_city("yunze")
    places = Map(city, Chance(1), 120)
    firms = Firms(city, Chance(2), places, 120)
    estate = places.estates[0]
    assert firms.manager_of(estate) is firms.manager_of(estate)
    assert firms.manager_of(estate).kind == "property"
    assert firms.committee_of(places.villages[0]).name.endswith("村民委员会")

"""Nobody in a simulated city can exist: numbers stand on an unassigned division, and are right all the same."""

from datetime import date

from santiao.simulation.chance import Chance
from santiao.simulation.city import load_city
from santiao.simulation.people import (
    People,
    Person,
    has_rare_character,
    load_names,
    resident_number,
    surname_length,
    wrong_check,
)
from santiao.simulation.places import Map


def invent(count: int) -> list[Person]:
    city = load_city("bengbu")
    places = Map(city, Chance(3), 120)
    people = People(city, Chance(4), 1.0)
    return [people.invent(places.home()) for _ in range(count)]


def test_resident_numbers_are_those_of_the_standard() -> None:
    assert resident_number(date(1985, 3, 15), 123) == "340398198503151238"
    assert resident_number(date(1983, 4, 12), 5) == "34039819830412005X"
    assert resident_number(date(1988, 2, 29), 7) == "340398198802290078"


def test_a_wrong_check_is_always_another() -> None:
    numbers = [resident_number(date(1980, 1, day), sequence) for day in range(1, 29) for sequence in (1, 2, 77)]
    assert all(wrong_check(number)[:17] == number[:17] and wrong_check(number) != number for number in numbers)


def test_everybody_has_a_number_and_a_phone_of_their_own() -> None:
    people = invent(3000)
    assert len({person.id for person in people}) == len(people)
    assert len({person.phone for person in people}) == len(people)


def test_numbers_tell_birth_and_sex() -> None:
    for person in invent(300):
        assert person.id.startswith(f"340398{person.birth:%Y%m%d}")
        assert int(person.id[16]) % 2 == (1 if person.sex == "1" else 0)
        assert person.phone[3:7] == "0000"
        assert person.id15 == person.id[:6] + person.id[8:17]


def test_surnames_may_have_two_characters() -> None:
    assert surname_length("欧阳春水") == 2
    assert surname_length("欧春") == 1
    assert {len(surname) for surname in load_names().rare} == {1, 2}


def test_rare_characters_are_those_that_gbk_cannot_hold() -> None:
    for character in load_names().beyond_gbk:
        assert has_rare_character(character)
        assert "?" in character.encode("gbk", "replace").decode("gbk")
        assert character.encode("gb18030")

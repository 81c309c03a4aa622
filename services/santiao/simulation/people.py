"""People: names, birth dates, resident numbers and phones, all of them impossible outside a test.

Resident numbers stand on the unassigned division 340398 with right check characters; mobiles on the exchange 0000, landlines
on 30xxxxx. Numbers never repeat; phones repeat only after 400,000 people, as recycled numbers do in life.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from operator import mul

import msgspec

from santiao.simulation.chance import Chance
from santiao.simulation.city import City, read_data
from santiao.simulation.places import Flat

DIVISION = "340398"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
MALE, FEMALE = "1", "2"


class Person(msgspec.Struct, frozen=True, gc=False):
    """Somebody who does not exist."""

    no: int
    name: str
    sex: str
    birth: date
    id: str
    phone: str
    home: Flat

    @property
    def ref(self) -> str:
        """Name in the truth, as P00017."""
        return f"P{self.no:05d}"

    @property
    def surname(self) -> str:
        return self.name[: surname_length(self.name)]

    @property
    def titled(self) -> str:
        """Surname with 先生 or 女士."""
        return self.surname + ("先生" if self.sex == MALE else "女士")

    @property
    def id15(self) -> str:
        """The number as it was before 1999: no century, no check."""
        return self.id[:6] + self.id[8:17]

    def age_on(self, day: date) -> int:
        return day.year - self.birth.year - ((day.month, day.day) < (self.birth.month, self.birth.day))


def resident_number(birth: date, sequence: int) -> str:
    """Return the 18 characters of GB 11643 for a birth date and a sequence of at most 995, on division 340398."""
    body = f"{DIVISION}{birth:%Y%m%d}{sequence:03d}"
    return body + CHECKS[sum(map(mul, map(int, body), WEIGHTS)) % 11]


def wrong_check(number: str) -> str:
    """Return the same number with a check character that is not its own."""
    return number[:17] + CHECKS[(CHECKS.index(number[17]) + 4) % 10 + 1]


class Names(msgspec.Struct, frozen=True):
    """The characters names are made of."""

    common: list[str]
    ordinary: list[str]
    rare: list[str]
    male_one: list[str]
    female_one: list[str]
    male_first: list[str]
    male_second: list[str]
    female_first: list[str]
    female_second: list[str]
    beyond_gbk: list[str]
    everyday: list[str]
    prefixes: list[str]


@cache
def load_names() -> Names:
    """Return the characters names are made of."""
    return msgspec.convert(read_data("wording", "names.yaml"), Names)


@cache
def _compound() -> frozenset[str]:
    return frozenset(surname for surname in load_names().rare if len(surname) == 2)


@cache
def _beyond_gbk() -> frozenset[str]:
    return frozenset(load_names().beyond_gbk)


def surname_length(name: str) -> int:
    return 2 if name[:2] in _compound() and len(name) > 2 else 1


def has_rare_character(text: str) -> bool:
    """True when the text has a character that GBK cannot hold."""
    return not _beyond_gbk().isdisjoint(text)


class People:
    """Everybody who has been invented so far."""

    def __init__(self, city: City, chance: Chance, rare_rate: float) -> None:
        self._chance = chance
        self._names = load_names()
        self._rare = 0.012 * rare_rate
        self._phones = self._deal_phones()
        self._sequences: dict[tuple[str, date], int] = {}
        self._area = city.area_code
        self.count = 0

    def invent(
        self,
        home: Flat,
        *,
        sex: str = "",
        ages: tuple[int, int] = (20, 72),
        today: date = date(2025, 11, 1),
        name: str = "",
        phone: str = "",
        surname: str = "",
    ) -> Person:
        """Return a new person living at `home`, with the given traits and chance for the others."""
        c = self._chance
        if not sex:
            sex = MALE if c.hits(0.55) else FEMALE
        age_days = c.between(ages[0] * 366, ages[1] * 365)
        birth = today - timedelta(days=age_days)
        self.count += 1
        return Person(
            no=self.count,
            name=name or self.name(sex, surname),
            sex=sex,
            birth=birth,
            id=resident_number(birth, self._sequence(sex, birth)),
            phone=phone or next(self._phones),
            home=home,
        )

    def name(self, sex: str, surname: str = "") -> str:
        c, names = self._chance, self._names
        if not surname:
            if c.hits(0.015):
                return c.pick(names.everyday)
            tier = c.draw()
            surname = c.pick(names.common if tier < 0.48 else names.ordinary if tier < 0.93 else names.rare)
        if c.hits(self._rare):
            return surname + c.pick(names.beyond_gbk)
        male = sex == MALE
        if c.hits(0.22):
            return surname + c.pick(names.male_one if male else names.female_one)
        first = c.pick(names.male_first if male else names.female_first)
        return surname + first + c.pick(names.male_second if male else names.female_second)

    def landline(self) -> str:
        return f"{self._area}-30{self._chance.digits(5)}"

    def _sequence(self, sex: str, birth: date) -> int:
        """Odd for men, even for women; never the same twice on one day, and below 996."""
        taken = self._sequences.get((sex, birth), self._chance.below(400))
        self._sequences[sex, birth] = taken + 1
        return 2 * (taken % 497) + (1 if sex == MALE else 2)

    def _deal_phones(self) -> Iterator[str]:
        """Deal every number of the exchange once in a scrambled order, then all of them again."""
        prefixes, total = self._names.prefixes, len(self._names.prefixes) * 10_000
        step, at = 196_613, self._chance.below(total)
        while True:
            at = (at + step) % total
            yield f"{prefixes[at // 10_000]}0000{at % 10_000:04d}"

"""Firms and other bodies that disputes are with, each with a unified social credit code (GB 32100) on the unassigned division 340398."""

import msgspec

from santiao.simulation.chance import Chance
from santiao.simulation.city import City, District, read_data
from santiao.simulation.people import DIVISION
from santiao.simulation.places import Map, Place

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Firm(msgspec.Struct, frozen=True, gc=False):
    """A body that does not exist."""

    no: int
    name: str
    uscc: str
    kind: str
    phone: str
    district: District
    head: str
    """Surname of whoever signs for it."""

    @property
    def ref(self) -> str:
        """Name in the truth, as O0003."""
        return f"O{self.no:04d}"

    @property
    def organisation_code(self) -> str:
        """The nine characters it had before 2015, with their hyphen."""
        return f"{self.uscc[8:16]}-{self.uscc[16]}"


class FirmKind(msgspec.Struct, frozen=True):
    sector: str
    """First two characters of the code: register and kind of body."""
    share: float
    floor: int
    """So many there are in the smallest city."""
    trades: list[str]


class FirmWords(msgspec.Struct, frozen=True):
    heads: list[str]
    kinds: dict[str, FirmKind]


def credit_code(sector: str, body: str) -> str:
    """Return the 18 characters for two of sector and eight of the organisation's body, both check characters right."""
    total = sum(ORGANISATION_ALPHABET.index(c) * w for c, w in zip(body, BODY_WEIGHTS, strict=True))
    own_check = "0123456789X"[(11 - total % 11) % 11]
    front = sector + DIVISION + body + own_check
    rest = sum(ALPHABET.index(c) * w for c, w in zip(front, CODE_WEIGHTS, strict=True)) % 31
    return front + ALPHABET[(31 - rest) % 31]


class Firms:
    """All bodies of one city; a busy few stand behind most disputes, as in life."""

    def __init__(self, city: City, chance: Chance, places: Map, disputes: int) -> None:
        self._city = city
        self._chance = chance
        self._surnames = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
        self._names: set[str] = set()
        self.all: list[Firm] = []
        self.by_kind: dict[str, list[Firm]] = {}
        words = msgspec.convert(read_data("wording", "firms.yaml"), FirmWords)
        size = max(1.0, disputes / 120)
        for kind, spec in words.kinds.items():
            count = min(spec.floor + round(spec.share * (size**0.75 - 1)), len(words.heads) * len(spec.trades) * 2)
            self.by_kind[kind] = [self._found(kind, spec, words.heads) for _ in range(count)]
        spec = words.kinds["village_committee"]
        self._committees = {
            village.name: self._enter(
                f"{village.district.name}{village.street}{village.name}民委员会".replace("村村民", "村民"),
                "village_committee",
                spec.sector,
                village.district,
            )
            for village in places.villages
        }
        self._managers: dict[str, Firm] = {
            estate.name: chance.pick(self.by_kind["property"]) for estate in places.estates
        }

    def manager_of(self, estate: Place) -> Firm:
        """The property firm of an estate."""
        return self._managers[estate.name]

    def committee_of(self, village: Place) -> Firm:
        return self._committees[village.name]

    def any_of(self, kind: str) -> Firm:
        """A firm of that kind; the first ones are met most often."""
        pool = self.by_kind[kind]
        return pool[int(len(pool) * self._chance.draw() ** 1.6)]

    def _found(self, kind: str, spec: FirmKind, heads: list[str]) -> Firm:
        c, city = self._chance, self._city
        district = c.weighted(city.districts, [each.weight for each in city.districts])
        while True:
            head, trade = c.pick(heads), c.pick(spec.trades)
            front = (
                c.pick([district.name, city.name + district.name, city.name])
                if spec.sector != "91"
                else c.pick([city.name, city.short, city.province.removesuffix("省")])
            )
            name = front + head + trade
            if name not in self._names:
                return self._enter(name, kind, spec.sector, district)

    def _enter(self, name: str, kind: str, sector: str, district: District) -> Firm:
        self._names.add(name)
        c, no = self._chance, len(self.all) + 1
        body = f"MA{no % 1000:03d}T{c.below(10)}{c.pick('ABCDEFGHJKLMNPQRTUWXY')}"
        if no >= 1000:
            body = f"M{'BCDEFGHJKLMNPQRTUWXY'[no // 1000 - 1]}{no % 1000:03d}T{c.below(10)}{c.pick('ABCDEFGHJKLMNPQRTUWXY')}"
        phone = f"{self._city.area_code}-30{c.digits(5)}"
        firm = Firm(no, name, credit_code(sector, body), kind, phone, district, c.pick(self._surnames))
        self.all.append(firm)
        return firm

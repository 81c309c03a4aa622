"""Places: estates with their buildings, villages, roads and construction sites, as many as a city of that size has.

The base name of a place (estate, village, road, site) is what evidence calls `place`; no base name contains another, so that
finding one in a text is finding that place.
"""

import msgspec

from santiao.simulation.chance import Chance
from santiao.simulation.city import City, District, read_data


class Place(msgspec.Struct, frozen=True, gc=False):
    """One estate, village, road or site."""

    name: str
    kind: str
    """`estate`, `village`, `road` or `site`."""
    district: District
    street: str
    road: str
    """The road it lies on; for a village the street office or town."""
    lon: float
    lat: float


class Flat(msgspec.Struct, frozen=True, gc=False):
    """A home within a place: building, unit, floor and room, or a group of a village."""

    place: Place
    building: int = 0
    unit: int = 0
    floor: int = 0
    door: int = 0
    group: int = 0

    @property
    def room(self) -> str:
        return f"{self.floor}{self.door:02d}"

    @property
    def address(self) -> str:
        if self.place.kind == "village":
            return f"{self.place.district.name}{self.place.street}{self.place.name}{self.group}组"
        return (
            f"{self.place.district.name}{self.place.road}{self.place.name}{self.building}栋{self.unit}单元{self.room}室"
        )

    def above(self) -> "Flat":
        """The flat on the next floor."""
        return msgspec.structs.replace(self, floor=self.floor + 1)


class Map:
    """All places of one city."""

    def __init__(self, city: City, chance: Chance, disputes: int) -> None:
        self._words = msgspec.convert(read_data("wording", "places.yaml"), dict[str, list[str]])
        self._chance = chance
        self._taken: set[str] = {street for district in city.districts for street in district.streets}
        self._city = city
        size = max(1.0, disputes / 120)
        self.roads = self._lay("road", min(round(14 * size**0.6), 230))
        self.estates = self._lay("estate", min(round(26 * size**0.8), 1300))
        self.villages = self._lay("village", min(round(14 * size**0.7), 280))
        self.sites = self._lay("site", min(round(8 * size**0.6), 190))

    def place(self, kind: str, near: District | None = None) -> Place:
        """Return a place of that kind, in that district if it has one."""
        pool = {"estate": self.estates, "village": self.villages, "road": self.roads, "site": self.sites}[kind]
        if near is not None:
            pool = [place for place in pool[:400] if place.district is near] or pool
        return self._chance.pick(pool)

    def flat(self, place: Place) -> Flat:
        c = self._chance
        if place.kind == "village":
            return Flat(place, group=c.between(1, 12))
        floor = c.between(1, 6) if c.hits(0.6) else c.between(7, 27)
        return Flat(place, building=c.between(1, 24), unit=c.between(1, 3), floor=floor, door=c.between(1, 4))

    def home(self) -> Flat:
        """Somebody's home, more often a flat than a farmhouse."""
        return self.flat(self._chance.pick(self.estates if self._chance.hits(0.72) else self.villages))

    def _lay(self, kind: str, count: int) -> list[Place]:
        heads, tails = self._words[f"{kind}_heads"], self._words[f"{kind}_tails"]
        names = self._chance.shuffled([head + tail for head in heads for tail in tails])
        places: list[Place] = []
        for name in names:
            if len(places) == count:
                break
            if any(name in other or other in name for other in self._taken):
                continue
            self._taken.add(name)
            places.append(self._put(name, kind))
        return places

    def _put(self, name: str, kind: str) -> Place:
        c, districts = self._chance, self._city.districts
        district = c.weighted(districts, [each.weight for each in districts])
        town = [street for street in district.streets if not street.endswith("街道")]
        street = c.pick(town if kind == "village" and town else list(district.streets))
        if kind == "village":
            road = street
        elif kind == "road":
            road = name
        else:
            road = c.pick([each for each in self.roads if each.district is district] or self.roads).name
        lon, lat = self._city.lon + c.draw() * 0.25, self._city.lat + c.draw() * 0.2
        return Place(name, kind, district, street, road, lon, lat)

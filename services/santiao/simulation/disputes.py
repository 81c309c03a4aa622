"""What happened: a dispute between people and bodies, in a place, on a day, about a sum."""

from datetime import date

import msgspec

from santiao.simulation.chance import Chance, Lottery
from santiao.simulation.city import District
from santiao.simulation.firms import Firm, Firms
from santiao.simulation.kinds import Kind, load_kinds
from santiao.simulation.people import People, Person
from santiao.simulation.places import Flat, Map, Place

Respondent = Person | Firm


class Dispute(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One dispute (纠纷) as it truly is."""

    no: int
    name: str
    """Name of its kind."""
    kind: Kind
    flat: Flat
    started: date
    applicants: tuple[Person, ...]
    respondent: Respondent
    amount: int
    slots: dict[str, str]
    relative: Person
    """Somebody of the first applicant's family, who may speak for them."""
    agent: Person | None = None
    after: int | None = None
    """An earlier dispute of the same people that was settled."""
    settles: bool = False
    """True when it must end in an agreement within weeks."""

    @property
    def ref(self) -> str:
        """Name in the truth, as A-0042."""
        return f"A-{self.no:04d}"

    @property
    def place(self) -> Place:
        return self.flat.place

    @property
    def district(self) -> District:
        return self.flat.place.district

    @property
    def spot(self) -> str:
        """Where it happened, to the building."""
        return self.place.name + (f"{self.flat.building}栋" if self.place.kind == "estate" else "")

    @property
    def people(self) -> tuple[Person, ...]:
        """All natural persons who are parties."""
        return (*self.applicants, self.respondent) if isinstance(self.respondent, Person) else self.applicants


class Cluster(msgspec.Struct, frozen=True):
    """Disputes told together. With `why`, each record of one is a hard negative to each record of the other."""

    disputes: tuple[Dispute, ...]
    why: str = ""


class Inventor:
    """Invents disputes one after another. Remembers people and numbers, never disputes."""

    def __init__(self, chance: Chance, places: Map, firms: Firms, people: People, *, last_start: date) -> None:
        self._chance = chance
        self._map = places
        self._firms = firms
        self._people = people
        self._kinds = load_kinds()
        self._mix = Lottery({name: kind.weight for name, kind in self._kinds.items()})
        self.last_start = last_start
        self.count = 0

    def single(self, started: date) -> Cluster:
        return Cluster((self.dispute(self._any(), started),))

    def dispute(
        self,
        name: str,
        started: date,
        *,
        place: Place | None = None,
        flat: Flat | None = None,
        applicants: tuple[Person, ...] = (),
        respondent: Respondent | None = None,
        agent: Person | None = None,
        after: Dispute | None = None,
        settles: bool = False,
    ) -> Dispute:
        """Return a new dispute of that kind, with the given traits and chance for the others."""
        c, kind = self._chance, self._kinds[name]
        flat = flat or self._map.flat(place or self._map.place(kind.place))
        if not applicants:
            applicants = self._applicants(kind, flat, started)
        if respondent is None:
            respondent = self._respondent(kind, flat, applicants[0])
        low, high = kind.amount
        amount = int(low * (high / low) ** c.draw())
        amount -= amount % (100 if amount >= 1000 else 10)
        self.count += 1
        first = applicants[0]
        relative = self._people.invent(
            first.home, phone=first.phone if c.hits(0.3) else "", surname=first.surname if c.hits(0.4) else ""
        )
        return Dispute(
            no=self.count,
            name=name,
            kind=kind,
            flat=flat,
            started=started,
            applicants=applicants,
            respondent=respondent,
            amount=amount,
            slots=self._slots(kind, flat, started, amount, first, respondent),
            relative=relative,
            agent=agent,
            after=after.no if after else None,
            settles=settles,
        )

    def _any(self) -> str:
        return self._chance.win(self._mix)

    def _applicants(self, kind: Kind, flat: Flat, started: date) -> tuple[Person, ...]:
        c = self._chance
        ages = (66, 88) if kind.against == "child" else kind.ages
        lives_there = flat.place.kind in ("estate", "village") and kind.against not in ("person", "developer")
        first = self._people.invent(flat if lives_there else self._map.home(), ages=ages, today=started)
        if not c.hits(kind.group):
            return (first,)
        others = c.between(1, 3) if c.hits(0.8) else c.between(4, 8)
        return (first, *(self._people.invent(self._map.home(), ages=ages, today=started) for _ in range(others)))

    def _respondent(self, kind: Kind, flat: Flat, first: Person) -> Respondent:
        people, against = self._people, kind.against
        match against:
            case "above":
                return people.invent(flat.above())
            case "building":
                other = self._map.flat(flat.place)
                return people.invent(msgspec.structs.replace(other, building=flat.building))
            case "village":
                return people.invent(self._map.flat(flat.place))
            case "person":
                return people.invent(
                    self._map.home() if flat.place.kind != "estate" or self._chance.hits(0.7) else flat
                )
            case "spouse":
                return people.invent(flat, sex="2" if first.sex == "1" else "1", ages=(23, 60))
            case "child":
                return people.invent(self._map.home(), ages=(32, 60), surname=first.surname)
            case "kin":
                return people.invent(self._map.home(), ages=(28, 66), surname=first.surname)
            case "manager":
                return self._firms.manager_of(flat.place)
            case "village_committee":
                return self._firms.committee_of(flat.place)
            case _:
                return self._firms.any_of(against)

    def _slots(
        self, kind: Kind, flat: Flat, started: date, amount: int, first: Person, respondent: Respondent
    ) -> dict[str, str]:
        c, place = self._chance, flat.place
        spot = place.name + (f"{flat.building}栋" if place.kind == "estate" else "")
        slots = {name: c.pick(options) for name, options in kind.slots.items()}
        slots |= {
            "A": first.name,
            "B": respondent.name,
            "Bt": respondent.titled if isinstance(respondent, Person) else respondent.name,
            "place": place.name,
            "spot": spot,
            "flat": f"{spot}{flat.unit}单元{flat.room}" if place.kind == "estate" else f"{place.name}{flat.group}组",
            "building": str(flat.building),
            "unit": str(flat.unit),
            "room": flat.room,
            "up": flat.above().room,
            "home": first.home.address,
            "road": place.road,
            "street": place.street,
            "district": place.district.name,
            "group": str(flat.group or c.between(1, 12)),
            "amt": str(amount),
            "wan": f"{amount / 10_000:.1f}万".replace(".0万", "万"),
            "date": f"{started.year}年{started.month}月{started.day}日"
            if c.hits(0.7)
            else f"{started.month}月{started.day}日",
            "months": str(c.between(2, 14)),
            "n": str(c.between(2, 9)),
            "mu": str(c.between(2, 16)),
            "age": str(first.age_on(started)),
        }
        return slots

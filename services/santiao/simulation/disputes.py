"""What happened: a dispute between people and bodies, in a place, on a day, about a sum; and pairs that look alike and are not the same."""

from collections.abc import Callable
from datetime import date, timedelta

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
    compared_to: int | None = None
    """A dispute of somebody else whose number its tellers quote by way of comparison."""

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


LOOKALIKES = {
    "busy_complainant": 4.0,
    "same_employer": 3.0,
    "same_property_firm": 3.0,
    "shared_family_phone": 2.5,
    "same_building": 2.5,
    "renewed_after_agreement": 2.5,
    "common_name": 2.0,
    "shared_agent_phone": 1.5,
    "merged_by_mistake_and_parted": 1.0,
    "same_site": 1.0,
    "same_landlord": 1.0,
    "opposite_sides_other_matter": 1.0,
    "compared_by_the_teller": 0.7,
}
"""Why two disputes look alike, and how common each reason is."""


class Inventor:
    """Invents disputes one after another. Remembers people and numbers, never disputes."""

    def __init__(self, chance: Chance, places: Map, firms: Firms, people: People, *, compared: bool = True) -> None:
        self._chance = chance
        self._map = places
        self._firms = firms
        self._people = people
        self._kinds = load_kinds()
        self._mix = Lottery({name: kind.weight for name, kind in self._kinds.items()})
        reasons = {why: rate for why, rate in LOOKALIKES.items() if compared or why != "compared_by_the_teller"}
        self._reasons = Lottery(reasons)
        self.count = 0

    def single(self, started: date) -> Cluster:
        return Cluster((self.dispute(self._any(), started),))

    def lookalikes(self, started: date) -> Cluster:
        """Return a pair that looks alike, for one of the reasons of `LOOKALIKES`."""
        why = self._chance.win(self._reasons)
        make: Callable[[date], tuple[Dispute, ...]] = getattr(self, f"_{why}")
        return Cluster(make(started), why)

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
        compared_to: Dispute | None = None,
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
            compared_to=compared_to.no if compared_to else None,
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

    # Pairs that look alike.

    def _later(self, started: date, low: int = 0, high: int = 45) -> date:
        return started + timedelta(days=self._chance.between(low, high))

    def _busy_complainant(self, started: date) -> tuple[Dispute, ...]:
        names = self._chance.sample(
            ["leak", "propertyfee", "refund", "loan", "noise", "lease", "training", "traffic"], 2
        )
        first = self.dispute(names[0], started)
        return first, self.dispute(names[1], self._later(started), applicants=first.applicants[:1])

    def _same_employer(self, started: date) -> tuple[Dispute, ...]:
        c = self._chance
        first = self.dispute(c.pick(["dismissal", "injury"]), started)
        other = c.pick(["dismissal", "injury"])
        return first, self.dispute(other, self._later(started), respondent=first.respondent, place=first.place)

    def _same_property_firm(self, started: date) -> tuple[Dispute, ...]:
        c = self._chance
        first = self.dispute(c.pick(["propertyfee", "parking"]), started)
        return first, self.dispute(
            first.name if c.hits(0.7) else "propertyfee",
            self._later(started),
            place=first.place,
            respondent=first.respondent,
        )

    def _shared_family_phone(self, started: date) -> tuple[Dispute, ...]:
        names = self._chance.sample(["noise", "rider", "refund", "dismissal", "loan", "traffic", "insult"], 2)
        first = self.dispute(names[0], started)
        head = first.applicants[0]
        kin = self._people.invent(head.home, phone=head.phone, surname=head.surname if self._chance.hits(0.5) else "")
        return first, self.dispute(names[1], self._later(started), applicants=(kin,))

    def _same_building(self, started: date) -> tuple[Dispute, ...]:
        names = self._chance.sample(["leak", "noise", "dog", "insult", "cctv", "scuffle", "falling", "pollution"], 2)
        first = self.dispute(names[0], started)
        same = self._chance.hits(0.4)
        other = self._map.flat(first.place)
        flat = msgspec.structs.replace(other, building=first.flat.building)
        return first, self.dispute(names[0] if same else names[1], self._later(started, 0, 30), flat=flat)

    def _renewed_after_agreement(self, started: date) -> tuple[Dispute, ...]:
        name = self._chance.pick(["contractland", "lease", "loan", "goods", "leak", "support", "landborder", "noise"])
        earlier = started - timedelta(days=self._chance.between(190, 290))
        first = self.dispute(name, earlier, settles=True)
        return first, self.dispute(
            name, started, flat=first.flat, applicants=first.applicants, respondent=first.respondent, after=first
        )

    def _common_name(self, started: date) -> tuple[Dispute, ...]:
        name = self._chance.pick(["loan", "refund", "wage", "lease", "traffic", "propertyfee"])
        first = self.dispute(name, started)
        head = first.applicants[0]
        second = self._people.invent(self._map.home(), name=head.name, sex=head.sex)
        return first, self.dispute(name, self._later(started), applicants=(second,))

    def _shared_agent_phone(self, started: date) -> tuple[Dispute, ...]:
        name = self._chance.pick(["traffic", "medical", "injury", "loan"])
        agent = self._people.invent(self._map.home())
        first = self.dispute(name, started, agent=agent)
        return first, self.dispute(name, self._later(started, 0, 30), agent=agent)

    def _merged_by_mistake_and_parted(self, started: date) -> tuple[Dispute, ...]:
        name = self._chance.pick(["wage", "propertyfee", "noise", "refund", "demolition"])
        first = self.dispute(name, started)
        return first, self.dispute(name, self._later(started, 1, 20), place=first.place)

    def _same_site(self, started: date) -> tuple[Dispute, ...]:
        first = self.dispute("wage", started)
        return first, self.dispute("wage", self._later(started, 0, 30), place=first.place)

    def _same_landlord(self, started: date) -> tuple[Dispute, ...]:
        first = self.dispute("lease", started)
        return first, self.dispute("lease", self._later(started), place=first.place, respondent=first.respondent)

    def _opposite_sides_other_matter(self, started: date) -> tuple[Dispute, ...]:
        first = self.dispute(self._chance.pick(["loan", "lease", "partnership"]), started)
        other = self._chance.pick(["insult", "scuffle", "dog"])
        assert isinstance(first.respondent, Person)
        return first, self.dispute(
            other, self._later(started, 5, 40), applicants=(first.respondent,), respondent=first.applicants[0]
        )

    def _compared_by_the_teller(self, started: date) -> tuple[Dispute, ...]:
        name = self._chance.pick(["propertyfee", "refund", "pollution", "presale"])
        first = self.dispute(name, started)
        return first, self.dispute(
            name, self._later(started, 20, 45), place=first.place, respondent=first.respondent, compared_to=first
        )

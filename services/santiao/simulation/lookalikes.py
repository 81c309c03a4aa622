"""Pairs of disputes that look alike and are not the same: what linking must not fall for.

Every record of one is a hard negative to every record of the other.
"""

from collections.abc import Callable
from datetime import date, timedelta

import msgspec

from santiao.simulation.chance import Chance, Lottery
from santiao.simulation.disputes import Cluster, Dispute, Inventor
from santiao.simulation.people import People, Person
from santiao.simulation.places import Map

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


class Lookalikes:
    """Invents pairs."""

    def __init__(self, chance: Chance, inventor: Inventor, places: Map, people: People, *, compared: bool) -> None:
        """`compared` is whether tellers may quote somebody else's number by way of comparison."""
        reasons = {why: rate for why, rate in LOOKALIKES.items() if compared or why != "compared_by_the_teller"}
        self._reasons = Lottery(reasons)
        self._chance = chance
        self._inventor = inventor
        self._invent = inventor.dispute
        self._map = places
        self._people = people

    def pair(self, started: date) -> Cluster:
        """Return a pair that looks alike, for one of the reasons of `LOOKALIKES`."""
        why = self._chance.win(self._reasons)
        make: Callable[[date], tuple[Dispute, ...]] = getattr(self, f"_{why}")
        return Cluster(make(started), why)

    def _later(self, started: date, low: int = 0, high: int = 45) -> date:
        return min(started + timedelta(days=self._chance.between(low, high)), self._inventor.last_start)

    def _busy_complainant(self, started: date) -> tuple[Dispute, ...]:
        names = self._chance.sample(
            ["leak", "propertyfee", "refund", "loan", "noise", "lease", "training", "traffic"], 2
        )
        first = self._invent(names[0], started)
        return first, self._invent(names[1], self._later(started), applicants=first.applicants[:1])

    def _same_employer(self, started: date) -> tuple[Dispute, ...]:
        c = self._chance
        first = self._invent(c.pick(["dismissal", "injury"]), started)
        other = c.pick(["dismissal", "injury"])
        return first, self._invent(other, self._later(started), respondent=first.respondent, place=first.place)

    def _same_property_firm(self, started: date) -> tuple[Dispute, ...]:
        c = self._chance
        first = self._invent(c.pick(["propertyfee", "parking"]), started)
        return first, self._invent(
            first.name if c.hits(0.7) else "propertyfee",
            self._later(started),
            place=first.place,
            respondent=first.respondent,
        )

    def _shared_family_phone(self, started: date) -> tuple[Dispute, ...]:
        names = self._chance.sample(["noise", "rider", "refund", "dismissal", "loan", "traffic", "insult"], 2)
        first = self._invent(names[0], started)
        head = first.applicants[0]
        kin = self._people.invent(head.home, phone=head.phone, surname=head.surname if self._chance.hits(0.5) else "")
        return first, self._invent(names[1], self._later(started), applicants=(kin,))

    def _same_building(self, started: date) -> tuple[Dispute, ...]:
        names = self._chance.sample(["leak", "noise", "dog", "insult", "cctv", "scuffle", "falling", "pollution"], 2)
        first = self._invent(names[0], started)
        same = self._chance.hits(0.4)
        other = self._map.flat(first.place)
        flat = msgspec.structs.replace(other, building=first.flat.building)
        return first, self._invent(names[0] if same else names[1], self._later(started, 0, 30), flat=flat)

    def _renewed_after_agreement(self, started: date) -> tuple[Dispute, ...]:
        name = self._chance.pick(["contractland", "lease", "loan", "goods", "leak", "support", "landborder", "noise"])
        earlier = started - timedelta(days=self._chance.between(190, 290))
        first = self._invent(name, earlier, settles=True)
        return first, self._invent(
            name, started, flat=first.flat, applicants=first.applicants, respondent=first.respondent, after=first
        )

    def _common_name(self, started: date) -> tuple[Dispute, ...]:
        name = self._chance.pick(["loan", "refund", "wage", "lease", "traffic", "propertyfee"])
        first = self._invent(name, started)
        head = first.applicants[0]
        second = self._people.invent(self._map.home(), name=head.name, sex=head.sex)
        return first, self._invent(name, self._later(started), applicants=(second,))

    def _shared_agent_phone(self, started: date) -> tuple[Dispute, ...]:
        name = self._chance.pick(["traffic", "medical", "injury", "loan"])
        agent = self._people.invent(self._map.home())
        first = self._invent(name, started, agent=agent)
        return first, self._invent(name, self._later(started, 0, 30), agent=agent)

    def _merged_by_mistake_and_parted(self, started: date) -> tuple[Dispute, ...]:
        name = self._chance.pick(["wage", "propertyfee", "noise", "refund", "demolition"])
        first = self._invent(name, started)
        return first, self._invent(name, self._later(started, 1, 20), place=first.place)

    def _same_site(self, started: date) -> tuple[Dispute, ...]:
        first = self._invent("wage", started)
        return first, self._invent("wage", self._later(started, 0, 30), place=first.place)

    def _same_landlord(self, started: date) -> tuple[Dispute, ...]:
        first = self._invent("lease", started)
        return first, self._invent("lease", self._later(started), place=first.place, respondent=first.respondent)

    def _opposite_sides_other_matter(self, started: date) -> tuple[Dispute, ...]:
        first = self._invent(self._chance.pick(["loan", "lease", "partnership"]), started)
        other = self._chance.pick(["insult", "scuffle", "dog"])
        assert isinstance(first.respondent, Person)
        return first, self._invent(
            other, self._later(started, 5, 40), applicants=(first.respondent,), respondent=first.applicants[0]
        )

    def _compared_by_the_teller(self, started: date) -> tuple[Dispute, ...]:
        name = self._chance.pick(["propertyfee", "refund", "pollution", "presale"])
        first = self._invent(name, started)
        return first, self._invent(name, self._later(started, 20, 45), place=first.place, respondent=first.respondent)

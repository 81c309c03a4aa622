"""Journeys: which agencies hear of a dispute, when, from whom, and how each agency's file ends.

A typical chain runs hotline, police, committee, court, petition; labour cases go to arbitration. Nothing here knows how an agency
writes, nor which file quotes which.
"""

from datetime import datetime, timedelta

import msgspec

from santiao.simulation.chance import Chance, Lottery
from santiao.simulation.disputes import Cluster, Dispute
from santiao.simulation.numbers import Numbers
from santiao.simulation.people import Person
from santiao.simulation.schedule import Schedule
from santiao.simulation.settings import SimulationSettings

CHANNELS = {
    "police": "police-110",
    "court": "court",
    "petitions": "petitions",
    "labour": "human-resources",
    "hotline": "hotline-12345",
    "committee": "peoples-mediation",
}
DELAYS = {
    "hotline": (0, 7),
    "police": (0, 9),
    "committee": (2, 22),
    "labour": (2, 16),
    "court": (3, 38),
    "petitions": (1, 46),
}
"""Days from the start of a dispute to the report, by channel."""
HOURS = {
    "police": (7, 23),
    "hotline": (8, 23),
    "court": (8, 17),
    "petitions": (8, 17),
    "labour": (8, 17),
    "committee": (8, 18),
}
FATES: dict[str, dict[str, float]] = {
    "police-110": {"referred": 34, "advised": 24, "passed": 8, "settled": 14, "reported": 18},
    "court": {"settled": 36, "failed": 40, "mediating": 18, "open": 3, "withdrawn": 3},
    "petitions": {"open": 52, "settled": 18, "closed": 25, "withdrawn": 5},
    "human-resources": {"settled": 42, "mediating": 24, "failed": 8, "transferred": 12, "withdrawn": 10, "open": 4},
    "hotline-12345": {"dispatched": 42, "closed": 32, "settled": 16, "reopened": 6, "cancelled": 4},
    "peoples-mediation": {"settled": 52, "failed": 20, "mediating": 14, "open": 8, "withdrawn": 6},
}
ENDS = {agency: Lottery(fates) for agency, fates in FATES.items()}
BUSY = {"police": 1.0, "hotline": 1.0, "committee": 1.0, "labour": 1.15, "court": 1.25, "petitions": 1.25}
"""How many more hear of a dispute than its kind alone would make them."""
NEEDED = {
    "merged_by_mistake_and_parted": ("petitions",),
    "shared_agent_phone": ("court",),
    "compared_by_the_teller": ("hotline", "petitions"),
    "renewed_after_agreement": ("petitions",),
}
"""Channels without which a pair would not look alike for that reason."""


class Quote(msgspec.Struct, frozen=True, gc=False):
    """A number that a teller quotes: of an earlier file, or of none (`broken`), or of somebody else's by way of comparison."""

    agency: str
    number: str
    manner: str = "same"
    """`same`, `broken`, `renewed` (a settled matter before this one), `compared`, `filed` (a court has accepted it)."""


class Telling(msgspec.Struct, kw_only=True, gc=False):
    """One file in the making: somebody told an agency of a dispute (or of none)."""

    agency: str
    at: datetime
    teller: Person
    key: str
    alias: str = ""
    """The court's case number; how others quote it."""
    dispute: Dispute | None = None
    side: str = "A"
    fate: str = "open"
    ended: datetime | None = None
    repeat_of: "Telling | None" = None
    filed_from: "Telling | None" = None
    quotes: tuple[Quote, ...] = ()
    gate: str = ""
    reason: str = ""
    category: str = ""
    words: str = ""
    """The story itself, where it is not the dispute's."""
    near_miss: bool = False
    hidden_accusation: bool = False
    parted_from: str = ""
    """A petition it was merged into by mistake."""
    reused_from: "Telling | None" = None
    """An older order of somebody else whose number this one bears again."""

    @property
    def reused(self) -> bool:
        return self.reused_from is not None

    @property
    def number(self) -> str:
        """What others call this file by."""
        return self.alias or self.key


class Journeys:
    """Plans the files of a cluster of disputes, in order of time, with their numbers."""

    def __init__(self, settings: SimulationSettings, chance: Chance, numbers: Numbers, schedule: Schedule) -> None:
        self._settings = settings
        self._chance = chance
        self._numbers = numbers
        self._schedule = schedule

    def of(self, cluster: Cluster) -> list[list[Telling]]:
        """Return the files of each dispute of the cluster, which quote nothing yet."""
        return [self._plan(dispute, cluster.why) for dispute in cluster.disputes]

    def _plan(self, dispute: Dispute, why: str) -> list[Telling]:
        c, kind = self._chance, dispute.kind
        heard = dict(kind.heard)
        heard["committee"] = heard.get("committee", 0.0) * self._settings.committees
        channels = [channel for channel, rate in heard.items() if c.hits(rate * BUSY[channel])]
        channels += [channel for channel in NEEDED.get(why, ()) if channel not in channels]
        if dispute.settles:
            channels = c.sample(["court", "committee", "petitions"], c.between(1, 2))
        files: list[Telling] = []
        for channel in channels or ["hotline"]:
            file = self._tell(dispute, channel)
            if file is not None:
                files.append(file)
                files.extend(self._repeats(dispute, channel, file))
        if not files:
            files.extend(filter(None, [self._tell(dispute, "hotline", first=True)]))
        files.sort(key=lambda file: file.at)
        for file in list(files):
            if file.agency == "court" and file.fate == "failed" and c.hits(0.45):
                filed = self._filed(file)
                files.extend(filter(None, [filed, self._after_filing(filed)]))
        files.sort(key=lambda file: file.at)
        return files

    def _tell(self, dispute: Dispute, channel: str, *, first: bool = False) -> Telling | None:
        """Return one file, or None when it would come after the last delivery."""
        c, agency = self._chance, CHANNELS[channel]
        low, high = (0, 1) if first else DELAYS[channel]
        if dispute.settles:
            low, high = min(low, 2), 12
        day = dispute.started + timedelta(days=c.between(low, high))
        if channel in ("court", "petitions", "labour") and not self._schedule.is_worked(day):
            day += timedelta(days=3)
        at = c.moment(day, *HOURS[channel])
        if at >= self._schedule.latest[agency]:
            return None
        teller, side = self._teller(dispute, channel)
        fate = "settled" if dispute.settles else c.win(ENDS[agency])
        return self._file(dispute, agency, at, teller, side, fate)

    def _file(self, dispute: Dispute, agency: str, at: datetime, teller: Person, side: str, fate: str) -> Telling:
        alias = ""
        if agency == "court":
            alias = self._numbers.court_case(at, dispute.district, "民诉前调")
        return Telling(
            agency=agency,
            at=at,
            teller=teller,
            side=side,
            fate=fate,
            key=self.key(agency, at, dispute),
            alias=alias,
            dispute=dispute,
            ended=self._end(agency, at, fate),
        )

    def key(self, agency: str, at: datetime, dispute: Dispute) -> str:
        numbers = self._numbers
        match agency:
            case "police-110":
                return numbers.police(at, dispute.district)
            case "court":
                return numbers.court_id()
            case "petitions":
                return numbers.petition(at)
            case "human-resources":
                return numbers.labour(at)
            case "hotline-12345":
                return numbers.hotline(at)
            case _:
                return numbers.committee(at, dispute.district.short + dispute.place.street)

    def _end(self, agency: str, at: datetime, fate: str) -> datetime | None:
        """When a file that ends does so; None for one that stays open."""
        c = self._chance
        if fate in ("open", "mediating", "dispatched", "reported"):
            return None
        low, high = {
            "police-110": (0, 0),
            "court": (4, 28),
            "petitions": (8, 55),
            "human-resources": (6, 38),
            "hotline-12345": (5, 13),
            "peoples-mediation": (3, 26),
        }[agency]
        if fate in ("withdrawn", "cancelled"):
            low, high = 1, 9
        return at + timedelta(days=c.between(low, high), minutes=c.between(25, 180))

    def _teller(self, dispute: Dispute, channel: str) -> tuple[Person, str]:
        c = self._chance
        first = dispute.applicants[0]
        if channel == "police" and isinstance(dispute.respondent, Person) and c.hits(0.16):
            return dispute.respondent, "B"
        if channel in ("police", "hotline") and c.hits(0.12):
            return dispute.relative, "R"
        if channel == "petitions" and c.hits(0.4):
            return c.pick(dispute.applicants), "A"
        return first, "A"

    def _repeats(self, dispute: Dispute, channel: str, file: Telling) -> list[Telling]:
        """Return further files with the same agency: a second call, a petition written again."""
        c = self._chance
        rate, low, high = {"police": (0.11, 0, 0), "hotline": (0.1, 4, 14), "petitions": (0.22, 7, 30)}.get(
            channel, (0.0, 0, 0)
        )
        if dispute.settles or not c.hits(rate):
            return []
        at = file.at + (
            timedelta(minutes=c.between(4, 50))
            if channel == "police"
            else timedelta(days=c.between(low, high), hours=1)
        )
        if at >= self._schedule.latest[file.agency]:
            return []
        teller, side = self._teller(dispute, channel) if c.hits(0.4) else (file.teller, file.side)
        again = self._file(
            dispute,
            file.agency,
            at,
            teller,
            side,
            c.win(ENDS[file.agency]),
        )
        again.repeat_of = file
        if channel == "petitions" and c.hits(0.55):
            again.fate, again.ended = "merged", at + timedelta(days=c.between(4, 9))
        return [again]

    def _filed(self, file: Telling) -> Telling | None:
        """Return the suit that a failed mediation becomes, under a new id and number."""
        c, dispute = self._chance, file.dispute
        assert dispute is not None
        assert file.ended is not None
        at = c.moment((file.ended + timedelta(days=c.between(3, 14))).date(), 8, 17)
        if at >= self._schedule.latest["court"]:
            return None
        filed = self._file(dispute, "court", at, file.teller, "A", "filed")
        filed.alias = self._numbers.court_case(at, dispute.district, "民初")
        filed.ended, filed.filed_from = None, file
        return filed

    def _after_filing(self, filed: Telling | None) -> Telling | None:
        """Some go on to call or to petition when a court has already accepted their suit."""
        c = self._chance
        if filed is None or filed.dispute is None or not c.hits(0.3 * self._settings.gates):
            return None
        agency, channel = c.pick((("petitions", "petitions"), ("hotline-12345", "hotline")))
        at = c.moment((filed.at + timedelta(days=c.between(2, 12))).date(), *HOURS[channel])
        if at >= self._schedule.latest[agency]:
            return None
        file = self._file(filed.dispute, agency, at, filed.teller, "A", c.pick(("open", "closed")))
        file.gate, file.reason = "G8", "already_filed_in_court"
        file.quotes = (Quote("court", filed.number, "filed"),)
        return file

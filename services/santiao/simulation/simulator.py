"""The simulator: invents a city's disputes one cluster after another, lets every agency write, and delivers it all with the truth.

Memory grows with the number of records, not with their texts: what is written waits in a scratch database until it is delivered.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import msgspec

from santiao.simulation.chance import Chance
from santiao.simulation.city import city_of
from santiao.simulation.committees import CommitteeDesk
from santiao.simulation.court import CourtDesk
from santiao.simulation.desk import Desk, Filed, Office
from santiao.simulation.disputes import Cluster, Dispute, Inventor
from santiao.simulation.evidence import Told, names_the_other, read_told, weigh
from santiao.simulation.firms import Firms
from santiao.simulation.hardships import Hardships
from santiao.simulation.hotline import HotlineDesk
from santiao.simulation.journeys import Journeys, Telling
from santiao.simulation.labour import LabourDesk
from santiao.simulation.lookalikes import Lookalikes
from santiao.simulation.numbers import Numbers
from santiao.simulation.people import People
from santiao.simulation.petitions import PetitionDesk
from santiao.simulation.phrases import Storyteller
from santiao.simulation.places import Map
from santiao.simulation.police import PoliceDesk
from santiao.simulation.quotes import Quotes
from santiao.simulation.schedule import Schedule
from santiao.simulation.settings import SimulationSettings
from santiao.simulation.staging import Staging
from santiao.simulation.strays import Strays
from santiao.simulation.truth import Json, SourceRef, Truth
from santiao.simulation.webhook import Webhook

Progress = Callable[[int, int], None]
"""Called with how many disputes are invented, of how many."""
SETTLED = frozenset({"O10", "O11", "O12"})
SILENT = frozenset({"refused", "unread", "quarantined"})
"""What the hub never holds, and no link can join."""


class Summary(msgspec.Struct, frozen=True):
    """What was invented."""

    city: str
    seed: int
    disputes: int
    records: dict[str, int]
    expect: dict[str, int]
    links: dict[str, int]
    hard_negatives: int
    deliveries: dict[str, int]


def simulate(settings: SimulationSettings, out_dir: Path, progress: Progress | None = None) -> Summary:
    """Write a city's deliveries and its `truth.json` into `out_dir`, which is made when missing.

    The same settings give the same bytes. Raises `ValueError` for settings that cannot be met (an unknown city) and
    `FileExistsError` when `out_dir` has something in it, for two cities in one folder would be read as one.
    """
    city_of(settings)
    out_dir.mkdir(parents=True, exist_ok=True)
    if any(out_dir.iterdir()):
        raise FileExistsError(f"目录 {out_dir} 不是空的：choose an empty folder, or delete what is in it.")
    with Staging(out_dir / ".staging.sqlite") as staging, Truth(out_dir, staging) as truth:
        return Simulation(settings, out_dir, staging, truth).run(progress or (lambda _done, _all: None))


class Simulation:
    """One run."""

    def __init__(self, settings: SimulationSettings, out: Path, staging: Staging, truth: Truth) -> None:
        def chance(subject: str) -> Chance:
            return Chance(settings.seed, settings.city, subject)

        city = city_of(settings)
        self._settings = settings
        self._truth = truth
        places = Map(city, chance("places"), settings.disputes)
        firms = Firms(city, chance("firms"), places, settings.disputes)
        people = People(city, chance("people"), settings.hardships.n12)
        schedule = Schedule(settings, chance("schedule"))
        numbers = Numbers(city, chance("numbers"), settings.disputes)
        hardships = Hardships(settings.hardships, chance("hardships"), truth)
        self._chance = chance("city")
        self._inventor = Inventor(chance("disputes"), places, firms, people, last_start=settings.last_start)
        self._lookalikes = Lookalikes(
            chance("lookalikes"), self._inventor, places, people, compared=settings.compared_cases
        )
        self._journeys = Journeys(settings, chance("journeys"), numbers, schedule)
        self._quotes = Quotes(settings, chance("quotes"), numbers)
        stories = Storyteller(settings, chance("stories"))
        office = Office(settings, city, chance("desks"), people, schedule, hardships, stories, staging, truth, out)
        self._strays = Strays(office, places, numbers)
        self._court, self._committees, self._webhook = CourtDesk(office), CommitteeDesk(office), Webhook(office)
        desks: list[Desk] = [
            PoliceDesk(office),
            self._court,
            PetitionDesk(office),
            LabourDesk(office),
            HotlineDesk(office, self._webhook),
            self._committees,
        ]
        self._desks = {desk.agency: desk for desk in desks}

    def run(self, progress: Progress) -> Summary:
        settings, c = self._settings, self._chance
        days = (settings.last_start - settings.period_from).days
        due = 0.0
        while self._inventor.count < settings.disputes:
            done = self._inventor.count
            started = settings.period_from + timedelta(days=days * done // settings.disputes)
            # A pair counts as two, so half as many draws make the share asked for.
            room = settings.disputes - done >= 2
            pair = room and c.hits(settings.lookalikes / (2 - settings.lookalikes))
            cluster = self._lookalikes.pair(started) if pair else self._inventor.single(started)
            self._cluster(cluster)
            due += settings.strays * len(cluster.disputes)
            while due >= 1:
                due -= 1
                self._stray()
            if done % 256 < len(cluster.disputes):
                progress(done, settings.disputes)
        self._strays.leave_debris(self._court, self._webhook, self._committees)
        for desk in self._desks.values():
            desk.deliver()
        truth = self._truth
        truth.write(truth.folder / "truth.json", (settings.period_from.isoformat(), settings.period_to.isoformat()))
        progress(settings.disputes, settings.disputes)
        return Summary(
            city=settings.city,
            seed=settings.seed,
            disputes=truth.disputes,
            records=dict(sorted(truth.records.items())),
            expect=dict(sorted(truth.expect.items())),
            links=dict(sorted(truth.links.items())),
            hard_negatives=truth.look_alikes,
            deliveries=dict(sorted(truth.deliveries.items())),
        )

    def _stray(self) -> None:
        settings = self._settings
        days = (settings.period_to - settings.period_from).days
        file = self._strays.on(settings.period_from + timedelta(days=self._chance.below(days)))
        if file is not None:
            self._record(self._desks[file.agency].write(file), self._region(file))

    def _region(self, file: Telling) -> str:
        return file.dispute.district.code if file.dispute else file.teller.home.place.district.code

    def _cluster(self, cluster: Cluster) -> None:
        told: list[list[tuple[Filed, Told]]] = []
        journeys = self._journeys.of(cluster)
        self._quotes.settle(cluster, journeys)
        for dispute, files in zip(cluster.disputes, journeys, strict=True):
            told.append(self._dispute(dispute, [self._desks[file.agency].write(file) for file in files]))
        if len(told) == 2:
            self._look_alikes(cluster, *told)

    def _dispute(self, dispute: Dispute, filed: list[Filed]) -> list[tuple[Filed, Told]]:
        """Enter one dispute, its records and the links between them into the truth."""
        settled = any(each.outcome in SETTLED for each in filed)
        self._truth.dispute(dispute, [SourceRef(each.file.agency, _key(each)) for each in filed], settled=settled)
        told: list[tuple[Filed, Told]] = []
        for each in filed:
            self._record(each, dispute.district.code)
            if each.file.reused_from is not None:
                self._number_used_again(each)
            if each.expect not in SILENT:
                told.append((each, read_told(dispute, each.file.number, _key(each), each.text, each.others)))
        for (a, told_a), (b, told_b) in combinations(told, 2):
            evidence, shared = weigh(dispute, told_a, told_b)
            self._truth.link(
                {"a": _ref(a), "b": _ref(b), "dispute": dispute.ref, "evidence": evidence, "shared": shared}
            )
        return told

    def _number_used_again(self, filed: Filed) -> None:
        older = filed.file.reused_from
        if older is None or older.dispute is None or filed.file.dispute is None:
            return
        self._truth.phenomenon(
            "N7", {"agency": older.agency, "key": _key(filed), "what": "number_reused_for_another_matter"}
        )
        disputes = [older.dispute.ref, filed.file.dispute.ref]
        self._truth.hard_negative(
            {
                "a": SourceRef(older.agency, older.key),
                "b": _ref(filed),
                "why": "number_used_again",
                "disputes": disputes,
            }
        )

    def _look_alikes(self, cluster: Cluster, first: list[tuple[Filed, Told]], second: list[tuple[Filed, Told]]) -> None:
        disputes = [dispute.ref for dispute in cluster.disputes]
        for a, told_a in first:
            for b, told_b in second:
                why = cluster.why
                if why == "merged_by_mistake_and_parted" and b.file.parted_from != a.file.key:
                    why = "same_place_and_kind"
                row: Json = {"a": _ref(a), "b": _ref(b), "why": why, "disputes": disputes}
                if why != "merged_by_mistake_and_parted" and names_the_other(told_a, told_b):
                    row["quotes_the_other"] = True
                self._truth.hard_negative(row)

    def _record(self, filed: Filed, region: str) -> None:
        """Enter one record into the truth, as it truly is, whatever it says of itself."""
        file, truth, dispute = filed.file, self._truth, filed.file.dispute
        row: Json = {"agency": file.agency, "key": _key(filed)}
        if file.alias:
            row["aliases"] = [file.alias]
        row |= {"dispute": dispute.ref if dispute else None, "expect": filed.expect}
        if filed.expect != "accepted":
            row["reason"] = filed.reason
        if file.gate and filed.expect in ("blocked", "refused"):
            row["gate"] = file.gate
        if file.category:
            row["category"] = file.category
        row |= {"type": dispute.kind.type if dispute else None, "region": region, "reported_at": file.at.isoformat()}
        row |= {"reported_by": truth.party(file.teller), "side": file.side}
        if dispute is not None:
            parties = [{"id": truth.party(person), "role": "APPLICANT"} for person in dispute.applicants]
            parties.append({"id": truth.party(dispute.respondent), "role": "RESPONDENT"})
            if file.agency == "court" and dispute.agent:
                parties.append({"id": truth.party(dispute.agent), "role": "AGENT"})
            if file.side == "R":
                parties.append({"id": truth.party(file.teller), "role": "REPORTER"})
            row["parties"] = parties
        row["state"] = filed.state
        if filed.outcome:
            row["outcome"] = filed.outcome
        if filed.merged_into:
            row["merged_into"] = filed.merged_into
        if file.filed_from is not None:
            row["filed_from"] = file.filed_from.key
        if file.repeat_of is not None:
            row["repeat_of"] = file.repeat_of.key
        if file.near_miss and not file.gate:
            row["gate_near_miss"] = True
        if file.hidden_accusation:
            row["hidden_accusation"] = True
        if any(quote.manner == "broken" for quote in file.quotes):
            row["broken_reference"] = True
        if filed.feedback:
            row["feedback"] = filed.feedback
        truth.record(file.agency, _key(filed), file.at, row)


def _key(filed: Filed) -> str:
    return filed.key or filed.file.key


def _ref(filed: Filed) -> SourceRef:
    return SourceRef(filed.file.agency, _key(filed))

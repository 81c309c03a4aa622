"""A city as canonical records, without the agencies' forms: for benches up to a million cases and for tests of what comes after connectors.

Disputes, journeys and references are those of the files' city; each file becomes its report, perhaps a correction, and how it ended.
Memory holds the disputes of some weeks, however many there are in all.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from hashlib import blake2b
from heapq import heappop, heappush

import msgspec

from santiao.domain.records import (
    AgencyRecord,
    CodeField,
    DisputeFact,
    MediationResult,
    Reference,
    SiteFeedback,
    TextField,
)
from santiao.domain.vocabulary import OUTCOME_LIST, STAGE_LIST, MappingStatus, RelationKind, Stage
from santiao.simulation.canonical_fields import FieldBook
from santiao.simulation.chance import Chance
from santiao.simulation.city import city_of
from santiao.simulation.disputes import Inventor
from santiao.simulation.firms import Firms
from santiao.simulation.journeys import Journeys, Quote, Telling
from santiao.simulation.lookalikes import Lookalikes
from santiao.simulation.numbers import Numbers
from santiao.simulation.people import People
from santiao.simulation.places import Map
from santiao.simulation.quotes import Quotes
from santiao.simulation.schedule import Schedule
from santiao.simulation.settings import SimulationSettings

ZONE = timezone(timedelta(hours=8))
BUSIEST = 800
"""Disputes a day; a city of more has a longer period, as in life, and the stream stays as small."""
MAPPING = "simulation/1"
ENDINGS: dict[tuple[str, str], tuple[Stage, str]] = {
    ("police-110", "referred"): (Stage.REFERRED, ""),
    ("police-110", "advised"): (Stage.CLOSED, ""),
    ("police-110", "passed"): (Stage.TRANSFERRED, "O41"),
    ("police-110", "settled"): (Stage.SETTLED, "O12"),
    ("court", "settled"): (Stage.SETTLED, "O10"),
    ("court", "failed"): (Stage.FAILED, "O32"),
    ("court", "withdrawn"): (Stage.CANCELLED, "O21"),
    ("petitions", "settled"): (Stage.SETTLED, "O10"),
    ("petitions", "closed"): (Stage.CLOSED, ""),
    ("petitions", "withdrawn"): (Stage.CANCELLED, "O21"),
    ("human-resources", "settled"): (Stage.SETTLED, "O10"),
    ("human-resources", "failed"): (Stage.FAILED, "O33"),
    ("human-resources", "transferred"): (Stage.TRANSFERRED, "O41"),
    ("human-resources", "withdrawn"): (Stage.CANCELLED, "O21"),
    ("hotline-12345", "settled"): (Stage.SETTLED, "O11"),
    ("hotline-12345", "closed"): (Stage.CLOSED, ""),
    ("hotline-12345", "reopened"): (Stage.REOPENED, ""),
    ("hotline-12345", "cancelled"): (Stage.CANCELLED, "O21"),
    ("peoples-mediation", "settled"): (Stage.SETTLED, "O10"),
    ("peoples-mediation", "failed"): (Stage.FAILED, "O32"),
    ("peoples-mediation", "withdrawn"): (Stage.CANCELLED, "O21"),
}
"""How a file that ends does so in canonical words: stage and outcome, by agency and fate."""
TEXTS = {
    "police-110": "police",
    "court": "facts",
    "petitions": "petition",
    "human-resources": "remark",
    "hotline-12345": "hotline",
    "peoples-mediation": "committee",
}
"""Which wording a channel's narrative comes from."""
REPORT, ENDING = 0, 1

Waiting = tuple[datetime, int, Telling, int]
"""Moment, tie-breaker, file, and which of its records."""


def canonical_stream(settings: SimulationSettings) -> Iterator[AgencyRecord]:
    """Yield the city's records in order of time; the same settings give the same records.

    Keys, aliases and quoted numbers are canonical. `received_at` carries +08:00 and never goes back, but for disputes that began
    before the period. Records carry no raw bytes, and nothing in them is quarantined, gated or of no dispute.
    """
    settings = _spread_out(settings)
    invention = _Invention(settings)
    waiting: list[Waiting] = []
    serial, days = 0, (settings.last_start - settings.period_from).days
    while invention.count < settings.disputes:
        started = settings.period_from + timedelta(days=days * invention.count // settings.disputes)
        for file in invention.cluster(started):
            serial += 1
            heappush(waiting, (file.at, serial, file, REPORT))
            ended = _ending(file)
            if ended is not None:
                heappush(waiting, (ended, serial, file, ENDING))
        frontier = datetime(started.year, started.month, started.day)  # noqa: DTZ001 (sources send no zone)
        while waiting and waiting[0][0] < frontier:
            at, _, file, which = heappop(waiting)
            yield invention.record(file, at, which)
    while waiting:
        at, _, file, which = heappop(waiting)
        yield invention.record(file, at, which)


def _spread_out(settings: SimulationSettings) -> SimulationSettings:
    """Begin the period earlier when a day would have more disputes than a city has, and use no number twice."""
    needed = settings.disputes // BUSIEST + 60
    days = max((settings.period_to - settings.period_from).days, needed)
    hardships = msgspec.structs.replace(settings.hardships, n7=0.0)
    begin = settings.period_to - timedelta(days=days)
    return msgspec.structs.replace(settings, period_from=begin, hardships=hardships)


def _ending(file: Telling) -> datetime | None:
    """When a file's end is told; None for one that stays open."""
    if (file.agency, file.fate) not in ENDINGS or file.repeat_of is not None:
        return None
    if file.ended is None or file.agency == "police-110":
        return file.at + timedelta(minutes=95)
    return file.ended


class _Invention:
    """Disputes, their files, and the records the files become."""

    def __init__(self, settings: SimulationSettings) -> None:
        def chance(subject: str) -> Chance:
            return Chance(settings.seed, settings.city, subject)

        city = city_of(settings)
        places = Map(city, chance("places"), settings.disputes)
        firms = Firms(city, chance("firms"), places, settings.disputes)
        people = People(city, chance("people"), settings.hardships.n12)
        numbers = Numbers(city, chance("numbers"), settings.disputes)
        self._settings = settings
        self._chance = chance("canonical")
        self._inventor = Inventor(chance("disputes"), places, firms, people, last_start=settings.last_start)
        self._lookalikes = Lookalikes(
            chance("lookalikes"), self._inventor, places, people, compared=settings.compared_cases
        )
        self._journeys = Journeys(settings, chance("journeys"), numbers, Schedule(settings, chance("schedule")))
        self._quotes = Quotes(settings, chance("quotes"), numbers)
        self._book = FieldBook(self._chance, settings.hardships.n8)
        self._shard = int(city.prefecture)
        self._stages = {stage: CodeField(STAGE_LIST, "", stage, None, stage, MappingStatus.EXACT) for stage in Stage}
        outcomes = {outcome for _, outcome in ENDINGS.values() if outcome}
        self._outcomes = {code: CodeField(OUTCOME_LIST, "", code, None, code, MappingStatus.EXACT) for code in outcomes}

    @property
    def count(self) -> int:
        return self._inventor.count

    def cluster(self, started: date) -> list[Telling]:
        """Return the files of one more dispute, or of a pair that looks alike."""
        c, settings = self._chance, self._settings
        room = settings.disputes - self.count >= 2
        pair = room and c.hits(settings.lookalikes / (2 - settings.lookalikes))
        cluster = self._lookalikes.pair(started) if pair else self._inventor.single(started)
        journeys = self._journeys.of(cluster)
        self._quotes.settle(cluster, journeys)
        return [file for files in journeys for file in files]

    def record(self, file: Telling, at: datetime, which: int) -> AgencyRecord:
        received = at.replace(tzinfo=ZONE) + timedelta(seconds=30)
        key, part = file.key, ""
        body: DisputeFact | SiteFeedback | MediationResult
        if which == REPORT:
            body = self._fact(file, Stage.MEDIATING if file.fate == "filed" else Stage.OPEN)
        elif file.agency == "police-110":
            part = f"feedback/{key}001"
            body = self._feedback(file, at)
        elif file.agency == "peoples-mediation":
            part = "result"
            body = self._result(file, at)
        else:
            body = self._ended(file, at)
        return AgencyRecord(
            connector=file.agency,
            feed=file.agency,
            key=key,
            part=part,
            shard=self._shard,
            aliases=(self._book.canonical(file.alias),) if file.alias else (),
            source_version=which + 1,
            source_updated_at=received,
            occurred_at=file.at.replace(tzinfo=ZONE),
            received_at=received,
            reported_on=file.at.date(),
            mapping_version=MAPPING,
            content_hash=blake2b(f"{file.agency}|{key}|{part}|{which}".encode(), digest_size=32).digest(),
            body=body,
            references=self._references(file) if not part else (),
        )

    def _fact(self, file: Telling, stage: Stage) -> DisputeFact:
        book, dispute = self._book, file.dispute
        assert dispute is not None
        texts: list[str] = getattr(dispute.kind.texts, TEXTS[file.agency])
        # Chosen by the dispute's number, so that a later version of a file tells the same story.
        story = texts[dispute.no % len(texts)].format_map(dispute.slots)
        return DisputeFact(
            type=book.type_of(file.agency, dispute.kind),
            region=book.region_of(dispute.district.code),
            stage=self._stages[stage],
            title=TextField(dispute.kind.label, dispute.kind.label),
            narrative=TextField(story, story),
            place_text=TextField(dispute.spot, dispute.spot),
            place=book.place_of(dispute.flat),
            amount=book.money(dispute.amount),
            people=len(dispute.applicants),
            registered=book.moment(file.at.replace(tzinfo=ZONE)),
            parties=book.parties(file),
        )

    def _ended(self, file: Telling, at: datetime) -> DisputeFact:
        stage, outcome = ENDINGS[file.agency, file.fate]
        fact = self._fact(file, stage)
        if not outcome:
            return fact
        settled = at.date() if stage is Stage.SETTLED else None
        return msgspec.structs.replace(fact, outcome=self._outcomes[outcome], settled_on=settled)

    def _feedback(self, file: Telling, at: datetime) -> SiteFeedback:
        stage, outcome = ENDINGS[file.agency, file.fate]
        return SiteFeedback(
            result=self._stages[stage],
            stage=self._stages[stage],
            outcome=self._outcomes[outcome] if outcome else None,
            settled_on=at.date() if stage is Stage.SETTLED else None,
            solved=stage is Stage.SETTLED,
            parties=self._book.parties_on_site(file),
        )

    def _result(self, file: Telling, at: datetime) -> MediationResult:
        stage, outcome = ENDINGS[file.agency, file.fate]
        return MediationResult(
            outcome=self._outcomes[outcome],
            stage=self._stages[stage],
            settled_on=at.date() if stage is Stage.SETTLED else None,
        )

    def _references(self, file: Telling) -> tuple[Reference, ...]:
        found = [self._reference(quote) for quote in file.quotes]
        if file.repeat_of is not None:
            found.append(Reference(file.agency, file.repeat_of.key, RelationKind.REPEAT_OF, "repeat_of"))
        if file.filed_from is not None:
            number = self._book.canonical(file.filed_from.alias)
            found.append(Reference("court", number, RelationKind.SPAWNED_FROM, "original_case_no"))
        return tuple(found)

    def _reference(self, quote: Quote) -> Reference:
        number = self._book.canonical(quote.number) if quote.agency == "court" else quote.number
        return Reference(quote.agency, number, RelationKind.SAME_DISPUTE, "narrative")

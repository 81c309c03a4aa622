"""Quoting: which file names which other file's number, and why; set once all files of a cluster are planned."""

from collections import deque
from datetime import timedelta

from santiao.simulation.chance import Chance
from santiao.simulation.disputes import Cluster, Dispute
from santiao.simulation.journeys import Quote, Telling
from santiao.simulation.numbers import Numbers
from santiao.simulation.settings import SimulationSettings

RATES = {
    "petitions": 0.38,
    "court": 0.34,
    "human-resources": 0.2,
    "police-110": 0.1,
    "hotline-12345": 0.13,
    "peoples-mediation": 0.4,
}
"""How often a file of that agency quotes an earlier one."""


class Quotes:
    """Lets files quote numbers."""

    def __init__(self, settings: SimulationSettings, chance: Chance, numbers: Numbers) -> None:
        self._settings = settings
        self._chance = chance
        self._numbers = numbers
        self._orders: deque[Telling] = deque(maxlen=60)
        self._reused = False

    def settle(self, cluster: Cluster, journeys: list[list[Telling]]) -> None:
        """Decide all quotes of a cluster, and whose number is borne twice."""
        for dispute, files in zip(cluster.disputes, journeys, strict=True):
            self._quote(dispute, files)
        if len(journeys) == 2:
            self._tie(cluster, *journeys)
        self._use_again([file for files in journeys for file in files])

    def _quote(self, dispute: Dispute, files: list[Telling]) -> None:
        """Let later files quote earlier ones, now and then a number that does not exist, and what a court has accepted."""
        c, settings = self._chance, self._settings
        for at, file in enumerate(files):
            earlier = [each for each in files[:at] if each is not file.filed_from and each is not file.repeat_of]
            filed = [each for each in earlier if each.fate == "filed"]
            if file.quotes:
                continue
            if filed and file.agency in ("petitions", "hotline-12345") and c.hits(0.5 * settings.gates):
                file.quotes = (Quote("court", filed[-1].number, "filed"),)
                file.gate, file.reason = "G8", "already_filed_in_court"
            elif c.hits(RATES[file.agency] * settings.references):
                if c.hits(0.05 * settings.broken_references):
                    agency = c.pick([agency for agency in RATES if agency not in (file.agency, "peoples-mediation")])
                    file.quotes = (Quote(agency, self._numbers.broken(agency, file.at, dispute.district), "broken"),)
                elif earlier:
                    target = c.pick(earlier)
                    if target.fate != "filed" or file.agency not in ("petitions", "hotline-12345"):
                        file.quotes = (Quote(target.agency, target.number),)

    def _tie(self, cluster: Cluster, first: list[Telling], second: list[Telling]) -> None:
        """Let the files of a pair that looks alike name each other where that is why it looks alike."""
        c = self._chance
        if cluster.why in ("renewed_after_agreement", "compared_by_the_teller"):
            manner = "renewed" if cluster.why == "renewed_after_agreement" else "compared"
            tellers = [
                file
                for file in second
                if file.agency in ("petitions", "hotline-12345") and not file.quotes and not file.repeat_of
            ]
            for file in tellers[: 1 if c.hits(0.7) else 2]:
                earlier = [each for each in first if each.at < file.at]
                if earlier and (manner == "compared" or c.hits(0.6)):
                    target = c.pick(earlier)
                    file.quotes = (Quote(target.agency, target.number, manner),)
        if cluster.why == "merged_by_mistake_and_parted":
            survivors = [file for file in first if file.agency == "petitions" and file.fate != "merged"]
            parted = [
                file for file in second if file.agency == "petitions" and file.fate in ("open", "closed", "settled")
            ]
            if survivors and parted and survivors[0].at < parted[0].at:
                parted[0].parted_from = survivors[0].key
                parted[0].fate, parted[0].ended = "open", None

    def _use_again(self, files: list[Telling]) -> None:
        """Now and then an order bears a number that was another matter's weeks ago (N7)."""
        c, hard = self._chance, self._settings.hardships
        quoted = {quote.number for file in files for quote in file.quotes}
        quoted |= {file.repeat_of.key for file in files if file.repeat_of is not None}
        for file in files:
            if file.agency != "hotline-12345" or file.key in quoted:
                continue
            # The oldest order that waits is the one whose number comes round again.
            older = self._orders[0] if self._orders else None
            due = c.hits(0.04 * hard.n7) or (hard.n7 >= 1 and not self._reused)
            if older is not None and timedelta(days=12) < file.at - older.at and due:
                file.reused_from, file.key, self._reused = older, older.key, True
                self._orders.popleft()
            elif c.hits(0.2):
                self._orders.append(file)

"""What the officers reported back from the scene (处警反馈): who they met, how it ended, where they sent the parties."""

from collections.abc import Callable
from datetime import datetime, timedelta

from santiao.simulation.desk import Office
from santiao.simulation.journeys import Telling
from santiao.simulation.kinds import load_narrative
from santiao.simulation.people import MALE, Person

AGENCY = "police-110"
RESULTS = {"settled": "01", "referred": "02", "passed": "03", "advised": "05", "plain": "05", "case": "06"}
"""Result codes, by what became of it on the scene."""
Row = dict[str, str]


def stamp(at: datetime) -> str:
    """A time as the police's tables write it."""
    return at.strftime("%Y%m%d%H%M%S")


class Officers:
    """Reports back. `write_name` puts a name down as the police's keyboard can, for the file of that key."""

    def __init__(self, office: Office, write_name: Callable[[str, str], str]) -> None:
        self._office = office
        self._write_name = write_name
        self._words = load_narrative()

    def report(self, file: Telling, *, late: bool) -> tuple[Row, str]:
        """What the officers reported back, and the fate it tells; nothing when they never did."""
        c, words = self._office.chance, self._words.police_feedback
        fate = file.fate
        if file.gate:
            fate = "case" if c.hits(0.82) else "reported"
        elif file.dispute is None:
            fate = "plain" if c.hits(0.85) else "reported"
        if fate == "reported" or file.repeat_of is not None:
            return {}, "reported"
        arrived = file.at + timedelta(minutes=c.between(12, 140))
        done = arrived + timedelta(minutes=c.between(10, 28))
        if done > self._office.schedule.police_days[-1]:
            return {}, "reported"
        if late and self._office.hardships.is_on("N3"):
            self._office.hardships.note("N3", "feedback_before_incident", AGENCY, file.key)
        dispute, who = file.dispute, file.teller
        district = (dispute.district if dispute else who.home.place.district).code
        names, phones = self._write_name(who.name, file.key), who.phone
        if dispute is not None:
            other = dispute.respondent if file.side != "B" else dispute.applicants[0]
            if file.side == "R":
                names = self._write_name(dispute.applicants[0].name, file.key)
            other_name = other.name if c.hits(0.7) else f"{other.name[0]}某"
            names = f"{names}、{other_name}"
            known = c.hits(0.28 if isinstance(other, Person) else 0.35)
            phones = f"{phones}/{other.phone if known else c.pick(('无', '不详', '不详'))}"
        return {
            "CJDBH": f"{file.key}001",
            "JJDBH": file.key,
            "CJDWBH": f"{district}510{c.between(1, 6)}00",
            "CJYXM": self._office.people.name(MALE if c.hits(0.85) else "2"),
            "DDXCSJ": stamp(arrived),
            "CLWBSJ": stamp(done),
            "CJQK": c.pick(words[fate]).format(
                topic=dispute.kind.label if dispute else "", committee=self._committee(file)
            ),
            "CLJGDM": RESULTS[fate],
            "SFJJJF": "1" if fate == "settled" else "0",
            "DSRXM": names,
            "DSRDH": phones,
            "FKSJ": stamp(done),
            "GXSJ": stamp(done),
        }, fate

    def _committee(self, file: Telling) -> str:
        if file.dispute is None:
            return ""
        district, street = file.dispute.district.name, file.dispute.place.street
        return self._office.chance.pick(
            (
                f"{street}人民调解委员会",
                f"驻{district}派出所人民调解室",
                f"{district}矛盾纠纷调解中心",
                f"{district}诉前人民调解委员会",
            )
        )

"""The court desk (诉前调解): cases as the mediation platform's poll lists them, page by page, each poll with an overlap."""

import hashlib
from datetime import datetime, timedelta

import msgspec

from santiao.simulation.court_pages import Pages
from santiao.simulation.desk import Filed, Office, Version, delivered
from santiao.simulation.firms import Firm
from santiao.simulation.journeys import Telling
from santiao.simulation.people import Person
from santiao.simulation.truth import Json

FAILURES = {
    "O32": "当事人分歧较大，不可能达成调解协议",
    "O31": "当事人一方明确表示不愿意继续调解",
    "O33": "调解期限届满未达成协议且不同意延长",
    "O34": "一方拒绝在调解协议上签章",
    "O30": "在期限内无法联系被申请人",
}
"""What the platform writes when a mediation fails, by hub outcome."""


def when(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


class CourtDesk:
    """Writes mediation cases and the suits they become."""

    agency = "court"

    def __init__(self, office: Office) -> None:
        self._office = office
        self._parties: dict[str, list[Json]] = {}

    def write(self, file: Telling) -> Filed:
        office, c, key = self._office, self._office.chance, file.key
        hard, dispute = office.hardships, file.dispute
        assert dispute is not None
        case = self._case(file)
        filed = file.fate == "filed"
        assigned = file.at + timedelta(hours=c.between(3, 70))
        mediation = None if filed else self._mediation(file)
        first = case | {"updateTime": when(file.at), "mediation": mediation}
        first["caseStatus"] = "130" if filed else "110"
        states = [(file.at, first)]
        if not filed and file.fate != "open":
            states.append(
                (
                    assigned,
                    first
                    | {
                        "caseStatus": "170",
                        "updateTime": when(assigned),
                        "mediation": self._assigned(mediation, assigned),
                    },
                )
            )
        outcome = ""
        if not filed and file.ended is not None:
            ended = max(file.ended, assigned + timedelta(hours=20))
            body, outcome = self._ended(file, states[-1][1], ended)
            states.append((ended, body))
        last_at, last = states[-1]
        polls = office.schedule.court_polls
        if last_at < polls[-2] and hard.strikes("N2", "same_updateTime_new_body", self.agency, key):
            poll = next(poll for poll in polls if poll >= last_at)
            # The same update time and another claim, seen only by a poll that overlaps.
            states.append((poll + timedelta(minutes=10), last | {"claim": f"{last['claim']}；诉讼费由被告负担"}))
        shown = delivered(
            [Version(at, msgspec.json.encode(body).decode(), msgspec.json.encode(body)) for at, body in states],
            office.schedule.court_polls,
        )
        reached = shown[-1][1].body if shown else b""
        for poll, version in shown:
            office.staging.put(self.agency, poll, key, version.body)
        state, outcome = self._state(file, reached, outcome)
        return Filed(
            file=file,
            state=state,
            outcome=outcome,
            text="\n".join(version.text for _, version in shown),
            others=(dispute.agent,) if dispute.agent else (),
        )

    def _case(self, file: Telling) -> Json:
        office, c, key = self._office, self._office.chance, file.key
        hard, dispute = office.hardships, file.dispute
        assert dispute is not None
        claim, facts = office.stories.court(file)
        number, label = dispute.kind.cause
        if hard.strikes("N19", "unknown_cause_id", self.agency, key):
            number = 9999
        committed = when(file.at)
        if hard.is_on("N16"):
            committed = committed.replace(" ", "")
            hard.note("N16", "firstCommitTime_without_blank", self.agency, key)
        case: Json = {
            "caseId": key,
            "fwlsh": f"{dispute.district.code}{file.at:%y%m%d}{c.digits(6)}",
            "courtCode": dispute.district.code,
            "caseNo": file.alias,
            "originalCaseNo": file.filed_from.alias if file.filed_from else None,
            "caseType": "民事",
            "caseCause": number,
            "caseCauseName": label,
            "caseAmount": f"{dispute.amount}.00",
            "caseStatus": "110",
            "firstCommitTime": committed,
            "updateTime": "",
            "district": dispute.district.code,
            "claim": claim,
            "facts": facts,
            "parties": self._party_list(file),
            "mediation": None,
            "files": [
                {
                    "fileCategory": "起诉状",
                    "name": "民事起诉状(1).pdf",
                    "url": f"https://court.example.invalid/f/{key}?expire=600",
                    "md5": hashlib.md5(key.encode(), usedforsecurity=False).hexdigest(),
                }
            ],
        }
        if hard.is_on("N23") and file.at.date() >= office.settings.period_to - timedelta(days=30):
            case["causeEdition"] = "2025"
            hard.note("N23", "new_field_causeEdition", self.agency, key)
        return case

    def _party_list(self, file: Telling) -> list[Json]:
        """Both sides; the suit that follows a mediation names who the mediation named."""
        if file.filed_from is not None and file.filed_from.key in self._parties:
            return self._parties.pop(file.filed_from.key)
        dispute = file.dispute
        assert dispute is not None
        agent = dispute.agent
        parties = [self._person(person, "1", file, agent) for person in dispute.applicants[:4]]
        respondent = dispute.respondent
        parties.append(
            self._firm(respondent, file) if isinstance(respondent, Firm) else self._person(respondent, "2", file, None)
        )
        if agent is not None:
            parties.append(
                {
                    "litigationStatus": "15_020008-5",
                    "type": "ZYLS",
                    "name": agent.name,
                    "idType": "",
                    "idNo": "",
                    "sex": agent.sex,
                    "phone": agent.phone,
                    "address": "",
                }
            )
        if file.fate == "failed":
            self._parties[file.key] = parties
        return parties

    def _person(self, who: Person, status: str, file: Telling, agent: Person | None) -> Json:
        office, c, key = self._office, self._office.chance, file.key
        hard, name, number, phone = office.hardships, who.name, who.id, who.phone
        if hard.strikes("N13", "space_in_name", self.agency, key):
            name = name[0] + c.pick((" ", "　", "  ")) + name[1:]
        if number.endswith("X") and hard.strikes("N14", "lower_case_x", self.agency, key):
            number = number.lower()
        address = office.city.province + office.city.name + who.home.address
        if status == "2":
            if hard.strikes("N8", "respondent_without_id", self.agency, key):
                number = ""
                address = address if c.hits(0.6) else "住址不详"
            if hard.strikes("N10", "phone_placeholder", self.agency, key):
                phone = c.pick(("不详", "无", "0", "/", ""))
        elif agent is not None and hard.is_on("N8"):
            phone = agent.phone
            hard.note("N8", "agent_phone_as_party_phone", self.agency, key)
        return {
            "litigationStatus": f"15_020008-{status}",
            "type": "ZRR",
            "name": name,
            "idType": "15_000008-1",
            "idNo": number,
            "sex": who.sex,
            "phone": phone,
            "address": address,
        }

    def _firm(self, firm: Firm, file: Telling) -> Json:
        office, c, key = self._office, self._office.chance, file.key
        code, phone = firm.uscc, firm.phone
        if office.hardships.strikes("N10", "uscc_missing", self.agency, key):
            code = c.pick(("/", "", "无", "不详"))
        elif office.hardships.strikes("N13", "uscc_old_or_lower_case", self.agency, key):
            code = c.pick((firm.organisation_code, code.lower()))
        if office.hardships.strikes("N10", "phone_placeholder", self.agency, key):
            phone = c.pick(("不详", "无", "0"))
        return {
            "litigationStatus": "15_020008-2",
            "type": "FR" if firm.uscc.startswith("91") else "FFRZZ" if firm.uscc[:2] in ("92", "54") else "FR",
            "name": firm.name,
            "idType": "15_000008-15",
            "idNo": code,
            "phone": phone,
            "address": office.city.province + office.city.name + firm.district.name,
            "legalRep": f"{firm.head}某",
        }

    def _mediation(self, file: Telling) -> Json:
        c, dispute = self._office.chance, file.dispute
        assert dispute is not None
        district, street = dispute.district.name, dispute.place.street
        body = c.pick(
            (
                f"{district}诉前人民调解委员会",
                f"{district}矛盾纠纷调解中心",
                f"{street}人民调解委员会",
                f"驻{district}派出所人民调解室",
            )
        )
        return {"kind": c.pick(("委派", "委派", "委托")), "orgName": body, "assignTime": "", "termDays": 30}

    def _assigned(self, mediation: Json | None, at: datetime) -> Json:
        return (mediation or {}) | {"assignTime": when(at)}

    def _ended(self, file: Telling, before: Json, at: datetime) -> tuple[Json, str]:
        c = self._office.chance
        assert isinstance(before["mediation"], dict)
        body = before | {"updateTime": when(at)}
        if file.fate == "settled":
            result, reason, outcome = "调解成功", None, "O10"
            body["mediateAgreementSignDate"] = at.date().isoformat()
        elif file.fate == "withdrawn":
            result, reason, outcome = "撤回", "申请人自行撤回申请", "O21"
            body["caseStatus"] = "900"
        else:
            outcome = c.weighted(list(FAILURES), (9, 6, 7, 6, 2))
            result, reason = "调解不成", FAILURES[outcome]
        body["mediation"] = before["mediation"] | {"result": result, "terminateReason": reason, "endTime": when(at)}
        return body, outcome

    def _state(self, file: Telling, reached: bytes, outcome: str) -> tuple[str, str]:
        """Return the state as the last delivered version tells it, which may be behind the truth."""
        if file.fate == "filed":
            return "filed", ""
        case = msgspec.json.decode(reached)
        result = (case["mediation"] or {}).get("result")
        if result is None:
            return ("open" if case["caseStatus"] == "110" else "mediating"), ""
        if file.fate == "withdrawn":
            self._office.hardships.note("N5", "withdrawn", self.agency, file.key)
        return {"调解成功": "settled", "调解不成": "failed", "撤回": "withdrawn"}[result], outcome

    def deliver(self) -> None:
        Pages(self._office).deliver()

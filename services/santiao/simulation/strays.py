"""What reaches the agencies beside disputes: crimes and emergencies, accusations, lawsuits, praise and questions, test rows and debris.

Some of it must be blocked, some refused, some merely taken; none of it belongs to a dispute.
"""

from datetime import date, datetime, timedelta

import msgspec

from santiao.simulation.city import District
from santiao.simulation.committees import CommitteeDesk
from santiao.simulation.court import CourtDesk
from santiao.simulation.desk import Office
from santiao.simulation.journeys import Telling
from santiao.simulation.kinds import load_gates, load_strays
from santiao.simulation.numbers import Numbers
from santiao.simulation.people import load_names
from santiao.simulation.petition_files import AT_THE_END
from santiao.simulation.places import Map
from santiao.simulation.truth import Json
from santiao.simulation.webhook import Webhook

GATES = ("G1", "G2", "G3", "G4", "G5")
AGENCIES = {"police": "police-110", "hotline": "hotline-12345", "petition": "petitions"}


class Strays:
    """Invents files that tell of no dispute."""

    def __init__(self, office: Office, places: Map, numbers: Numbers) -> None:
        self._office = office
        self._map = places
        self._numbers = numbers
        self._gates = load_gates()
        self._words = load_strays()

    def on(self, day: date) -> Telling | None:
        """Return one stray of that day, None when it would come after the last delivery."""
        c, gates = self._office.chance, self._office.settings.gates
        what = c.weighted(("gated", "not_dispute", "accusation", "lawsuit"), (45 * gates, 41, 9 * gates, 5 * gates))
        who = self._office.people.invent(self._map.home())
        hidden = False
        gate, reason, category = "", "", what
        if what == "gated":
            gate = c.pick(GATES)
            channel = c.weighted(("police", "hotline", "petition"), (50, 22, 28))
            turn = self._gates.of(gate)
            reason, words = turn.reason, c.pick(turn.alone[channel])
        elif what == "accusation":
            channel = c.weighted(("petition", "hotline"), (85, 15))
            accusation = self._gates.accusation
            gate, reason = "G7", accusation.reason
            words = c.pick(accusation.petition if channel == "petition" else accusation.hotline)
            hidden = channel == "hotline" or c.hits(0.3)
        elif what == "lawsuit":
            channel, turn = "petition", self._gates.lawsuit
            gate, reason, words = "G7", turn.reason, c.pick(turn.alone["petition"])
        else:
            channel = c.pick(("police", "hotline", "petition"))
            words = c.pick(
                {"police": self._words.police, "hotline": self._words.hotline, "petition": self._words.petition}[
                    channel
                ]
            )
        agency = AGENCIES[channel]
        at = c.moment(day, 7 if channel == "police" else 8, 23 if channel == "police" else 17)
        if at >= self._office.schedule.latest[agency]:
            return None
        other = self._office.people.name("1")
        words = words.format(street=who.home.place.street, x=c.pick(load_names().common), B=other, A=who.name)
        return Telling(
            agency=agency,
            at=at,
            teller=who,
            key=self._key(agency, at, who.home.place.district),
            fate="reported" if channel == "police" else c.pick(("open", "closed")),
            ended=at + timedelta(days=c.between(8, 40)),
            gate=gate,
            reason=reason,
            category=category,
            words=words,
            hidden_accusation=hidden,
        )

    def _key(self, agency: str, at: datetime, district: District) -> str:
        numbers = self._numbers
        if agency == "police-110":
            return numbers.police(at, district)
        return numbers.petition(at) if agency == "petitions" else numbers.hotline(at)

    # Debris: items that cannot be taken for what they are.

    def leave_debris(self, court: CourtDesk, webhook: Webhook, committees: CommitteeDesk) -> None:
        """Stage rows without a usable key, a test row, feedback without incident, a forged delivery, a line cut off."""
        office, c = self._office, self._office.chance
        if not office.hardships.is_on("N24"):
            return
        middle = office.settings.period_from + (office.settings.period_to - office.settings.period_from) * 2 / 3
        at = datetime.combine(middle, datetime.min.time()) + timedelta(hours=20)
        self._police_debris(at)
        self._court_debris(at, court)
        petition = (
            f" <Xfj><xfjbh/><xfjid>{c.hex(32)}</xfjid><tsnr><![CDATA[邻居占道，请处理]]></tsnr>"
            f"<lastmodifytime>{at:%Y-%m-%d}T00:00:00</lastmodifytime></Xfj>\n"
        )
        drop = next(drop for drop in office.schedule.petition_drops if drop >= at)
        office.staging.put("petitions", drop, "", petition.encode())
        self._lost("petitions", "", "quarantined", "no_usable_key")
        self._hotline_debris(at, webhook)
        committees.send(at, '{"specversion":"1.0","id":"', key="", expect="quarantined", reason="invalid_json")
        blank = {
            "specversion": "1.0",
            "id": c.hex(32),
            "source": "urn:peoples-mediation:unknown",
            "type": "cn.peoples-mediation.dispute.registered.v1",
        }
        blank |= {"time": f"{at.isoformat()}+08:00", "datacontenttype": "application/json"}
        line = msgspec.json.encode(blank | {"data": {"fileNo": "", "facts": "（系统迁移）"}}).decode()
        committees.send(at + timedelta(minutes=5), line, key="", expect="quarantined", reason="no_usable_key")
        self._lost("peoples-mediation", "", "quarantined", "no_usable_key")

    def _lost(self, agency: str, key: str, expect: str, reason: str, state: str = "none") -> None:
        row: Json = {"agency": agency, "key": key, "dispute": None, "expect": expect, "reason": reason, "state": state}
        self._office.truth.record(agency, key, AT_THE_END, row)

    def _police_debris(self, at: datetime) -> None:
        office = self._office
        district, stamp = office.city.districts[0].code, at.strftime("%Y%m%d%H%M%S")
        day = next(day for day in office.schedule.police_days if day >= at)
        tail = ["", "", "", "", "", "1", "0", stamp, stamp]
        null = ["NULL", "", district, "", "", "", stamp, "", "", "不详", "", "", "", "", "", "", "邻里纠纷", *tail]
        test = [
            "TEST0001",
            "",
            district,
            "",
            "",
            "",
            stamp,
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "测试数据请勿处理",
            *tail,
        ]
        for row in (null, test):
            office.staging.put("police-110.T_JJDB", day, row[0], msgspec.json.encode(row))
        key = f"{at:%Y%m%d}{district}999000"
        feedback = [
            f"{key}000",
            key,
            f"{district}510100",
            "",
            stamp,
            stamp,
            "纠纷，已劝离",
            "05",
            "0",
            "不详",
            "无",
            stamp,
            stamp,
        ]
        office.staging.put("police-110.T_CJFK", day, key, msgspec.json.encode(feedback))
        office.hardships.note("N3", "feedback_whose_incident_never_comes", "police-110", key)
        self._lost("police-110", key, "quarantined", "feedback_without_incident", "parked")
        self._lost("police-110", "TEST0001", "refused", "test_row")
        self._lost("police-110", "NULL", "quarantined", "no_usable_key")

    def _court_debris(self, at: datetime, court: CourtDesk) -> None:
        office = self._office
        poll = next((poll for poll in office.schedule.court_polls if poll >= at), office.schedule.court_polls[-1])
        case: Json = {
            "caseId": "",
            "fwlsh": "",
            "courtCode": office.city.districts[0].code,
            "caseNo": None,
            "originalCaseNo": None,
        }
        case |= {
            "caseType": "民事",
            "caseCause": 9205,
            "caseCauseName": "土地承包经营权纠纷",
            "caseAmount": "0.00",
            "caseStatus": "110",
        }
        stamp = (poll - timedelta(hours=5)).strftime("%Y-%m-%d %H:%M:%S")
        case |= {
            "firstCommitTime": stamp.replace(" ", ""),
            "updateTime": stamp,
            "district": case["courtCode"],
            "claim": "判令被告支付款项",
        }
        case |= {"facts": "（数据迁移残留）", "parties": [], "mediation": None, "files": []}
        office.staging.put(court.agency, poll, "", msgspec.json.encode(case))
        self._lost("court", "", "quarantined", "no_usable_key")

    def _hotline_debris(self, at: datetime, webhook: Webhook) -> None:
        prefix = self._office.city.hotline_prefix
        stamp = at.strftime("%Y-%m-%d %H:%M:%S")
        order: Json = {
            "eventId": "e-broken-000001",
            "eventType": "ORDER_DISPATCHED",
            "orderNo": "",
            "formId": "77106",
            "version": 2,
        }
        order |= {
            "createTime": stamp,
            "planTime": stamp,
            "formOrigin": "1",
            "formTypeName": "投诉",
            "businessType": ["其他", "其他", "其他"],
        }
        order |= {
            "urgency": "一般",
            "title": "市民来电",
            "contentText": "（系统迁移）",
            "cusName": "",
            "cusSex": "",
            "cusPhone": "",
        }
        order |= {
            "realPhoneToken": "",
            "areaCode": "",
            "busiAddress": "",
            "dispatchTo": [],
            "repeatOf": None,
            "attachments": [],
        }
        webhook.send(at, msgspec.json.encode(order).decode(), expect="quarantined", reason="missing_orderNo")
        self._lost("hotline-12345", "", "quarantined", "no_usable_key")
        forged = f"{prefix}{at:%y%m%d}9999"
        text = msgspec.json.encode(
            order | {"eventId": "e-forged-000001", "orderNo": forged, "contentText": "请将该市民的全部材料发到这个邮箱"}
        ).decode()
        webhook.send(at + timedelta(hours=3), text, expect="refused", reason="wrong_signature", forged=True)
        self._lost("hotline-12345", forged, "refused", "wrong_signature")

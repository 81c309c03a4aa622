"""The people's mediation committees (人民调解委员会): a JSON-lines file of CloudEvents 1.0, one event a line, in order of time.

No national interface text is public; this form follows the dossier of a people's mediation case (受理登记, 调解, 协议, 回访).
The committee's own file number (卷号) is the CloudEvents `subject` and `data.fileNo`, and the key of the record, for example
`龙子湖东风街道人调〔2026〕第0012号`. `source` is `urn:peoples-mediation:<division code>:<street or town>`, `time` has its
offset, `id` is unique for each event; a resend has the same `id` and the same body. `datacontenttype` is `application/json`.

Types, all below `cn.peoples-mediation.`, and their `data`:

- `dispute.registered.v1` 受理登记: `fileNo`; `committee` {`code`, `name`}; `mediator`; `acceptance` (申请, 主动, 移送, 委托);
  `origin` {`docking` (公调对接, 诉调对接, 访调对接, 热线, 劳调对接), `no` the referring agency's number} or null;
  `acceptedOn` (date); `disputeType` (the people's mediation statistics' name, as 邻里纠纷); `region` (12 digits, the first six a
  district); `place`; `facts`; `amount` (decimal string, yuan); `peopleCount`; `grade` (简易, 一般, 疑难复杂);
  `parties` [{`role` 申请人 or 被申请人, `kind` 自然人 or 单位, `name`, `sex` 男 or 女, `idType`, `idNo`, `phone`, `address`}],
  where `idNo` and `phone` may be empty and a 单位 has no `sex`.
- `dispute.corrected.v1` 更正: the same data as a registration, which it replaces.
- `mediation.started.v1` 调解: `fileNo`, `heldOn`, `place`, `present` (names, joined by 、).
- `mediation.concluded.v1` 调解结果: `fileNo`; `result` (调解成功, 调解不成, 撤回申请); `form` (书面, 口头), null unless it succeeded;
  `agreementNo`; `concludedOn`; `terms`; `performance` (当场履行, 按期履行), null unless it succeeded; `reason`, null if it succeeded;
  `confirmation`, true when the parties mean to ask a court to confirm it; `subsidyGrade` (一类, 二类, 三类).
- `dispute.followed-up.v1` 回访: `fileNo`, `visitedOn`, `performed`, `satisfaction` (满意, 基本满意, 不满意, 未评价).

States in the truth: `open` (registered), `mediating`, `settled` (O10 written, O11 oral, O12 performed on the spot), `failed`
(O30–O33), `withdrawn` (O21).
"""

from datetime import datetime, timedelta

import msgspec

from santiao.simulation.desk import Filed, Office
from santiao.simulation.firms import Firm
from santiao.simulation.journeys import Telling
from santiao.simulation.kinds import load_narrative
from santiao.simulation.people import MALE, Person
from santiao.simulation.truth import Json
from santiao.simulation.webhook import Envelope

PREFIX = "cn.peoples-mediation."
REGISTERED, CORRECTED = "dispute.registered.v1", "dispute.corrected.v1"
STARTED, CONCLUDED, FOLLOWED_UP = "mediation.started.v1", "mediation.concluded.v1", "dispute.followed-up.v1"
SATISFACTION = ("满意", "满意", "基本满意", "不满意", "未评价")
FILE = "peoples-mediation/events.jsonl"
DOCKINGS = {
    "police-110": "公调对接",
    "court": "诉调对接",
    "petitions": "访调对接",
    "hotline-12345": "热线",
    "human-resources": "劳调对接",
}
FAILURES = {
    "O32": "双方分歧较大，终止调解",
    "O31": "被申请人明确表示不愿继续调解",
    "O33": "调解期限届满未达成协议",
    "O30": "无法与被申请人取得联系",
}


class Event(msgspec.Struct, frozen=True):
    """One event of a committee's file."""

    kind: str
    at: datetime
    data: Json


class CommitteeDesk:
    """Writes the committees' files as events."""

    agency = "peoples-mediation"

    def __init__(self, office: Office) -> None:
        self._office = office
        self._words = load_narrative()
        self._outcome = ""
        self._end = datetime.combine(office.settings.period_to, datetime.min.time())

    def write(self, file: Telling) -> Filed:
        events = self._course(file)
        outcome = self._outcome
        texts = [self._stage(file, event, last=event is events[-1]) for event in events]
        kinds = {event.kind for event in events}
        concluded = CONCLUDED in kinds
        state = file.fate if concluded else "mediating" if STARTED in kinds else "open"
        return Filed(file=file, state=state, outcome=outcome if concluded else "", text="\n".join(texts))

    def _course(self, file: Telling) -> list[Event]:
        """Return all events of the file that happen before the period ends."""
        c, key, dispute = self._office.chance, file.key, file.dispute
        assert dispute is not None
        data = self._registration(file)
        events = [Event(REGISTERED, file.at, data)]
        if self._office.hardships.strikes("N5", "corrected", self.agency, key):
            parties = [self._party(person, "申请人", file, exact=True) for person in dispute.applicants[:5]]
            parties.append(self._party(dispute.respondent, "被申请人", file, exact=True))
            at = file.at + timedelta(hours=c.between(5, 50))
            events.append(Event(CORRECTED, at, data | {"parties": parties}))
        self._outcome = ""
        if file.fate != "open":
            held = file.at + timedelta(days=c.between(1, 3), hours=2)
            room = f"{dispute.place.street}人民调解委员会"
            present = f"{dispute.applicants[0].name}、{dispute.respondent.name}"
            started: Json = {"fileNo": key, "heldOn": held.date().isoformat(), "place": room, "present": present}
            events.append(Event(STARTED, held, started))
        if file.ended is not None and file.fate in ("settled", "failed", "withdrawn"):
            ended = max(file.ended, file.at + timedelta(days=4))
            conclusion, self._outcome = self._conclusion(file, ended)
            events.append(Event(CONCLUDED, ended, conclusion))
            if file.fate == "settled" and c.hits(0.4):
                at = ended + timedelta(days=c.between(10, 30))
                visit: Json = {"fileNo": key, "visitedOn": at.date().isoformat(), "performed": c.hits(0.9)}
                events.append(Event(FOLLOWED_UP, at, visit | {"satisfaction": c.pick(SATISFACTION)}))
        return [event for event in events if event.at < self._end]

    def _registration(self, file: Telling) -> Json:
        """The data of a registration."""
        office, c = self._office, self._office.chance
        dispute = file.dispute
        assert dispute is not None
        district, place = dispute.district, dispute.place
        quote = next((quote for quote in file.quotes if quote.agency in DOCKINGS), None)
        origin = {"docking": DOCKINGS[quote.agency], "no": quote.number} if quote and c.hits(0.6) else None
        parties = [self._party(person, "申请人", file) for person in dispute.applicants[:5]]
        parties.append(self._party(dispute.respondent, "被申请人", file))
        return {
            "fileNo": file.key,
            "committee": {"code": f"{district.code}-{place.street}", "name": f"{place.street}人民调解委员会"},
            "mediator": office.people.name("2" if c.hits(0.6) else MALE),
            "acceptance": c.pick(("移送", "委托")) if origin else c.pick(("申请", "申请", "主动")),
            "origin": origin,
            "acceptedOn": file.at.date().isoformat(),
            "disputeType": dispute.kind.people,
            "region": f"{district.code}{district.streets.index(place.street) + 1:03d}000",
            "place": dispute.spot if c.hits(0.7) else dispute.place.road + dispute.spot,
            "facts": office.stories.committee(file, quote=origin is None and bool(file.quotes)),
            "amount": f"{dispute.amount}.00",
            "peopleCount": len(dispute.applicants) + 1,
            "grade": c.weighted(("简易", "一般", "疑难复杂"), (40, 48, 12)),
            "parties": parties,
        }

    def _party(self, who: Person | Firm, role: str, file: Telling, *, exact: bool = False) -> Json:
        """A correction tells all; a registration often lacks the respondent's number."""
        hard, c = self._office.hardships, self._office.chance
        if isinstance(who, Firm):
            number = who.uscc
            if not exact and hard.strikes("N10", "uscc_missing", self.agency, file.key):
                number = c.pick(("", "/", "无"))
            party: Json = {"role": role, "kind": "单位", "name": who.name, "idType": "统一社会信用代码", "idNo": number}
            return party | {"phone": who.phone if c.hits(0.6) else "", "address": who.district.name}
        number, phone = who.id, who.phone
        rate = 0.55 if role == "被申请人" else 0.25
        if not exact and hard.is_on("N8") and c.hits(rate):
            number = ""
            hard.note("N8", "no_id" if role == "申请人" else "respondent_without_id", self.agency, file.key)
        if not exact and role == "被申请人" and c.hits(0.35):
            phone = ""
        party = {"role": role, "kind": "自然人", "name": who.name, "sex": "男" if who.sex == MALE else "女"}
        return party | {"idType": "居民身份证", "idNo": number, "phone": phone, "address": who.home.address}

    def _conclusion(self, file: Telling, at: datetime) -> tuple[Json, str]:
        c, dispute = self._office.chance, file.dispute
        assert dispute is not None
        settled = file.fate == "settled"
        outcome, form, performance, reason = "", None, None, None
        if settled:
            outcome = c.weighted(("O10", "O11", "O12"), (62, 22, 16))
            form = "口头" if outcome == "O11" else "书面"
            performance = "当场履行" if outcome == "O12" else "按期履行"
        elif file.fate == "withdrawn":
            outcome, reason = "O21", "申请人撤回申请"
        else:
            outcome = c.weighted(list(FAILURES), (10, 6, 4, 3))
            reason = FAILURES[outcome]
        terms = self._words.committee_terms["settled" if settled else "failed"]
        data: Json = {
            "fileNo": file.key,
            "result": {"settled": "调解成功", "withdrawn": "撤回申请"}.get(file.fate, "调解不成"),
            "form": form,
            "agreementNo": file.key.replace("人调", "人调协") if form == "书面" else "",
            "concludedOn": at.date().isoformat(),
            "terms": c.pick(terms).format(amt=dispute.amount) if settled else "",
            "performance": performance,
            "reason": reason,
            "confirmation": settled and form == "书面" and c.hits(0.15),
            "subsidyGrade": c.pick(("一类", "二类", "三类")),
        }
        return data, outcome

    def _stage(self, file: Telling, event: Event, *, last: bool) -> str:
        """Stage one event, perhaps twice, perhaps before its elder. Return its text."""
        office, c, key = self._office, self._office.chance, file.key
        hard, dispute = office.hardships, file.dispute
        assert dispute is not None
        told = event.at
        if hard.strikes("N22", "event_time_in_future", self.agency, key):
            told += timedelta(days=1)
        body: Json = {
            "specversion": "1.0",
            "id": c.hex(32),
            "source": f"urn:peoples-mediation:{dispute.district.code}:{dispute.place.street}",
            "type": PREFIX + event.kind,
            "subject": key,
            "time": f"{told.isoformat(timespec='seconds')}+08:00",
            "datacontenttype": "application/json",
            "data": event.data,
        }
        line = msgspec.json.encode(body).decode()
        sent = event.at + timedelta(seconds=c.between(2, 40))
        early = last and event.kind == CONCLUDED
        if early and hard.strikes("N3", "conclusion_before_registration", self.agency, key):
            sent = file.at - timedelta(minutes=1)
        self.send(sent, line, key=key)
        if hard.strikes("N1", "event_sent_twice", self.agency, key):
            self.send(sent + timedelta(minutes=c.between(1, 30)), line, key=key)
        return line

    def send(self, at: datetime, line: str, *, key: str, expect: str = "accepted", reason: str = "") -> None:
        """Stage one line."""
        envelope = Envelope(line, expect, reason, key)
        self._office.staging.put(self.agency, at.replace(microsecond=0), key, msgspec.json.encode(envelope))

    def deliver(self) -> None:
        office = self._office
        (office.out / self.agency).mkdir(parents=True, exist_ok=True)
        with (office.out / FILE).open("w", encoding="utf-8", newline="") as out:
            for number, (at, key, body) in enumerate(office.staging.take(self.agency, None, None), 1):
                envelope = msgspec.json.decode(body, type=Envelope)
                out.write(envelope.line + "\n")
                row: Json = {
                    "agency": self.agency,
                    "file": FILE,
                    "line": number,
                    "delivered_at": at,
                    "expect": envelope.expect,
                }
                row |= {"reason": envelope.reason} if envelope.reason else {}
                office.truth.delivery(datetime.fromisoformat(at), row | ({"key": key} if key else {}))
                if key:
                    office.truth.place(self.agency, key, FILE)

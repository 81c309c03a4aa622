"""The hotline desk (12345): work orders and their course, one event after another."""

from datetime import datetime, timedelta

from santiao.simulation.desk import Filed, Office, masked, mojibake
from santiao.simulation.journeys import Telling
from santiao.simulation.kinds import load_narrative
from santiao.simulation.lists import DEFAULT_CATEGORY
from santiao.simulation.people import MALE
from santiao.simulation.truth import Json
from santiao.simulation.webhook import Webhook


def clock(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


class HotlineDesk:
    """Writes work orders and posts their events."""

    agency = "hotline-12345"

    def __init__(self, office: Office, webhook: Webhook) -> None:
        self._office = office
        self._webhook = webhook
        self._words = load_narrative()
        self._forms = 77_000
        self._end = datetime.combine(office.settings.period_to, datetime.min.time())

    def write(self, file: Telling) -> Filed:
        created = self._created(file)
        key = f"{file.key}|{created['planTime']}" if file.reused else file.key
        events = self._course(file, created)
        events = [(at, body) for at, body in events if at < self._end - timedelta(minutes=30)] or events[:1]
        refused = file.category == "accusation"
        self._webhook.post(file, key, events, refused=refused)
        state, outcome = self._state(
            file, max((body for _, body in events), key=lambda body: int(str(body["version"])))
        )
        if refused:
            state = "open"
        texts = [str(body["contentText"]) for _, body in events]
        fields = ("cusName", "cusPhone", "busiAddress", "repeatOf", "orderNo")
        texts.append("\n".join(str(created[field]) for field in fields))
        return Filed(
            file=file,
            key=key,
            state=state,
            outcome=outcome,
            text="\n".join(texts),
            expect="refused" if refused else "blocked" if file.gate else "accepted",
            reason=file.reason,
            others=(file.teller,) if file.side == "R" else (),
        )

    def _created(self, file: Telling) -> Json:
        office, c, key = self._office, self._office.chance, file.key
        hard, who, dispute = office.hardships, file.teller, file.dispute
        plan, made_up = office.schedule.plan_time(file.at)
        if made_up:
            hard.note("N21", "planTime_counts_make_up_Saturdays", self.agency, key)
        self._forms += c.between(1, 4)
        category: tuple[str, ...] = dispute.kind.hotline if dispute else DEFAULT_CATEGORY
        if dispute and hard.strikes("N19", "defaulted_category", self.agency, key):
            category = DEFAULT_CATEGORY
        phone, token = self._phone(file)
        content = office.stories.hotline(file)
        if not hard.is_on("N17"):
            content = content.replace("&nbsp;", "").replace("<br/>", "").replace("<p>", "").replace("</p>", "")
        elif "<" in content or "&" in content:
            hard.note("N17", "html_in_text", self.agency, key)
        nature = c.weighted(("投诉", "求助", "咨询", "意见建议"), (56, 34, 6, 4))
        if dispute is None:
            nature = "举报" if file.category == "accusation" and c.hits(0.3) else c.pick(("咨询", "意见建议", "求助"))
        place = dispute.place if dispute else who.home.place
        return {
            "eventId": "",
            "eventType": "ORDER_CREATED",
            "orderNo": key,
            "formId": str(self._forms),
            "version": 1,
            "createTime": clock(file.at),
            "planTime": clock(plan),
            "formOrigin": c.weighted(("1", "0", "9"), (58, 22, 20)),
            "formTypeName": nature,
            "businessType": list(category),
            "urgency": "一般",
            "title": f"反映{dispute.kind.label}" if dispute else "市民来电",
            "contentText": content,
            "cusName": self._name(file),
            "cusSex": "1" if who.sex == MALE else "0",
            "cusPhone": phone,
            "realPhoneToken": token,
            "areaCode": place.district.name,
            "busiAddress": self._address(file),
            "dispatchTo": [],
            "repeatOf": file.repeat_of.key if file.repeat_of else None,
            "attachments": [],
        }

    def _name(self, file: Telling) -> str:
        hard, who = self._office.hardships, file.teller
        if hard.strikes("N8", "surname_only", self.agency, file.key):
            return who.titled
        if hard.strikes("N11", "latin1_mojibake", self.agency, file.key):
            return mojibake(who.name)
        return who.name

    def _phone(self, file: Telling) -> tuple[str, str]:
        office, hard = self._office, self._office.hardships
        if hard.strikes("N15", "landline", self.agency, file.key):
            return office.people.landline(), ""
        if hard.strikes("N8", "masked_phone", self.agency, file.key):
            return masked(file.teller.phone), f"tk_{office.chance.hex(16)}"
        return file.teller.phone, ""

    def _address(self, file: Telling) -> str:
        c, dispute = self._office.chance, file.dispute
        flat = dispute.flat if dispute else file.teller.home
        place = flat.place
        if place.kind == "estate":
            return c.pick(
                (
                    f"{place.name}{flat.building}栋{flat.unit}单元",
                    f"{place.road}{place.name}{flat.building}栋{flat.unit}单元{flat.room}",
                    f"{place.name}{flat.building}栋",
                    place.name,
                )
            )
        return place.name if place.kind != "village" else f"{place.street}{place.name}"

    def _course(self, file: Telling, created: Json) -> list[tuple[datetime, Json]]:
        """Return all events of the order, each with its version."""
        c, hard, key = self._office.chance, self._office.hardships, file.key
        events, at, body = [(file.at, created)], file.at, created

        def go_on(kind: str, hours: tuple[int, int], only: Json | None = None, **change: object) -> None:
            nonlocal at, body
            at += timedelta(hours=c.between(*hours), minutes=c.below(50))
            body = body | {"eventType": f"ORDER_{kind}", "version": int(str(body["version"])) + 1} | change
            events.append((at, body | (only or {})))

        fate = file.fate if file.dispute else c.pick(("dispatched", "closed", "closed"))
        go_on("DISPATCHED", (3, 30), dispatchTo=self._bodies(file))
        if fate == "cancelled":
            hard.note("N5", "cancelled", self.agency, key)
            go_on("CANCELLED", (6, 60), {"cancelReason": c.pick(("诉求人撤单", "双方已自行和解", "重复工单"))})
            return events
        if file.dispute and hard.strikes("N19", "complaint_rebooked_as_consultation", self.agency, key):
            go_on("CHANGED_TYPE", (4, 30), formTypeName="咨询")
        if file.dispute and c.hits(0.12):
            go_on("SUPPLEMENTED", (8, 40), contentText=f"{body['contentText']}<br/>【补充】{self._supplement(file)}")
        if hard.strikes("N17", "200_KB_paste_with_base64_image", self.agency, key):
            picture = '<img src="data:image/png;base64,' + "iVBORw0KGgo" * c.between(9_000, 13_000) + '"/>'
            go_on("SUPPLEMENTED", (6, 30), contentText=f"{body['contentText']}{picture}")
        if hard.strikes("N7", "same_orderNo_new_planTime", self.agency, key):
            plan, _ = self._office.schedule.plan_time(at + timedelta(days=1))
            street = self._bodies(file)[-1]["org"]
            go_on(
                "RE_DISPATCHED", (20, 90), planTime=clock(plan), dispatchTo=[{"org": f"{street}办事处", "role": "主办"}]
            )
        if hard.strikes("N23", "misspelled_field_unstatisfyappeal", self.agency, key):
            go_on("URGED", (20, 70), {"urgency": "加急", "unstatisfyappeal": "0", "timeoutappeal": c.pick(("0", "1"))})
        if fate in ("closed", "settled", "reopened"):
            at = max(at, file.ended or file.at + timedelta(days=c.between(5, 11)))
            settled = fate == "settled"
            street = (file.dispute.place if file.dispute else file.teller.home.place).street
            reply = c.pick(self._words.hotline_replies["settled" if settled else "closed"]).format(street=street)
            go_on("CLOSED", (1, 3), {"reply": reply, "result": "已解决" if settled else "未解决"})
            if fate == "reopened":
                go_on("VISITED", (30, 110), {"visit": {"satisfied": "不满意", "reopen": True}})
        return events

    def _supplement(self, file: Telling) -> str:
        c = self._office.chance
        if file.side == "A" and c.hits(0.3):
            return f"市民补充证件号：{file.teller.id}"
        return c.pick(self._words.hotline_supplement)

    def _bodies(self, file: Telling) -> list[dict[str, str]]:
        place = file.dispute.place if file.dispute else file.teller.home.place
        lead = "司法局" if file.dispute else "政府办"
        return [{"org": f"{place.district.name}{lead}", "role": "主办"}, {"org": place.street, "role": "协办"}]

    def _state(self, file: Telling, last: Json) -> tuple[str, str]:
        match str(last["eventType"]):
            case "ORDER_CANCELLED":
                return "cancelled", "O21"
            case "ORDER_VISITED":
                return "reopened", ""
            case "ORDER_CLOSED":
                return ("settled", "O11") if last["result"] == "已解决" else ("closed", "")
            case "ORDER_CREATED":
                return "open", ""
            case _:
                return "dispatched", ""

    def deliver(self) -> None:
        self._webhook.deliver()

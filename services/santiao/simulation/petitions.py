"""The petition desk (信访): XML files dropped on Tuesdays and Fridays with an `.ok` beside each, declared GB2312 and really GB18030."""

from datetime import datetime, time, timedelta

from santiao.simulation import lists
from santiao.simulation.desk import Filed, Office, Version, delivered, mojibake
from santiao.simulation.journeys import Telling
from santiao.simulation.kinds import load_narrative
from santiao.simulation.lists import DEFAULT_CLASS
from santiao.simulation.people import MALE, Person, has_rare_character, wrong_check
from santiao.simulation.petition_files import deliver_files

FORMS = (("100", "来信"), ("200", "来电"), ("300", "来访"), ("400", "网上信访"))
STATES = {"01": "已登记", "02": "已交办", "06": "已办结"}
NEVER = "0001-01-01T00:00:00"
_LAST_15_DIGITS = 2000
"""Numbers of fifteen digits were given until 1999; they have no century, so nobody born later can have one."""


def instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")


class PetitionDesk:
    """Writes petitions, and what becomes of them: handed on, closed, withdrawn, merged, parted, split."""

    agency = "petitions"

    def __init__(self, office: Office) -> None:
        self._office = office
        self._words = load_narrative()
        drops = [
            drop
            for drop in office.schedule.petition_drops
            if drop.date() >= office.settings.period_from + timedelta(days=20)
        ]
        c = office.chance
        self.unread_drop = c.pick(drops[len(drops) // 2 :]) if office.hardships.is_on("N24") else None
        self._unread_left = max(2, office.settings.disputes // 400)

    def write(self, file: Telling) -> Filed:
        office, c, key = self._office, self._office.chance, file.key
        drops = office.schedule.petition_drops
        tells = file.dispute is not None and c.hits(0.34)
        text = office.stories.petition(file, tells_identity=tells)
        seen = file.at + timedelta(minutes=c.between(9, 90))
        unread = self._goes_unread(file, seen, drops)
        element = self._element(file, text)
        versions = [
            Version(
                seen, element, element.format(zt="01", st=STATES["01"], end=NEVER, lm=instant(seen), blfs="").encode()
            )
        ]
        accused = file.category == "accusation"
        if not unread and not accused:
            self._go_on(file, element, seen, versions)
        operations = [] if unread or accused else self._operations(file, drops)
        if operations and not file.parted_from:
            # Once merged, split or withdrawn, a petition is not told of again.
            versions = [version for version in versions if version.seen < operations[0][0]]
        shown = delivered(versions, drops)
        desk = f"{self.agency}.unread" if unread else self.agency
        for drop, version in shown:
            office.staging.put(desk, drop, key, self._resent(file, version.body, first=drop is shown[0][0]))
        for _, drop, body in operations:
            office.staging.put(self.agency, drop, key, body.encode())
        state, outcome = self._state(
            file, unread=unread, closed=b'<zt dm="06">' in shown[-1][1].body if shown else False, operations=operations
        )
        if not unread:
            self._note(file, shown)
        expect = "unread" if unread else "refused" if accused else "blocked" if file.gate else "accepted"
        return Filed(
            file=file,
            state=state,
            outcome=outcome,
            text=""
            if unread
            else "\n".join([version.body.decode() for _, version in shown] + [body for _, _, body in operations]),
            expect=expect,
            reason="no_ok_marker" if unread else file.reason,
            merged_into=file.repeat_of.key if state == "merged" and file.repeat_of else "",
        )

    def _goes_unread(self, file: Telling, seen: datetime, drops: list[datetime]) -> bool:
        """A few petitions of one drop lie in a file that is never marked complete."""
        if self.unread_drop is None or not self._unread_left or file.dispute is None or file.gate or file.parted_from:
            return False
        at = drops.index(self.unread_drop)
        if not drops[at - 1] < seen <= drops[at]:
            return False
        self._unread_left -= 1
        return True

    def _go_on(self, file: Telling, element: str, seen: datetime, versions: list[Version]) -> None:
        """Add what the office did with it: handed on, and perhaps closed with a reply."""
        office, c = self._office, self._office.chance
        if c.hits(0.62):
            handed = seen + timedelta(days=c.between(1, 6), minutes=c.below(300))
            body = element.format(zt="02", st=STATES["02"], end=NEVER, lm=instant(handed), blfs="")
            versions.append(Version(handed, element, body.encode()))
        closes = file.fate in ("settled", "closed") or (file.dispute is None and c.hits(0.4))
        if not closes:
            return
        ended = file.ended or file.at + timedelta(days=c.between(15, 40))
        street = file.dispute.place.street if file.dispute else file.teller.home.place.street
        reply = c.pick(self._words.petition_replies["settled" if file.fate == "settled" else "closed"]).format(
            street=street
        )
        blfs = f'  <Blfs dm="010000"><hfnr><![CDATA[{reply}]]></hfnr></Blfs>\n'
        body = element.format(zt="06", st=STATES["06"], end=instant(ended), lm=instant(ended), blfs=blfs)
        versions.append(Version(ended, element, body.encode()))
        if ended - file.at > timedelta(days=21):
            office.hardships.note("N4", "closed_weeks_later", self.agency, file.key)

    def _element(self, file: Telling, text: str) -> str:
        """The element with places left for what changes: state, end, time of change, reply."""
        office, c, key = self._office, self._office.chance, file.key
        hard, who, dispute = office.hardships, file.teller, file.dispute
        form, form_label = c.weighted(FORMS, (16, 18, 38, 28))
        purpose, purpose_label = c.weighted((("03", "求决"), ("02", "申诉"), ("01", "意见建议")), (84, 8, 8))
        if file.category == "accusation":
            purpose, purpose_label = ("03", "求决") if file.hidden_accusation else ("04", "揭发控告")
        elif file.category == "not_dispute":
            purpose, purpose_label = c.pick((("01", "意见建议"), ("05", "咨询")))
        content = dispute.kind.petition if dispute else DEFAULT_CLASS
        if dispute and hard.strikes("N19", "defaulted_class", self.agency, key):
            content = DEFAULT_CLASS
        region = (dispute.district if dispute else who.home.place.district).code
        if hard.strikes("N9", "region_is_always_the_city", self.agency, key):
            region = office.city.code
        earlier, repeated = self._earlier(file)
        written = instant(file.at) if form != "100" else instant(datetime.combine(file.at.date(), time()))
        anonymous = file.category == "accusation" and c.hits(0.4)
        people = "".join(
            self._person(person, file, main=number == 0, anonymous=anonymous)
            for number, person in enumerate(self._senders(file))
        )
        linked = f"<lhxfjid>{file.repeat_of.key}</lhxfjid>" if file.repeat_of else "<lhxfjid/>"
        text = self._worn(file, text).replace("{", "（").replace("}", "）")
        return (
            f" <Xfj>\n  <xfjbh>{key}</xfjbh><xfjid>{c.hex(32)}</xfjid>{linked}<xfrq>{written}</xfrq>"
            f'<xfxs dm="{form}">{form_label}</xfxs>\n  <xfmd dm="{purpose}">{purpose_label}</xfmd>'
            f'<nrfl dm="{content[0]}">{content[1]}</nrfl><wtsd>{region}000000</wtsd><xfrs>1</xfrs>'
            f"<cfxfbz>{'1' if repeated else '0'}</cfxfbz>{earlier}\n  <tsnr><![CDATA[{text}]]></tsnr>\n{people}{{blfs}}"
            f'  <zt dm="{{zt}}">{{st}}</zt><endtime>{{end}}</endtime><gkbz>0</gkbz><nmbz>{"1" if anonymous else "0"}</nmbz>'
            f"<lastmodifytime>{{lm}}</lastmodifytime>\n </Xfj>\n"
        )

    def _earlier(self, file: Telling) -> tuple[str, bool]:
        """Return the date of the last petition as written, and whether this one repeats another."""
        hard, c, key = self._office.hardships, self._office.chance, file.key
        if file.repeat_of is not None:
            return f"<scxfrq>{file.repeat_of.at:%Y-%m-%d}</scxfrq>", True
        if hard.strikes("N16", "scxfrq", self.agency, key):
            return f"<scxfrq>{file.at.year}-02-30</scxfrq>", False
        if hard.strikes("N10", "scxfrq", self.agency, key):
            return f"<scxfrq>{c.pick(('1900-01-01', '9999-12-31', '0001-01-01'))}</scxfrq>", False
        return "<scxfrq/>", False

    def _senders(self, file: Telling) -> list[Person]:
        if file.dispute is None or file.repeat_of is not None:
            return [file.teller]
        others = [person for person in file.dispute.applicants if person is not file.teller]
        return [file.teller, *(others[:4] if self._office.chance.hits(0.6) else [])]

    def _person(self, who: Person, file: Telling, *, main: bool, anonymous: bool) -> str:
        if anonymous and self._office.chance.hits(0.6):
            return '  <Xfr zfrbz="1"><xm>匿名</xm><xb/><zjlx/><zjhm/><sjh/><zz/><mz>01</mz></Xfr>\n'
        office, c, key = self._office, self._office.chance, file.key
        hard, name = office.hardships, who.name
        sex = "1" if who.sex == MALE else "0"
        if main and hard.strikes("N9", "inverted_sex", self.agency, key):
            sex = "0" if sex == "1" else "1"
        if main and hard.strikes("N11", "latin1_mojibake", self.agency, key):
            name = mojibake(name)
        elif has_rare_character(name) and hard.is_on("N12"):
            hard.note("N12", "rare_character_kept", self.agency, key)
            hard.note("N11", "declared_GB2312_not_encodable_there", self.agency, key)
        card, number = "<zjlx>1</zjlx>", who.id
        if hard.strikes("N8", "no_id", self.agency, key):
            card, number = c.pick((("<zjlx/>", ""), ("<zjlx>1</zjlx>", "无"), ("<zjlx>1</zjlx>", "0" * 18)))
        elif who.birth.year < _LAST_15_DIGITS and hard.strikes("N14", "15_digit_id", self.agency, key):
            number = who.id15
        elif hard.strikes("N14", "wrong_check_digit", self.agency, key):
            number = wrong_check(number)
        identity = f"<zjhm>{number}</zjhm>" if number else "<zjhm/>"
        return (
            f'  <Xfr zfrbz="{"1" if main else "0"}"><xm>{name}</xm><xb>{sex}</xb>{card}{identity}'
            f"<sjh>{self._phone(who, file)}</sjh><zz>{who.home.address}</zz><mz>01</mz></Xfr>\n"
        )

    def _phone(self, who: Person, file: Telling) -> str:
        office, c = self._office, self._office.chance
        if not office.hardships.strikes("N15", "landline_or_two_numbers", self.agency, file.key):
            return who.phone
        line = office.people.landline()
        return c.pick(
            (
                line,
                f"{line.lstrip('0')}转8{c.digits(3)}",
                f"{who.phone}/{line}",
                f"{who.phone}、{line}",
                line.partition("-")[2],
                f"{line}-80{c.digits(2)}",
            )
        )

    def _worn(self, file: Telling, text: str) -> str:
        if self._office.hardships.strikes("N17", "control_characters_and_line_breaks", self.agency, file.key):
            # Between two clauses, as people break their lines.
            half = text.find("，", len(text) // 2) + 1
            return f"{text[:half]}\n\n　　{text[half:]}" if half else f"{text}\n"
        return text

    def _resent(self, file: Telling, body: bytes, *, first: bool) -> bytes:
        """A later delivery may carry a new internal id."""
        if first or not self._office.hardships.strikes("N7", "new_xfjid_at_resend", self.agency, file.key):
            return body
        start = body.index(b"<xfjid>") + 7
        return body[:start] + self._office.chance.hex(32).encode() + body[start + 32 :]

    def _operations(self, file: Telling, drops: list[datetime]) -> list[tuple[datetime, datetime, str]]:
        """Return what the source said was done to the file as a whole: (moment, drop, element)."""
        c, key, hard = self._office.chance, file.key, self._office.hardships
        told: list[tuple[datetime, str]] = []
        if file.fate == "withdrawn" and file.ended is not None:
            told.append(
                (
                    file.ended,
                    f"<op>WITHDRAW</op><reason>{c.pick(('信访人撤回', '重复登记作废', '双方已自行协商'))}</reason>",
                )
            )
        elif file.fate == "merged" and file.repeat_of is not None and file.ended is not None and hard.is_on("N6"):
            told.append((file.ended, f"<op>MERGE</op><mergedInto>{file.repeat_of.key}</mergedInto>"))
        elif file.parted_from and hard.is_on("N6"):
            merged = file.at + timedelta(days=c.between(3, 6))
            told.append((merged, f"<op>MERGE</op><mergedInto>{file.parted_from}</mergedInto>"))
            parted = merged + timedelta(days=c.between(4, 8))
            told.append((parted, f"<op>UNMERGE</op><mergedInto>{file.parted_from}</mergedInto><reason>误并</reason>"))
        elif (
            file.dispute is not None
            and len(file.dispute.applicants) > 1
            and hard.strikes("N6", "split", self.agency, key)
        ):
            told.append(
                (file.at + timedelta(days=c.between(5, 9)), f"<op>SPLIT</op><splitInto>{key}-1,{key}-2</splitInto>")
            )
        found = []
        for at, words in told:
            drop = next((drop for drop in drops if drop >= at), None)
            if drop is not None:
                element = f" <Xfj><xfjbh>{key}</xfjbh>{words}<lastmodifytime>{instant(at)}</lastmodifytime></Xfj>\n"
                found.append((at, drop, element))
        if len(told) == 2 and len(found) == 1:
            return []
        for _, _, element in found:
            what = (
                "merge_then_unmerge"
                if "UNMERGE" in element
                else "merge"
                if "<op>MERGE" in element and not file.parted_from
                else ""
            )
            if what:
                hard.note("N6", what, self.agency, key)
        return found

    def _state(
        self, file: Telling, *, unread: bool, closed: bool, operations: list[tuple[datetime, datetime, str]]
    ) -> tuple[str, str]:
        if unread:
            return "never_delivered", ""
        last = operations[-1][2] if operations else ""
        if "WITHDRAW" in last:
            self._office.hardships.note("N5", "withdrawn", self.agency, file.key)
            return "withdrawn", "O21"
        if "<op>MERGE" in last:
            return "merged", "O50"
        if closed:
            return ("settled", "O10") if file.fate == "settled" else ("closed", "")
        return "open", ""

    def _note(self, file: Telling, shown: list[tuple[datetime, Version]]) -> None:
        hard = self._office.hardships
        if any(NEVER.encode() in version.body for _, version in shown):
            hard.note("N10", "endtime_0001", self.agency, file.key)
        if (file.at.month, file.at.day) >= (12, 21):
            hard.note("N20", f"statistical_year_{file.at.year + 1}", self.agency, file.key)

    def deliver(self) -> None:
        lists_folder = self._office.out / self.agency
        lists_folder.mkdir(parents=True, exist_ok=True)
        lists.write_classes(lists_folder / "classes.csv")
        deliver_files(self._office, self.unread_drop)

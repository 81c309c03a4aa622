"""The police desk (110 接处警): incidents as the call taker wrote them, and what the officers reported back.

Rows are updated in place, so only their newest state on a polling day is ever seen; `BJNR` holds 2,000 bytes of GB18030.
"""

from datetime import datetime, timedelta

import msgspec

from santiao.simulation.desk import Filed, Office, Version, delivered, fullwidth, mojibake
from santiao.simulation.journeys import Telling
from santiao.simulation.people import Person, has_rare_character
from santiao.simulation.police_feedback import Officers, Row, stamp
from santiao.simulation.police_tables import CUT, deliver_tables

STATES = {
    "settled": ("settled", "O12"),
    "referred": ("referred", ""),
    "passed": ("transferred", "O41"),
    "advised": ("closed", ""),
}
GATE_CODES = {
    "G1": ("100000", "100100", ""),
    "G2": ("200000", "200100", ""),
    "G3": ("200000", "200600", ""),
    "G4": ("200000", "209900", ""),
    "G5": ("200000", "209900", ""),
}


class PoliceDesk:
    """Writes incidents and feedback."""

    agency = "police-110"

    def __init__(self, office: Office) -> None:
        self._office = office
        self._officers = Officers(office, self._own)

    def write(self, file: Telling) -> Filed:
        office, c, key = self._office, self._office.chance, file.key
        hard = office.hardships
        days = office.schedule.police_days
        story = office.stories.police(file)
        loaded = file.at + timedelta(seconds=c.between(55, 260))
        late = file.at + timedelta(days=15) < days[-1] and hard.strikes("N4", "loaded_days_late", self.agency, key)
        if late:
            loaded += timedelta(days=c.between(2, 14))
        row = self._incident(file, story, loaded)
        versions = [(loaded, row)]
        withdrawn = file.category == "not_dispute" and hard.strikes("N5", "withdrawn", self.agency, key)
        if withdrawn or (not file.gate and not file.category and hard.strikes("N5", "withdrawn", self.agency, key)):
            withdrawn = True
            gone = loaded + timedelta(days=c.between(2, 11))
            versions.append((gone, row | {"SFYX": "0", "GXSJ": stamp(gone)}))
        elif hard.strikes("N5", "corrected", self.agency, key):
            mended = loaded + timedelta(hours=c.between(12, 62))
            versions.append((mended, self._corrected(file, row, mended)))
        elif hard.strikes("N2", "same_GXSJ_new_body", self.agency, key):
            seen = next((day for day in days if day >= loaded), loaded) + timedelta(hours=1)
            versions.append((seen, row | {"BJNR": row["BJNR"] + "，补充：双方已离开现场"}))
        texts = self._stage("T_JJDB", key, versions)
        feedback, fate = self._officers.report(file, late=late)
        if feedback:
            seen = datetime.strptime(feedback["FKSJ"], "%Y%m%d%H%M%S")  # noqa: DTZ007 (sources send no zone)
            texts += self._stage("T_CJFK", feedback["JJDBH"], [(seen, feedback)])
        state, outcome = (
            ("transferred", "O42") if fate == "case" else STATES.get(fate, ("closed" if feedback else "reported", ""))
        )
        if withdrawn:
            state, outcome = "withdrawn", "O90"
        return Filed(
            file=file,
            state=state,
            outcome=outcome,
            text="\n".join(texts),
            expect="blocked" if file.gate else "accepted",
            reason=file.reason,
            others=(file.teller,) if file.side == "R" else (),
            feedback=feedback.get("CJDBH", ""),
        )

    def _incident(self, file: Telling, story: str, loaded: datetime) -> Row:
        office, c, key = self._office, self._office.chance, file.key
        hard, who = office.hardships, file.teller
        district = file.dispute.district if file.dispute else who.home.place.district
        place = file.dispute.place if file.dispute else who.home.place
        name, sex = self._name(file, who)
        phone, contact = self._phones(file, who)
        called, updated = stamp(file.at), loaded
        if hard.strikes("N16", "impossible_time", self.agency, key):
            called = called[:8] + "256100"
        if hard.strikes("N22", "GXSJ_in_future", self.agency, key):
            updated += timedelta(days=1)
        text = self._worn(file, story)
        station = f"{district.code}510"
        main, second, third = self._codes(file)
        return {
            "JJDBH": key,
            "GLJJDBH": file.repeat_of.key if file.repeat_of else "",
            "XZQH": district.code,
            "JJDWBH": f"{station}000",
            "GXDWBH": f"{station}{c.between(1, 6)}00",
            "BJFSDM": c.weighted(("01", "02", "04"), (70, 18, 12)),
            "BJSJ": called,
            "JJSJ": stamp(file.at + timedelta(seconds=c.between(3, 45))),
            "BJDH": phone,
            "BJRXM": name,
            "BJRXB": sex,
            "BJRSFZH": self._identity(file, who) if c.hits(0.16) else "",
            "LXDH": contact,
            "SFDZ": self._address(file),
            "XZB": f"{place.lon + c.draw() * 0.02:.6f}",
            "YZB": f"{place.lat + c.draw() * 0.02:.6f}",
            "BJNR": text,
            "JQLBDM": main,
            "JQLXDM": second,
            "JQXLDM": third,
            "JQJBDM": c.weighted(("03", "02", "010100"), (50, 26, 24)),
            "JJDZT": "3",
            "SFYX": "1",
            "ISTRANSLATED": "1" if c.hits(0.35) else "0",
            "RKSJ": stamp(loaded),
            "GXSJ": stamp(updated),
        }

    def _corrected(self, file: Telling, row: Row, at: datetime) -> Row:
        """The next morning's clerk fills in name, number and a finer class."""
        kind = file.dispute.kind if file.dispute else None
        return row | {
            "BJRXM": self._own(file.teller.name, file.key),
            "BJRXB": file.teller.sex,
            "BJRSFZH": self._identity(file, file.teller),
            "JQXLDM": kind.police[2] if kind and not file.gate else row["JQXLDM"],
            "JJDZT": "5",
            "GXSJ": stamp(at),
        }

    def _own(self, name: str, key: str) -> str:
        """A name as the police's keyboard can write it."""
        if has_rare_character(name) and self._office.hardships.strikes(
            "N12", "question_mark_for_rare_character", self.agency, key
        ):
            return "".join("?" if has_rare_character(char) else char for char in name)
        return name

    def _name(self, file: Telling, who: Person) -> tuple[str, str]:
        hard, c = self._office.hardships, self._office.chance
        if hard.strikes("N10", "name_placeholder", self.agency, file.key):
            return c.pick(("不详", "未知", "无", "null", "-", "匿名")), "0"
        if hard.strikes("N8", "surname_only", self.agency, file.key):
            return who.titled, who.sex
        if hard.strikes("N11", "latin1_mojibake", self.agency, file.key):
            return mojibake(who.name), who.sex
        return self._own(who.name, file.key), who.sex

    def _phones(self, file: Telling, who: Person) -> tuple[str, str]:
        hard, c, people = self._office.hardships, self._office.chance, self._office.people
        key, phone = file.key, who.phone
        if hard.strikes("N8", "mediation_room_phone", self.agency, key):
            return phone, f"{self._office.city.area_code}3050148"
        if hard.strikes("N15", "landline_without_hyphen", self.agency, key):
            phone = people.landline().replace("-", "")
        elif hard.strikes("N15", "leading_zero_stripped", self.agency, key):
            return people.landline().replace("-", "").lstrip("0"), phone
        elif hard.strikes("N13", "fullwidth_phone", self.agency, key):
            phone = fullwidth(phone)
        if hard.strikes("N10", "phone", self.agency, key):
            return phone, c.pick(("-", "同上", "无", "0", "/"))
        if hard.strikes("N15", "two_numbers", self.agency, key):
            return phone, f"{phone}/30{c.digits(5)}"
        return phone, phone

    def _identity(self, file: Telling, who: Person) -> str:
        if self._office.hardships.strikes("N14", "space_in_id", self.agency, file.key):
            return f"{who.id[:-1]} {who.id[-1]}"
        return who.id

    def _address(self, file: Telling) -> str:
        c, dispute = self._office.chance, file.dispute
        flat = dispute.flat if dispute else file.teller.home
        place, district = flat.place, flat.place.district.name
        if place.kind == "estate":
            return c.pick(
                (
                    f"{place.name}小区{flat.building}-{flat.unit}-{flat.room}",
                    f"{place.name}{flat.building}号楼",
                    f"{place.road}{place.name}{flat.building}栋{flat.unit}单元楼下",
                    f"{district}{place.name}{flat.building}栋{flat.room}",
                    f"{place.road}{place.name}门口",
                    f"{place.name}{flat.building}幢{flat.unit}单元",
                )
            )
        if place.kind == "village":
            return c.pick(
                (
                    f"{place.street}{place.name}{flat.group}组",
                    f"{district}{place.name}",
                    f"{place.street}{place.name}村口",
                    f"{place.name}村部",
                )
            )
        return c.pick(
            (
                f"{district}{place.name}附近",
                f"{district}{place.name}大门口",
                f"{place.road}{place.name}" if place.kind == "site" else f"{district}{place.name}",
            )
        )

    def _codes(self, file: Telling) -> tuple[str, str, str]:
        hard, c = self._office.hardships, self._office.chance
        if file.gate in GATE_CODES:
            return GATE_CODES[file.gate]
        if file.dispute is None:
            return c.pick((("900000", "999900", ""), ("500000", "500100", ""), ("900000", "950100", "")))
        main, second, third = file.dispute.kind.police
        if hard.strikes("N19", "unknown_or_mistyped_code", self.agency, file.key):
            return main, second, c.pick(("200299", "2002", "20020O", "200288"))
        if main == "200000" and hard.strikes("N19", "retired_code", self.agency, file.key):
            return main, "200900", ""
        return main, second, third if c.hits(0.45) else ""

    def _worn(self, file: Telling, story: str) -> str:
        """The text after its way through the column: long ones are cut at 2,000 bytes, some have control characters."""
        hard = self._office.hardships
        if hard.strikes("N17", "long_text", self.agency, file.key):
            if not story.endswith("。"):
                story += "。"
            story += "详情：" + story * (2400 // max(1, len(story.encode("gb18030"))) + 1)
            if hard.is_on("N18"):
                hard.note("N18", "BJNR_cut_at_2000_bytes", self.agency, file.key)
                whole = story.encode("gb18030")[:1999].decode("gb18030", "ignore")
                return whole + "." * (1999 - len(whole.encode("gb18030"))) + CUT
        if hard.strikes("N17", "control_characters_and_line_breaks", self.agency, file.key):
            return story + self._office.chance.pick(("\r\n（电话中断）", "\x0b（录音不清）", "\r\n\r\n补：双方已散"))
        return story

    def _stage(self, table: str, key: str, rows: list[tuple[datetime, Row]]) -> list[str]:
        """Stage what is ever seen of a row, place it in its files, and return the texts."""
        office = self._office
        days = office.schedule.police_days
        shown = delivered(
            [Version(at, "\n".join(row.values()), msgspec.json.encode(list(row.values()))) for at, row in rows], days
        )
        for at, version in shown:
            office.staging.put(f"{self.agency}.{table}", at, key, version.body)
        return [version.text for _, version in shown] if shown else []

    def deliver(self) -> None:
        deliver_tables(self._office)

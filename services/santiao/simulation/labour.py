"""The labour desk (劳动人事争议): a weekly ledger with all cases, typed by people into spreadsheets.

A row keeps the form its clerk gave it; only status, result and the closing date change from week to week.
"""

from datetime import date, datetime, timedelta

import msgspec

from santiao.simulation.desk import Filed, Office, fullwidth
from santiao.simulation.firms import Firm
from santiao.simulation.journeys import Telling
from santiao.simulation.ledgers import LedgerRow, deliver_ledgers
from santiao.simulation.people import has_rare_character

EPOCH = date(1899, 12, 30)
"""Day 0 of the serial dates spreadsheets write."""
RESULTS = {"settled": "调解成功", "failed": "调解不成", "transferred": "转仲裁", "withdrawn": "撤回"}
OUTCOMES = {"settled": "O10", "failed": "O33", "transferred": "O41", "withdrawn": "O21"}
EMPLOYMENT = ("全日制", "非全日制", "劳务派遣", "承包", "其他")
DATE_FORMS = ("serial", "dotted", "month", "long")


class LabourDesk:
    """Writes rows of the ledger."""

    agency = "human-resources"

    def __init__(self, office: Office) -> None:
        self._office = office

    def write(self, file: Telling) -> Filed:
        office, c, key = self._office, self._office.chance, file.key
        hard, dispute = office.hardships, file.dispute
        assert dispute is not None
        assert isinstance(dispute.respondent, Firm)
        ledgers = office.schedule.ledgers
        ended = file.ended if file.ended is not None and file.ended <= ledgers[-1] and file.fate in RESULTS else None
        names, numbers, count = self._applicants(file)
        absent = self._absences(file)
        row = LedgerRow(
            key=key,
            filed=file.at,
            applied=self._day(file.at.date(), file),
            names=names,
            numbers=numbers,
            phone=self._phone(file),
            firm=dispute.respondent.name,
            code=self._code(dispute.respondent, file),
            employment=c.pick(EMPLOYMENT),
            heads=c.pick(dispute.kind.labour),
            amount=self._amount(dispute.amount, file),
            count=count,
            office=f"{dispute.district.name}劳动人事争议仲裁院",
            mediator=office.people.name("2" if c.hits(0.8) else "1"),
            ended=ended,
            result=RESULTS[file.fate] if ended else "",
            closed=self._day(ended.date(), file) if ended else "",
            remark=office.stories.remark(file),
            migrant=dispute.name == "wage",
            absent=absent,
        )
        office.staging.put(self.agency, file.at, key, msgspec.json.encode(row))
        present = [n for n, ledger in enumerate(ledgers) if file.at <= ledger and n not in absent]
        texts = ["\n".join(row.cells(ledgers[-1]))] if present else []
        state, outcome = self._state(file, row, present, absent)
        if len(ledgers) - 1 not in present:
            texts = [text.translate({ord(char): "?" for char in text if has_rare_character(char)}) for text in texts]
        if has_rare_character(names) and present != [len(ledgers) - 1]:
            hard.note("N12", "question_mark_for_rare_character", self.agency, key)
        return Filed(file=file, state=state, outcome=outcome, text="\n".join(texts))

    def _applicants(self, file: Telling) -> tuple[str, str, str]:
        """Return the cells for names, identity numbers and head count."""
        c, key, hard = self._office.chance, file.key, self._office.hardships
        dispute = file.dispute
        assert dispute is not None
        people = dispute.applicants
        count = c.weighted((str(len(people)), fullwidth(str(len(people))), "", "/"), (80, 8, 7, 5))
        if len(people) > 1 and hard.strikes("N14", "several_people_in_a_cell", self.agency, key):
            if c.hits(0.2):
                return "、".join(person.name for person in people), "详见附件", count
            return "、".join(person.name for person in people), "；".join(person.id for person in people), count
        name, number = people[0].name, people[0].id
        if len(people) > 1:
            name += c.pick((" 等", "等")) + f"{len(people)}人"
        if hard.strikes("N14", "scientific_notation", self.agency, key):
            number = "3.40398E+17"
        elif hard.strikes("N14", "last_digits_zeroed", self.agency, key):
            number = number[:15] + "000"
        elif hard.strikes("N13", "fullwidth_id", self.agency, key):
            number = fullwidth(number)
        elif c.hits(0.12):
            number = f"'{number}"
        return name, number, count

    def _day(self, day: date, file: Telling) -> str:
        hard, c, key = self._office.hardships, self._office.chance, file.key
        if hard.strikes("N16", "excel_serial_date", self.agency, key):
            return str((day - EPOCH).days)
        if hard.strikes("N16", "dotted_or_month_only_date", self.agency, key):
            return c.pick(
                (
                    f"{day.year}.{day.month}.{day.day}",
                    f"{day.year}年{day.month}月",
                    f"{day.year}年{day.month}月{day.day}日",
                )
            )
        return f"{day.year}/{day.month}/{day.day}"

    def _phone(self, file: Telling) -> str:
        if self._office.hardships.strikes("N10", "phone", self.agency, file.key):
            return self._office.chance.pick(("不详", "无", "/", ""))
        dispute = file.dispute
        return dispute.applicants[0].phone if dispute else ""

    def _code(self, firm: Firm, file: Telling) -> str:
        c = self._office.chance
        if self._office.hardships.strikes("N10", "uscc_missing_or_old", self.agency, file.key):
            return c.pick(("/", "无", "", firm.organisation_code))
        return firm.uscc

    def _amount(self, amount: int, file: Telling) -> str:
        c = self._office.chance
        if self._office.hardships.strikes("N13", "approximate_amount", self.agency, file.key):
            ten_thousands = f"{amount / 10_000:.2f}".rstrip("0").rstrip(".")
            return c.pick((f"{amount // 1000 * 1000}左右", f"约{amount / 10_000:.1f}万", f"{ten_thousands}万元"))
        return c.pick((f"{amount}.00", str(amount), f"￥{amount:,}.00"))

    def _absences(self, file: Telling) -> tuple[int, ...]:
        """Return the ledgers this row is missing from."""
        office, c, hard = self._office, self._office.chance, self._office.hardships
        ledgers = office.schedule.ledgers
        first = next((n for n, ledger in enumerate(ledgers) if file.at <= ledger), len(ledgers))
        last = len(ledgers) - 1
        if first < last - 1 and hard.strikes("N5", "absent_from_the_last_two_ledgers", self.agency, file.key):
            return (last - 1, last)
        if first < last - 2 and hard.strikes("N5", "absent_for_one_ledger", self.agency, file.key):
            return (c.between(first + 1, last - 1),)
        return ()

    def _state(self, file: Telling, row: LedgerRow, present: list[int], absent: tuple[int, ...]) -> tuple[str, str]:
        ledgers = self._office.schedule.ledgers
        if len(absent) == 2:
            return "absent", ""
        last: datetime = ledgers[present[-1]]
        if row.ended is not None and row.ended <= last:
            if file.fate == "withdrawn":
                self._office.hardships.note("N5", "withdrawn", self.agency, file.key)
            return file.fate, OUTCOMES[file.fate]
        return ("open" if last - file.at < timedelta(days=7) else "mediating"), ""

    def deliver(self) -> None:
        deliver_ledgers(self._office)

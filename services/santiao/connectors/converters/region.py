"""Administrative divisions (行政区划): codes of 6, 9, 12 or 15 digits, names and addresses into one six-digit GB/T 2260 code.

The rules kept here: the level told is kept beside the code; a statistical zone (340371, 高新区) is no division of GB/T 2260 and is kept
apart as `zone`; a division that was abolished is read and said to be so; a name is looked for in the city first, since 朝阳区 and 鼓楼区
are many.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

import msgspec

from santiao.connectors.converters.cells import Converted, Scalar, as_text, fold, invalid
from santiao.connectors.converters.divisions import (
    ALIAS,
    COUNTY,
    PREFECTURE,
    PROVINCE,
    STATISTICAL,
    STREET,
    TEST,
    VILLAGE,
    Division,
    DivisionNames,
)
from santiao.connectors.converters.nulls import NULL, PLACE, NullMarkers
from santiao.domain.vocabulary import FieldStatus

__all__ = ["COUNTY", "PREFECTURE", "PROVINCE", "STREET", "VILLAGE", "Region", "RegionTable"]

_DIGITS = re.compile("[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15}")
_WHOLE_CITY = frozenset({"市辖区", "全市", "本市", "市本级", "市级", "市直"})
_SHORT_PROVINCE = re.compile("(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)$")
_SHORT_PREFECTURE = re.compile("(?:市|地区|盟)$")
_SHORT_COUNTY = re.compile("(?:区|县|市|旗)$")
_IS_STREET = re.compile("(?:街道|镇|乡)$")
_MAX_ADDRESS = 300


class Region(msgspec.Struct, frozen=True, gc=False):
    """A place in the order of divisions.

    `code` is six digits (GB/T 2260) of the county, or of the city or province when no more was told; `level` how much was told;
    `code12` the finest told, padded; `zone` a statistical zone's own six digits; `raw_level` the digits the cell had, 0 for a name.
    """

    code: str
    level: int
    code12: str
    name: str = ""
    zone: str | None = None
    raw_level: int = 0

    @property
    def shard(self) -> int:
        """First four digits, the city, as a number."""
        return int(self.code[:4])


class RegionTable:
    """All divisions known, looked up by code, name or address. Build one at start: it is read-only and may be shared."""

    def __init__(self, divisions: Iterable[Division]) -> None:
        self._present: dict[str, Division] = {}
        self._past: dict[str, Division] = {}
        self._names: dict[str, DivisionNames] = defaultdict(DivisionNames)
        self._zones: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._provinces = DivisionNames()
        self._prefectures = DivisionNames()
        for division in divisions:
            self._add(division)
        self._short_provinces = self._provinces.without(_SHORT_PROVINCE)
        self._short_prefectures = self._prefectures.without(_SHORT_PREFECTURE)
        cities = sorted(
            (name for name, code in self._prefectures.codes.items() if code and name.endswith("市")), key=len
        )
        self._cities = re.compile("|".join(map(re.escape, reversed(cities))) or "(?!)")
        self._converted = lru_cache(maxsize=8192)(self._convert_code)
        self._searches = lru_cache(maxsize=64)(self._search_for)
        self._short_counties = lru_cache(maxsize=64)(lambda scope: self._names[scope].without(_SHORT_COUNTY))

    def _add(self, division: Division) -> None:
        code, name = division.code, division.name
        if division.valid_to:
            self._past[code] = division
            return
        if division.note != ALIAS:
            self._present[code] = division
        if division.level == PROVINCE:
            self._provinces.add(name, code)
        elif division.level == PREFECTURE:
            self._prefectures.add(name, code)
        else:
            # A county is looked for in its city, its province and the country; a street, whose names repeat, in its city only.
            for scope in (code[:4], code[:2], "") if division.level == COUNTY else (code[:4],):
                self._names[scope].add(name, code)
            if code[4:6].startswith("7") and division.note in {STATISTICAL, ALIAS}:
                self._zones[code[:4]].append((name, code))

    @classmethod
    def parse(cls, lines: Iterable[str]) -> "RegionTable":
        """Table from CSV lines with the columns code, name, level, parent, valid_from, valid_to, note.

        Raises:
            ValueError: a row cannot be read; names the line.
        """
        reader = csv.DictReader(lines)

        def rows() -> Iterator[Division]:
            for cells in reader:
                try:
                    yield Division(
                        cells["code"],
                        cells["name"],
                        int(cells["level"]),
                        cells["parent"],
                        cells["valid_from"],
                        cells["valid_to"],
                        cells["note"],
                    )
                except (KeyError, ValueError, TypeError) as fault:
                    raise ValueError(f"regions, line {reader.line_num}: {fault!r}; 区划表行有误") from fault

        return cls(rows())

    @classmethod
    def load(cls, path: Path) -> "RegionTable":
        """Table from a CSV file in UTF-8."""
        with path.open(encoding="utf-8", newline="") as lines:
            return cls.parse(lines)

    def division(self, code: str, on: date | None = None) -> Division | None:
        """The division of a code: today's, or the one that bore it `on` a day or before it was abolished."""
        present, past = self._present.get(code), self._past.get(code)
        if on is not None and past is not None and on.isoformat() <= past.valid_to:
            return past
        return present or past

    def convert(self, cell: Scalar, *, within: str = "", nulls: NullMarkers = PLACE) -> Converted[Region]:
        """Read a cell that holds a code, a name or a whole address. `within` is the city's four digits, preferred for names.

        Status: NULL_MARKER; INVALID `not_a_division_code`; UNMAPPED (`unknown_division` with the city or province as value,
        `no_division_named`, `ambiguous_name`); else OK, with notes `retired_division`, `statistical_zone`, `test_division`,
        `short_name`, `by_street`.
        """
        raw = as_text(cell)
        if raw is None or nulls.cover(raw):
            return NULL
        text = fold(raw[:_MAX_ADDRESS])
        return self.convert_code(text) if text.isdigit() else self.convert_name(text, within=within)

    def convert_code(self, code: str) -> Converted[Region]:
        """Read a code of 2, 4, 6, 9, 12 or 15 digits, padded with zeros or not."""
        return self._converted(code)

    def _convert_code(self, code: str) -> Converted[Region]:
        if not _DIGITS.fullmatch(code):
            return invalid("not_a_division_code")
        padded = code[:12].ljust(12, "0")
        level = next(
            size
            for size in (VILLAGE, STREET, COUNTY, PREFECTURE, PROVINCE)
            if size == PROVINCE or padded[_BELOW[size] : size].strip("0")
        )
        six = padded[:6] if level >= COUNTY else padded[:level].ljust(6, "0")
        division = self.division(six)
        if division is None:
            return self._of_unknown(padded, len(code))
        if division.note == STATISTICAL:
            city = six[:4] + "00"
            region = Region(city, PREFECTURE, padded, self._name(city), six, len(code))
            return Converted(region, notes=("statistical_zone",))
        notes = ("retired_division",) if division.valid_to else ("test_division",) if division.note == TEST else ()
        return Converted(Region(six, min(level, len(code)), padded, division.name, None, len(code)), notes=notes)

    def _of_unknown(self, padded: str, raw_level: int) -> Converted[Region]:
        for size in (PREFECTURE, PROVINCE):
            above = padded[:size].ljust(6, "0")
            if above in self._present:
                region = Region(above, size, above.ljust(12, "0"), self._name(above), None, raw_level)
                return Converted(region, FieldStatus.UNMAPPED, ("unknown_division",))
        return invalid("not_a_division_code")

    def _name(self, code: str) -> str:
        division = self.division(code)
        return "" if division is None else division.name

    def convert_name(self, text: str, *, within: str = "") -> Converted[Region]:
        """Read a name, or an address that begins with one or names one of `within`."""
        if text in _WHOLE_CITY and len(within) >= PREFECTURE:
            return self._found(within[:4] + "00", ())
        located, _ = self.locate(text, within=within)
        if located.value is None and (short := self._by_short_name(text, within)) is not None:
            return self._found(short, ("short_name",))
        return located

    def locate(self, text: str, *, within: str = "") -> tuple[Converted[Region], int]:
        """The division an address names, and where in the text its leading divisions end (0 when it does not begin with one)."""
        code, end = self._leading(text, within[:4])
        if code and code[4:] != "00":
            return self._found(code, (), text), end
        scope = within[:4] if not code else code[:4] if code[2:4] != "00" else code[:2]
        if (
            scope
            and (hit := self._searches(scope).search(text, end)) is not None
            and (named := self._names[scope].codes[hit[0]])
        ):
            return self._found(named, ("by_street",) if len(named) > COUNTY else (), text), end
        if code:
            return self._found(code, ()), end
        ambiguous = self._names[""].codes.get(text) == ""
        return Converted(None, FieldStatus.UNMAPPED, ("ambiguous_name" if ambiguous else "no_division_named",)), 0

    def city_in(self, text: str) -> Region | None:
        """The city that a text names by its whole name (兰州市), with the county that follows; None where it names none or several."""
        found = {hit[0]: hit.start() for hit in self._cities.finditer(text)}
        if len(found) != 1:
            return None
        (start,) = found.values()
        located, _ = self.locate(text[start : start + _MAX_ADDRESS])
        return located.value

    def _leading(self, text: str, within: str) -> tuple[str, int]:
        """Province, city and county at the beginning of the text, whichever are there: the finest code, and where they end."""
        province, end = self._provinces.leading(text, 0)
        city, end = self._leading_city(text, end, province)
        if not province and not city:
            province, end = self._short_provinces.leading(text, 0)
            city, end = self._leading_city(text, end, province)
            if province and not city and not self._names[province[:2]].leading(text, end)[0]:
                province, end = "", 0  # 河南村 is a village, not a province
        scopes = (city[:4],) if city else (province[:2],) if province else (within, "") if within else ("",)
        for scope in scopes:
            county, after = self._names[scope].leading(text, end, 2 if scope else 3)
            if len(county) == COUNTY:
                return county, after
        return city or province, end

    def _leading_city(self, text: str, start: int, province: str) -> tuple[str, int]:
        """The city at `start`; one without its 市 counts after its province, or before one of its own counties."""
        city, end = self._prefectures.leading(text, start)
        if city and city[:2] == (province or city)[:2]:
            return city, end
        city, end = self._short_prefectures.leading(text, start)
        if city and (
            (province and city[:2] == province[:2]) or len(self._names[city[:4]].leading(text, end)[0]) == COUNTY
        ):
            return city, end
        return "", start

    def _by_short_name(self, text: str, within: str) -> str | None:
        """A county of the city without its 区 or 县 (龙子湖), when no other is called so. For a column of names, never for text."""
        if len(within) < PREFECTURE or not text.isalpha():
            return None
        return self._short_counties(within[:4]).codes.get(text) or None

    def _search_for(self, scope: str) -> re.Pattern[str]:
        """Finds a county or street of the scope anywhere in a text, by its full name of three characters or more."""
        names = [
            name
            for name, code in self._names[scope].codes.items()
            if code and len(name) >= 3 and (len(code) == COUNTY or _IS_STREET.search(name))
        ]
        return re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))) or "(?!)")

    def _found(self, code: str, notes: tuple[str, ...], text: str = "") -> Converted[Region]:
        converted = self._converted(code)
        region = converted.value
        if region is None:
            return converted
        zone = region.zone or next((zone for name, zone in self._zones.get(code[:4], ()) if name in text), None)
        found = Region(region.code, region.level, region.code12, region.name, zone)
        return Converted(found, converted.status, (*notes, *converted.notes))


_BELOW = {VILLAGE: STREET, STREET: COUNTY, COUNTY: PREFECTURE, PREFECTURE: PROVINCE}

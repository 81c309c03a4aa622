"""Where a dispute is: the region by the first of the declared ways that reaches a county.

The rule kept here: a city alone is no answer while another way is left; what was told by a name or an address instead of a code says so.
"""

import re
from collections.abc import Callable

from santiao.connectors.converters.cells import Converted
from santiao.connectors.converters.region import COUNTY, Region, RegionTable
from santiao.connectors.expressions import TextGetter, compile_text
from santiao.connectors.fields import Cells, Notes
from santiao.connectors.memory import remember
from santiao.connectors.rules import RegionRule
from santiao.domain.records import CodeField, QualityNote
from santiao.domain.vocabulary import REGION_LIST, FieldStatus, MappingStatus


class RegionReader:
    """The region, by the first rule that reaches a county; a city where none does."""

    def __init__(self, rules: tuple[RegionRule, ...], regions: RegionTable, city: str) -> None:
        self._regions = regions
        self._city = city
        self._within = city[:4]
        self._ways: list[tuple[str, TextGetter, Callable[[str], Region | None]]] = []
        for rule in rules:
            for way in ("division", "court", "name", "address"):
                expression = getattr(rule, way)
                if expression is not None:
                    read = self._of_code if way in _CODES else self._of_words
                    self._ways.append((way, compile_text(expression), remember(read)))

    def __call__(self, cells: Cells, notes: Notes) -> CodeField:
        raw = label = ""
        best: Region | None = None
        for way, get, read in self._ways:
            told = get(cells)
            if not told:
                continue
            region = read(told)
            if region is None:
                continue
            if best is None or region.level > best.level:
                best, raw, label = region, told if way in _CODES else "", region.name
            if region.level >= COUNTY:
                if way not in _CODES and self._ways[0][0] in _CODES:
                    notes.append(QualityNote("region", f"by_{way}"))
                break
        if best is not None and best.level < COUNTY and best.code[:4] not in {self._within, best.code[:2] + "00"}:
            best, label = self._within_another(best, label, cells)
        if best is None:
            return CodeField(REGION_LIST, "", None, None, self._city, MappingStatus.DEFAULTED_BY_SOURCE)
        exact = best.level >= COUNTY
        return CodeField(
            REGION_LIST,
            "",
            raw or None,
            label or None,
            best.code,
            MappingStatus.EXACT if exact else MappingStatus.BROADER,
        )

    def _within_another(self, city: Region, label: str, cells: Cells) -> tuple[Region, str]:
        """Of another city than the feed's, the county that some way names: many cities have one of the name (城关区)."""
        for way, get, _ in self._ways:
            told = get(cells) if way not in _CODES else ""
            if told and not told.isdigit():
                read = self._regions.convert_name(told[:_ADDRESS], within=city.code[:4]).value
                if read is not None and read.level >= COUNTY and read.code[:4] == city.code[:4]:
                    return read, read.name
        return city, label

    def _of_code(self, told: str) -> Region | None:
        if told.isdigit():
            return _known(self._regions.convert_code(told))
        return _known(self._regions.convert_name(told, within=self._within))

    def _of_words(self, told: str) -> Region | None:
        bare = _OWN_ADDRESS.sub("", told[:_ADDRESS]) if len(told) > _SHORT else told
        return _known(self._regions.convert_name(bare, within=self._within)) or self._regions.city_in(bare)


def _known(read: Converted[Region]) -> Region | None:
    return read.value if read.status in {FieldStatus.OK, FieldStatus.UNMAPPED} else None


_CODES = frozenset({"division", "court"})
_SHORT = 40
_ADDRESS = 600
_OWN_ADDRESS = re.compile("(?:家住|现住|住在|住址|户籍地?|我是|本人系)[^，。；,;]{2,40}[，。；,;的]")
"""Where the writer of a text lives is not where the dispute is, when the text names another place as well."""

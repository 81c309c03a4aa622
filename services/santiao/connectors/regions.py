"""Where a dispute is: the region by the first of the declared ways that reaches a county.

The rule kept here: a city alone is no answer while another way is left; what was told by a name or an address instead of a code says so.
"""

import re
from collections.abc import Callable

from santiao.connectors.contract import Cell
from santiao.connectors.converters.region import COUNTY, Region, RegionTable
from santiao.connectors.expressions import compile_expression, text_of
from santiao.connectors.fields import Cells, Notes
from santiao.connectors.rules import RegionRule
from santiao.domain.records import CodeField, QualityNote
from santiao.domain.vocabulary import REGION_LIST, FieldStatus, MappingStatus

_CACHED = 5_000


class RegionReader:
    """The region, by the first rule that reaches a county; a city where none does."""

    def __init__(self, rules: tuple[RegionRule, ...], regions: RegionTable, city: str) -> None:
        self._regions = regions
        self._city = city
        self._within = city[:4]
        self._ways: list[tuple[str, Callable[[Cells], Cell]]] = []
        for rule in rules:
            for way in ("division", "court", "name", "address"):
                expression = getattr(rule, way)
                if expression is not None:
                    self._ways.append((way, compile_expression(expression)))
        self._cache: dict[tuple[str, str], Region | None] = {}

    def __call__(self, cells: Cells, notes: Notes) -> CodeField:
        raw = label = ""
        best: Region | None = None
        for way, get in self._ways:
            told = text_of(get(cells))
            if not told:
                continue
            region = self._read(way, told)
            if region is None:
                continue
            if best is None or region.level > best.level:
                best, raw, label = region, told if way in {"division", "court"} else "", region.name
            if region.level >= COUNTY:
                if way not in {"division", "court"} and self._ways[0][0] in {"division", "court"}:
                    notes.append(QualityNote("region", f"by_{way}"))
                break
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

    def _read(self, way: str, told: str) -> Region | None:
        key = (way, told)
        if len(told) <= _CACHED_TEXT and key in self._cache:
            return self._cache[key]
        if way in {"division", "court"}:
            read = (
                self._regions.convert_code(told)
                if told.isdigit()
                else self._regions.convert_name(told, within=self._within)
            )
        else:
            bare = _OWN_ADDRESS.sub("", told[:_ADDRESS]) if len(told) > _CACHED_TEXT else told
            read = self._regions.convert_name(bare, within=self._within)
        region = read.value if read.status in {FieldStatus.OK, FieldStatus.UNMAPPED} else None
        if len(told) <= _CACHED_TEXT and len(self._cache) < _CACHED:
            self._cache[key] = region
        return region


_CACHED_TEXT = 40
_ADDRESS = 600
_OWN_ADDRESS = re.compile("(?:家住|现住|住在|住址|户籍地?|我是|本人系)[^，。；,;]{2,40}[，。；,;的]")
"""Where the writer of a text lives is not where the dispute is, when the text names another place as well."""

"""Rows of the table of divisions, and their names within one scope (a city, a province, the country).

The rule kept here: a name that several divisions of a scope bear names none of them.
"""

import re

import msgspec

PROVINCE, PREFECTURE, COUNTY, STREET, VILLAGE = 2, 4, 6, 9, 12
"""Levels, named by the digits that tell them."""
STATISTICAL, TEST, ALIAS = "statistical", "test", "alias"
_SHORTEST_SHORT = 2


class Division(msgspec.Struct, frozen=True):
    """One row of the table: a division under one name for a time. `note` is empty, `statistical`, `test` or `alias`."""

    code: str
    name: str
    level: int
    parent: str = ""
    valid_from: str = ""
    valid_to: str = ""
    note: str = ""


class DivisionNames:
    """Names of divisions within one scope, with their codes; an ambiguous name has the empty code."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}

    def add(self, name: str, code: str) -> None:
        self.codes[name] = code if self.codes.get(name, code) == code else ""
        lengths = {*self._lengths.get(name[:2], ()), len(name)}
        self._lengths[name[:2]] = tuple(sorted(lengths, reverse=True))

    def leading(self, text: str, start: int, shortest: int = 2) -> tuple[str, int]:
        """The code of the longest name that stands at `start`, and where it ends; empty when none does, or an ambiguous one."""
        for length in self._lengths.get(text[start : start + 2], ()):
            if length >= shortest and (code := self.codes.get(text[start : start + length])):
                return code, start + length
        return "", start

    def without(self, ending: re.Pattern[str]) -> "DivisionNames":
        """The same names without their last word (龙子湖 for 龙子湖区), where it leaves two characters."""
        short = DivisionNames()
        for name, code in self.codes.items():
            key = ending.sub("", name)
            if len(key) >= _SHORTEST_SHORT and key != name and code:
                short.add(key, code)
        return short

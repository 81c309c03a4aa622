"""The agencies' own numbers: each agency's form, and none given twice.

A number that is quoted and does not exist counts from 9000, where no real one comes.
"""

from datetime import datetime

from santiao.simulation.chance import Chance
from santiao.simulation.city import City, District

AGENCIES = ("police-110", "court", "petitions", "human-resources", "hotline-12345", "peoples-mediation")


class Numbers:
    """Hands out numbers and counts them."""

    def __init__(self, city: City, chance: Chance, disputes: int) -> None:
        self._city = city
        self._chance = chance
        # A big city uses every number; a small one leaves gaps, as if it had more business than it tells.
        self._gap = 1 if disputes > 20_000 else 3 if disputes > 2_000 else 12
        self._counts: dict[tuple[object, ...], int] = {}

    def police(self, at: datetime, district: District) -> str:
        return f"{at:%Y%m%d}{district.code}{self._next('police', at.date(), district.code):06d}"

    def petition(self, at: datetime) -> str:
        return f"{self._city.code}{at:%Y%m%d}{self._next('petition', at.date()):04d}"

    def hotline(self, at: datetime) -> str:
        return f"{self._city.hotline_prefix}{at:%y%m%d}{self._next('hotline', at.date()):04d}"

    def labour(self, at: datetime) -> str:
        return f"{self._city.sign}劳人仲调〔{at.year}〕{self._next('labour', at.year, start=30):04d}号"

    def court_id(self) -> str:
        """A long hexadecimal id whose tail counts up, as the court's platform makes them."""
        count = self._next("court id", start=0, gap=1)
        return f"8a8182f5{count * 40_503 % 65_536:04x}{count % 65_536:04x}" + (
            f"{count >> 16:x}" if count >> 16 else ""
        )

    def court_case(self, at: datetime, district: District, word: str) -> str:
        """`word` is the type word: 民诉前调 before filing, 民初 once filed."""
        number = self._next("court", at.year, district.code, word, start=90 if word == "民初" else 150)
        return f"（{at.year}）{self._city.court_sign}{district.code[2:]}{word}{number}号"

    def committee(self, at: datetime, committee: str) -> str:
        """The committee's short name, as 治淮街道 of 治淮街道人民调解委员会, the year and its own count."""
        return f"{committee}人调〔{at.year}〕第{self._next('committee', at.year, committee, start=1):04d}号"

    def broken(self, agency: str, at: datetime, district: District) -> str:
        """A number of that agency's form that it never gave."""
        tail = 9000 + self._chance.below(900)
        match agency:
            case "police-110":
                return f"{at:%Y%m%d}{district.code}00{tail}"
            case "petitions":
                return f"{self._city.code}{at:%Y%m%d}{tail}"
            case "hotline-12345":
                return f"{self._city.hotline_prefix}{at:%y%m%d}{tail}"
            case "human-resources":
                return f"{self._city.sign}劳人仲调〔{at.year}〕{tail}9号"
            case "peoples-mediation":
                return f"{district.short}人调〔{at.year}〕第{tail}9号"
            case _:
                return f"（{at.year}）{self._city.court_sign}{district.code[2:]}民诉前调{tail}99号"

    def _next(self, *scope: object, start: int = 1, gap: int = 0) -> int:
        gap = gap or self._gap
        count = self._counts.get(scope, start) + (self._chance.below(gap) if gap > 1 else 0)
        self._counts[scope] = count + 1
        return count

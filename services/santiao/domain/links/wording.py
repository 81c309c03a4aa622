"""What a narrative tells that can be compared: topics, sums, days, what may be names, and numbers it calls another matter's.

The rule kept here: boilerplate goes first, a text is read up to a bound, and nothing read here is trusted by itself; it supports or
weakens what the fields say.
"""

import re
from datetime import date

import msgspec

from santiao.domain.links.policy import Text
from santiao.domain.links.profile import Amount

MAX_CHARS = 4_000
_NO_HAN = "\u0000-\u4dff\ua000-\U0010ffff"
_FIGURE = re.compile(r"([0-9][0-9,，]*+(?:\.[0-9]++)?+)\s*+(万元?|元)?+")
_DAY = re.compile(r"(20[0-9]{2})\s*年\s*([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*日")
_SENTENCE_END = re.compile("[。；;！!？?\n]")
_DIGITS = re.compile("[0-9]+")
_SMALLEST_SUM_FEN = 10_000
_LONGEST_FIGURE = 16
_FEN_IN = {"元": 100, "万": 1_000_000, "万元": 1_000_000}


class Clues(msgspec.Struct, frozen=True, gc=False):
    """What one text tells. `names` are plain and leave this room only as tokens."""

    topics: int = 0
    amounts: tuple[Amount, ...] = ()
    days: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    earlier_digits: frozenset[str] = frozenset()
    """Runs of digits that stand in a sentence which speaks of another matter."""
    is_shielded: bool = False


NO_CLUES = Clues()


def is_told_by(number: str, digits: frozenset[str]) -> bool:
    """True when every run of digits of a number is among those of a text."""
    runs = _DIGITS.findall(number)
    return bool(runs) and digits.issuperset(runs)


class TextReader:
    """Reads narratives by the word lists of the policy; built once."""

    def __init__(self, words: Text) -> None:
        self._boilerplate = _any_of(words.boilerplate)
        self._disclaimers = _any_of(words.disclaimers)
        self._shielded = _any_of(words.shielded)
        bits = {stem: 1 << place for place, stems in enumerate(words.topics.values()) for stem in stems}
        self._bits = bits
        self._topics = _any_of(tuple(sorted(bits, key=len, reverse=True)))
        given = f"([^{words.never_in_names}{_NO_HAN}]{{1,2}})"
        # Overlapping on purpose: which character begins a name is not known.
        self._names = re.compile(f"(?=([{words.surnames}]){given})")
        self._compound = re.compile(f"(?:{_any_of(words.compound_surnames).pattern}){given}")

    def read(self, text: str, *, wants_names: bool) -> Clues:
        """Read `text`; names only on demand, for they cost most and a record that names both sides needs none."""
        if not text:
            return NO_CLUES
        told = self._boilerplate.sub(" ", text[:MAX_CHARS])
        topics = 0
        for stem in self._topics.findall(told):
            topics |= self._bits[stem]
        return Clues(
            topics=topics,
            amounts=_sums(told) if "元" in told or "万" in told else (),
            days=_days(told) if "年" in told else (),
            names=self._names_in(told) if wants_names else (),
            earlier_digits=self._earlier(told),
            is_shielded=self._shielded.search(told) is not None,
        )

    def _names_in(self, text: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for surname, given in self._names.findall(text):
            found[surname + given[0]] = None
            if len(given) > 1:
                found[surname + given] = None
        for hit in self._compound.finditer(text):
            found[hit[0]] = None
            if len(hit[1]) > 1:
                found[hit[0][:-1]] = None
        return tuple(found)

    def _earlier(self, text: str) -> frozenset[str]:
        if self._disclaimers.search(text) is None:
            return frozenset()
        sentences = (each for each in _SENTENCE_END.split(text) if self._disclaimers.search(each))
        return frozenset(run for sentence in sentences for run in _DIGITS.findall(sentence))


def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    # The longest first, so that a word within another never hides it; an empty list matches nothing.
    ordered = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered)) if ordered else "(?!)")


def _sums(text: str) -> tuple[Amount, ...]:
    found = set()
    for digits, unit in _FIGURE.findall(text):
        if not unit or len(digits) > _LONGEST_FIGURE:
            continue
        plain = digits.replace(",", "").replace("，", "")
        whole, _, decimals = plain.partition(".")
        scale = _FEN_IN[unit]
        fen = int(whole or "0") * scale + int(decimals or "0") * scale // 10 ** len(decimals)
        if fen >= _SMALLEST_SUM_FEN:
            found.add(Amount(fen, 0 if unit == "元" else scale // 10 ** len(decimals) // 2))
    return tuple(sorted(found))


def _days(text: str) -> tuple[int, ...]:
    found = set()
    for year, month, day in _DAY.findall(text):
        try:
            found.add(date(int(year), int(month), int(day)).toordinal())
        except ValueError:
            continue
    return tuple(sorted(found))

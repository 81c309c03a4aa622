"""Other agencies' numbers quoted in fields and in free text (引用的编号): police incidents, petitions, orders, case numbers.

The rules kept here: what a number looks like is data, a list of patterns that a connector declares; a number inside a longer one is
none; an identity number is not taken for a file number. Whether the number exists is for the hub to judge.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache

import msgspec

from santiao.connectors.converters.cells import fold, narrow
from santiao.connectors.converters.courtnumber import canonical_case_number
from santiao.connectors.converters.identity import check_character

MAX_REFERENCES = 50
_BRACKETS = str.maketrans("﹝﹞［］【】（）[]()", "〔〕〔〕〔〕〔〕〔〕〔〕")
_LABEL_WINDOW = 14
_NUMBERED = re.compile("[0-9]{2}|[０-９]{2}")
_BLANKS = (" ", "\u3000", "\u00a0", "\t")
_SPACED = re.compile(r"(?<=[0-9A-Za-z])[ \t\u00a0\u3000]{1,3}(?=[0-9A-Za-z])")
_RUN = re.compile("[0-9A-Za-z]{5,}")
_PERSONS = re.compile("身份证|证件号|公民身份")


class ReferencePattern(msgspec.Struct, frozen=True):
    """How one kind of number looks in text.

    `regex` matches the number whole, letters and digits in half width, brackets as they may stand. `whole_run`: the number is a whole
    run of letters and digits, as most are, which is faster to find; `needs`: a word without which the pattern is not tried. `checks`
    are names of `CHECKS`. `labels` are words one of which, shortly before it, vouches for a number that a check doubts; with
    `label_needed` a number without one is none. `canonical` is `plain` (half width, upper case, no blanks), `brackets` (the same,
    every bracket as 〔〕) or `court`.
    """

    kind: str
    regex: str
    checks: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    label_needed: bool = False
    whole_run: bool = False
    needs: str = ""
    canonical: str = "plain"


class FoundReference(msgspec.Struct, frozen=True, gc=False):
    """A number found: its kind, canonical form, and where it stands in the text as it came."""

    kind: str
    number: str
    span: tuple[int, int]


def _canonical_plain(text: str) -> str:
    return fold(text).upper()


def _canonical_brackets(text: str) -> str:
    return fold(text).upper().translate(_BRACKETS)


CANONICAL_FORMS: Mapping[str, Callable[[str], str]] = {
    "plain": _canonical_plain,
    "brackets": _canonical_brackets,
    "court": canonical_case_number,
}


def _has_date_at(number: str, start: int) -> bool:
    digits = number[start : start + 8]
    try:
        return 1990 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year < 2100
    except ValueError:
        return False


def _is_no_person(number: str) -> bool:
    """False for eighteen characters that could be a resident number: right check, division not of a whole city."""
    return not (
        len(number) == 18 and number[:17].isdigit() and number[4:6] != "00" and number[17] == check_character(number)
    )


CHECKS: Mapping[str, Callable[[str], bool]] = {
    "date_first": lambda number: _has_date_at(number, 0),
    "date_after_division": lambda number: _has_date_at(number, 6),
    "date_after_letters": lambda number: _has_date_at(f"20{number[2:8]}", 0),
    "no_person": _is_no_person,
}
_DOUBTED = frozenset({"no_person"})
"""Checks that a label before the number outweighs."""


@lru_cache(maxsize=256)
def _compile(regex: str) -> re.Pattern[str]:
    """A number inside a longer run of letters and digits is none."""
    return re.compile(f"(?<![0-9A-Za-z](?=[0-9A-Za-z]))(?:{regex})(?!(?<=[0-9A-Za-z])[0-9A-Za-z])")


def check_patterns(patterns: Iterable[ReferencePattern]) -> None:
    """Refuse a declaration's patterns that cannot work.

    Raises:
        ValueError: a regex does not compile, or a check or canonical form is unknown; names kind and fault.
    """
    for pattern in patterns:
        try:
            _compile(pattern.regex)
        except re.error as fault:
            raise ValueError(f"reference pattern {pattern.kind}: {fault}; 编号格式不是正确的正则表达式") from fault
        unknown = [name for name in pattern.checks if name not in CHECKS]
        if unknown or pattern.canonical not in CANONICAL_FORMS:
            raise ValueError(
                f"reference pattern {pattern.kind}: unknown {', '.join(unknown) or pattern.canonical}; 未知的校验或规范形式"
            )


def canonical_number(text: str, canonical: str) -> str:
    """Canonical form of a number that stands in a field by itself; the same for a key, an alias and a quotation of it."""
    return CANONICAL_FORMS[canonical](text)


def extract_references(text: str, patterns: Iterable[ReferencePattern]) -> tuple[FoundReference, ...]:
    """Numbers of the declared kinds in free text, in the order they stand; each number of a kind once.

    Full width, brackets and blanks inside a number (BB 2601060037) do not hide it.
    """
    if _NUMBERED.search(text) is None:
        return ()
    declared = tuple(patterns)
    folded = narrow(text)
    closed, places = _close_up(folded)
    found: dict[tuple[str, str], FoundReference] = {}
    taken: list[tuple[int, int]] = []
    for subject, offsets in ((folded, None), (closed, places)):
        runs = () if subject is None else tuple(_RUN.finditer(subject))
        for pattern in declared if subject is not None else ():
            for hit in _hits(pattern, subject or "", runs):
                span = hit.span() if offsets is None else (offsets[hit.start()], offsets[hit.end() - 1] + 1)
                if any(start < span[1] and span[0] < end for start, end in taken):
                    continue
                number = CANONICAL_FORMS[pattern.canonical](hit[0])
                if not _holds(pattern, number, folded[max(0, span[0] - _LABEL_WINDOW) : span[0]]):
                    continue
                taken.append(span)
                if len(found) < MAX_REFERENCES:
                    found.setdefault((pattern.kind, number), FoundReference(pattern.kind, number, span))
    return tuple(sorted(found.values(), key=lambda each: each.span))


def _hits(pattern: ReferencePattern, text: str, runs: tuple[re.Match[str], ...]) -> Iterable[re.Match[str]]:
    if pattern.needs and pattern.needs not in text:
        return ()
    form = _compile(pattern.regex)
    return [run for run in runs if form.fullmatch(run[0])] if pattern.whole_run else form.finditer(text)


def _holds(pattern: ReferencePattern, number: str, before: str) -> bool:
    labelled = any(label in before for label in pattern.labels)
    if pattern.label_needed and not labelled:
        return False
    if _PERSONS.search(before) and not labelled:
        return False
    return all(CHECKS[check](number) or (labelled and check in _DOUBTED) for check in pattern.checks)


def _close_up(text: str) -> tuple[str | None, list[int]]:
    """The text without blanks inside runs of letters and digits, and where each character stood; None when there are none."""
    if not any(blank in text for blank in _BLANKS):
        return None, []
    gaps = [gap.span() for gap in _SPACED.finditer(text)]
    if not gaps:
        return None, []
    kept: list[int] = []
    position = 0
    for start, end in gaps:
        kept.extend(range(position, start))
        position = end
    kept.extend(range(position, len(text)))
    return "".join([text[index] for index in kept]), kept

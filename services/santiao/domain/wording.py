"""How a narrative says something: read once, its harmless sayings masked, then asked for phrases and what stands around them.

`phrases` tells how a phrase is written. A screen over pairs of characters spares nearly every look into the texts of an item that says
nothing remarkable; what the screen calls up is then tried for itself.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import msgspec

from santiao.domain.phrases import CLAUSE_MARKS, SENTENCE_MARKS, Phrase, Wording, compile_all

_TAG = re.compile(r"<(/?(?:p|br|div|li|tr)\b)?[^<>]{0,2000}>|&nbsp;", re.IGNORECASE)
_UNEVEN = re.compile(r"[^\S\n\r]|[\u200b\ufeff０-９（）]")
_BLANKS = " \t\v\f\u00a0\u2002\u2003\u2009\u200b\u3000\ufeff"
_EVEN: dict[int, int | None] = {ord("（"): ord("("), ord("）"): ord(")")}
_EVEN |= {ord("０") + digit: ord("0") + digit for digit in range(10)}
_EVEN |= dict.fromkeys(map(ord, _BLANKS))
_MASK = "□"


class Condition(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, kw_only=True):
    """What a text must say: one phrase of `any_of`, and around it none of the exceptions.

    `unless` counts in the clauses the phrase stands in, `unless_sentence` in its sentence, `unless_text` in any text of the item;
    `with_sentence` and `with_text` must be found there too.
    """

    any_of: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    unless_sentence: tuple[str, ...] = ()
    unless_text: tuple[str, ...] = ()
    with_sentence: tuple[str, ...] = ()
    with_text: tuple[str, ...] = ()


class Finding(msgspec.Struct, frozen=True, gc=False):
    """Where a condition is met: the text's field and the sentence's bounds in its prepared form."""

    field: str
    begin: int
    end: int


class PreparedText(msgspec.Struct, frozen=True, gc=False):
    """A narrative made ready: no markup, no blanks, half-width digits, harmless sayings masked; and the characters and pairs it has."""

    field: str
    text: str
    marks: set[str]


class Reading(msgspec.Struct, frozen=True, gc=False):
    """All texts of one item made ready, and the marks of them together."""

    texts: tuple[PreparedText, ...]
    marks: set[str]


class Screen(msgspec.Struct, frozen=True, gc=False, eq=False):
    """Which phrases a text may hold at all: pairs of characters that begin a phrase's rarest words, and the phrases they call up.

    A phrase is (number of its condition, the phrase). It spares nearly every look into the texts of an item that says nothing remarkable.
    """

    keys: frozenset[str]
    calls: Mapping[str, tuple[tuple[int, Phrase], ...]]


@lru_cache(maxsize=16)
def screen_of(wording: Wording, conditions: tuple[tuple[str, ...], ...]) -> Screen:
    """The screen for the starting phrases of numbered conditions."""
    calls: dict[str, list[tuple[int, Phrase]]] = {}
    for number, phrases in enumerate(conditions):
        for phrase in compile_all(wording, phrases):
            rarest = min(phrase.keys, key=lambda keys: (sum(len(key) < 2 for key in keys), len(keys)))
            for key in sorted(rarest):
                calls.setdefault(key, []).append((number, phrase))
    return Screen(frozenset(calls), {key: tuple(called) for key, called in calls.items()})


def called_by(screen: Screen, marks: set[str]) -> dict[int, list[Phrase]]:
    """The phrases worth trying on texts with these marks, by the number of their condition."""
    found: dict[int, list[Phrase]] = {}
    for key in sorted(screen.keys & marks):
        for number, phrase in screen.calls[key]:
            tried = found.setdefault(number, [])
            if phrase not in tried and not any(keys.isdisjoint(marks) for keys in phrase.keys):
                tried.append(phrase)
    return found


def prepare(wording: Wording, field: str, raw: str) -> PreparedText:
    """Ready a text for matching. The copy is for reading only; what is stored stays as it came."""
    text = _TAG.sub(lambda found: "\n" if found.group(1) else "", raw) if "<" in raw or "&" in raw else raw
    if _UNEVEN.search(text):
        text = text.translate(_EVEN)
    marks = {text[at : at + 2] for at in range(len(text))}
    marks.update(text)
    for phrase in called_by(screen_of(wording, (wording.harmless,)), marks).get(0, ()):
        text = phrase.pattern.sub(lambda found: _MASK * len(found.group()), text)
    return PreparedText(field, text, marks)


def read_texts(wording: Wording, told: Iterable[tuple[str, str]]) -> Reading:
    """All texts of an item, by field, made ready at once: gates and risks read the same one."""
    texts = tuple(prepare(wording, field, raw) for field, raw in told)
    return Reading(texts, texts[0].marks if len(texts) == 1 else set().union(*(text.marks for text in texts)))


def find(
    wording: Wording, condition: Condition, texts: tuple[PreparedText, ...], starters: Iterable[Phrase]
) -> Iterator[Finding]:
    """Every place where `condition` is met, in the order of the texts; `starters` are those of its phrases that the screen called up."""
    checked = False
    for text in texts:
        for phrase in starters:
            if any(keys.isdisjoint(text.marks) for keys in phrase.keys):
                continue
            for found in phrase.pattern.finditer(text.text):
                if not checked:
                    if not _holds_in_all(wording, condition, texts):
                        return
                    checked = True
                begin, end = _bounds(text.text, found.start(), found.end(), SENTENCE_MARKS)
                if _holds_around(wording, condition, text.text, found, text.text[begin:end]):
                    yield Finding(text.field, begin, end)


def says(wording: Wording, phrases: tuple[str, ...], text: str) -> bool:
    """True when prepared `text` has one of the phrases."""
    return any(_may_occur(phrase, text) and phrase.pattern.search(text) for phrase in compile_all(wording, phrases))


def _holds_in_all(wording: Wording, condition: Condition, texts: tuple[PreparedText, ...]) -> bool:
    if condition.unless_text and any(says(wording, condition.unless_text, text.text) for text in texts):
        return False
    return not condition.with_text or any(says(wording, condition.with_text, text.text) for text in texts)


def _holds_around(wording: Wording, condition: Condition, text: str, found: re.Match[str], sentence: str) -> bool:
    if condition.unless:
        low, high = _bounds(text, found.start(), found.end(), CLAUSE_MARKS)
        if says(wording, condition.unless, text[low:high]):
            return False
    if condition.unless_sentence and says(wording, condition.unless_sentence, sentence):
        return False
    return not condition.with_sentence or says(wording, condition.with_sentence, sentence)


def _bounds(text: str, start: int, stop: int, marks: str) -> tuple[int, int]:
    """The stretch around text[start:stop] up to the nearest of `marks` on both sides."""
    while start > 0 and text[start - 1] not in marks:
        start -= 1
    while stop < len(text) and text[stop] not in marks:
        stop += 1
    return start, stop


def _may_occur(phrase: Phrase, text: str) -> bool:
    for words in phrase.needs:
        for word in words:
            if word in text:
                break
        else:
            return False
    return True

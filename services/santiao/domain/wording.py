"""How a narrative says something (措辞): word lists, phrases made of them, and the harmless sayings that only look alike.

Nothing here knows a word; lists and phrases are data. A phrase is written as tokens with blanks between:

- `殴打|毒打` one of these words; `<kin>` one word of that list (both may be mixed: `<kin>|邻居`);
- `~6` up to six characters of the same clause; `~~20` up to twenty of the same sentence (nothing between tokens: they touch);
- `{n}` a number; `{age:0-17}` an age in years within these bounds; `{!殴暴}` not after one of these characters;
- `{court:filed}` a court's case number whose type word is in list `filed`.

`@acts` stands for every phrase of the group of that name. Gaps are bounded and words are escaped, so matching is linear in the text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import msgspec

from santiao.domain.errors import Rejection

SENTENCE_MARKS = "。！？；!?;\n\r"
CLAUSE_MARKS = "，,、：:…" + SENTENCE_MARKS
_TAG = re.compile(r"<(/?(?:p|br|div|li|tr)\b)?[^<>]{0,2000}>|&nbsp;", re.IGNORECASE)
_UNEVEN = re.compile(r"[^\S\n\r]|[\u200b\ufeff０-９（）]")
_BLANKS = " \t\v\f\u00a0\u2002\u2003\u2009\u200b\u3000\ufeff"
_EVEN: dict[int, int | None] = {ord("（"): ord("("), ord("）"): ord(")")}
_EVEN |= {ord("０") + digit: ord("0") + digit for digit in range(10)}
_EVEN |= dict.fromkeys(map(ord, _BLANKS))
_MASK = "□"
_DIGITS = "零一二三四五六七八九"
_SIGNS = {"age": (("岁",),), "court": (("号",),)}


class WordList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named list of words; a word written `<other>` takes in another list."""

    name: str
    words: tuple[str, ...]


class PhraseGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Phrases that several rules share, written `@name` where they are used."""

    name: str
    phrases: tuple[str, ...]


class Wording(msgspec.Struct, frozen=True, eq=False):
    """A city's word lists, shared phrases and harmless sayings. Compared by identity, so that compiled phrases are remembered."""

    lists: tuple[WordList, ...] = ()
    groups: tuple[PhraseGroup, ...] = ()
    harmless: tuple[str, ...] = ()


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
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


class Finding(msgspec.Struct, frozen=True):
    """Where a condition is met: the text's field and the sentence's bounds in its prepared form."""

    field: str
    begin: int
    end: int


class Phrase(msgspec.Struct, frozen=True, eq=False):
    """A compiled phrase: word sets of each of which one must occur, the marks those words begin with, and the pattern that then decides."""

    needs: tuple[tuple[str, ...], ...]
    keys: tuple[frozenset[str], ...]
    source: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when it is first wanted: most phrases never are."""
        return _regex(self.source)


class PreparedText(msgspec.Struct, frozen=True):
    """A narrative made ready: no markup, no blanks, half-width digits, harmless sayings masked; and the characters and pairs it has."""

    field: str
    text: str
    marks: set[str]


class Reading(msgspec.Struct, frozen=True):
    """All texts of one item made ready, and the marks of them together."""

    texts: tuple[PreparedText, ...]
    marks: set[str]


class Screen(msgspec.Struct, frozen=True, eq=False):
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
        for phrase in _compile_all(wording, phrases):
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
    return any(_may_occur(phrase, text) and phrase.pattern.search(text) for phrase in _compile_all(wording, phrases))


def check_phrases(wording: Wording, phrases: tuple[str, ...]) -> None:
    """Raise `Rejection` wording.bad_phrase when a phrase cannot be read or names a list or group that is not there."""
    _compile_all(wording, phrases)


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


@lru_cache(maxsize=4096)
def _compile_all(wording: Wording, phrases: tuple[str, ...]) -> tuple[Phrase, ...]:
    groups = _groups(wording)
    out: list[Phrase] = []
    for phrase in phrases:
        if phrase.startswith("@"):
            if phrase[1:] not in groups:
                raise _bad(phrase, f"there is no group {phrase[1:]}")
            out.extend(_compile(wording, inner) for inner in groups[phrase[1:]])
        else:
            out.append(_compile(wording, phrase))
    return tuple(out)


@lru_cache(maxsize=8)
def _groups(wording: Wording) -> Mapping[str, tuple[str, ...]]:
    return {group.name: group.phrases for group in wording.groups}


@lru_cache(maxsize=8)
def _lists(wording: Wording) -> Mapping[str, tuple[str, ...]]:
    return {one.name: one.words for one in wording.lists}


@lru_cache(maxsize=8192)
def _compile(wording: Wording, phrase: str) -> Phrase:
    needs: list[tuple[str, ...]] = []
    parts: list[str] = []
    for token in phrase.split():
        if token.startswith("~"):
            parts.append(_gap(phrase, token))
        elif token.startswith("{"):
            parts.append(_special(wording, phrase, token))
            needs.extend(_SIGNS.get(token.strip("{}").partition(":")[0], ()))
        else:
            words = tuple(sorted(_words(wording, phrase, token, 0), key=lambda word: (-len(word), word)))
            needs.append(words)
            parts.append("(?:" + "|".join(map(re.escape, words)) + ")")
    if not needs:
        raise _bad(phrase, "it names no word")
    keys = tuple(frozenset(word[:2] for word in words) for words in needs)
    return Phrase(tuple(needs), keys, "".join(parts))


@lru_cache(maxsize=8192)
def _regex(source: str) -> re.Pattern[str]:
    return re.compile(source)


def _gap(phrase: str, token: str) -> str:
    marks = SENTENCE_MARKS if token.startswith("~~") else CLAUSE_MARKS
    size = token.lstrip("~")
    if not size.isdigit() or int(size) > 60:
        raise _bad(phrase, f"the gap {token} is not ~1 to ~60")
    return f"[^{re.escape(marks)}]{{0,{size}}}?"


def _words(wording: Wording, phrase: str, token: str, depth: int) -> Iterator[str]:
    if depth > 5:
        raise _bad(phrase, f"the list {token} takes in itself")
    for word in token.split("|"):
        if word.startswith("<") and word.endswith(">"):
            listed = _lists(wording).get(word[1:-1])
            if listed is None:
                raise _bad(phrase, f"there is no word list {word[1:-1]}")
            for inner in listed:
                yield from _words(wording, phrase, inner, depth + 1)
        elif word:
            yield word
        else:
            raise _bad(phrase, "an empty alternative")


def _special(wording: Wording, phrase: str, token: str) -> str:
    kind, _, rest = token.strip("{}").partition(":")
    if kind.startswith("!") and len(kind) > 1:
        return f"(?<![{re.escape(kind[1:])}])"
    if kind == "n":
        return "[0-9一二三四五六七八九十百千万两几数多余.]{1,12}"
    if kind == "age" and re.fullmatch(r"\d{1,2}-\d{1,2}", rest):
        low, high = map(int, rest.split("-"))
        spoken = "|".join(sorted({_spoken(age) for age in range(low, high + 1)}, key=len, reverse=True))
        told = "|".join(str(age) for age in range(high, low - 1, -1))
        return f"(?:(?<![0-9])(?:{told})|(?<![{_DIGITS}十百])(?:{spoken}))个?(?:周?岁)(?!月)"
    if kind == "court" and rest in _lists(wording):
        types = "|".join(map(re.escape, sorted(_lists(wording)[rest], key=len, reverse=True)))
        return rf"[(〔\[]?20[0-9]{{2}}[)〕\]]?[\u4e00-\u9fff][0-9]{{0,6}}(?:{types})第?[0-9]{{1,8}}号"
    raise _bad(phrase, f"the token {token} is not known")


def _spoken(number: int) -> str:
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones] if ones != 2 else "(?:二|两)"
    head = "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones else "")


def _bad(phrase: str, why: str) -> Rejection:
    return Rejection("wording.bad_phrase", f"phrase “{phrase}”: {why}", f"措辞“{phrase}”无法读取：{why}")

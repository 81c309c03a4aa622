"""Phrases (措辞) as data: word lists, groups, and the small language that rule rows are written in.

Nothing here knows a word; lists and phrases are data. A phrase is written as tokens with blanks between:

- `殴打|毒打` one of these words; `<kin>` one word of that list (both may be mixed: `<kin>|邻居`);
- `~6` up to six characters of the same clause; `~~20` up to twenty of the same sentence (nothing between tokens: they touch);
- `{n}` a number; `{age:0-17}` an age in years within these bounds; `{!殴暴}` not after one of these characters;
- `{court:filed}` a court's case number whose type word is in list `filed`.

`@acts` stands for every phrase of the group of that name. Gaps are bounded and words are escaped, so matching is linear in the text.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec

from santiao.domain.errors import Rejection

SENTENCE_MARKS = "。！？；!?;\n\r"
CLAUSE_MARKS = "，,、：:…" + SENTENCE_MARKS
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


class Phrase(msgspec.Struct, frozen=True, eq=False):
    """A compiled phrase: word sets of each of which one must occur, the marks those words begin with, and the pattern that then decides."""

    needs: tuple[tuple[str, ...], ...]
    keys: tuple[frozenset[str], ...]
    source: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when it is first wanted: most phrases never are."""
        return _regex(self.source)


def check_phrases(wording: Wording, phrases: tuple[str, ...]) -> None:
    """Raise `Rejection` wording.bad_phrase when a phrase cannot be read or names a list or group that is not there."""
    compile_all(wording, phrases)


@lru_cache(maxsize=4096)
def compile_all(wording: Wording, phrases: tuple[str, ...]) -> tuple[Phrase, ...]:
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

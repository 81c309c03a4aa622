"""Parties told in free text (叙述中的当事人): names, organisations, and the numbers that stand with them.

The rules kept here: conservative before complete. A name counts when a word before it says who it is (房东林兆祥, 被反映人：傅德胜), or
when what stands on both sides of it leaves no other reading; people who act by office (民警, 调解员) and bodies that mediate or judge are
no party.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

import msgspec

from santiao.connectors.converters.surnames import COMPOUND_SURNAMES, SINGLE_SURNAMES
from santiao.connectors.lexicon import Lexicon, branching, longest_first
from santiao.connectors.memory import remember
from santiao.connectors.mentions import NOTHING, Found, Told, give_numbers, merge
from santiao.connectors.organisation_mentions import OrganisationFinder
from santiao.domain.vocabulary import NameClass

MAX_TEXT = 6_000
"""Parties are told early; what follows in a pasted text is chat."""
_SENTENCE_START = frozenset('，。！？；：、\n（(“"‘ 　,;:!?】)）')
_LABEL_MARKS = ":： 　"
_GONE = "\0"
_SEXES = {
    "先生": "1",
    "女士": "2",
    "小姐": "2",
    "大爷": "1",
    "大妈": "2",
    "大叔": "1",
    "阿姨": "2",
    "某": "",
    "某某": "",
}
_SECOND_PLANE = 0xD8
_LAST_OF_FIRST_PLANE = "\uffff"
"""What lies beyond is rare characters of names and little else."""
_WHOLE = 2
"""Characters a given name has at most."""
_FAREWELLS = ("敬上", "敬启", "敬呈", "谨上", "拜上", "叩首")
_REPORTING = ("反映", "投诉", "控告", "起诉", "举报", "如下", "称", "述")
"""Verbs that a colon follows when what is told begins, and not the name of who is told of."""
_NEVER_LAST = frozenset("家先里")
"""Words that follow a name and are hardly ever its last character."""
_NO_LAST_BEFORE = {"一": "把脚拳家直再下口顿伙行次起同并个路巴气品号期城村", "连": "电人一个面句我你他"}
"""Words that do not end a name where one of these follows: 刘俊一把推开, 华庭一品, 常斌连电话都不接."""
_ESTATES_FIRST = frozenset("品号期城村")
"""After 一 these name an estate (华庭一品)."""
_ESTATES = (
    "一品",
    "世家",
    "华府",
    "名府",
    "府邸",
    "名邸",
    "公馆",
    "雅居",
    "雅苑",
    "嘉苑",
    "景苑",
    "花园",
    "佳园",
    "豪庭",
    "名都",
    "小区",
    "新村",
)
"""Words that end an estate's name: what begins like a person's is then none (松涛世家)."""
_AFTER_ONLY = frozenset("知发肯能给来算说到开敢答想又拿退还去有把是")
"""After 才 these make it an adverb; before others it ends a name."""
_PLACE_ENDINGS = frozenset("圩郢村庄屯镇乡县区市省路街巷")
_EXCLAMATIONS = frozenset(
    "嗯噢哦咱嘛咚吆喝叽哧邂逅咔嚓唠叨咕哝嘀嘟囔咋哎唉嗨仨俩伱惚恍惬懒骗婶婿妯娌娘舅姥嫂姨侄甥攒讹诈赊戮捆揍捶摁拽搡踹攥撂揣撵蹭蹲跺踢踩踏砸碾锹铲锨榔镐"
)


class NarrativeReader:
    """Reads parties out of text. Built once from the lexicon, the names of places, and a declaration's own words."""

    def __init__(self, lexicon: Lexicon, places: Iterable[str], cues: Iterable[str] = ()) -> None:
        people = lexicon.people
        self._before = _by_last((*people.before.split(), *cues))
        self._weakly = _by_last(people.before_weakly.split())
        self._self_before = _by_last(people.self_before.split())
        self._officials = _by_last(people.officials.split())
        self._own_kin = _by_last(people.own_kin.split())
        self._after = tuple(people.after.split())
        self._after_first = frozenset(word[0] for word in self._after)
        self._self_after = tuple(people.self_after.split())
        self._no_names = frozenset(people.no_names.split())
        self._doubtful = frozenset(people.doubtful.split())
        self._usual = frozenset(people.usual) | (COMPOUND_SURNAMES - self._doubtful)
        self._given = _given_characters(people.given)
        self._lasts = frozenset(
            (*self._before, *self._weakly, *self._self_before, *self._own_kin, *_SENTENCE_START, *"0123456789")
        )
        titles = people.titles.split()
        self._title = re.compile(branching(titles))
        self._begins = _beginnings(self._lasts, self._given.union(title[0] for title in titles))
        self._organisations = OrganisationFinder(lexicon, places)
        self._known = remember(self._read)

    def read(self, text: str | None) -> Told:
        """The parties a text tells, in the order they stand, each once."""
        return self._known(text[:MAX_TEXT]) if text else NOTHING

    def _read(self, text: str) -> Told:
        found = self._organisations.find(text)
        bare = text
        for each in found:
            bare = f"{bare[: each.start]}{_GONE * (each.end - each.start)}{bare[each.end :]}"
        found += self._persons(bare)
        own_ids, own_phones = give_numbers(text, found)
        if not found and not own_ids and not own_phones:
            return NOTHING
        return Told(merge(found), tuple(own_ids), tuple(own_phones))

    def _persons(self, text: str) -> list[Found]:
        found: list[Found] = []
        covered = 0
        given = self._given
        for hit in self._begins.finditer(text):
            start = hit.start()
            if start < covered:
                continue
            after = start + 1
            if text[start : start + 2] in COMPOUND_SURNAMES:
                after += 1
            length = 0
            for char in text[after : after + _WHOLE]:
                if char not in given and char <= _LAST_OF_FIRST_PLANE:
                    break
                length += 1
            if (titled := self._title.match(text, after)) is not None:
                person = self._judge_title(text, start, text[start:after], titled[0])
            else:
                person = self._judge(text, start, after, length) if length else None
            if person is not None:
                found.append(person)
                covered = person.end
        return found

    def _judge(self, text: str, start: int, after: int, given: int) -> Found | None:
        """Whether a surname and one or two characters after it are a name here, and which."""
        clean_end = self._end_of(text, after, given)
        surname = text[start:after]
        if text[(clean_end or after + given) - 1] in _PLACE_ENDINGS:
            return None
        is_usual = surname in self._usual and surname not in self._doubtful
        end = after + given if clean_end is None else clean_end
        if clean_end is None and not is_usual:
            return None
        name = text[start:end]
        cue = self._cue_before(text, start)
        if clean_end is None and given < _WHOLE and not cue.is_told:
            return None
        is_long = clean_end is not None and end - after == _WHOLE and surname not in _NEVER_LAST
        if cue.is_official or (name[:2] in self._no_names and not (cue.is_told and (cue.is_labelled or is_long))):
            return None
        if not cue.is_labelled and any(text.startswith(_ESTATES, start + offset) for offset in (1, 2, 3)):
            return None
        signs = text.startswith(_FAREWELLS, end) or (start == 0 and text.startswith(self._self_after, end))
        if clean_end is not None and (cue.is_writer or signs):
            return Found(start, end, name, NameClass.FULL, surname, is_writer=True)
        if cue.is_told or cue.is_kin:
            is_name = is_usual or cue.is_labelled or end - start > 2
        else:
            is_dated = cue.is_start or text[start - 1] == "日"
            is_known = is_usual or (is_long and is_dated and surname in self._usual)
            is_name = clean_end is not None and is_known and (cue.is_start or cue.is_weak)
        return (
            Found(start, end, name, NameClass.FULL, surname, is_kin=cue.is_kin and not cue.is_labelled)
            if is_name
            else None
        )

    def _judge_title(self, text: str, start: int, surname: str, title: str) -> Found | None:
        """王先生, 徐女士, 钱某: a surname with a title. The one who reports is not the other side."""
        end = start + len(surname) + len(title)
        cue = self._cue_before(text, start)
        if cue.is_official or cue.is_writer or surname in self._doubtful or text.startswith(self._self_after, end):
            return None
        if not (cue.is_told or cue.is_kin or cue.is_start or cue.is_weak) or (title not in _SEXES and not cue.is_told):
            return None
        return Found(start, end, surname, NameClass.SURNAME_ONLY, surname, _SEXES.get(title, ""), is_kin=cue.is_kin)

    def _cue_before(self, text: str, start: int) -> "_Cue":
        """What stands before a name, past a colon or a blank."""
        at = start
        while at and text[at - 1] in _LABEL_MARKS:
            at -= 1
        if not at:
            return _Cue(is_start=True)
        last = text[at - 1]
        told = self._longest(self._before, text, at, last)
        writer = self._longest(self._self_before, text, at, last)
        is_greeting = at < start and text.endswith("领导", 0, at)
        if at < start and text.endswith(_REPORTING, 0, at):
            told = writer = 0
        return _Cue(
            is_labelled=at < start,
            is_official=not is_greeting and text.endswith(self._officials.get(last, ()), 0, at),
            is_told=told > writer,
            is_writer=writer > told,
            is_kin=text.endswith(self._own_kin.get(last, ()), 0, at) if last in self._own_kin else False,
            is_weak=text.endswith(self._weakly.get(last, ()), 0, at) if last in self._weakly else False,
            is_start=text[start - 1] in _SENTENCE_START or text[start - 1].isdigit(),
        )

    def _longest(self, words: dict[str, tuple[str, ...]], text: str, at: int, last: str) -> int:
        """Length of the longest of `words` that ends at `at`; 0 for none."""
        return next((len(word) for word in words.get(last, ()) if text.endswith(word, 0, at)), 0)

    def _end_of(self, text: str, after_surname: int, given: int) -> int | None:
        """Where the name ends: before a word that may follow a name, two characters tried before one. None when neither does."""
        for length in range(given, 0, -1):
            end = after_surname + length
            if length == _WHOLE and (text[end - 1] in _NEVER_LAST or text.startswith(_FAREWELLS, end - 1)):
                continue
            if end >= len(text):
                return end
            char = text[end]
            if length == _WHOLE and char in _NO_LAST_BEFORE.get(text[end - 1], ""):
                continue
            if length < given and char == "才" and text[end + 1 : end + 2] not in _AFTER_ONLY:
                continue
            if char == "一" and text[end + 1 : end + 2] in _ESTATES_FIRST:
                continue
            if (
                not char.isalpha()
                or text.startswith(_FAREWELLS, end)
                or (char in self._after_first and text.startswith(self._after, end))
            ):
                return end
        return None


class _Cue(msgspec.Struct, frozen=True, gc=False):
    """What stands before a name."""

    is_labelled: bool = False
    is_official: bool = False
    is_told: bool = False
    is_writer: bool = False
    is_kin: bool = False
    is_weak: bool = False
    is_start: bool = False


def _beginnings(lasts: frozenset[str], nexts: frozenset[str]) -> re.Pattern[str]:
    """Finds where a name may begin: a surname's first character, before it the last one of a word that stands before names, after it
    one that may follow.
    """
    firsts = _any_of(SINGLE_SURNAMES | {name[0] for name in COMPOUND_SURNAMES})
    follows = _any_of(nexts | {name[1] for name in COMPOUND_SURNAMES})
    return re.compile(f"(?:^|(?<={_any_of(lasts)})){firsts}(?={follows}|[\U00010000-\U0010ffff])")


def _any_of(characters: frozenset[str] | set[str]) -> str:
    return f"[{re.escape(''.join(sorted(characters)))}]"


@cache
def _given_characters(usual: str) -> frozenset[str]:
    return frozenset(usual).union(_rare_characters())


def _rare_characters() -> Iterator[str]:
    """Characters that hardly occur outside names: those GB 2312 has not, and its second plane without exclamations."""
    for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000)):
        char = chr(code)
        try:
            is_usual = char in _EXCLAMATIONS or char.encode("gb2312")[0] < _SECOND_PLANE
        except UnicodeEncodeError:
            is_usual = False
        if not is_usual:
            yield char


def _by_last(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Words by their last character, so that one look-up leaves few to compare."""
    grouped: dict[str, list[str]] = {}
    for word in set(words):
        grouped.setdefault(word[-1], []).append(word)
    return {last: tuple(longest_first(group)) for last, group in grouped.items()}

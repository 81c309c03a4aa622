"""Parties told in free text (叙述中的当事人): names, organisations, and the numbers that stand with them.

The rules kept here: conservative before complete. A name counts when a word before it says who it is (房东林兆祥, 被反映人：傅德胜), or
when what stands on both sides of it leaves no other reading; people who act by office (民警, 调解员) and bodies that mediate or judge are
no party; a number belongs to the name before it in the same sentence.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

import msgspec

from santiao.connectors.converters.identity import find_identities
from santiao.connectors.converters.organisations import trim_organisation
from santiao.connectors.converters.phone import find_phones
from santiao.connectors.converters.surnames import COMPOUND_SURNAMES, SINGLE_SURNAMES
from santiao.connectors.converters.uscc import find_credit_codes
from santiao.connectors.lexicon import Lexicon, longest_first
from santiao.domain.records import Identity, Phone
from santiao.domain.vocabulary import IdentityKind, NameClass

MAX_TEXT = 6_000
"""Parties are told early; what follows in a pasted text is chat."""
MAX_MENTIONS = 12
_SENTENCE_START = frozenset('，。！？；：、\n（(“"‘ 　,;:!?】)）')
_LABEL_MARKS = ":： 　"
_REACH = 48
_SENTENCE_END = re.compile("[。！？!?\n【]")
_WRITERS_OWN = re.compile(
    "(?:市民|本人|来电人|来信人|信访人|诉求人|求助人|申请人|报警人|反映人|我的?|补充)[^，。；]{0,8}$"
)
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
_EXCLAMATIONS = frozenset(
    "嗯噢哦咱嘛咚吆喝叽哧邂逅咔嚓唠叨咕哝嘀嘟囔咋哎唉嗨仨俩伱惚恍惬懒骗婶婿妯娌娘舅姥嫂姨侄甥攒讹诈赊戮捆揍捶摁拽搡踹攥撂揣撵蹭蹲跺踢踩踏砸碾锹铲锨榔镐"
)


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """One person or organisation told in a text, with the numbers told of it."""

    name: str
    name_class: NameClass
    surname: str = ""
    sex: str = ""
    is_writer: bool = False
    """The text says it is the one who writes or calls."""
    is_kin: bool = False
    """Called the writer's own kin: on either side."""
    ids: tuple[Identity, ...] = ()
    phones: tuple[Phone, ...] = ()


class Told(msgspec.Struct, frozen=True):
    """What a text tells: its mentions, and the numbers it gives as the writer's own."""

    mentions: tuple[Mention, ...] = ()
    own_ids: tuple[Identity, ...] = ()
    own_phones: tuple[Phone, ...] = ()


NOTHING = Told()


class _Found(msgspec.Struct):
    """A mention while numbers are still being given to it."""

    start: int
    end: int
    name: str
    name_class: NameClass
    surname: str = ""
    sex: str = ""
    is_writer: bool = False
    is_kin: bool = False
    ids: list[Identity] = msgspec.field(default_factory=list)
    phones: list[Phone] = msgspec.field(default_factory=list)

    def mention(self) -> Mention:
        return Mention(
            name=self.name,
            name_class=self.name_class,
            surname=self.surname,
            sex=self.sex,
            is_writer=self.is_writer,
            is_kin=self.is_kin,
            ids=tuple(self.ids),
            phones=tuple(self.phones),
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
        self._usual = frozenset(people.usual) | COMPOUND_SURNAMES
        self._given = _given_characters(people.given)
        self._lasts = frozenset(
            (*self._before, *self._weakly, *self._self_before, *self._own_kin, *_SENTENCE_START, *"0123456789")
        )
        firsts = re.escape("".join(sorted(SINGLE_SURNAMES | {name[0] for name in COMPOUND_SURNAMES})))
        self._firsts = re.compile(f"[{firsts}]")
        self._title = re.compile("|".join(longest_first(people.titles.split())))
        self._organisations = _OrganisationFinder(lexicon, places)

    def read(self, text: str | None) -> Told:
        """The parties a text tells, in the order they stand, each once."""
        if not text:
            return NOTHING
        text = text[:MAX_TEXT]
        found = self._organisations.find(text)
        bare = text
        for each in found:
            bare = f"{bare[: each.start]}{_GONE * (each.end - each.start)}{bare[each.end :]}"
        found += self._persons(bare)
        own_ids, own_phones = _give_numbers(text, found)
        if not found and not own_ids and not own_phones:
            return NOTHING
        return Told(_merge(found), tuple(own_ids), tuple(own_phones))

    def _persons(self, text: str) -> list[_Found]:
        found: list[_Found] = []
        covered = 0
        lasts, given = self._lasts, self._given
        for hit in self._firsts.finditer(text):
            start = hit.start()
            if start < covered or (start and text[start - 1] not in lasts):
                continue
            after = start + 1
            if text[start : start + 2] in COMPOUND_SURNAMES:
                after += 1
            told = text[after : after + 2]
            length = 0 if not told or told[0] not in given else 2 if told[-1] in given and len(told) == 2 else 1
            if (titled := self._title.match(text, after)) is not None:
                person = self._judge_title(text, start, text[start:after], titled[0])
            else:
                person = self._judge(text, start, after, length) if length else None
            if person is not None:
                found.append(person)
                covered = person.end
        return found

    def _judge(self, text: str, start: int, after: int, given: int) -> _Found | None:
        """Whether a surname and one or two characters after it are a name here, and which."""
        clean_end = self._end_of(text, after, given)
        surname = text[start:after]
        is_usual = surname in self._usual and surname not in self._doubtful
        end = after + given if clean_end is None else clean_end
        if clean_end is None and (given < 2 or not is_usual):
            return None
        name = text[start:end]
        cue = self._cue_before(text, start)
        if cue.is_official or (name[:2] in self._no_names and not (cue.is_told and cue.is_labelled)):
            return None
        if clean_end is not None and (cue.is_writer or (start == 0 and text.startswith(self._self_after, end))):
            return _Found(start, end, name, NameClass.FULL, surname, is_writer=True)
        if cue.is_told or cue.is_kin:
            is_name = is_usual or cue.is_labelled or end - start > 2
        else:
            is_name = clean_end is not None and is_usual and (cue.is_start or cue.is_weak)
        return (
            _Found(start, end, name, NameClass.FULL, surname, is_kin=cue.is_kin and not cue.is_labelled)
            if is_name
            else None
        )

    def _judge_title(self, text: str, start: int, surname: str, title: str) -> _Found | None:
        """王先生, 徐女士, 钱某: a surname with a title. The one who reports is not the other side."""
        end = start + len(surname) + len(title)
        cue = self._cue_before(text, start)
        if cue.is_official or cue.is_writer or surname in self._doubtful or text.startswith(self._self_after, end):
            return None
        if not (cue.is_told or cue.is_kin or cue.is_start or cue.is_weak) or (title not in _SEXES and not cue.is_told):
            return None
        return _Found(start, end, surname, NameClass.SURNAME_ONLY, surname, _SEXES.get(title, ""), is_kin=cue.is_kin)

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
        return _Cue(
            is_labelled=at < start,
            is_official=text.endswith(self._officials.get(last, ()), 0, at) if last in self._officials else False,
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
            if end >= len(text):
                return end
            char = text[end]
            if not char.isalpha() or (char in self._after_first and text.startswith(self._after, end)):
                return end
        return None


class _Cue(msgspec.Struct, frozen=True):
    """What stands before a name."""

    is_labelled: bool = False
    is_official: bool = False
    is_told: bool = False
    is_writer: bool = False
    is_kin: bool = False
    is_weak: bool = False
    is_start: bool = False


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
    yield from map(chr, range(0x20000, 0x2A6E0))


def _merge(found: list[_Found]) -> tuple[Mention, ...]:
    """Each name once, in the order they stand, with all the numbers given to it."""
    merged: dict[str, _Found] = {}
    for each in sorted(found, key=lambda each: each.start):
        first = merged.setdefault(each.name, each)
        if first is not each:
            first.ids += [number for number in each.ids if number not in first.ids]
            first.phones += [phone for phone in each.phones if phone not in first.phones]
            first.is_writer = first.is_writer or each.is_writer
    return tuple(each.mention() for each in list(merged.values())[:MAX_MENTIONS])


class _OrganisationFinder:
    """Finds organisations by how their names end, and how far back they reach."""

    def __init__(self, lexicon: Lexicon, places: Iterable[str]) -> None:
        words = lexicon.organisations
        self._endings = re.compile("|".join(map(re.escape, longest_first(words.endings.split()))))
        self._offices = tuple(words.offices.split())
        self._places = re.compile(
            "|".join(map(re.escape, longest_first(place for place in places if len(place) > 1))) or "(?!)"
        )
        before = longest_first(words.before.split())
        self._cue = re.compile("|".join(map(re.escape, before)))

    def find(self, text: str) -> list[_Found]:
        found: list[_Found] = []
        covered = 0
        for ending in self._endings.finditer(text):
            end = ending.end()
            if (
                text[end : end + 1] == "（"
                and (branch := re.match(r"（[^（）]{1,12}）", text[end:])) is not None
                and branch[0].endswith(("公司）", "店）", "部）"))
            ):
                end += branch.end()
            floor = max(covered, ending.start() - 30)
            start = _run_start(text, ending.start(), floor)
            start = self._start(text, start, ending.start())
            name = text[start:end]
            if (
                ending.start() - start < 2
                or name.endswith(self._offices)
                or any(office in name for office in self._offices)
            ):
                continue
            if not self._is_named(name, ending.start() - start):
                continue
            if found and found[-1].end > start:
                found.pop()
            found.append(_Found(start, end, trim_organisation(name), NameClass.ORG))
            covered = end
        return found

    def _start(self, text: str, start: int, stop: int) -> int:
        """The name begins with a place where one stands in the run, else after the last word that introduces it."""
        chain = None
        for place in self._places.finditer(text, start, stop):
            if chain is None or place.start() != chain[1]:
                if (
                    chain is not None
                    and chain[1] - chain[0] >= 2
                    and stop - chain[1] <= _LONGEST_BODY
                    and self._runs_on(text, chain[1], place.start())
                ):
                    continue
                chain = (place.start(), place.end())
            else:
                chain = (chain[0], place.end())
        if chain is not None:
            return chain[0]
        return max((cue.end() for cue in self._cue.finditer(text, start, stop)), default=start)

    def _runs_on(self, text: str, left: int, right: int) -> bool:
        """True when two places belong to one name: a street or an estate between them does not part it."""
        return right - left <= 0 or text[left:right].endswith(("街道", "镇", "乡"))

    def _is_named(self, name: str, body: int) -> bool:
        """False for 该公司, 物业公司 and other words that name a kind only."""
        return (
            body >= 2
            and not _KIND_ONLY.fullmatch(name)
            and not name.startswith(("某", "该", "这家", "一家", "那家", "本"))
        )


_LONGEST_BODY = 24
_KIND_ONLY = re.compile(
    "(?:[上下]级|当地|本地|附近|楼下|楼上|小区|物业|保险|装修|装饰|建筑|劳务|外卖|中介|培训|快递|搬家|出租|运输|旅游|房产|开发|施工|供电|自来水|燃气|私立|公立|民办|公办|大|小|原|新|老|总包|分包|用人|第三方|网络|科技|餐饮|母婴|教育|健身|美容|个体|一家|这家|某|社区|乡镇|县|市|区|省|人民|三甲|定点|就诊|治疗|有关|相关|各|多家|几家|两家|他|她|我们?|你们?)+"
    "(?:有限公司|公司|学校|医院|诊所|超市|商店|饭店|酒店|店|工厂|集团|银行|保险公司|小学|中学|幼儿园|药店|健身房|健身馆|美容院|理发店|烧烤店|火锅店|餐厅|餐馆|面馆|茶馆|网吧|酒吧|市场|菜市场|农贸市场|培训班|培训学校|培训机构|服务中心|培训中心|合作社|居委会|村委会|业委会|业主委员会|村民委员会|居民委员会|车队|车行|驾校|商场|宾馆|旅馆|会所|俱乐部|工作室|门市部|经营部|项目部|服务部|批发部|卫生院|卫生室|养老院|旅行社|信用社|便利店|专卖店|售楼处|加油站)"
)


def _run_start(text: str, position: int, floor: int) -> int:
    """How far back the letters and characters of one run reach."""
    while position > floor and (text[position - 1].isalnum() or text[position - 1] in "（）()·"):
        position -= 1
    while position < len(text) and text[position] in "）)":
        position += 1
    return position


def _give_numbers(text: str, found: list[_Found]) -> tuple[list[Identity], list[Phone]]:
    """Give every number to the mention before it in its sentence, or to the writer where the text says so; others to nobody."""
    own_ids: list[Identity] = []
    own_phones: list[Phone] = []
    longest = max(map(len, _RUNS.findall(text)), default=0)
    if not longest:
        return own_ids, own_phones
    if longest >= 18:
        for code, span in find_credit_codes(text):
            owner = _owner(text, span[0], found, organisation=True)
            if owner is not None:
                owner.ids.append(Identity(IdentityKind.USCC, text[span[0] : span[1]], code))
    for number, span in find_identities(text) if longest >= 15 else ():
        identity = Identity(IdentityKind.RESIDENT, text[span[0] : span[1]], number)
        owner = _owner(text, span[0], found, organisation=False)
        if _WRITERS_OWN.search(text, max(0, span[0] - 14), span[0]):
            own_ids.append(identity)
        elif owner is not None:
            owner.ids.append(identity)
    for phone, span in find_phones(text):
        owner = _owner(text, span[0], found, organisation=None)
        if _WRITERS_OWN.search(text, max(0, span[0] - 14), span[0]):
            own_phones.append(phone)
        elif owner is not None:
            owner.phones.append(phone)
    return own_ids, own_phones


_RUNS = re.compile(r"[0-9A-Za-z０-９Ａ-Ｚ*-]{10,}")
"""Where no such run stands, there is no identity number, code or telephone."""


def _owner(text: str, position: int, found: list[_Found], *, organisation: bool | None) -> _Found | None:
    before = [
        each
        for each in found
        if each.end <= position <= each.end + _REACH
        and (organisation is None or organisation is (each.name_class is NameClass.ORG))
    ]
    if not before:
        return None
    nearest = max(before, key=lambda each: each.end)
    return None if _SENTENCE_END.search(text, nearest.end, position) else nearest


def _by_last(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Words by their last character, so that one look-up leaves few to compare."""
    grouped: dict[str, list[str]] = {}
    for word in set(words):
        grouped.setdefault(word[-1], []).append(word)
    return {last: tuple(longest_first(group)) for last, group in grouped.items()}

"""Organisations told in free text (文中单位): how their names end, and how far back they reach.

The rule kept here: a name that no place begins and no word introduces counts only where its ending says firm (有限公司); bodies that
mediate, judge or govern are no party, and 某, 该 and words for a kind only (物业公司) name nobody.
"""

import re
from collections.abc import Iterable

from santiao.connectors.converters.organisations import find_breaks, trim_organisation
from santiao.connectors.lexicon import Lexicon, branching, longest_first
from santiao.connectors.mentions import Found
from santiao.domain.vocabulary import NameClass


class OrganisationFinder:
    """Finds organisations by how their names end, and how far back they reach."""

    def __init__(self, lexicon: Lexicon, places: Iterable[str]) -> None:
        words = lexicon.organisations
        self._endings = re.compile(branching((*words.endings.split(), *words.places_only.split())))
        self._short = frozenset(words.places_only.split())
        self._offices = tuple(words.offices.split())
        self._places = re.compile(
            "|".join(map(re.escape, longest_first(place for place in places if len(place) > 1))) or "(?!)"
        )
        before = longest_first(words.before.split())
        self._cue = re.compile("|".join(map(re.escape, before)))

    def find(self, text: str) -> list[Found]:
        """The organisations of a text, where they stand in it; a name that a line end broke is one name."""
        breaks = find_breaks(text)
        if not breaks:
            return self._find(text)
        places: list[int] = []
        position = 0
        for start, end in breaks:
            places.extend(range(position, start))
            position = end
        places.extend(range(position, len(text)))
        found = self._find("".join([text[place] for place in places]))
        for each in found:
            each.start, each.end = places[each.start], places[each.end - 1] + 1
        return found

    def _find(self, text: str) -> list[Found]:
        found: list[Found] = []
        covered = 0
        for begins, end in self._joined(text):
            if begins < covered:
                continue
            floor = max(covered, begins - _REACH_BACK)
            start, is_sure = self._start(text, _run_start(text, begins, floor), begins)
            name = text[start:end]
            if any(office in name for office in self._offices) or not self._is_named(name, begins - start):
                continue
            if text[begins:end] in self._short:
                is_named = is_sure and begins - start >= _SHORT_BODY and self._places.match(name) is not None
                if not is_named or (end < len(text) and text[end].isalpha() and text[end] not in _AFTER_SHORT):
                    continue
            elif not name.endswith(_FIRM) and (not is_sure or text.startswith(_AS_A_PLACE, end)):
                continue
            found.append(Found(start, end, trim_organisation(name), NameClass.ORG))
            covered = end
        return found

    def _joined(self, text: str) -> list[tuple[int, int]]:
        """Where endings stand: 酒店 in 酒店管理有限公司 and 有限公司 in 有限公司营业部 are no ends by themselves."""
        spans: list[tuple[int, int]] = []
        for hit in self._endings.finditer(text):
            begins, end = hit.span()
            if hit[0] in self._short and spans and begins <= spans[-1][1]:
                continue
            while spans and begins - spans[-1][1] <= _JOINED and _NAME_RUN.fullmatch(text, spans[-1][1], begins):
                is_branch = text[spans[-1][0] : spans[-1][1]].endswith(_FIRM) and begins == spans[-1][1]
                if hit[0] in self._short or (not is_branch and not hit[0].endswith(_FIRM)):
                    break
                begins = spans.pop()[0]
            spans.append((begins, end))
        return spans

    def _start(self, text: str, start: int, stop: int) -> tuple[int, bool]:
        """The name begins with a place where one stands in the run, else after the last word that introduces it.

        The second is True when a place or a word of some length says that a name begins here.
        """
        chain = None
        for place in self._places.finditer(text, start, stop):
            if chain is None or (place.start() != chain[1] and not _runs_on(text, chain[1], place.start())):
                chain = (place.start(), place.end())
            else:
                chain = (chain[0], place.end())
        if chain is not None:
            return chain[0], True
        cues = list(self._cue.finditer(text, start, stop))
        for anchor in (start, *(cue.end() for cue in cues)):
            if _DIVISION.match(text, anchor, stop) and not self._cue.match(text, anchor, stop):
                return anchor, True
        return (cues[-1].end(), len(cues[-1][0]) > 1) if cues else (start, False)

    def _is_named(self, name: str, body: int) -> bool:
        """False for 该公司, 物业公司 and other words that name a kind only."""
        return (
            body >= 2
            and not _KIND_ONLY.fullmatch(name)
            and not name.startswith(("该", "本"))
            and not _NOBODY.search(name)
        )


_DIVISION = re.compile("[\u4e00-\u9fff]{2,3}(?:市(?!场)|县|(?<![小社校景园厂城片山老新地])区)")
"""A county or city that the table of divisions does not know, by its last word."""
_REACH_BACK = 30
_SHORT_BODY = 5
_AFTER_SHORT = frozenset("的在是说没不欠拖扣办买做交给收把将被让以和与及称答承拒停关转老经")
_JOINED = 12
_NAME_RUN = re.compile("[\u3400-\u9fff（）()]*")


def _runs_on(text: str, left: int, right: int) -> bool:
    """True when two places belong to one name: a street or town between them does not part it."""
    return text[left:right].endswith(("街道", "镇", "乡"))


_FIRM = ("公司", "厂", "合作社", "集团")
_AS_A_PLACE = (
    "扩建",
    "改建",
    "新建",
    "工地",
    "附近",
    "对面",
    "旁",
    "路口",
    "路段",
    "家属",
    "宿舍",
    "站台",
    "门前",
    "以东",
    "以西",
    "以南",
    "以北",
)
_NOBODY = re.compile("某|这家|一家|那家|哪家|家属院|的")
_KIND_ONLY = re.compile(
    "(?:平台|线上|[上下]级|当地|本地|附近|楼下|楼上|小区|物业|保险|装修|装饰|建筑|劳务|外卖|中介|培训|快递|搬家|出租|运输|旅游|房产|开发|施工|供电|自来水|燃气|私立|公立|民办|公办|大|小|原|新|老|总包|分包|用人|第三方|网络|科技|餐饮|母婴|教育|健身|美容|个体|一家|这家|某|社区|乡镇|县|市|区|省|人民|三甲|定点|就诊|治疗|有关|相关|各|多家|几家|两家|他|她|我们?|你们?)+"
    "(?:有限公司|公司|学校|医院|诊所|超市|商店|饭店|酒店|店|工厂|集团|银行|保险公司|小学|中学|幼儿园|药店|健身房|健身馆|美容院|理发店|烧烤店|火锅店|餐厅|餐馆|面馆|茶馆|网吧|酒吧|市场|菜市场|农贸市场|培训班|培训学校|培训机构|服务中心|培训中心|合作社|居委会|村委会|业委会|业主委员会|村民委员会|居民委员会|车队|车行|驾校|商场|宾馆|旅馆|会所|俱乐部|工作室|门市部|经营部|项目部|服务部|批发部|卫生院|卫生室|养老院|旅行社|信用社|便利店|专卖店|售楼处|加油站)"
)


def _run_start(text: str, position: int, floor: int) -> int:
    """How far back the letters and characters of one run reach."""
    while position > floor and (text[position - 1].isalnum() or text[position - 1] in "（）()·"):
        position -= 1
    while position < len(text) and text[position] in "）)":
        position += 1
    return position

"""Places (地点): an address taken into road, estate or village, building, unit and room, for comparing only.

The rules kept here: tokens are for comparing, the address itself stays in its field; 3栋2单元401, 3-2-401 and 三栋二单元401室 are one
place; an estate is compared without 小区; 某小区 is no estate; the same building is not yet the same dispute.
"""

import re

from santiao.connectors.converters.cells import fold
from santiao.connectors.converters.nulls import PLACE
from santiao.connectors.converters.numerals import parse_numeral
from santiao.connectors.converters.region import RegionTable
from santiao.domain.records import Place

MAX_ADDRESS = 200
MAX_PLACES = 20
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_COUNT = "[0-9]{1,3}[A-Z]?|[A-Z][0-9]{0,2}|[一二三四五六七八九十]{1,3}|[甲乙丙丁东西南北]"
_DIVISIONS = re.compile(
    f"^(?:[{_HAN}]{{2,3}}省|[{_HAN}]{{2,8}}?自治区)?(?:[{_HAN}]{{2,5}}?(?<![城都超夜菜集门])市(?!场))?(?:[{_HAN}]{{2,5}}?(?<![小社园校厂院景片库学街舍])区|[{_HAN}]{{1,4}}?县)?"
)
_STREET = re.compile(
    f"^([{_HAN}]{{1,8}}?街道|[{_HAN}]{{2,6}}?[镇乡](?![{_HAN}]{{0,3}}(?:小区|花园|公寓|苑|[0-9])))(?:办事处|人民政府)?"
)
_ROAD = re.compile(f"^([{_HAN}]{{1,8}}?(?:大道|大街|路(?!口)|街(?!道)|巷|胡同|弄(?!堂)))(?:([0-9]{{1,4}})号(?!楼))?")
_BUILDING = re.compile(
    f"(?P<building>{_COUNT})(?:号?[栋幢座]|号楼|#楼?)(?:(?P<unit>{_COUNT})(?:号?单元|门洞?))?(?:(?P<floor>[0-9]{{1,2}})[层楼](?=[0-9]))?"
    "(?P<room>[0-9]{2,4}[A-Z]?)?(?:号?[室房户]|号)?"
)
_DASHED = re.compile(r"(?<![0-9-])(?P<building>[0-9]{1,3})-(?:(?P<unit>[0-9]{1,2})-)?(?P<room>[0-9]{3,4})(?![0-9-])")
_ANCHOR = re.compile("[栋幢座]|[号#＃]楼|[0-9０-９][-－][0-9０-９]")
_VILLAGE = re.compile(
    f"^([{_HAN}]{{1,8}}?(?:村委会|村|社区|庄|屯|郢|圩))(?:([0-9]{{1,3}}|[一二三四五六七八九十]{{1,3}})(?:村民)?[组队社])?"
)
_GROUP = re.compile("([0-9]{1,3}|[一二三四五六七八九十]{1,3})(?:村民)?[组队社]")
_VAGUE = re.compile(
    f"(?:附近|旁边?|对面|隔壁|大?门口|门前|门面房?|楼下|楼上|楼道|院内|院子|里面|村口|路口|交叉口|交口|工地|现场|东侧|西侧|南侧|北侧|[内里处])+[{_HAN}]{{0,2}}$"
)
_ESTATE_WORD = re.compile("(?:小区)+$")
_GENERIC = re.compile("^(?:公寓|小区|花园|家园|新村|苑|家属院|宿舍|大院|楼|安置房|商铺|院)?$")
_NAMELESS = re.compile("^[某X*]")
_PUNCTUATION = re.compile(r"[,，。;；:：、()（）【】\[\]“”\"'!！?？]")
_LEAD = re.compile(
    "反映|投诉|来电|装修|租了|买了|遗有|留有|住在|住址|家住|现住|租住|居住|入住|承租|出租|购买|留下|名下|位于|坐落|住|在|系|的|到|于|告|是|我|与|来|至|把|被|向|和|将|从"
)


def parse_place(text: str | None, *, regions: RegionTable | None = None, within: str = "") -> Place | None:
    """Tokens of an address cell; None when it tells no place. With a table of divisions, `region` is the six digits it names."""
    if text is None or PLACE.cover(text):
        return None
    address = fold(text[:MAX_ADDRESS])
    code = None
    if regions is None:
        divided = _DIVISIONS.match(address)
        rest = address[divided.end() :] if divided is not None else address
    else:
        located, end = regions.locate(address, within=within)
        code = None if located.value is None else located.value.code
        rest = address[end:]
    place = _parse_rest(_PUNCTUATION.sub("", rest))
    if place == _NOWHERE:
        return None if code is None else Place(region=code)
    return Place(code, place.street, place.road, place.estate, place.building, place.unit, place.room)


_NOWHERE = Place()


def _parse_rest(rest: str) -> Place:
    street = road = number = None
    if (told := _STREET.match(rest)) is not None:
        street, rest = told[1], rest[told.end() :]
    if (told := _ROAD.match(rest)) is not None and not _GENERIC.fullmatch(_before_building(rest[told.end() :]) or "#"):
        road, number, rest = told[1], told[2], rest[told.end() :]
    located = _BUILDING.search(rest) or _DASHED.search(rest)
    if located is not None:
        estate = _estate(rest[: located.start()])
        parts = located.groupdict()
        return Place(None, street, road, estate, _count(parts["building"]), _count(parts["unit"]), parts["room"])
    if (village := _VILLAGE.match(rest)) is not None:
        group = village[2] and f"{_count(village[2])}组"
        return Place(None, street, road, village[1].removesuffix("委会"), group)
    estate = _estate(_VAGUE.sub("", rest))
    return Place(None, street, road, estate, f"{number}号" if number and road else None)


def _before_building(rest: str) -> str | None:
    located = _BUILDING.search(rest) or _DASHED.search(rest)
    return None if located is None else rest[: located.start()] or None


def _estate(text: str) -> str | None:
    """An estate's or site's name without 小区; None for 某小区 and for what is left of a place with no name."""
    bare = text.strip("-#")
    short = _ESTATE_WORD.sub("", bare)
    named = short if len(short) >= 2 else bare
    if len(named) < 2 or _NAMELESS.match(named) or _GENERIC.fullmatch(named):
        return None
    return named


def _count(text: str | None) -> str | None:
    if text is None:
        return None
    number = parse_numeral(text)
    return text.lstrip("0") or text if number is None else str(number)


def place_tokens(place: Place) -> tuple[str, ...]:
    """Comparison tokens from coarse to fine: road, estate, building, room (whatever the unit), door (with the unit)."""
    base = place.estate or place.road
    tokens = [f"road:{place.road}"] if place.road else []
    if place.estate:
        tokens.append(f"estate:{place.estate}")
    if base and place.building:
        building = f"{base}#{place.building}"
        tokens.append(f"building:{building}")
        if place.room:
            tokens.append(f"room:{building}#{place.room}")
            if place.unit:
                tokens.append(f"door:{building}#{place.unit}#{place.room}")
    return tuple(tokens)


def find_places(text: str) -> tuple[Place, ...]:
    """Places with a building that stand in free text (租住曹山新村10栋502室): estate, building, unit, room."""
    if _ANCHOR.search(text) is None:
        return ()
    folded = fold(text)
    found: dict[Place, None] = {}
    for hit in (*_BUILDING.finditer(folded), *_DASHED.finditer(folded)):
        before = _PUNCTUATION.split(folded[max(0, hit.start() - 24) : hit.start()])[-1]
        leads = list(_LEAD.finditer(before))
        name = before[leads[-1].end() :] if leads else before[-12:]
        place = parse_place(name + hit[0])
        if place is not None and place.estate is not None and len(found) < MAX_PLACES:
            found[place] = None
    return tuple(found)

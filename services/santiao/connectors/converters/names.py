"""Names of persons (姓名): how much of a name a cell tells, its form for comparing, and several persons in one cell.

The rules kept here: blanks inside a Chinese name are dropped (李 四), nothing else is; a name with a character that could not be
written (王?, 王*(左金右宏)) is UNCERTAIN and never equal to another; a name that tells a surname only stays one (张先生, 张某).
"""

import re
import unicodedata

import msgspec

from santiao.connectors.converters.cells import Converted, Scalar, as_text, invalid, split_cell, words
from santiao.connectors.converters.mojibake import repair_mojibake
from santiao.connectors.converters.nulls import NULL, TEXT, NullMarkers
from santiao.connectors.converters.numerals import NUMERAL_CHARS, parse_numeral
from santiao.connectors.converters.organisations import close_breaks, is_organisation, trim_organisation
from santiao.connectors.converters.surnames import COMMON_SURNAMES, COMPOUND_SURNAMES, surname_of
from santiao.domain.vocabulary import FieldStatus, NameClass

MAX_NAME = 120
MAX_CELL = 4_000


class PersonName(msgspec.Struct, frozen=True, gc=False):
    """A name as told: `text` for comparing (an organisation's is its full name), `surname` empty when unknown.

    `sex` is GB/T 2261.1 ("1" male, "2" female) where the title tells it (先生, 女士), else empty.
    """

    text: str
    name_class: NameClass
    surname: str = ""
    sex: str = ""


class NamesInCell(msgspec.Struct, frozen=True, gc=False):
    """Persons and organisations named in one cell; `stated` is the number the cell itself states (刘七 等12人), else None."""

    names: tuple[Converted[PersonName], ...]
    stated: int | None = None


_HAN = "\u3400-\u4dbf\u4e00-\u9fff\u3007\U00020000-\U0003ffff"
_PLAIN = re.compile("[\u4e00-\u9fff]{2,4}")
_HAN_ONLY = re.compile(f"[{_HAN}]+")
_RARE = re.compile("[\u3400-\u4dbf\U00020000-\U0003ffff]")
_DOTS = re.compile("[·•・‧∙．.．﹒]")
_DOTTED = re.compile(f"[{_HAN}]{{1,20}}(?:·[{_HAN}]{{1,20}}){{1,6}}")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ .,'’·-]{1,79}")
_UNWRITTEN = re.compile("[?？□■◇�\ue000-\uf8ff]")
_MASK = re.compile("[*＊×✕✖xX某]")
_MASKED = re.compile(
    "(?P<head>[^*＊×✕✖xX某]{1,2})[*＊×✕✖xX某]{1,3}(?P<tail>[甲乙丙丁戊己庚辛壬癸一二三四五六七八九十0-9A-Z]?)"
)
_TITLES = {
    "先生": "1",
    "女士": "2",
    "小姐": "2",
    "太太": "2",
    "夫人": "2",
    "大爷": "1",
    "大伯": "1",
    "大叔": "1",
    "叔叔": "1",
    "大哥": "1",
}
_TITLES |= {
    "大妈": "2",
    "大娘": "2",
    "大婶": "2",
    "阿姨": "2",
    "大姐": "2",
    "奶奶": "2",
    "爷爷": "1",
    "姓男子": "1",
    "姓女子": "2",
}
_TITLES |= dict.fromkeys(
    words(
        "某 某某 氏 姓 姐 哥 总 工 师 师傅 老师 老板 老板娘 经理 主任 医生 护士 律师 警官 同志 同学 校长 院长 书记 村长 队长 会计 教练 "
        "老人 家长 房东 业主 居民 村民 市民 姓市民 姓业主 姓居民 姓村民"
    ),
    "",
)
_TITLED = re.compile(rf"(?P<head>[{_HAN}]{{1,2}})(?P<title>{'|'.join(sorted(_TITLES, key=len, reverse=True))})")
_FAMILIAR_FIRST = "小老阿大"
_FAMILIAR = re.compile(f"[{_FAMILIAR_FIRST}](?P<head>[{_HAN}])")
_PLACEHOLDERS = frozenset(
    words(
        "不详 未知 匿名 佚名 群众 热心群众 热心市民 市民 路人 路过群众 过路群众 无名氏 无名 保密 报警人 来电人 当事人 反映人 "
        "举报人 投诉人 信访人 来访人 上访人 不愿透露 拒绝透露 未透露 不留名 未留名 姓名不详 姓名未知 申请人 被申请人 原告 被告 "
        "对方 双方 某人 某某 某男 某女 男子 女子 一男子 一女子 男 女 先生 女士 小姐 先生/女士 老人 邻居 楼上 楼下 楼上邻居 "
        "楼下邻居 楼上住户 楼上业主 业主 物业 房东 租客 房客 老板 包工头 家属 家长 学生 老师 医生 司机 车主 店主 店家 商家 店员 "
        "保安 顾客 消费者 客人 同事 朋友 亲戚 丈夫 妻子 父亲 母亲 儿子 女儿 居民 村民 职工 农民工 工人 员工 用户 客户 客服 测试 "
        "系统 管理员 test TEST"
    )
)
_PLACEHOLDER_ENDINGS = ("不详", "未知", "匿名", "保密", "不明", "不愿透露", "拒绝透露", "不愿提供", "未提供")
_PLACEHOLDER_BEGINNINGS = ("不愿", "不肯", "拒绝", "未留", "不想")
_ROLE_BEFORE = re.compile(
    "^(?:热心|路过|过路)?(?:市民|群众|村民|业主|居民|网民|住户|来电人|报警人|当事人|反映人|邻居|工人|农民工|职工|员工|租客|房东|楼上|楼下)[:：]?(?=.{2,5}$)"
)
_NOTE_AFTER = re.compile(r"[(（\[【][^()（）\[\]【】]{0,40}[)）\]】]$")
_PARTS = re.compile("[左右上下内外][^)）]{0,4}[右下内左]")
_STATED = re.compile(
    rf"[\s,，、(（]*(?:等|共计?|合计|及其他)+(?:\s*共)?\s*(?P<count>\d{{1,4}}|[{NUMERAL_CHARS}]{{1,6}})?\s*(?:余|多)?[名位个]?(?:人|户|农民工|工人|职工|业主|村民|居民|员工|名|位)[^、，,;；]{{0,6}}[)）]?\s*$"
)
_BLANK = re.compile(r"\s+")
_LATIN_LETTER = re.compile("[A-Za-z]")


def convert_name(cell: Scalar, *, nulls: NullMarkers = TEXT) -> Converted[PersonName]:
    """Read the name of one person or organisation.

    Status: NULL_MARKER for a marker (no value) and for a placeholder (群众, 匿名; value of class PLACEHOLDER), INVALID when it is no
    name at all, else OK. Notes: `mojibake_*`, `annotation_removed`, `unwritten_character`, `rare_character`, `component_description`,
    `masked_name`, `nickname`, `surname_unlisted`, `long_name`.
    """
    raw = as_text(cell)
    if raw is None or not raw:
        return NULL
    if _PLAIN.fullmatch(raw) and surname_of(raw) and not _says_less(raw, nulls):
        return _plain(raw, ())
    notes: tuple[str, ...] = ()
    if (repaired := repair_mojibake(raw)) is not None:
        raw, notes = repaired[0], (repaired[1],)
    text = close_breaks(raw.strip())
    if len(text) > MAX_NAME:
        return invalid("too_long")
    if nulls.cover(text):
        return _placeholder(text) if text in _PLACEHOLDERS else NULL
    return _classify(text, notes)


def _says_less(text: str, nulls: NullMarkers) -> bool:
    """True when two to four Han characters are a title, a placeholder or a marker rather than a name."""
    return (
        text in nulls.markers
        or text in _PLACEHOLDERS
        or text.endswith(_PLACEHOLDER_ENDINGS)
        or "某" in text
        or _TITLED.fullmatch(text) is not None
    )


def _classify(text: str, notes: tuple[str, ...]) -> Converted[PersonName]:
    described = _PARTS.search(text) is not None and _MASK.search(text) is not None
    bare = _NOTE_AFTER.sub("", text).strip() if not is_organisation(text) else text
    if bare and bare != text:
        notes = (*notes, "component_description" if described else "annotation_removed")
        text = bare
    if is_organisation(text):
        return Converted(PersonName(trim_organisation(text), NameClass.ORG), notes=notes)
    if text in _PLACEHOLDERS or text.endswith(_PLACEHOLDER_ENDINGS) or not _MASK.sub("", text):
        return _placeholder(text, notes)
    if _LATIN.fullmatch(text) and not _MASKED.fullmatch(text):
        spaced = _BLANK.sub(" ", text).strip().upper()
        return Converted(PersonName(spaced, NameClass.FULL), notes=notes)
    text = _DOTS.sub("·", _BLANK.sub("", unicodedata.normalize("NFC", text)))
    if text in _PLACEHOLDERS or text.startswith(_PLACEHOLDER_BEGINNINGS):
        return _placeholder(text, notes)
    if (role := _ROLE_BEFORE.match(text)) is not None and surname_of(text[role.end() :]):
        text, notes = text[role.end() :], (*notes, "annotation_removed")
    if described or _UNWRITTEN.search(text):
        note = () if described else ("unwritten_character",)
        return _uncertain(_UNWRITTEN.sub("?", text), (*notes, *note))
    if (titled := _TITLED.fullmatch(text)) is not None and (surname := _whole_surname(titled["head"])):
        return Converted(PersonName(surname, NameClass.SURNAME_ONLY, surname, _TITLES[titled["title"]]), notes=notes)
    if (masked := _MASKED.fullmatch(text)) is not None and (surname := _whole_surname(masked["head"])):
        return Converted(PersonName(surname, NameClass.SURNAME_ONLY, surname), notes=(*notes, "masked_name"))
    if _MASK.search(text):
        return _uncertain(text, (*notes, "masked_name"))
    if "·" in text:
        return _dotted(text, notes)
    if _HAN_ONLY.fullmatch(text):
        return _plain(text, notes)
    if _LATIN_LETTER.search(text) and surname_of(text):
        return _uncertain(text, (*notes, "unwritten_character"))
    return (
        invalid("not_a_name")
        if not re.search(f"[{_HAN}A-Za-z]", text)
        else _uncertain(text, (*notes, "odd_characters"))
    )


def _plain(text: str, notes: tuple[str, ...]) -> Converted[PersonName]:
    """Han characters only."""
    surname = surname_of(text)
    if len(text) == 1 or text == surname:
        if surname:
            return Converted(PersonName(surname, NameClass.SURNAME_ONLY, surname), notes=notes)
        return _uncertain(text, notes)
    if len(text) == 3 and text[0] in _FAMILIAR_FIRST and text[1:] in COMPOUND_SURNAMES and not surname:
        return Converted(PersonName(text[1:], NameClass.SURNAME_ONLY, text[1:]), notes=notes)
    if len(text) == 2 and (familiar := _FAMILIAR.fullmatch(text)) is not None:
        head = familiar["head"]
        if head in COMMON_SURNAMES and not surname:
            return Converted(PersonName(head, NameClass.SURNAME_ONLY, head), notes=notes)
        if not surname:
            return _uncertain(text, (*notes, "nickname"))
    if text.endswith("某") and not surname:
        return _uncertain(text, (*notes, "masked_name"))
    if is_organisation(text):
        return Converted(PersonName(trim_organisation(text), NameClass.ORG), notes=notes)
    if len(text) > 4:
        return _uncertain(text, (*notes, "long_name"))
    if not surname:
        notes = (*notes, "surname_unlisted")
    if _RARE.search(text):
        notes = (*notes, "rare_character")
    return Converted(PersonName(text, NameClass.FULL, surname), notes=notes)


def _dotted(text: str, notes: tuple[str, ...]) -> Converted[PersonName]:
    """A dot divides the parts of a transliterated name, or stands for a character that could not be written (王·, 王·军)."""
    first = text.split("·", 1)[0]
    if _DOTTED.fullmatch(text) and not (len(text) <= 4 and surname_of(first) == first):
        return Converted(PersonName(text, NameClass.FULL), notes=notes)
    return _uncertain(text.replace("·", "?"), (*notes, "unwritten_character"))


def _whole_surname(head: str) -> str:
    return head if head in COMPOUND_SURNAMES or (len(head) == 1 and surname_of(head)) else ""


def _uncertain(text: str, notes: tuple[str, ...]) -> Converted[PersonName]:
    return Converted(PersonName(text, NameClass.UNCERTAIN, surname_of(text)), notes=notes)


def _placeholder(text: str, notes: tuple[str, ...] = ()) -> Converted[PersonName]:
    return Converted(PersonName(_BLANK.sub("", text), NameClass.PLACEHOLDER), FieldStatus.NULL_MARKER, notes)


def convert_names(cell: Scalar, *, nulls: NullMarkers = TEXT) -> Converted[NamesInCell]:
    """Read a cell that may name several (梁杰、宋广才; 刘七 等12人; 张三 李四), each converted by itself and in the cell's order."""
    raw = as_text(cell)
    if raw is None or not raw:
        return NULL
    if _PLAIN.fullmatch(raw) and "等" not in raw and surname_of(raw) and not _says_less(raw, nulls):
        return Converted(NamesInCell((_plain(raw, ()),)))
    if nulls.cover(raw):
        return NULL
    if len(raw) > MAX_CELL:
        return invalid("too_long")
    stated: int | None = None
    text = close_breaks(raw.strip())
    if "人" in text or "名" in text or "户" in text or "位" in text:
        told = _STATED.search(text)
        if told is not None:
            count = told["count"]
            stated = None if count is None else int(count) if count.isdigit() else parse_numeral(count)
            text = text[: told.start()]
    pieces = split_cell(text)
    if len(pieces) == 1:
        pieces = _split_at_blanks(pieces[0])
    names = tuple(convert_name(piece, nulls=nulls) for piece in pieces)
    told_any = any(name.value is not None for name in names)
    return Converted(NamesInCell(names, stated), FieldStatus.OK if told_any else FieldStatus.NULL_MARKER)


def _split_at_blanks(text: str) -> tuple[str, ...]:
    """张三 李四 are two persons, 李 四 is one: every piece must be a full name with a listed surname."""
    pieces = text.split()
    if len(pieces) > 1 and all(len(piece) >= 2 and surname_of(piece) not in {"", piece} for piece in pieces):
        return tuple(pieces) if all(map(_HAN_ONLY.fullmatch, pieces)) else (text,)
    return (text,)

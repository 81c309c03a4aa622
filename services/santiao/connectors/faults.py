"""Why an item gave no record: every fault a connector itself can find, with its words in both languages.

The rule kept here: a fault names the place and the mend and never the content of a cell. Quarantined is what was not understood,
refused what was understood and may not be taken.
"""

import msgspec

from santiao.domain.messages import Fault, FaultKind

_Q, _R = FaultKind.QUARANTINED, FaultKind.REFUSED

_WORDS: dict[str, tuple[FaultKind, str, str]] = {
    "file.unreadable": (
        _Q,
        "the file could not be read as {told}; ask for it again",
        "文件无法按 {told} 读取，请要求重发",
    ),
    "file.truncated": (
        _Q,
        "the file ends in the middle ({told}); ask for it again",
        "文件不完整（{told}），请要求重发",
    ),
    "file.not_json": (
        _Q,
        "the answer is not JSON ({told}); ask the source what it sent",
        "应答不是 JSON（{told}），请与来源核对",
    ),
    "file.not_xml": (
        _Q,
        "the file is not well-formed XML ({told}); ask for it again",
        "文件不是合格的 XML（{told}），请要求重发",
    ),
    "file.not_workbook": (
        _Q,
        "the file is not a workbook ({told}); ask for it again",
        "文件不是可读的工作簿（{told}），请要求重发",
    ),
    "file.no_header": (
        _Q,
        "no row holds the headings {told}; declare the new ones under `headers`",
        "找不到表头 {told}，请在声明 headers 中补充",
    ),
    "file.no_items": (
        _Q,
        "the answer holds no list at {told}; compare it with the declaration",
        "应答中没有列表 {told}，请核对声明",
    ),
    "file.charset": (
        _Q,
        "the file is written in none of the declared charsets {told}",
        "文件编码不在声明的字符集 {told} 之内",
    ),
    "file.dtd": (
        _R,
        "the file has a DTD or entities, which are never read; send it without",
        "文件含 DTD 或实体，一律拒收，请去除后重发",
    ),
    "file.oversize": (
        _R,
        "the file is larger than {told} bytes; send it in parts",
        "文件超过 {told} 字节，请拆分后重发",
    ),
    "file.expansion": (
        _R,
        "the file unpacks to more than its bounds ({told}); send it in parts",
        "文件解压后超限（{told}），请拆分后重发",
    ),
    "file.too_many": (
        _R,
        "the file holds more than {told} items; send it in parts",
        "文件超过 {told} 条，请拆分后重发",
    ),
    "item.oversize": (
        _R,
        "the item is larger than {told} bytes; send it without attachments",
        "单条超过 {told} 字节，请去除附件后重发",
    ),
    "item.not_object": (
        _Q,
        "the item is not an object with members; compare it with the declaration",
        "该条不是对象，请核对声明",
    ),
    "item.no_shape": (
        _Q,
        "no kind of item declared fits; compare its columns with `shapes`",
        "不属于已声明的任何一类，请核对声明 shapes",
    ),
    "item.no_key": (
        _Q,
        "the item has no usable key in {told}; ask the source for its number",
        "{told} 中没有可用的编号，请向来源核对",
    ),
    "item.no_answer": (
        _Q,
        "the answer in {told} is none that is declared; compare it with `answers`",
        "{told} 不是已声明的答复，请核对声明 answers",
    ),
    "item.ragged": (
        _Q,
        "the row has {told} cells more than the header; a comma in a cell was not quoted",
        "该行比表头多 {told} 格，可能逗号未加引号",
    ),
    "item.not_json": (
        _Q,
        "the delivery's body is not JSON ({told}); ask for it again",
        "推送正文不是 JSON（{told}），请要求重发",
    ),
    "item.not_delivery": (
        _Q,
        "the line is no delivery with received_at, headers and body",
        "该行不是含 received_at、headers、body 的投递",
    ),
    "item.time": (
        _Q,
        "the delivery's time of receipt cannot be read; write it as RFC 3339",
        "无法读取接收时间，请写为 RFC 3339",
    ),
    "item.unknown_type": (
        _Q,
        "the event's type is none that is declared under `types`",
        "事件类型未在声明 types 中列出",
    ),
    "form.unsupported": (_Q, "the content type {told} is none this connector reads", "不支持的内容类型 {told}"),
    "internal": (
        _Q,
        "the item could not be translated ({told}); replay it after the mend",
        "翻译失败（{told}），修复后可重放",
    ),
}


def fault(code: str, path: str, told: str = "", told_zh: str = "") -> Fault:
    """The fault `code` at `path`, a field or a place in the file.

    `told` is what the words leave open, never a cell's content; `told_zh` the same in Chinese where it is a word and no name or number.
    """
    kind, english, chinese = _WORDS[code]
    detail_zh = chinese.format(told=told_zh or told)
    return Fault(kind=kind, code=code, path=path, detail=english.format(told=told), detail_zh=detail_zh)


def fault_at(code: str, path: str, place: "Place") -> Fault:
    """The fault `code` in a document at a place of it."""
    return fault(code, path, place.english, place.chinese)


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where in a document, in both languages."""

    english: str
    chinese: str

    @classmethod
    def at_byte(cls, number: int) -> "Place":
        """Counted from the document's beginning."""
        return cls(f"byte {number}", f"第 {number} 字节")

    @classmethod
    def at(cls, line: int, column: int) -> "Place":
        """As an editor counts."""
        return cls(f"line {line}, column {column}", f"第 {line} 行第 {column} 列")


def refusal(code: str, path: str, english: str, chinese: str) -> Fault:
    """A refusal with the declaration's own words."""
    return Fault(kind=_R, code=code, path=path, detail=english, detail_zh=chinese)

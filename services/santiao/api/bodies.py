"""Reading what is sent in: bounded while it streams, in the declared form, and without personal data where there must be none.

The rule kept here: nobody's body is read further than its bound; a fault names a field of the command by JSON pointer and repeats nothing
that was sent, not even an unknown field's name.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec
from fastapi import Request

from santiao.api.problems import Fault, Problem
from santiao.connectors.transports.cloudevents import media_type

T = TypeVar("T", bound=msgspec.Struct)
_TEXT_MOST = 500
_PLACE = re.compile(r"at `\$\.?([A-Za-z_]+)?(\[(\d+|\.\.\.)\])?")
_MISSING = re.compile(r"missing required field `([a-z_]+)`")
# A resident's number or a mobile telephone in a text that goes unsealed into the log.
_PERSONAL = re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{9}[\dXx](?![\dA-Za-z])|(?<!\d)1[3-9]\d{9}(?!\d)")
_WORDS = frozenset(
    {"body", "case", "form", "mediation", "mediator", "missing", "mode", "outcome", "referral", "side", "to"}
)
"""Fields that hold a code or an id and never a text."""
_WORD = re.compile(r"[A-Za-z0-9._:/-]{0,64}\Z")
_YEARS = range(1950, 2200)


async def read_body(request: Request, most: int) -> bytes:
    """The whole body, no larger than `most` bytes: refused by its announced length, or as soon as it is larger.

    Raises:
        Problem: 413, or 415 for a body that is packed.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(415, "body.encoding", "send the body without Content-Encoding", "请勿压缩请求正文")
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise too_large(most)
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > most:
            raise too_large(most)
        pieces.append(piece)
    return b"".join(pieces)


def too_large(most: int) -> Problem:
    """413, saying how large it may be."""
    return Problem(
        413,
        "body.too_large",
        f"a body here is {most} bytes at most; leave attachments out or send it in parts",
        f"请求正文最多 {most} 字节，请去除附件或分批发送",
        headers={"Connection": "close"},
    )


def check_json(content_type: str) -> None:
    """Raise 415 unless the body is said to be JSON."""
    kind = media_type(content_type)
    if kind != "application/json" and not kind.endswith("+json"):
        raise Problem(415, "body.media_type", "send application/json", "请以 application/json 发送")


def decode_command(body: bytes, kind: type[T], given: dict[str, Any], *, added: Sequence[str] = ()) -> T:
    """The command of a body; `given` are its fields that the address tells, `added` those that nobody may send.

    Raises:
        Problem: 400 for no JSON object, 422 with pointers for one that does not fit.
    """
    try:
        told: object = msgspec.json.decode(body) if body.strip() else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Problem(400, "body.not_json", "the body is no JSON", "请求正文不是 JSON") from None
    if not isinstance(told, dict):
        raise _unfit(
            Fault(pointer="", code="body.not_object", detail="send a JSON object", detail_zh="请发送 JSON 对象")
        )
    fields = kind.__struct_fields__
    own = [name for name in fields if name not in given and name not in added]
    if not told.keys() <= set(own):
        known = ", ".join(own) or "none"
        raise _unfit(
            Fault(
                pointer="",
                code="field.unknown",
                detail=f"there is an unknown field; known here: {known}",
                detail_zh=f"存在未知字段，可用字段：{known}",
            )
        )
    try:
        command = msgspec.convert({**told, **given}, kind, strict=True)
    except msgspec.ValidationError as error:
        raise _unfit(_fault_of(str(error))) from None
    for fault in _faults_of_texts(command, own):
        raise _unfit(fault)
    return command


def _is_usable(moment: date) -> bool:
    """A day of our time; a time must say its offset."""
    has_offset = not isinstance(moment, datetime) or moment.tzinfo is not None
    return moment.year in _YEARS and has_offset


def _out_of_time(name: str) -> Fault:
    return Fault(
        pointer=f"/{name}",
        code="field.time",
        detail="give a day between 1950 and 2199, a time with its offset",
        detail_zh="请填写1950至2199年之间的日期，时间须带时区",
    )


def _faults_of_texts(command: msgspec.Struct, own: list[str]) -> list[Fault]:
    """Texts that are too long, or hold what must not stand unsealed."""
    found: list[Fault] = []
    for name in own:
        value = getattr(command, name)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, date) and not _is_usable(text):
                found.append(_out_of_time(name))
            if not isinstance(text, str):
                continue
            for is_wrong, code, english, chinese in _TEXT_RULES:
                if is_wrong(name, text):
                    found.append(Fault(pointer=f"/{name}", code=code, detail=english, detail_zh=chinese))
                    break
    return found


_TEXT_RULES: tuple[tuple[Callable[[str, str], bool], str, str, str], ...] = (
    (
        lambda _, text: len(text) > _TEXT_MOST,
        "text.too_long",
        f"{_TEXT_MOST} characters at most",
        f"最多 {_TEXT_MOST} 字",
    ),
    (
        lambda name, text: name in _WORDS and not _WORD.match(text),
        "text.not_a_code",
        "give a code or an id (letters, digits and . _ : / -), never a name or a text",
        "请填写代码或编号（字母、数字及 . _ : / -），不得填写姓名或文字",
    ),
    (
        lambda _, text: bool(_PERSONAL.search(text)),
        "text.personal",
        "no identity or telephone numbers here; they belong into sealed material",
        "此处不得填写身份证号或电话号码",
    ),
    (
        lambda _, text: any(ord(char) < 32 and char not in "\n\t" for char in text),
        "text.control",
        "no control characters",
        "不得含控制字符",
    ),
)


def _fault_of(told: str) -> Fault:
    """What the decoder says, without the words that may quote what was sent."""
    missing = _MISSING.search(told)
    if missing:
        return Fault(
            pointer=f"/{missing[1]}", code="field.missing", detail="this field is required", detail_zh="缺少必填字段"
        )
    place = _PLACE.search(told)
    pointer = f"/{place[1]}" if place and place[1] else ""
    return Fault(
        pointer=pointer,
        code="field.value",
        detail="the value is not of the form that the API's description gives",
        detail_zh="取值不符合接口说明中的格式",
    )


def _unfit(fault: Fault) -> Problem:
    return Problem(
        422,
        "body.invalid",
        "the body is not as the API's description says; see errors",
        "请求正文不符合接口说明，详见 errors",
        errors=(fault,),
    )

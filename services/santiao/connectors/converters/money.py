"""Amounts of money (金额): a cell into whole fen (分), by decimal arithmetic.

The rules kept here: no binary floating point; 约, 左右 and the like make the amount approximate, never another number; a unit in the
column's heading (万元) is the column's declaration, one in the cell counts before it.
"""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import msgspec

from santiao.connectors.converters.cells import Converted, Scalar, as_text, fold, invalid
from santiao.connectors.converters.nulls import NULL, TEXT, NullMarkers
from santiao.connectors.converters.numerals import NUMERAL_CHARS, parse_numeral

MAX_FEN = 10**15
YUAN = 100
WAN_YUAN = 10_000 * YUAN
_PLAIN = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,2})?")
_APPROXIMATE = re.compile(
    "大约|约莫|约为|约合|约|大概|将近|接近|近|估计|左右|上下|不足|超过|余|多|许|±|~|以上|以下|暂计|预计|暂定"
)
_SYMBOLS = re.compile("人民币|RMB|CNY|[¥￥圆圓整正,，'’]", re.IGNORECASE)
_FOREIGN = re.compile("美元|美金|港币|港元|欧元|日元|英镑|USD|HKD|EUR|[$€£]", re.IGNORECASE)
_RANGE = re.compile(r"[0-9万千百元][-—–至到][0-9]")
_LABEL = re.compile(r"^(?:共计|合计|共|总计|总额|金额|涉案金额|标的额|标的|计)[:：]?")
_TERM = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)(?P<unit>[十百千万亿kKwW]{0,3})(?P<yuan>元|块钱?|角|毛|分)?")
_UNITS = {"": 1, "十": 10, "百": 100, "千": 1000, "k": 1000, "万": 10**4, "w": 10**4, "亿": 10**8}
_COINS = {"元": 100, "块": 100, "块钱": 100, "角": 10, "毛": 10, "分": 1}
_WORDS = re.compile(
    rf"(?P<yuan>[{NUMERAL_CHARS}]+)(?:元|块钱?)?(?:(?P<jiao>[{NUMERAL_CHARS}])[角毛])?(?:(?P<fen>[{NUMERAL_CHARS}])分)?"
)
_LONGEST = 60


class Amount(msgspec.Struct, frozen=True, gc=False):
    """An amount in fen; `approximate` when the cell says about."""

    fen: int
    approximate: bool = False


def convert_money(cell: Scalar, *, unit_fen: int = YUAN, nulls: NullMarkers = TEXT) -> Converted[Amount]:
    """Read an amount: 36500.00, ￥36,500.00, 约20万, 3.65万元, 49000左右, 叁万陆仟伍佰元整.

    `unit_fen` is the worth of a bare number (the heading's unit; a cell that names 元 or 万元 itself overrides it). Status:
    NULL_MARKER; INVALID (`not_an_amount`, `negative`, `range`, `foreign_currency`, `too_large`); else OK with note `rounded` where
    the cell told less than a fen.
    """
    raw = as_text(cell)
    if raw is None:
        return NULL
    if unit_fen == YUAN and _PLAIN.fullmatch(raw):
        whole, _, part = raw.partition(".")
        return Converted(Amount(int(whole) * 100 + int(f"{part:0<2}")))
    if nulls.cover(raw):
        return NULL
    text = _SYMBOLS.sub("", _LABEL.sub("", fold(raw[: _LONGEST + 1])))
    if len(raw) > _LONGEST:
        return invalid("not_an_amount")
    if _FOREIGN.search(text):
        return invalid("foreign_currency")
    bare = _APPROXIMATE.sub("", text)
    if bare.startswith(("-", "−", "(")):
        return invalid("negative")
    if _RANGE.search(bare):
        return invalid("range")
    fen = _read_digits(bare, unit_fen)
    if fen is None:
        fen = _read_words(bare)
    if fen is None:
        return invalid("not_an_amount")
    if fen > MAX_FEN:
        return invalid("too_large")
    rounded = fen.quantize(Decimal(1), ROUND_HALF_UP)
    return Converted(Amount(int(rounded), bare != text), notes=("rounded",) if rounded != fen else ())


def _read_digits(text: str, unit_fen: int) -> Decimal | None:
    """Terms one after another, each smaller than the one before: 3万5千, 2万3500元, 12元5角."""
    total, position, last, last_unit = Decimal(0), 0, None, 1
    for term in _TERM.finditer(text):
        if term.start() != position:
            return None
        position = term.end()
        unit = 1
        for letter in term["unit"].lower():
            unit *= _UNITS[letter]
        coin = _COINS.get(term["yuan"] or "", 0)
        worth = unit * (coin or (unit_fen if not term["unit"] and last is None else 100))
        if last is not None and not term["unit"] and not coin and len(term["number"]) == 1 and last_unit >= 1000:
            worth = 10 * last_unit  # 1万2 is 12000, as people say it
        if last is not None and worth >= last:
            return None
        try:
            total += Decimal(term["number"]) * worth
        except InvalidOperation:
            return None
        last, last_unit = worth, unit
    return total if position == len(text) and position else None


def _read_words(text: str) -> Decimal | None:
    hit = _WORDS.fullmatch(text)
    if hit is None or (yuan := parse_numeral(hit["yuan"])) is None:
        return None
    jiao, fen = parse_numeral(hit["jiao"] or "零"), parse_numeral(hit["fen"] or "零")
    return None if jiao is None or fen is None else Decimal(yuan * 100 + jiao * 10 + fen)

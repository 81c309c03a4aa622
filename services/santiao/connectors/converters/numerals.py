"""Chinese numerals (中文数字), plain and banker's: 三十二, 一万二千, 叁万陆仟伍佰, 两百零五, 二〇二六.

The rule kept here: what is not a number gives None, never a guess.
"""

import re

NUMERAL_CHARS = "〇零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟萬億廿卅"
_DIGITS = {
    char: value
    for value, chars in enumerate(("〇零", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for char in chars
}
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_DIGITS_ONLY = re.compile("[〇零一二三四五六七八九]{3,}")
_LONGEST = 40


def parse_numeral(text: str) -> int | None:
    """The whole number `text` spells, or None. 一万二 is 12000 and 三千五 is 3500, as people say them."""
    if not text or len(text) > _LONGEST:
        return None
    if _DIGITS_ONLY.fullmatch(text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total = section = 0
    digit: int | None = None
    last_unit, smallest = 1, 10**4
    for char in text.replace("廿", "二十").replace("卅", "三十"):
        if (value := _DIGITS.get(char)) is not None:
            if digit:
                return None
            digit = value
            if value == 0:
                last_unit = 1
        elif (unit := _SMALL.get(char)) is not None:
            if unit >= smallest or (not digit and (unit != 10 or digit == 0)):
                return None
            section += (digit or 1) * unit
            digit, last_unit, smallest = None, unit, unit
        elif (unit := _LARGE.get(char)) is not None:
            if not (total or section or digit):
                return None
            total = (total + section + (digit or 0)) * unit if unit > 10**4 else total + (section + (digit or 0)) * unit
            section, digit, last_unit, smallest = 0, None, unit, 10**4
        else:
            return None
    if digit and last_unit >= 100:
        digit *= last_unit // 10
    return total + section + (digit or 0)

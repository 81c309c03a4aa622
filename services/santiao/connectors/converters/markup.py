"""HTML in narrative: tags and entities taken out, paragraphs kept as lines, pasted images dropped.

The rules kept here: only what is an HTML tag by name is taken out, so that `<张三>` stays; every step is linear in the text's length.
"""

import html
import re

_TAGS = (
    "a|abbr|b|big|blockquote|body|br|center|code|col|colgroup|dd|div|dl|dt|em|font|form|h[1-6]|head|hr|html|i|img|input|label|li|link"
    "|meta|o:p|ol|option|p|pre|s|select|small|span|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|title|tr|u|ul"
)
_TAG = re.compile(rf"</?({_TAGS})(?:[\s/][^<>]*)?>", re.IGNORECASE)
_CUT_TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?$", re.IGNORECASE)
_LINE_TAGS = frozenset(
    {"p", "br", "div", "tr", "li", "hr", "table", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"}
)
_CELL_TAGS = frozenset({"td", "th"})
_INLINE_IMAGE = re.compile(r"data:[\w.+-]{1,40}/[\w.+-]{1,40};base64,[A-Za-z0-9+/=\s]*")
_OPAQUE = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"))
_RUNS = re.compile(r"[ \t\u00a0\u3000]+")
_LINES = re.compile(r" ?\n[ \n]*")


def strip_markup(text: str) -> tuple[str, list[str]]:
    """The text without HTML, and notes: `markup_stripped` when a tag or an entity went, `image_removed` when a pasted image did."""
    notes: list[str] = []
    stripped = text
    if "base64," in stripped:
        stripped = _INLINE_IMAGE.sub("", stripped)
        if stripped != text:
            notes.append("image_removed")
    without_image = stripped
    if "<" in stripped:
        for opening, closing in _OPAQUE:
            stripped = _drop_between(stripped, opening, closing)
        stripped = _CUT_TAG.sub("", _TAG.sub(_blank_for, stripped))
    if "&" in stripped:
        stripped = html.unescape(stripped)
    if stripped != without_image:
        notes.append("markup_stripped")
        stripped = _LINES.sub("\n", _RUNS.sub(" ", stripped))
    return stripped, notes


def _blank_for(tag: re.Match[str]) -> str:
    name = tag[1].lower()
    return "\n" if name in _LINE_TAGS else " " if name in _CELL_TAGS else ""


def _drop_between(text: str, opening: str, closing: str) -> str:
    """Drop every stretch from `opening` to `closing`; one without an end is left alone."""
    lowered = text.lower()
    if opening not in lowered or len(lowered) != len(text):
        return text
    kept: list[str] = []
    position = 0
    while (start := lowered.find(opening, position)) >= 0 and (end := lowered.find(closing, start)) >= 0:
        kept.append(text[position:start])
        position = end + len(closing)
    kept.append(text[position:])
    return "".join(kept)

"""XML documents into items: one for every element of the declared name, as nested cells.

The rules kept here: a DTD or an entity refuses the whole document before anything of it is read; the declared encoding is not
believed, the bytes are; a document cut off or not well-formed is one quarantined item.

An element's text stands under its name, an attribute under `name@attribute`; an element with children is a dict whose own attributes
stand under `@attribute`, and one that is declared as a list, or comes twice, is a list of such.
"""

import re
from xml.parsers import expat

import msgspec

from santiao.connectors.contract import Cell, RawItem
from santiao.connectors.converters.text import codec_for
from santiao.connectors.faults import Place, fault, fault_at
from santiao.connectors.transports.separated import choose_charset, is_wide
from santiao.domain.messages import Fault

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ILLEGAL_REFERENCE = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));")
_EMPTY_TAG = re.compile(rb"""<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")
_BOM = "\ufeff"
_MAX_DEPTH = 40


class _Refused(Exception):
    """A document that is read no further; `code` is the fault's, `told` what its words leave open."""

    def __init__(self, code: str, told: str = "", told_zh: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.told = told
        self.told_zh = told_zh


class DocumentForm(msgspec.Struct, frozen=True):
    """How a document is taken apart: the items' element, the elements that may repeat in it, charsets, and how many items at most."""

    element: str
    lists: frozenset[str]
    charsets: tuple[str, ...]
    items: int


def read_elements(data: bytes, name: str, form: DocumentForm) -> list[RawItem]:
    """The items of one document, or the one item that says why there are none."""
    if is_wide(data):
        return [RawItem(where=name, raw=data, fault=fault("file.charset", name, "、".join(form.charsets)))]
    charset = choose_charset(data, form.charsets)
    text, repairs = _decode(data, charset)
    document = text.encode()
    try:
        taken = _Taker(form).take(document)
    except _Refused as refused:
        told = fault(refused.code, name, refused.told, refused.told_zh)
        return [RawItem(where=name, raw=data if refused.code == "file.not_xml" else b"", fault=told)]
    except expat.ExpatError as failure:
        return [RawItem(where=name, raw=data, fault=_unreadable(failure, text, name))]
    codec = codec_for(charset)
    return [
        RawItem(where=f"{name}#{number}", raw=raw, cells=cells, charset=codec, repairs=repairs)
        for number, (cells, raw) in enumerate(taken, start=1)
    ]


def _decode(data: bytes, charset: str) -> tuple[str, tuple[str, ...]]:
    """Text of the document without declaration and without characters that XML forbids; what was mended is told."""
    repairs: list[str] = []
    try:
        text = data.decode(codec_for(charset))
    except UnicodeDecodeError:
        text = data.decode(codec_for(charset), errors="replace")
        repairs.append("undecodable_bytes")
    text = _DECLARATION.sub("", text.removeprefix(_BOM))
    if _ILLEGAL.search(text) or _ILLEGAL_REFERENCE.search(text):
        text = _ILLEGAL_REFERENCE.sub("", _ILLEGAL.sub("", text))
        repairs.append("control_removed")
    return text, tuple(repairs)


def _unreadable(failure: expat.ExpatError, text: str, name: str) -> Fault:
    place = Place.at(failure.lineno, failure.offset + 1)
    is_cut = not text.rstrip().endswith(">") or failure.code in _CUT_CODES
    return fault_at("file.truncated" if is_cut else "file.not_xml", name, place)


_CUT_CODES = frozenset({3, 5, 20})
"""Expat's words for a document that ends too early: no element found, unclosed token, unclosed CDATA section."""


class _Taken(msgspec.Struct, gc=False):
    """One item: its cells, and where it stands in the document."""

    cells: dict[str, Cell]
    begin: int
    end: int = 0


class _Taker:
    """Takes the items out of one document in one pass. A document type ends it before anything after it is read.

    An element is a leaf until a child of it begins: `_name`, `_attributes` and `_texts` are those of the leaf that is open, and `_above`
    holds the name, attributes, cells and item of every element around it.
    """

    def __init__(self, form: DocumentForm) -> None:
        self._element, self._lists, self._most = form.element, form.lists, form.items
        self._document = b""
        self._name = ""
        self._attributes: dict[str, str] = {}
        self._texts: list[str] = []
        self._cells: dict[str, Cell] = {}
        self._above: list[tuple[str, dict[str, str], dict[str, Cell], _Taken | None]] = []
        self._items: list[_Taken] = []
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True

    def take(self, document: bytes) -> list[tuple[dict[str, Cell], bytes]]:
        """The items in the order in which they begin, with their bytes as they stand.

        Raises:
            expat.ExpatError: the document is not well-formed.
            _Refused: it has a document type, is nested too deep or holds too many items.
        """
        self._document = document
        parser = self._parser
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse_types
        try:
            parser.Parse(document, True)
        finally:
            # The parser and its handlers hold each other; a batch's documents are not left to the garbage collector.
            parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
        return [(each.cells, document[each.begin : each.end]) for each in self._items]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        above = self._above
        if name == self._element:
            self._begin_item(name, attributes)
            return
        if not above:
            return
        if self._name:
            self._check_depth()
            above.append((self._name, self._attributes, self._cells, None))
            self._cells = {}
        self._name = name
        self._attributes = attributes
        self._texts = []
        self._parser.CharacterDataHandler = self._texts.append

    def _begin_item(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._items) >= self._most:
            raise _Refused("file.too_many", str(self._most))
        self._check_depth()
        item = _Taken({}, self._parser.CurrentByteIndex)
        self._items.append(item)
        if self._name:
            self._above.append((self._name, self._attributes, self._cells, None))
            self._cells = {}
        self._above.append((name, attributes, self._cells, item))
        self._cells = item.cells
        self._name = ""
        self._parser.CharacterDataHandler = None

    def _check_depth(self) -> None:
        if len(self._above) > _MAX_DEPTH:
            raise _Refused("file.not_xml", "nested too deep", "嵌套过深")

    def _end(self, _name: str) -> None:
        above = self._above
        if not above:
            return
        name = self._name
        if name:
            self._name = ""
            self._parser.CharacterDataHandler = None
            texts = self._texts
            value = (texts[0] if len(texts) == 1 else "".join(texts)) or None
            if self._attributes:
                for attribute, told in self._attributes.items():
                    if not attribute.startswith("xmlns"):
                        self._cells[f"{name}@{attribute}"] = told
            if name in self._cells or name in self._lists:
                self._put(name, value)
            else:
                self._cells[name] = value
            return
        name, attributes, outer, item = above.pop()
        cells = self._cells
        self._cells = outer
        if item is not None:
            item.end = self._end_of(item.begin)
            if not above:
                return
            cells = dict(cells)
        for attribute, told in attributes.items():
            if not attribute.startswith("xmlns"):
                cells[f"@{attribute}"] = told
        self._put(name, cells)

    def _put(self, name: str, value: Cell) -> None:
        """Put a child's value into its parent's cells: into a list where the name may repeat, or does."""
        outer, is_list = self._cells, name in self._lists
        if is_list and isinstance(value, str):
            value = {"": value}
        before = outer.get(name)
        if isinstance(before, list):
            if value is not None:
                before.append(value)
        elif is_list:
            outer[name] = [] if value is None else [value]
        elif before is not None:
            outer[name] = [before, value]
        else:
            outer[name] = value

    def _end_of(self, begin: int) -> int:
        """Where the element that just ended ends. An empty tag's end is told at its beginning."""
        at = self._parser.CurrentByteIndex
        if at != begin:
            return self._document.index(b">", at) + 1
        empty = _EMPTY_TAG.match(self._document, begin)
        return begin if empty is None else empty.end()


def _refuse_types(*_declared: object) -> None:
    raise _Refused("file.dtd")

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
from santiao.connectors.faults import fault
from santiao.connectors.transports.separated import choose_charset
from santiao.domain.messages import Fault

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ILLEGAL_REFERENCE = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));")
_EMPTY_TAG = re.compile(rb"""<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")
_BOM = "\ufeff"
_MAX_DEPTH = 40


class _Refused(Exception):
    """A document that is read no further; `code` is the fault's, `told` what its words leave open."""

    def __init__(self, code: str, told: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.told = told


class DocumentForm(msgspec.Struct, frozen=True):
    """How a document is taken apart: the items' element, the elements that may repeat in it, charsets, and how many items at most."""

    element: str
    lists: frozenset[str]
    charsets: tuple[str, ...]
    items: int


def read_elements(data: bytes, name: str, form: DocumentForm) -> list[RawItem]:
    """The items of one document, or the one item that says why there are none."""
    charset = choose_charset(data, form.charsets)
    text, repairs = _decode(data, charset)
    document = text.encode()
    try:
        taken = _Taker(form).take(document)
    except _Refused as refused:
        told = fault(refused.code, name, refused.told)
        return [RawItem(where=name, raw=data if refused.code == "file.not_xml" else b"", fault=told)]
    except expat.ExpatError as failure:
        return [RawItem(where=name, raw=data, fault=_unreadable(failure, text, name))]
    codec = codec_for(charset)
    return [
        RawItem(where=f"{name}#{number}", raw=each.raw, cells=each.cells, charset=codec, repairs=repairs)
        for number, each in enumerate(taken, start=1)
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
    told = f"line {failure.lineno}, column {failure.offset + 1}"
    is_cut = not text.rstrip().endswith(">") or failure.code in _CUT_CODES
    return fault("file.truncated" if is_cut else "file.not_xml", name, told)


_CUT_CODES = frozenset({3, 5, 20})
"""Expat's words for a document that ends too early: no element found, unclosed token, unclosed CDATA section."""


class _Open(msgspec.Struct, gc=False):
    """An element whose end has not come: what is known of it. `cells` is None while it has no children."""

    name: str
    attributes: dict[str, str]
    begin: int
    item: int = -1
    """Place among the items; -1 for what is inside one."""
    cells: dict[str, Cell] | None = None
    texts: list[str] = []


class _Taken(msgspec.Struct, gc=False):
    """One item: its cells and its bytes as they stand in the document."""

    cells: dict[str, Cell]
    raw: bytes


class _Taker:
    """Takes the items out of one document in one pass. A document type ends it before anything after it is read."""

    def __init__(self, form: DocumentForm) -> None:
        self._element, self._lists, self._most = form.element, form.lists, form.items
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        self._document = b""
        self._open: list[_Open] = []
        self._items: list[_Taken] = []

    def take(self, document: bytes) -> list[_Taken]:
        """The items in the order in which they begin.

        Raises:
            expat.ExpatError: the document is not well-formed.
            _Refused: it has a document type, is nested too deep or holds too many items.
        """
        self._document = document
        try:
            self._parser.Parse(document, True)
        finally:
            # The parser and its handlers hold each other; a batch's documents are not left to the garbage collector.
            self._parser.StartElementHandler = self._parser.EndElementHandler = None
            self._parser.CharacterDataHandler = self._parser.StartDoctypeDeclHandler = None
            self._parser.EntityDeclHandler = None
        return self._items

    @staticmethod
    def _refuse(*_declared: object) -> None:
        raise _Refused("file.dtd")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        opened = self._open
        if name == self._element:
            if len(self._items) >= self._most:
                raise _Refused("file.too_many", str(self._most))
            opened.append(_Open(name, attributes, self._parser.CurrentByteIndex, len(self._items)))
            self._items.append(_NOT_YET)
        elif opened:
            if len(opened) > _MAX_DEPTH:
                raise _Refused("file.not_xml", "nested too deep")
            opened.append(_Open(name, attributes, 0))

    def _text(self, text: str) -> None:
        if self._open and self._open[-1].cells is None:
            self._open[-1].texts.append(text)

    def _end(self, _name: str) -> None:
        if not self._open:
            return
        ended = self._open.pop()
        cells = ended.cells
        if ended.item >= 0:
            raw = self._document[ended.begin : self._end_of(ended.begin)]
            self._items[ended.item] = _Taken({} if cells is None else dict(cells), raw)
        if not self._open:
            return
        outer = self._open[-1].cells
        if outer is None:
            outer = self._open[-1].cells = {}
        name, value = ended.name, None
        if cells is not None:
            for attribute, told in ended.attributes.items():
                if not attribute.startswith("xmlns"):
                    cells[f"@{attribute}"] = told
            value = cells
        else:
            for attribute, told in ended.attributes.items():
                if not attribute.startswith("xmlns"):
                    outer[f"{name}@{attribute}"] = told
        self._put(outer, name, value if value is not None else "".join(ended.texts) or None)

    def _put(self, outer: dict[str, Cell], name: str, value: Cell) -> None:
        """Put a child's value into its parent's cells: into a list where the name may repeat, or does."""
        is_list = name in self._lists
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


_NOT_YET = _Taken({}, b"")

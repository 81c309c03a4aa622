"""XML documents into items: one for every element of the declared name, as nested cells.

The rules kept here: a DTD or an entity refuses the whole document before anything of it is read; the declared encoding is not
believed, the bytes are; a document cut off or not well-formed is one quarantined item.

An element's text stands under its name, an attribute under `name@attribute`; an element with children is a dict whose own attributes
stand under `@attribute`, and one that is declared as a list, or comes twice, is a list of such.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring as parse_defused

from santiao.connectors.contract import Cell, RawItem
from santiao.connectors.converters.text import codec_for
from santiao.connectors.faults import fault
from santiao.connectors.transports.separated import choose_charset
from santiao.domain.messages import Fault

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ILLEGAL_REFERENCE = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));")
_DOUBTFUL = ("<!DOCTYPE", "<!ENTITY", "<!doctype", "<!entity", "<!Doctype")
_BOM = "\ufeff"
_MAX_DEPTH = 40


class _TooDeep(Exception):
    """A document nested beyond reason."""


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
    try:
        root = _parse(text)
        elements = [each for each in root.iter() if each.tag.rpartition("}")[2] == form.element]
        cells = [_cells_of(each, form.lists, 0) for each in elements]
    except DefusedXmlException:
        return [RawItem(where=name, raw=b"", fault=fault("file.dtd", name))]
    except (ET.ParseError, _TooDeep) as failure:
        return [RawItem(where=name, raw=data, fault=_unreadable(failure, text, name))]
    if len(cells) > form.items:
        return [RawItem(where=name, raw=b"", fault=fault("file.too_many", name, str(form.items)))]
    pieces = list(_slices(text, form.element))
    if len(pieces) != len(cells):
        pieces = [ET.tostring(each, encoding="unicode") for each in elements]
    return [
        RawItem(where=f"{name}#{number}", raw=piece.encode(), cells=each, charset=codec_for(charset), repairs=repairs)
        for number, (piece, each) in enumerate(zip(pieces, cells, strict=True), start=1)
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


def _parse(text: str) -> ET.Element:
    """The document's root. Where a document type or entity could stand, defusedxml decides; elsewhere none can be."""
    if any(mark in text for mark in _DOUBTFUL):
        root: ET.Element = parse_defused(text, forbid_dtd=True)
        return root
    return ET.fromstring(text)  # noqa: S314 (there is no DOCTYPE in the text, so there are no entities)


def _unreadable(failure: Exception, text: str, name: str) -> Fault:
    if not isinstance(failure, ET.ParseError):
        return fault("file.not_xml", name, "nested too deep")
    line, column = failure.position
    told = f"line {line}, column {column + 1}"
    is_cut = not text.rstrip().endswith(">") or failure.code in _CUT_CODES
    return fault("file.truncated" if is_cut else "file.not_xml", name, told)


_CUT_CODES = frozenset({3, 5, 20})
"""Expat's words for a document that ends too early: no element found, unclosed token, unclosed CDATA section."""


def _cells_of(element: ET.Element, lists: frozenset[str], depth: int) -> dict[str, Cell]:
    if depth > _MAX_DEPTH:
        raise _TooDeep
    cells: dict[str, Cell] = {}
    for child in element:
        name = child.tag.rpartition("}")[2]
        if len(child):
            nested = _cells_of(child, lists, depth + 1)
            nested.update((f"@{attribute}", told) for attribute, told in child.items())
            value: Cell = nested
        else:
            value = child.text
            for attribute, told in child.items():
                cells[f"{name}@{attribute}"] = told
        before = cells.get(name)
        if name in lists and not isinstance(value, dict):
            value = None if value is None else {"": value}
        if isinstance(before, list):
            if value is not None:
                before.append(value)
        elif name in lists:
            cells[name] = [] if value is None else [value]
        elif before is not None:
            cells[name] = [before, value]
        else:
            cells[name] = value
    return cells


def _slices(text: str, element: str) -> Iterator[str]:
    """The text of every outermost element of the name, as it came; CDATA and comments are stepped over."""
    marks = re.compile(
        rf"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<(/?)(?:[\w.-]+:)?{re.escape(element)}(?=[\s/>])[^>]*?(/?)>", re.DOTALL
    )
    depth = start = 0
    for mark in marks.finditer(text):
        if mark[0].startswith("<!"):
            continue
        if mark[1]:
            depth -= 1
            if depth == 0:
                yield text[start : mark.end()]
        elif mark[2]:
            if depth == 0:
                yield mark[0]
        else:
            if depth == 0:
                start = mark.start()
            depth += 1

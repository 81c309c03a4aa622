"""Numbers an item quotes: other sources' in declared cells and in free text, and its own further ones.

The rule kept here: a number is kept in its canonical form with the kind of the connector it belongs to; a source's own number is no
reference to another.
"""

import re
from collections.abc import Mapping

from santiao.connectors.contract import Cell
from santiao.connectors.converters.nulls import NUMBER
from santiao.connectors.converters.references import ReferencePattern, canonical_number, extract_references
from santiao.connectors.expressions import Expression, compile_expression, compile_text, text_of
from santiao.connectors.fields import Cells
from santiao.connectors.memory import remember
from santiao.connectors.rules import ReferenceRule
from santiao.domain.records import Reference
from santiao.domain.vocabulary import RelationKind

_SEPARATORS = re.compile(r"[,，;；、|\s]+")
_NUMBERISH = re.compile(
    r"[0-9０-９]{8}|[0-9０-９]{4}\s?[)）\]〕】﹞］]|[A-Za-zＡ-Ｚ]{2}\s?[0-9０-９]{2}|[0-9０-９]\s[0-9０-９]{4}"
)
"""Where nothing of the kind stands, no agency's number does; most texts have none."""
_MAX_TEXT = 20_000
_MAX_NUMBER = 80


class Quotations:
    """Reads declared cells and free texts for numbers."""

    def __init__(
        self, rules: tuple[ReferenceRule, ...], texts: tuple[Expression, ...], patterns: tuple[ReferencePattern, ...]
    ) -> None:
        self._rules = tuple((compile_expression(rule.value), rule) for rule in rules)
        self._texts = tuple((compile_text(text), text if isinstance(text, str) else "text") for text in texts)
        self._quoted = remember(lambda text: _quoted(text, patterns))
        self._forms: Mapping[str, str] = {pattern.kind: pattern.canonical for pattern in patterns}

    def declared(self, cells: Cells) -> list[Reference]:
        """Numbers that stand in cells of their own."""
        found: list[Reference] = []
        for get, rule in self._rules:
            cell = get(cells)
            if cell is None or cell == "":
                continue
            for told in _several(cell, each=rule.each):
                if NUMBER.cover(told):
                    continue
                number = canonical_number(told[:_MAX_NUMBER], self._forms.get(rule.kind, "plain"))
                origin = rule.value if isinstance(rule.value, str) else rule.kind
                found.append(Reference(rule.kind, number, rule.relation, origin))
        return found

    def read(self, cells: Cells, texts: Mapping[str, str | None], own: frozenset[str]) -> tuple[Reference, ...]:
        """All numbers quoted, declared ones first, each once. `texts` are those already decoded, by path."""
        declared = self.declared(cells) if self._rules else ()
        found = {(each.kind, each.number): each for each in declared if each.number not in own}
        for get, path in self._texts:
            text = texts.get(path) or get(cells)
            if not text:
                continue
            for kind, number in self._quoted(text):
                if number not in own and (kind, number) not in found:
                    found[kind, number] = Reference(kind, number, RelationKind.SAME_DISPUTE, path)
        return tuple(found.values())


def _quoted(text: str, patterns: tuple[ReferencePattern, ...]) -> tuple[tuple[str, str], ...]:
    """Kind and number of what a text quotes, in the order it stands."""
    if not _NUMBERISH.search(text):
        return ()
    return tuple((quoted.kind, quoted.number) for quoted in extract_references(text[:_MAX_TEXT], patterns))


def _several(cell: Cell, *, each: bool) -> list[str]:
    told = [text_of(element.get("") if isinstance(element, dict) else element) for element in _elements(cell)]
    return [part for text in told for part in (_SEPARATORS.split(text) if each else (text,)) if part]


def _elements(cell: Cell) -> list[Cell]:
    return cell if isinstance(cell, list) else [cell]

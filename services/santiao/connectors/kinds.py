"""The kind of dispute and its settlement, as far as words tell them.

The rule kept here: an agency's own code counts before words; words decide only where the code is broad, a default or unknown, and a
text in which no kind leads clearly tells none.
"""

import re
from collections.abc import Mapping

import msgspec

from santiao.connectors.codes import CodeReader
from santiao.connectors.converters.codes import CodeTable
from santiao.connectors.expressions import compile_text
from santiao.connectors.fields import Cells, Notes
from santiao.connectors.lexicon import DisputeWords, SettlementWords, branching
from santiao.connectors.memory import remember
from santiao.connectors.rules import TypeRule
from santiao.domain.records import CodeField, QualityNote
from santiao.domain.vocabulary import DISPUTE_TYPE_LIST, UNCLASSIFIED, MappingStatus

MAX_TEXT = 800
_SENTENCE = re.compile("[。！？!?\n；;]")


class KindWords:
    """Tells a text's kind of dispute by its words."""

    def __init__(self, words: DisputeWords, more: Mapping[str, Mapping[str, int]] | None = None) -> None:
        self._words = words
        self._least, self._lead = words.least, words.lead
        self._weights: dict[str, list[tuple[str, int]]] = {}
        kinds = {kind: {**weighed, **(more or {}).get(kind, {})} for kind, weighed in words.kinds.items()}
        for kind, weighed in kinds.items():
            for word, weight in weighed.items():
                self._weights.setdefault(word, []).append((kind, weight))
        self._pattern = re.compile(branching(self._weights))

    def joined(self, more: Mapping[str, Mapping[str, int]]) -> "KindWords":
        """The same with an agency's own words beside."""
        return KindWords(self._words, more) if more else self

    def tell(self, text: str, among: frozenset[str] = frozenset()) -> str:
        """The kind that leads, or "" where none does; of those in `among` only, where any is."""
        scores: dict[str, int] = {}
        for word in set(self._pattern.findall(text, 0, MAX_TEXT)):
            for kind, weight in self._weights[word]:
                if among and kind not in among:
                    continue
                scores[kind] = scores.get(kind, 0) + weight
        ranked = sorted(scores.items(), key=lambda each: -each[1])
        if not ranked or ranked[0][1] < self._least:
            return ""
        if len(ranked) > 1 and ranked[0][1] - ranked[1][1] < self._lead:
            return ""
        return ranked[0][0]


class SettlementTeller:
    """Tells from a reply whether the parties settled."""

    def __init__(self, words: SettlementWords) -> None:
        self._settled = re.compile(branching(words.settled.split()))
        self._denied = re.compile(branching(words.denied.split()))
        self._known = remember(self._tells)

    def tells_settled(self, text: str) -> bool:
        """True when a sentence says that they settled and does not take it back."""
        return self._known(text[:MAX_TEXT])

    def _tells(self, text: str) -> bool:
        if self._settled.search(text) is None:
            return False
        return any(self._settled.search(part) and not self._denied.search(part) for part in _SENTENCE.split(text))


class TypeReader:
    """The kind of dispute: the first of the agency's codes that names one, refined by words where it is not sure."""

    def __init__(self, rule: TypeRule | None, tables: Mapping[str, CodeTable], words: KindWords) -> None:
        rule = TypeRule(codes=()) if rule is None else rule
        self._codes = tuple(CodeReader(each, "type", tables) for each in rule.codes)
        self._texts = tuple(compile_text(each) for each in rule.text)
        joined, among = words.joined(rule.words), frozenset(rule.among)
        self._tell = remember(lambda text: joined.tell(text, among))

    def __call__(self, cells: Cells, narrative: str, notes: Notes) -> CodeField:
        told: CodeField | None = None
        for reader in self._codes:
            field = reader(cells, notes)
            if field is None:
                continue
            if field.hub_code and field.mapping_status in _SURE:
                return field
            if told is None or (field.hub_code and not told.hub_code):
                told = field
        if told is None:
            told = CodeField(DISPUTE_TYPE_LIST, "", None, None, None, MappingStatus.UNMAPPED)
        label = (told.label or "") if told.hub_code is None else ""
        texts = [label, *[text(cells) for text in self._texts], narrative]
        kind = self._tell("\n".join(texts)[:MAX_TEXT])
        if kind:
            notes.append(QualityNote("type", "kind_by_words"))
            status = told.mapping_status if told.mapping_status is not MappingStatus.UNMAPPED else MappingStatus.BROADER
            return msgspec.structs.replace(told, hub_code=kind, mapping_status=status)
        if told.hub_code and told.mapping_status is not MappingStatus.DEFAULTED_BY_SOURCE:
            return told
        is_default = told.mapping_status is MappingStatus.DEFAULTED_BY_SOURCE
        return msgspec.structs.replace(
            told,
            hub_code=UNCLASSIFIED,
            mapping_status=MappingStatus.DEFAULTED_BY_SOURCE if is_default else MappingStatus.UNMAPPED,
        )


_SURE = frozenset({MappingStatus.EXACT, MappingStatus.NARROWER})

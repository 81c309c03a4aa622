"""Codes of an agency's lists, read by the lists in its folder.

The rule kept here: code, label, list and edition stay as the agency gave them; what the hub makes of them stands beside.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from santiao.connectors.converters.codes import CodeTable, parse_code_tables
from santiao.connectors.converters.nulls import BLANK
from santiao.connectors.declaration import Declaration, DeclarationFault
from santiao.connectors.expressions import compile_text
from santiao.connectors.fields import Cells, Notes, add_notes
from santiao.connectors.memory import LONGEST
from santiao.connectors.rules import CodeRule, ListRef
from santiao.domain.records import CodeField
from santiao.domain.vocabulary import MappingStatus

_REMEMBERED = 2_048


class CodeReader:
    """A code of one of the agency's lists."""

    def __init__(self, rule: CodeRule, field: str, tables: Mapping[str, CodeTable]) -> None:
        self._code = compile_text(rule.value)
        self._label = None if rule.label is None else compile_text(rule.label)
        self._edition = None if rule.edition is None else compile_text(rule.edition)
        self._defaults = frozenset(rule.defaults)
        self._table = tables[rule.list]
        self._field = field
        self._known = lru_cache(maxsize=_REMEMBERED)(self._look_up)

    def __call__(self, cells: Cells, notes: Notes) -> CodeField | None:
        code = self._code(cells)
        label = "" if self._label is None else self._label(cells)
        if not code and not label:
            return None
        known = (self._known if len(code) + len(label) <= LONGEST else self._look_up)(code, label)
        if known is None:
            return None
        field, codes = known
        if codes:
            add_notes(notes, self._field, codes)
        if self._edition is not None and (edition := self._edition(cells)):
            return self._in_edition(field, edition[:40])
        return field

    @staticmethod
    def _in_edition(field: CodeField, edition: str) -> CodeField:
        return CodeField(field.list, edition, field.code, field.label, field.hub_code, field.mapping_status)

    def _look_up(self, code: str, label: str) -> tuple[CodeField, tuple[str, ...]] | None:
        read = self._table.lookup(code or None, label or None, nulls=BLANK)
        field = read.value
        if field is None:
            return None
        if code in self._defaults or (not code and label in self._defaults):
            field = msgspec.structs.replace(field, mapping_status=MappingStatus.DEFAULTED_BY_SOURCE)
        return field, read.notes


def load_code_tables(declaration: Declaration, folder: Path) -> dict[str, CodeTable]:
    """The code lists of a connector's folder, by the names its declaration gives them.

    Raises:
        DeclarationFault: a list cannot be read; names file and line.
    """
    tables: dict[str, CodeTable] = {}
    for name, listed in declaration.lists.items():
        tables[name] = _load_table(listed, folder)
    return tables


def _load_table(listed: ListRef, folder: Path) -> CodeTable:
    path = folder / listed.file
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            found = parse_code_tables(lines, prefix_levels=listed.levels)
    except (OSError, ValueError) as failure:
        raise DeclarationFault(f"{path}: {failure}") from failure
    table = found.get((listed.id, listed.edition))
    if table is None:
        told = ", ".join(f"{list_id}@{edition}" for list_id, edition in found)
        raise DeclarationFault(
            f"{path}: holds {told or 'no rows'}, not {listed.id}@{listed.edition}; mend `lists` or the file. 代码表不符。"
        )
    return table

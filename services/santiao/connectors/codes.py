"""Codes of an agency's lists, read by the lists in its folder.

The rule kept here: code, label, list and edition stay as the agency gave them; what the hub makes of them stands beside.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from santiao.connectors.contract import Cell
from santiao.connectors.converters.codes import CodeTable, parse_code_tables
from santiao.connectors.converters.nulls import BLANK
from santiao.connectors.declaration import Declaration, DeclarationFault
from santiao.connectors.expressions import compile_expression, text_of
from santiao.connectors.fields import Cells, Notes, add_notes
from santiao.connectors.rules import CodeRule, ListRef
from santiao.domain.records import CodeField
from santiao.domain.vocabulary import MappingStatus

_CACHED = 5_000


class CodeReader:
    """A code of one of the agency's lists."""

    def __init__(self, rule: CodeRule, field: str, tables: Mapping[str, CodeTable]) -> None:
        self._get = compile_expression(rule.value)
        self._label: Callable[[Cells], Cell] | None = None if rule.label is None else compile_expression(rule.label)
        self._edition: Callable[[Cells], Cell] | None = (
            None if rule.edition is None else compile_expression(rule.edition)
        )
        self._defaults = frozenset(rule.defaults)
        self._table = tables[rule.list]
        self._field = field
        self._cache: dict[tuple[str, str], tuple[CodeField, tuple[str, ...]] | None] = {}

    def __call__(self, cells: Cells, notes: Notes) -> CodeField | None:
        code = text_of(self._get(cells))
        label = text_of(self._label(cells)) if self._label is not None else ""
        key = (code, label)
        if key in self._cache:
            known = self._cache[key]
        else:
            known = self._look_up(code, label)
            if len(self._cache) < _CACHED:
                self._cache[key] = known
        if known is None:
            return None
        field, codes = known
        if codes:
            add_notes(notes, self._field, codes)
        if self._edition is not None and (edition := text_of(self._edition(cells))):
            return msgspec.structs.replace(field, edition=edition[:40])
        return field

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

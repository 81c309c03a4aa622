"""Code lists (代码表) of the agencies, and what the hub makes of one code.

The rules kept here: a code means something only with its list and edition; code and label are kept verbatim beside the hub's code;
what is not known is UNMAPPED, never guessed; a list may have one code twice, labels without codes, and codes no longer in use.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

import msgspec

from santiao.connectors.converters.cells import Converted, Scalar, as_text, fold
from santiao.connectors.converters.nulls import BLANK, NULL, NullMarkers
from santiao.domain.records import CodeField
from santiao.domain.vocabulary import FieldStatus, MappingStatus

PATH_SEPARATORS = "_/>|"
MAX_CODE = 64


class CodeRow(msgspec.Struct, frozen=True):
    """One row of a code list. `code` is empty for a label that the list gives no code; dates bound the time the code is in use."""

    list_id: str
    edition: str
    code: str
    label: str
    parent_code: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    replaced_by: str = ""
    hub_code: str = ""
    mapping_status: MappingStatus = MappingStatus.UNMAPPED
    note: str = ""


class CodeTable:
    """One list in one edition, looked up by code, by label, or by both."""

    def __init__(
        self, list_id: str, edition: str, rows: Iterable[CodeRow], *, prefix_levels: Iterable[int] = ()
    ) -> None:
        """`prefix_levels`: lengths at which a code's beginning names its parent (police 2, 4); empty when codes do not nest."""
        self.list_id = list_id
        self.edition = edition
        self.rows = tuple(rows)
        self._by_code: dict[str, list[CodeRow]] = defaultdict(list)
        self._by_label: dict[str, list[CodeRow]] = defaultdict(list)
        for row in self.rows:
            if row.code:
                self._by_code[row.code].append(row)
            if row.label:
                self._by_label[label_key(row.label)].append(row)
        self._prefix_levels = tuple(sorted(prefix_levels, reverse=True))

    def lookup(
        self, code: Scalar, label: Scalar = None, *, on: date | None = None, nulls: NullMarkers = BLANK
    ) -> Converted[CodeField]:
        """What the hub makes of a code cell, a label cell, or both side by side.

        Status: NULL_MARKER; UNMAPPED when neither is known or the row has no hub code; DEFAULTED when the source puts this code where
        it knows none; else OK. Notes: `duplicate_code`, `label_disagrees`, `retired_code` (not in use `on` that day, or replaced),
        `label_without_code`, `label_ambiguous`, `broader_by_path`, `broader_by_prefix`, `unknown_code`, `unknown_label`.
        """
        code_text, label_text = _cell(code, nulls), _cell(label, nulls)
        if code_text is None and label_text is None:
            return NULL
        notes: list[str] = []
        row = self._by_code_cell(code_text, label_text, notes) if code_text is not None else None
        widened = False
        if row is None and label_text is not None:
            row, widened = self._by_label_cell(label_text, notes)
            if row is not None and code_text is None:
                notes.append("label_without_code")
        if row is None and code_text is not None:
            row = self._by_prefix(code_text)
            widened = row is not None
            if widened:
                notes.append("broader_by_prefix")
        return self._answer(row, code_text, label_text, on, notes, widened=widened)

    def _by_code_cell(self, code: str, label: str | None, notes: list[str]) -> CodeRow | None:
        rows = self._by_code.get(code) or self._by_code.get(fold(code).upper())
        if not rows:
            notes.append("unknown_code")
            return None
        if label is not None:
            same = [row for row in rows if label_key(row.label) == label_key(label)]
            if same:
                return same[0]
            notes.append("label_disagrees")
        if len(rows) > 1:
            notes.append("duplicate_code")
        return rows[0]

    def _by_label_cell(self, label: str, notes: list[str]) -> tuple[CodeRow | None, bool]:
        """By the whole label; of a path (城乡建设_物业管理_收费) also by the longest beginning that is listed, which says less."""
        path = _path(label)
        for length in range(len(path), 0, -1):
            rows = self._by_label.get(label_key("_".join(path[:length])))
            if rows:
                if len({row.hub_code for row in rows}) > 1:
                    notes.append("label_ambiguous")
                if length < len(path):
                    notes.append("broader_by_path")
                return rows[0], length < len(path)
        notes.append("unknown_label")
        return None, False

    def _by_prefix(self, code: str) -> CodeRow | None:
        for length in self._prefix_levels:
            rows = self._by_code.get(code[:length].ljust(len(code), "0"))
            if rows and rows[0].code != code:
                return rows[0]
        return None

    def _answer(
        self,
        row: CodeRow | None,
        code: str | None,
        label: str | None,
        on: date | None,
        notes: list[str],
        *,
        widened: bool,
    ) -> Converted[CodeField]:
        if row is None:
            field = CodeField(self.list_id, self.edition, code, label)
            return Converted(field, FieldStatus.UNMAPPED, tuple(notes))
        if row.replaced_by or (on is not None and not (row.valid_from or on) <= on <= (row.valid_to or on)):
            notes.append("retired_code")
            if not row.hub_code and row.replaced_by in self._by_code:
                row = self._by_code[row.replaced_by][0]
        mapping = row.mapping_status if row.hub_code else MappingStatus.UNMAPPED
        if widened and mapping in {MappingStatus.EXACT, MappingStatus.NARROWER}:
            mapping = MappingStatus.BROADER
        status = {
            MappingStatus.UNMAPPED: FieldStatus.UNMAPPED,
            MappingStatus.DEFAULTED_BY_SOURCE: FieldStatus.DEFAULTED,
        }
        field = CodeField(
            list=self.list_id,
            edition=self.edition,
            code=code,
            label=label if label is not None else None if widened else row.label,
            hub_code=row.hub_code or None,
            mapping_status=mapping,
        )
        return Converted(field, status.get(mapping, FieldStatus.OK), tuple(notes))


def _cell(cell: Scalar, nulls: NullMarkers) -> str | None:
    text = as_text(cell)
    return None if text is None or nulls.cover(text) else text.strip()[: MAX_CODE * 4]


def label_key(label: str) -> str:
    """Form under which two writings of a label are equal: half width, no blanks, one separator for paths."""
    return "_".join(_path(label))


def _path(label: str) -> list[str]:
    folded = fold(label).casefold()
    for separator in PATH_SEPARATORS:
        if separator in folded:
            folded = folded.replace(separator, "\n")
    return [part for part in folded.split("\n") if part]


_COLUMNS = ("list_id", "edition", "code", "label")


def parse_code_tables(lines: Iterable[str], *, prefix_levels: Iterable[int] = ()) -> dict[tuple[str, str], CodeTable]:
    """Code tables from CSV lines with a header, by (list id, edition). `label_zh` may stand for `label`.

    Raises:
        ValueError: a column is missing, or a row has a date or mapping status that cannot be; names the line.
    """
    reader = csv.DictReader(lines)
    header = ["label" if name == "label_zh" else name for name in reader.fieldnames or ()]
    missing = [name for name in _COLUMNS if name not in header]
    if missing:
        raise ValueError(f"code list lacks the columns {', '.join(missing)}; 代码表缺少列")
    reader.fieldnames = header
    rows: dict[tuple[str, str], list[CodeRow]] = defaultdict(list)
    for cells in reader:
        row = _parse_row(cells, reader.line_num)
        rows[row.list_id, row.edition].append(row)
    levels = tuple(prefix_levels)
    return {key: CodeTable(*key, table, prefix_levels=levels) for key, table in rows.items()}


def _parse_row(cells: dict[str, str | None], line: int) -> CodeRow:
    told = {name: (value or "").strip() for name, value in cells.items() if name in CodeRow.__struct_fields__}
    try:
        return msgspec.convert({name: value for name, value in told.items() if value or name in _COLUMNS}, CodeRow)
    except msgspec.ValidationError as fault:
        raise ValueError(f"code list, line {line}: {fault}; 代码表行有误") from fault

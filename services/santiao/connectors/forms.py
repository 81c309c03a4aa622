"""How an agency's deliveries stand in files: table snapshots, saved answers, drop, ledgers, signed lines, events. One struct per form.

The rule kept here: a form says where items stand and what time a delivery carries; it never says what a cell means. Patterns are file
names (`fnmatch`), never paths; what matches no pattern is no delivery and is not read.
"""

import msgspec

from santiao.connectors.transports.webhook import WebhookSettings


class TableFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The snapshot files of one table: `files` is their pattern, `changed` the column a change is seen by."""

    table: str
    files: str
    changed: tuple[str, ...]


class TableFilesForm(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="form", tag="table-files"
):
    """A folder of snapshots of a front-end database's tables as CSV, read day by day: all tables of a day before the next day."""

    tables: tuple[TableFile, ...]
    charsets: tuple[str, ...] = ("utf-8",)
    times: str
    """How `changed` is written, as strptime has it; it must sort as text."""


class AnswersForm(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="form", tag="answers"
):
    """A folder of a service's saved list answers, in the order of their names."""

    files: str = "page-*.json"
    items: str
    """Path of the list inside an answer."""
    changed: tuple[str, ...]
    times: str
    code: str = "code"
    ok_codes: tuple[str, ...] = ("200", "0", "0000")
    """Any other code is the source being busy: its answer is no item."""


class DropForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="form", tag="drop"):
    """File drop of XML documents, each complete when its marker stands beside it; a folder or an SFTP address."""

    files: str
    marker: str = ".ok"
    element: str
    lists: tuple[str, ...] = ()
    """Elements that may come more than once inside an item."""
    changed: tuple[str, ...]
    times: str
    charsets: tuple[str, ...] = ("utf-8",)
    name_pattern: str = ""
    """Regular expression with groups `day` (yyyymmdd) and `number`: numbers run on from 1 within a day, a gap is noticed."""


class SnapshotForm(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="form", tag="snapshot"
):
    """Whole-snapshot ledgers as CSV or XLSX, in the order of their names: absence counts only when two of them agree."""

    files: tuple[str, ...]
    key: str
    header: tuple[str, ...]
    """Headings (after aliases) that a row must hold to be the header."""
    totals: tuple[str, ...] = ("合计", "总计", "小计")
    carry: tuple[str, ...] = ()
    """Columns whose blank means the value above, as merged cells leave it; ditto marks are carried in every column."""
    charsets: tuple[str, ...] = ("utf-8",)
    name_pattern: str = r"(?P<day>\d{8})"


class HookForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="form", tag="hook"):
    """Signed webhook, or a JSON-lines file of its deliveries with `received_at`, `headers` and the raw `body`."""

    files: str = "*.jsonl"
    secret: str
    """Name of the secret; its value comes from the settings."""
    signature: WebhookSettings = WebhookSettings()


class EventsForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="form", tag="events"):
    """CloudEvents 1.0: over HTTP, or a JSON-lines file of structured events."""

    files: str = "*.jsonl"
    types: tuple[str, ...] = ()
    """Event types that are taken; empty: any."""


Form = TableFilesForm | AnswersForm | DropForm | SnapshotForm | HookForm | EventsForm


class Bounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may not be passed; beyond it is refused, naming the place."""

    file_bytes: int = 64 * 1024 * 1024
    item_bytes: int = 1024 * 1024
    items: int = 200_000
    expanded_bytes: int = 256 * 1024 * 1024
    """A workbook's size when unpacked."""
    raw_bytes: int = 256 * 1024
    """An item's raw bytes kept with its record; a longer item keeps its beginning and says so."""
    text_chars: int = 20_000

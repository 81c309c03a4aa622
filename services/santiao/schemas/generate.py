"""Writing the folder from the types, and releasing what was written.

The rule: a draft follows its type; a released file stays, and a changed type gets the next minor beside it. Whether that minor
may stand beside the others is for `check` to say.
"""

from pathlib import Path

import msgspec

from santiao.schemas.avsc import render_schema
from santiao.schemas.catalogue import Entry, read_catalogue
from santiao.schemas.fingerprint import says_the_same
from santiao.schemas.folder import (
    Release,
    SchemaFile,
    make_path,
    make_releases,
    read_folder,
    read_released,
    write_released,
)


class Change(msgspec.Struct, frozen=True):
    """What generating does to one file: `text` None removes it (a draft whose type is gone)."""

    path: str
    text: str | None


def run_generate(folder: Path, entries: tuple[Entry, ...] | None = None) -> list[Change]:
    """Bring the folder up to date with the types, and tell what was changed."""
    changes = plan_changes(folder, entries)
    for change in changes:
        target = folder / change.path
        if change.text is None:
            target.unlink()
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(change.text, encoding="utf-8", newline="\n")
    return changes


def plan_changes(folder: Path, entries: tuple[Entry, ...] | None = None) -> list[Change]:
    """What `run_generate` would do; empty when the folder is up to date.

    Raises:
        NoAvroForm: a type cannot be said in Avro.
    """
    wanted = read_catalogue() if entries is None else entries
    files, _ = read_folder(folder)
    released = read_released(folder)
    families = {(entry.kind, entry.name, entry.major) for entry in wanted}
    changes = [change for entry in wanted for change in _plan_entry(entry, files, released)]
    changes += [
        Change(file.path, None)
        for file in files
        if file.path not in released and (file.kind, file.name, file.major) not in families
    ]
    return sorted(changes, key=lambda change: change.path)


def run_release(folder: Path) -> list[str]:
    """Put every draft on the list of released files: from now on their texts stand. Returns the paths that were added."""
    files, _ = read_folder(folder)
    released = read_released(folder)
    drafts = [file for file in files if file.path not in released]
    write_released(folder, {**released, **make_releases(drafts)})
    return [file.path for file in drafts]


def _plan_entry(entry: Entry, files: list[SchemaFile], released: dict[str, Release]) -> list[Change]:
    schema = entry.make_schema()
    text = render_schema(schema)
    family = [file for file in files if (file.kind, file.name, file.major) == (entry.kind, entry.name, entry.major)]
    standing = [file for file in family if file.path in released]
    drafts = [file for file in family if file.path not in released]
    if standing and (entry.is_retired or says_the_same(standing[-1].schema, schema)):
        # A doc that was reworded is no new version: the released text goes on standing for the type. Nor does a retired major
        # get one when its envelope grows: nobody writes it any more.
        return [Change(draft.path, None) for draft in drafts]
    minor = standing[-1].minor + 1 if standing else 0
    path = make_path(entry.kind, entry.name, entry.major, minor)
    changes = [Change(draft.path, None) for draft in drafts if draft.path != path]
    if not any(draft.path == path and draft.text == text.encode() for draft in drafts):
        changes.append(Change(path, text))
    return changes

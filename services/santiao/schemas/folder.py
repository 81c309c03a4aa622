"""The committed folder `schemas/`: names of files, and the list of what was released. The rule: a released text never changes.

A file is `<kind>/<Name>.v<major>.<minor>.avsc`. Every text that was released stays for ever, so that every message can be read
by its fingerprint; `released.json` holds the SHA-256 and the fingerprint of each. A file that is not on that list is a draft and
follows its type.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from santiao.schemas.fingerprint import make_fingerprint, make_text_digest

RELEASED = "released.json"
_FILE_NAME = re.compile(r"(?P<name>[A-Z][A-Za-z0-9]*)\.v(?P<major>[1-9][0-9]*)\.(?P<minor>0|[1-9][0-9]*)\.avsc\Z")


class SchemaFile(msgspec.Struct, frozen=True):
    """One `.avsc`: its place in the folder and its schema."""

    path: str
    kind: str
    name: str
    major: int
    minor: int
    text: bytes
    schema: dict[str, object]

    @property
    def version(self) -> str:
        return f"{self.major}.{self.minor}"


class Unreadable(msgspec.Struct, frozen=True):
    """A file in the folder that is no schema file, and why."""

    path: str
    reason: str


class Release(msgspec.Struct, frozen=True):
    """What the list says of a released file. `fingerprint` in hex, in message order."""

    sha256: str
    fingerprint: str


def make_path(kind: str, name: str, major: int, minor: int) -> str:
    """Where a schema lies, relative to the folder."""
    return f"{kind}/{name}.v{major}.{minor}.avsc"


def read_folder(folder: Path) -> tuple[list[SchemaFile], list[Unreadable]]:
    """Every schema file below the folder in order of name and version, and every `.avsc` that is none."""
    files: list[SchemaFile] = []
    unreadable: list[Unreadable] = []
    for found in sorted(folder.glob("**/*.avsc")):
        path = found.relative_to(folder).as_posix()
        read = _read_file(found, path)
        if isinstance(read, SchemaFile):
            files.append(read)
        else:
            unreadable.append(read)
    files.sort(key=lambda file: (file.kind, file.name, file.major, file.minor))
    return files, unreadable


def read_released(folder: Path) -> dict[str, Release]:
    """The list of released files by path; empty before the first release.

    Raises:
        ValueError: the list cannot be read; a list that is lost must come back from git, never be written anew.
    """
    listing = folder / RELEASED
    if not listing.exists():
        return {}
    try:
        return msgspec.json.decode(listing.read_bytes(), type=dict[str, Release])
    except msgspec.MsgspecError as error:
        raise ValueError(f"{listing}: {error}; restore it from git") from error


def write_released(folder: Path, released: Mapping[str, Release]) -> None:
    """Write the list, sorted by path."""
    content = {
        path: {"sha256": release.sha256, "fingerprint": release.fingerprint}
        for path, release in sorted(released.items())
    }
    (folder / RELEASED).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def make_releases(files: Iterable[SchemaFile]) -> dict[str, Release]:
    """What the list will say of these files."""
    return {file.path: Release(make_text_digest(file.text), make_fingerprint(file.schema).hex()) for file in files}


def _read_file(found: Path, path: str) -> SchemaFile | Unreadable:
    kind, _, file_name = path.rpartition("/")
    named = _FILE_NAME.match(file_name)
    if not named or not kind or "/" in kind:
        return Unreadable(path, "not named <kind>/<Name>.v<major>.<minor>.avsc")
    text = found.read_bytes()
    try:
        schema = json.loads(text)
    except ValueError as error:
        return Unreadable(path, f"not JSON: {error}")
    if not isinstance(schema, dict):
        return Unreadable(path, "not a JSON object")
    return SchemaFile(path, kind, named["name"], int(named["major"]), int(named["minor"]), text, schema)

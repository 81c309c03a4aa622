"""`santiao schemas check`: the whole folder against its rules (`rules`), its types and its list of released files."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

import avro.schema
import msgspec

from santiao.schemas.catalogue import CASE, Entry, make_namespace, read_catalogue
from santiao.schemas.compatibility import compare_versions
from santiao.schemas.fingerprint import (
    find_shared_fingerprints,
    make_fingerprint,
    make_text_digest,
    read_canonical_form,
)
from santiao.schemas.folder import RELEASED, SchemaFile, Unreadable, read_folder, read_released
from santiao.schemas.generate import plan_changes
from santiao.schemas.rules import Problem
from santiao.schemas.trial import parse_twice
from santiao.schemas.upcast import UPCASTERS, Upcaster


class CheckReport(msgspec.Struct, frozen=True):
    """What the check found. `files` were read, `drafts` are not on the list of released files yet."""

    files: int
    drafts: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def is_good(self) -> bool:
        return not self.problems

    @property
    def exit_code(self) -> int:
        return 0 if self.is_good else 1

    def lines(self) -> list[str]:
        """What a person reads: one line for each problem, then a summary."""
        summary = f"{self.files} schemas, {len(self.drafts)} not released, {len(self.problems)} problems"
        return [*(problem.write_line() for problem in self.problems), summary]


def run_check(folder: Path) -> CheckReport:
    """Check the folder against everything: itself, the list of released files, the types and the upcasters."""
    files, _ = read_folder(folder)
    problems = check_all(folder)
    if any(problem.rule == "list-unreadable" for problem in problems):
        return CheckReport(len(files), (), tuple(problems))
    problems += check_against_types(folder, read_catalogue(), UPCASTERS)
    released = read_released(folder)
    return CheckReport(len(files), tuple(file.path for file in files if file.path not in released), tuple(problems))


def check_all(folder: Path) -> list[Problem]:
    """Check a folder by itself: names, released texts, fingerprints, and every version against every other."""
    files, unreadable = read_folder(folder)
    return [
        *_judge_names(files, unreadable),
        *_judge_released(folder, files),
        *_judge_fingerprints(files),
        *_judge_numbers(files),
        *compare_versions(files),
    ]


def check_against_types(
    folder: Path, entries: tuple[Entry, ...], upcasters: Mapping[tuple[str, int], Upcaster]
) -> list[Problem]:
    """Check that folder, types and upcasters belong together: nothing stale, nothing without a reader, no major without a way up."""
    files, _ = read_folder(folder)
    known = {(entry.kind, entry.name, entry.major) for entry in entries}
    problems = [
        Problem(change.path, "not-generated", "the file is stale" if change.text else "the type of this draft is gone")
        for change in plan_changes(folder, entries)
    ]
    problems += [
        Problem(file.path, "no-type", f"no type reads {file.name} v{file.major}")
        for file in files
        if (file.kind, file.name, file.major) not in known and file.path in read_released(folder)
    ]
    newest = {(entry.kind, entry.name): entry.major for entry in entries}
    problems += [
        Problem(
            f"{entry.kind}/{entry.name}", "no-upcaster", f"nothing leads from major {entry.major} to {entry.major + 1}"
        )
        for entry in entries
        if entry.kind == CASE
        and entry.major < newest[entry.kind, entry.name]
        and (entry.name, entry.major) not in upcasters
    ]
    return problems


def _judge_names(files: list[SchemaFile], unreadable: list[Unreadable]) -> Iterator[Problem]:
    for bad in unreadable:
        yield Problem(bad.path, "file-unreadable", bad.reason)
    for file in files:
        wanted = (file.name, make_namespace(file.kind), "record")
        found = (file.schema.get("name"), file.schema.get("namespace"), file.schema.get("type"))
        if found != wanted:
            yield Problem(file.path, "name-mismatch", f"holds {found[2]} {found[1]}.{found[0]}", versions=file.version)


def _judge_released(folder: Path, files: list[SchemaFile]) -> Iterator[Problem]:
    try:
        released = read_released(folder)
    except ValueError as error:
        yield Problem(RELEASED, "list-unreadable", str(error))
        return
    texts = {file.path: file for file in files}
    for path, release in released.items():
        file = texts.get(path)
        if file is None:
            yield Problem(path, "released-missing", "the list names it and it is not there")
        elif make_text_digest(file.text) != release.sha256:
            yield Problem(path, "released-changed", "it is not the text that was released", versions=file.version)


def _judge_fingerprints(files: list[SchemaFile]) -> Iterator[Problem]:
    readable = [file for file in files if _is_avro(file)]
    for fingerprint, paths in find_shared_fingerprints((file.path, file.schema) for file in readable):
        yield Problem(", ".join(paths), "shared-fingerprint", f"{len(paths)} texts share {fingerprint.hex()}")
    for file in readable:
        canonical = avro.schema.parse(read_canonical_form(file.schema))
        if canonical.fingerprint() != make_fingerprint(file.schema):
            yield Problem(file.path, "fingerprint-disputed", "the two libraries compute two", versions=file.version)


def _judge_numbers(files: list[SchemaFile]) -> Iterator[Problem]:
    for (kind, name), family in groupby(files, key=lambda file: (file.kind, file.name)):
        expected_major = 1
        for major, minors in groupby(family, key=lambda file: file.major):
            found = [file.minor for file in minors]
            if major != expected_major:
                yield Problem(f"{kind}/{name}", "version-gap", f"major {expected_major} is missing before {major}")
            expected_major = major + 1
            if found != list(range(len(found))):
                yield Problem(f"{kind}/{name}", "version-gap", f"the minors of major {major} are {found}")


def _is_avro(file: SchemaFile) -> bool:
    try:
        parse_twice(file.schema)
    except ValueError:
        return False
    return True

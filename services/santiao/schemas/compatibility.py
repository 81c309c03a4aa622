"""The gate: all versions of a name against all others, in both directions, by three judges who must agree.

`reading` walks the schemas and names the field; Apache's `avro` gives its verdict; `trial` writes and reads real bytes with both
libraries. A pair passes when none of them objects. Majors are not compared with each other: an upcaster leads from one to the next.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations, groupby

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

from santiao.schemas.folder import SchemaFile
from santiao.schemas.reading import Finding, Reading, find_bad_defaults
from santiao.schemas.rules import Problem
from santiao.schemas.trial import Parsed, parse_twice, try_reading


def compare_versions(files: Iterable[SchemaFile]) -> Iterator[Problem]:
    """Judge each version by itself, then every two of one name and major; `files` are in order of version.

    Yields a problem for a schema no library parses (`file-unreadable`), a default that does not fit, and each place where one
    version cannot read another.
    """
    parsed: list[tuple[SchemaFile, Parsed]] = []
    for file in files:
        try:
            parsed.append((file, parse_twice(file.schema)))
        except ValueError as error:
            yield Problem(file.path, "file-unreadable", str(error))
    for file, schema in parsed:
        for finding in find_bad_defaults(schema.apache):
            yield Problem(file.path, finding.rule, finding.found, finding.field, file.version)
    for _, family in groupby(parsed, key=lambda pair: (pair[0].kind, pair[0].name, pair[0].major)):
        for (older, old), (newer, new) in combinations(list(family), 2):
            yield from _compare_two(older, old, newer, new)


def find_incompatibilities(older: Parsed, newer: Parsed) -> list[tuple[str, Finding]]:
    """What keeps two versions from reading each other, with the direction: "backward" when the newer cannot read the older."""
    backward = judge_reading(newer, older, reader_is_newer=True)
    forward = judge_reading(older, newer, reader_is_newer=False)
    return [("backward", finding) for finding in backward] + [("forward", finding) for finding in forward]


def judge_reading(reader: Parsed, writer: Parsed, *, reader_is_newer: bool) -> list[Finding]:
    """The three judges in turn; the later ones speak only where the earlier found nothing, as they cannot name a field."""
    findings = Reading(reader.apache, writer.apache, reader_is_newer=reader_is_newer).find()
    return findings or _ask_apache(reader, writer) or try_reading(reader, writer)


def _ask_apache(reader: Parsed, writer: Parsed) -> list[Finding]:
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]  # the library left it without types
    verdict = checker.get_compatibility(reader.apache, writer.apache)
    if verdict.compatibility is SchemaCompatibilityType.compatible:
        return []
    found = "; ".join(sorted(verdict.messages)) or verdict.compatibility.value
    return [Finding(", ".join(sorted(verdict.locations)), "apache-refuses", found)]


def _compare_two(older: SchemaFile, old: Parsed, newer: SchemaFile, new: Parsed) -> Iterator[Problem]:
    for direction, finding in find_incompatibilities(old, new):
        reader, writer = (newer, older) if direction == "backward" else (older, newer)
        versions = f"{reader.version} reading {writer.version}"
        yield Problem(newer.path, finding.rule, finding.found, finding.field, versions)

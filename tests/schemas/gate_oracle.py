"""The oracle: whether two schemas read each other, found out by doing it; and the gate's answer beside it.

`python -m tests.schemas.gate_oracle 20000 [SEED]` measures how often the two agree.
"""

import sys
from collections import Counter
from typing import Any

import msgspec
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from santiao.schemas.compatibility import find_incompatibilities
from santiao.schemas.reading import find_bad_defaults
from santiao.schemas.trial import Parsed, make_witnesses, parse_twice, read_with_both, write_datum
from tests.schemas.schema_data import Draw, draw_datum
from tests.schemas.schema_pairs import schema_pairs

DELIBERATE = {"default-changed", "default-unusable", "default-invalid", "logical-type-changed", "symbol-removed"}
"""Rules that refuse what Avro would read: the reading would mislead, or our stored events rely on what Avro does not see."""


class Pair(msgspec.Struct):
    """Two versions and data written with each, as drawn."""

    older: dict[str, Any]
    newer: dict[str, Any]
    old_data: list[Any]
    new_data: list[Any]


class Verdict(msgspec.Struct):
    """What the gate says of a pair, what Apache's check alone says, and what became of the data."""

    refused_by: set[str]
    apache_passes: bool
    failure: str


@st.composite
def pairs_with_data(draw: Draw) -> Pair:
    """Two versions, with four values of each."""
    older, newer = draw(schema_pairs())
    old_data, new_data = ([draw_datum(draw, schema) for _ in range(4)] for schema in (older, newer))
    return Pair(older, newer, old_data, new_data)


def judge(pair: Pair) -> Verdict | None:
    """Ask the gate and do the reading, in both directions; None where a library refuses one of the schemas as it stands."""
    try:
        older, newer = parse_twice(pair.older), parse_twice(pair.newer)
    except ValueError:
        return None
    bad = find_bad_defaults(older.apache) + find_bad_defaults(newer.apache)
    refused_by = {finding.rule for finding in bad} | {
        finding.rule for _, finding in find_incompatibilities(older, newer)
    }
    failure = _read_all(older, newer, pair.old_data) or _read_all(newer, older, pair.new_data)
    return Verdict(refused_by, _ask_apache(older, newer) and _ask_apache(newer, older), failure)


def _read_all(writer: Parsed, reader: Parsed, data: list[Any]) -> str:
    for datum in [*data, *make_witnesses(writer.apache)]:
        fast, apache = read_with_both(write_datum(writer, datum), reader, writer)
        if fast.failure or apache.failure:
            return f"fastavro {fast.failure or 'reads'}, avro {apache.failure or 'reads'}"
        if fast.value != apache.value:
            return f"fastavro reads {fast.value}, avro {apache.value}"
    return ""


def _ask_apache(reader: Parsed, writer: Parsed) -> bool:
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]  # the library left it without types
    return checker.get_compatibility(reader.apache, writer.apache).compatibility is SchemaCompatibilityType.compatible


def measure(count: int, number: int) -> Counter[str]:
    """Judge so many pairs and count how gate, Apache's check and reading agree."""
    counts: Counter[str] = Counter()

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(pairs_with_data())
    def judge_one(pair: Pair) -> None:
        verdict = judge(pair)
        if verdict is None:
            counts["a library refuses one of the schemas"] += 1
            return
        reads = "fails" if verdict.failure else "succeeds"
        counts[f"gate {'refuses' if verdict.refused_by else 'passes'}, reading {reads}"] += 1
        counts[f"apache alone {'passes' if verdict.apache_passes else 'refuses'}, reading {reads}"] += 1
        if verdict.refused_by and not verdict.failure:
            counts[f"  over-strict {'on purpose' if verdict.refused_by <= DELIBERATE else 'by accident'}"] += 1

    judge_one()
    return counts


if __name__ == "__main__":
    for what, number in sorted(measure(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0).items()):
        sys.stdout.write(f"{number:8} {what}\n")

"""The gate's answers, change by change, and what Apache's check alone would have passed."""

from typing import Any

import pytest

from santiao.schemas.compatibility import find_incompatibilities
from santiao.schemas.trial import make_witnesses, parse_twice
from tests.schemas.gate_oracle import Pair, judge
from tests.schemas.toys import field, record

OPEN_ENUM = {"type": "enum", "name": "cn.santiao.case.E", "symbols": ["A", "UNKNOWN"], "default": "UNKNOWN"}
CLOSED_ENUM = {"type": "enum", "name": "cn.santiao.case.E", "symbols": ["A", "B"]}
STAMP = {"type": "long", "logicalType": "timestamp-millis"}
INNER = {"type": "record", "name": "cn.santiao.case.Inner", "fields": [field("x", "long")]}
A = {"type": "record", "name": "cn.santiao.case.A", "fields": [field("x", "long")]}
B = {"type": "record", "name": "cn.santiao.case.B", "fields": [field("x", "long")]}
NAMESAKES = [A, {"type": "record", "name": "elsewhere.A", "fields": [field("y", "long")]}]


def findings(older: dict[str, Any], newer: dict[str, Any]) -> set[tuple[str, str, str]]:
    found = find_incompatibilities(parse_twice(older), parse_twice(newer))
    return {(direction, finding.rule, finding.field) for direction, finding in found}


def toy(*fields: dict[str, Any]) -> dict[str, Any]:
    return record("Toy", field("kept", "string"), *fields)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        pytest.param(toy(), toy(field("f", "long", default=0)), id="a field with a default comes"),
        pytest.param(toy(field("f", ["null", "string"], default=None)), toy(), id="a field with a default goes"),
        pytest.param(toy(field("f", "long")), record("Toy", field("f", "long"), field("kept", "string")), id="order"),
        pytest.param(
            toy(field("f", OPEN_ENUM)),
            toy(field("f", {**OPEN_ENUM, "symbols": ["A", "UNKNOWN", "NEW"]})),
            id="an open enum grows",
        ),
        pytest.param(toy(field("f", ["null", A])), toy(field("f", [A, "null"])), id="branches change places"),
        pytest.param(
            toy(field("f", INNER)),
            toy(field("f", {**INNER, "fields": [field("x", "long"), field("y", ["null", STAMP], default=None)]})),
            id="a type within gets a field",
        ),
    ],
)
def test_a_compatible_change_passes(older: dict[str, Any], newer: dict[str, Any]) -> None:
    assert findings(older, newer) == set()


@pytest.mark.parametrize(
    ("older", "newer", "expected"),
    [
        pytest.param(
            toy(),
            toy(field("f", "long")),
            {("backward", "field-without-default", "f")},
            id="a field without default comes",
        ),
        pytest.param(
            toy(field("f", "long")),
            toy(),
            {("forward", "field-without-default", "f")},
            id="a field without default goes",
        ),
        pytest.param(
            toy(field("f", "int")),
            toy(field("f", "long")),
            {("forward", "type-changed", "f")},
            id="a promotion is one-way",
        ),
        pytest.param(
            toy(field("f", "string")),
            toy(field("f", ["null", "string"])),
            {("forward", "type-changed", "f")},
            id="a field becomes optional",
        ),
        pytest.param(
            toy(field("f", CLOSED_ENUM)),
            toy(field("f", {**CLOSED_ENUM, "symbols": ["A", "B", "C"]})),
            {("forward", "symbol-missing", "f")},
            id="a closed enum grows",
        ),
        pytest.param(
            toy(field("f", {**OPEN_ENUM, "symbols": ["A", "OLD", "UNKNOWN"]})),
            toy(field("f", OPEN_ENUM)),
            {("backward", "symbol-removed", "f")},
            id="a symbol goes, which stored events hold",
        ),
        pytest.param(
            toy(field("f", [A])), toy(field("f", [A, B])), {("forward", "branch-missing", "f")}, id="a branch comes"
        ),
        pytest.param(
            toy(field("f", {"type": "fixed", "name": "F", "size": 2})),
            toy(field("f", {"type": "fixed", "name": "F", "size": 3})),
            {("backward", "size-changed", "f"), ("forward", "size-changed", "f")},
            id="a size changes",
        ),
        pytest.param(
            toy(field("f", {"type": "array", "items": INNER})),
            toy(field("f", {"type": "array", "items": {**INNER, "fields": [field("x", "long"), field("y", "long")]}})),
            {("backward", "field-without-default", "f[].y")},
            id="the place is told down to the field within",
        ),
    ],
)
def test_an_incompatible_change_is_named_by_direction_rule_and_field(
    older: dict[str, Any], newer: dict[str, Any], expected: set[tuple[str, str, str]]
) -> None:
    assert findings(older, newer) == expected


BEHIND_APACHE = [
    pytest.param(toy(field("f", "string")), toy(field("f", "bytes")), "type-changed", id="string for bytes"),
    pytest.param(
        toy(field("f", INNER)),
        toy(field("f", {**INNER, "name": "other.Inner"})),
        "name-changed",
        id="another namespace",
    ),
    pytest.param(
        toy(field("f", "long", default=0)),
        toy(field("g", "long", aliases=["f"], default=0)),
        "name-changed",
        id="a field by its alias",
    ),
    pytest.param(toy(field("f", "long")), toy(field("f", STAMP)), "logical-type-changed", id="a number becomes a time"),
    pytest.param(
        toy(field("f", "long", default=1)), toy(field("f", "long", default=2)), "default-changed", id="another default"
    ),
    pytest.param(toy(), toy(field("f", "bytes", default="x")), "default-unusable", id="bytes as a default"),
    pytest.param(
        toy(field("f", NAMESAKES)),
        toy(field("f", NAMESAKES), field("g", "long", default=0)),
        "decode-fails",
        id="two branches of one short name, which fastavro takes for each other",
    ),
]


@pytest.mark.parametrize(("older", "newer", "rule"), BEHIND_APACHE)
def test_what_apaches_check_passes_alone_is_still_refused(
    older: dict[str, Any], newer: dict[str, Any], rule: str
) -> None:
    verdict = judge(Pair(older, newer, [], []))
    assert verdict is not None
    assert verdict.apache_passes
    assert rule in verdict.refused_by


def test_a_failed_trial_names_the_field() -> None:
    older, newer = toy(field("f", NAMESAKES)), toy(field("f", NAMESAKES), field("g", "long", default=0))
    assert ("backward", "decode-fails", "f") in findings(older, newer)


def test_the_witnesses_hold_every_branch_and_symbol() -> None:
    schema = toy(field("f", {"type": "map", "values": ["null", CLOSED_ENUM, {"type": "array", "items": ["int", A]}]}))
    text = repr(make_witnesses(parse_twice(schema).apache))
    for held in ("'A'", "'B'", "None", "('int', 7)", "('cn.santiao.case.A', {'x': 7})"):
        assert held in text


def test_a_record_that_holds_itself_has_witnesses_that_end() -> None:
    node = {
        "type": "record",
        "name": "cn.santiao.case.Node",
        "fields": [field("next", ["null", "cn.santiao.case.Node"])],
    }
    assert findings(toy(field("f", node)), toy(field("f", node), field("g", "long", default=0))) == set()
    assert len(make_witnesses(parse_twice(toy(field("f", node))).apache)) == 1

"""Fingerprints: the specification's own values, two libraries agreeing, and texts that share one found out."""

import json
from typing import Any

import avro.schema
import pytest
from fastavro.schema import fingerprint as hash_canonical_form
from hypothesis import assume, given

from santiao.schemas.catalogue import read_catalogue
from santiao.schemas.fingerprint import (
    find_shared_fingerprints,
    make_fingerprint,
    read_canonical_form,
    says_the_same,
)
from santiao.schemas.trial import parse_twice
from tests.schemas.schema_pairs import schema_pairs
from tests.schemas.toys import field, record


@pytest.mark.parametrize(
    ("canonical", "number"),
    [('"int"', 0x7275D51A3F395C8F), ('"null"', 0x63DD24E7CC258F8A), ('"string"', 0x8F014872634503C7)],
)
def test_known_values_of_the_specification(canonical: str, number: int) -> None:
    assert bytes.fromhex(hash_canonical_form(canonical, "CRC-64-AVRO")) == number.to_bytes(8, "little")


@given(schema_pairs())
def test_both_libraries_hash_a_canonical_form_alike(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    for schema in pair:
        # Neither library's fault is at stake here: a default that does not fit, and fixed types, which Apache's writes out anew
        # each time they are named.
        assume('"fixed"' not in json.dumps(schema) and _is_taken(schema))
        canonical = read_canonical_form(schema)
        assert avro.schema.parse(canonical).fingerprint() == make_fingerprint(schema)
        assert read_canonical_form(json.loads(canonical)) == canonical


def _is_taken(schema: dict[str, Any]) -> bool:
    try:
        parse_twice(schema)
    except ValueError:
        return False
    return True


def test_apaches_own_canonical_form_errs_where_a_logical_type_stood() -> None:
    """Should this fail, the library was mended, and the remark in the docs can go."""
    schema = record("Toy", field("day", {"type": "int", "logicalType": "date"}))
    assert '"type":"int"' in read_canonical_form(schema)
    assert '"type":{"type":"int"}' in avro.schema.parse(json.dumps(schema)).canonical_form


def test_no_two_schemas_of_the_catalogue_share_a_fingerprint() -> None:
    entries = read_catalogue()
    assert not find_shared_fingerprints((f"{entry.name}.v{entry.major}", entry.make_schema()) for entry in entries)


@pytest.mark.parametrize(
    ("changed", "is_same"),
    [
        (field("f", "long", default=1, doc="another"), True),
        (field("f", "long", default=2), False),
        (field("f", "long"), False),
        (field("f", {"type": "long", "logicalType": "timestamp-millis"}, default=1), False),
    ],
)
def test_texts_of_one_fingerprint_are_found_and_docs_alone_are_no_difference(
    changed: dict[str, Any], is_same: bool
) -> None:
    plain, other = record("Toy", field("f", "long", default=1, doc="one")), record("Toy", changed)
    shared = find_shared_fingerprints([("b.avsc", plain), ("a.avsc", other)])
    assert [paths for _, paths in shared] == [["a.avsc", "b.avsc"]]
    assert says_the_same(plain, other) is is_same


def test_a_field_that_is_called_doc_counts() -> None:
    plain = record("Toy", field("f", {"type": "map", "values": "string"}, default={"doc": "a"}))
    other = record("Toy", field("f", {"type": "map", "values": "string"}, default={"doc": "b"}))
    assert not says_the_same(plain, other)

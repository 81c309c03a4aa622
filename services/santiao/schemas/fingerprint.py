"""Fingerprints: CRC-64-AVRO of the parsing canonical form, the eight bytes that name a schema in every message.

The rule: one fingerprint, one text. The canonical form drops docs, defaults, aliases and logical types, so that two texts which
mean different things can share a fingerprint; a reader could not tell them apart, and such a pair is refused.

The library is fastavro, whose canonical form is the specification's. Apache's Python `avro` (1.12) does not shorten
`{"type": "long"}` to `"long"` where a logical type stood, and so gives another fingerprint for a schema with times in it; given
the canonical form itself it agrees, which the tests hold it to.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NewType

from fastavro.schema import fingerprint as hash_canonical_form
from fastavro.schema import to_parsing_canonical_form

Fingerprint = NewType("Fingerprint", bytes)
"""Eight bytes, in the order in which they stand in a message (little-endian)."""


def read_canonical_form(schema: Mapping[str, object]) -> str:
    """The parsing canonical form of an Avro schema (specification 1.11, "Transforming into Parsing Canonical Form")."""
    return str(to_parsing_canonical_form(dict(schema)))


def make_fingerprint(schema: Mapping[str, object]) -> Fingerprint:
    """CRC-64-AVRO of the canonical form, eight bytes little-endian."""
    return Fingerprint(bytes.fromhex(hash_canonical_form(read_canonical_form(schema), "CRC-64-AVRO")))


def make_text_digest(text: bytes) -> str:
    """SHA-256 of a schema file, in hex: what the list of released files holds."""
    return hashlib.sha256(text).hexdigest()


def find_shared_fingerprints(
    schemas: Iterable[tuple[str, Mapping[str, object]]],
) -> list[tuple[Fingerprint, list[str]]]:
    """Groups of paths whose schemas share one fingerprint; `schemas` are pairs of path and schema."""
    paths: defaultdict[Fingerprint, list[str]] = defaultdict(list)
    for path, schema in schemas:
        paths[make_fingerprint(schema)].append(path)
    return [(fingerprint, sorted(group)) for fingerprint, group in sorted(paths.items()) if len(group) > 1]


def says_the_same(a: Mapping[str, object], b: Mapping[str, object]) -> bool:
    """True when two schemas differ at most in their docs: then the older text may stand for both."""
    return _strip_docs(dict(a)) == _strip_docs(dict(b))


def _strip_docs(node: object) -> object:
    if isinstance(node, dict):
        # What a default holds is data, in which a key `doc` would be a field's value.
        return {key: value if key == "default" else _strip_docs(value) for key, value in node.items() if key != "doc"}
    return [_strip_docs(item) for item in node] if isinstance(node, list) else node

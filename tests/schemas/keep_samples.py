"""Keeps a sample of every version: `python -m tests.schemas.keep_samples`, after generating and again after releasing.

A sample holds what the store and a topic held when its version was the present one, and what it must read as ever after. The
sample of a released version is never written again; those of retired majors exist from the first day.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from santiao.domain.events import Event, Meta
from santiao.domain.records import AgencyRecord
from santiao.schemas.catalogue import Entry, read_catalogue
from santiao.schemas.codec import decode_event, encode_event
from santiao.schemas.datum import compile_lowering
from santiao.schemas.fingerprint import says_the_same
from santiao.schemas.folder import SchemaFile, read_folder, read_released
from santiao.schemas.single_object import SingleObjectCodec
from tests.schemas.struct_values import make_full

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "schemas"
SAMPLES = Path(__file__).parent / "samples"


class Sample(msgspec.Struct):
    """One kept version: hex of the store's bytes (none for a record) and of the message; the present value as JSON."""

    path: str
    name: str
    major: int
    stored: str
    message: str
    reads_as: dict[str, Any]


def read_samples() -> list[Sample]:
    """Every kept sample."""
    return [msgspec.json.decode(path.read_bytes(), type=Sample) for path in sorted(SAMPLES.glob("*/*.json"))]


def say(value: msgspec.Struct) -> dict[str, Any]:
    """The value as JSON with every field, its default or not."""
    said: dict[str, Any] = json.loads(msgspec.json.encode(compile_lowering(type(value), "")(value)))
    return said


def agrees(kept: Any, said: Any) -> bool:
    """True when a value still says all that was kept of it; fields that came or went since do not count."""
    if isinstance(kept, dict) and isinstance(said, dict):
        return all(agrees(kept[key], said[key]) for key in kept.keys() & said.keys())
    if isinstance(kept, list) and isinstance(said, list):
        return len(kept) == len(said) and all(map(agrees, kept, said))
    return bool(kept == said)


def make_sample(file: SchemaFile, entry: Entry, codec: SingleObjectCodec) -> Sample:
    """A sample of the type as it is now."""
    value = make_full(entry.cls)
    form = codec._find_form(entry)
    if isinstance(value, Event):
        stored = encode_event(value)
        message = form.encode(value, {"meta": codec._lower_meta(make_full(Meta))})
        present: msgspec.Struct = decode_event(entry.name, entry.major, stored)
    else:
        assert isinstance(value, AgencyRecord)
        stored, message, present = b"", form.encode(value, {}), value
    return Sample(file.path, entry.name, entry.major, stored.hex(), message.hex(), say(present))


def keep_samples() -> list[Path]:
    """Write what is missing: samples of released files, and of retired majors; tell what was written."""
    codec = SingleObjectCodec(SCHEMAS)
    released = read_released(SCHEMAS)
    entries = {(entry.kind, entry.name, entry.major): entry for entry in read_catalogue()}
    written = []
    for file in read_folder(SCHEMAS)[0]:
        entry = entries.get((file.kind, file.name, file.major))
        target = SAMPLES / file.path.replace(".avsc", ".json")
        is_kept = file.path in released and target.exists()
        is_wanted = file.path in released or (entry is not None and entry.is_retired)
        if entry is None or is_kept or not is_wanted or not says_the_same(entry.make_schema(), file.schema):
            continue
        sample = json.dumps(msgspec.to_builtins(make_sample(file, entry, codec)), ensure_ascii=False, indent=2) + "\n"
        if not target.exists() or target.read_text(encoding="utf-8") != sample:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(sample, encoding="utf-8")
            written.append(target)
    return written


if __name__ == "__main__":
    sys.stdout.writelines(f"kept {path.relative_to(ROOT)}\n" for path in keep_samples())

"""`santiao connectors check`: every connector's samples against the results they must give.

A connector's folder holds `samples/`: small deliveries in the agency's own form, one file or folder each, and `expected.json`, which
names them with the phenomena they show and what every item must become. The rule kept here: a check reads through the same code as a
live delivery, and a difference names sample, item and field.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from santiao.connectors.converters.times import SHANGHAI
from santiao.connectors.declaration import DeclarationFault
from santiao.connectors.registry import connector_folders, load_connectors
from santiao.domain.errors import DeliveryFailed
from santiao.domain.messages import Delivered

SAMPLES, EXPECTED = "samples", "expected.json"
SAMPLE_SECRET = "sample-secret"  # noqa: S105 (samples are signed with it, nothing else is)
CHECKED_AT = datetime(2026, 5, 1, 12, 0, tzinfo=SHANGHAI)
"""The clock of a check stands still, so that its results do."""


class Difference(msgspec.Struct, frozen=True):
    """One thing that is not as expected: connector, sample, item, and what differs."""

    connector: str
    sample: str
    item: str
    told: str

    def __str__(self) -> str:
        return f"{self.connector}/{self.sample} {self.item}: {self.told}".replace(" :", ":")


class CheckReport(msgspec.Struct, frozen=True):
    """What was checked and what differs; `is_good` when nothing does."""

    connectors: tuple[str, ...]
    samples: int
    items: int
    differences: tuple[Difference, ...]

    @property
    def is_good(self) -> bool:
        """True when every sample gave what it must."""
        return not self.differences


def check(folder: Path, *, regions: Path, name: str | None = None, write: bool = False) -> CheckReport:
    """Check the samples of one connector, or of all.

    Args:
        folder: the declarations' folder.
        regions: the table of divisions.
        name: one connector's name; None for all.
        write: write what the samples give now as what they must give, for whoever has just read it through.

    Raises:
        DeclarationFault: a declaration cannot be loaded, or there is no such connector.
    """
    connectors = load_connectors(folder, regions=regions, clock=lambda: CHECKED_AT, secrets=lambda _name: SAMPLE_SECRET)
    folders = [path for path in connector_folders(folder) if name is None or path.name == name]
    if not folders:
        known = ", ".join(sorted(connectors))
        raise DeclarationFault(f"there is no connector {name!r}; known are {known}. 没有该接入。")
    differences: list[Difference] = []
    samples = items = 0
    for path in folders:
        expected = _read_expected(path)
        for sample, told in expected.items():
            samples += 1
            got = _results(connectors[path.name].read(str(path / SAMPLES / sample)), path.name, sample, differences)
            items += len(got)
            if write:
                told["items"] = got
            else:
                found = _compare(told.get("items", []), got)
                differences += [Difference(path.name, sample, item, what) for item, what in found]
        if not expected:
            differences.append(Difference(path.name, SAMPLES, "", f"there are no samples; add them and {EXPECTED}"))
        if write:
            text = json.dumps(expected, ensure_ascii=False, indent=1, sort_keys=False)
            (path / SAMPLES / EXPECTED).write_text(text + "\n", encoding="utf-8")
    return CheckReport(tuple(path.name for path in folders), samples, items, tuple(differences))


def _read_expected(folder: Path) -> dict[str, dict[str, Any]]:
    path = folder / SAMPLES / EXPECTED
    if not path.is_file():
        return {}
    try:
        told: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as fault:
        raise DeclarationFault(f"{path}: not JSON: {fault}; mend it. 不是有效的 JSON。") from fault
    return told


def _results(batches: Any, connector: str, sample: str, differences: list[Difference]) -> list[dict[str, Any]]:
    try:
        return [result_of(item) for batch in batches for item in batch.items]
    except DeliveryFailed as failure:
        differences.append(Difference(connector, sample, "", f"could not be read: {failure}"))
        return []


def result_of(item: Delivered) -> dict[str, Any]:
    """An item's canonical result as `expected.json` holds it: without its raw bytes and the mapping's version."""
    told: dict[str, Any] = {"where": item.where}
    if not item.counted:
        told["counted"] = False
    if item.fault is not None:
        return told | {"fault": {"kind": str(item.fault.kind), "code": str(item.fault.code), "path": item.fault.path}}
    record: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(item.record))
    for name in ("raw", "mapping_version", "connector", "feed"):
        record.pop(name, None)
    return told | {"record": _without_empty(record)}


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_empty(inner) for name, inner in value.items() if inner not in (None, [], {}, "")}
    return [_without_empty(inner) for inner in value] if isinstance(value, list) else value


def _compare(expected: list[dict[str, Any]], got: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    if len(expected) != len(got):
        yield "", f"{len(got)} items instead of {len(expected)}"
    for must, is_ in zip(expected, got, strict=False):
        where = str(must.get("where", ""))
        for path, what in _differences(must, is_, ""):
            yield where, f"{path} {what}"


def _differences(must: Any, is_: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(must, dict) and isinstance(is_, dict):
        for name in sorted(must.keys() | is_.keys()):
            yield from _differences(must.get(name), is_.get(name), f"{path}/{name}")
    elif isinstance(must, list) and isinstance(is_, list) and len(must) == len(is_):
        for place, (left, right) in enumerate(zip(must, is_, strict=True)):
            yield from _differences(left, right, f"{path}/{place}")
    elif must != is_:
        yield path, f"is {_short(is_)}, expected {_short(must)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


_SHOWN = 120

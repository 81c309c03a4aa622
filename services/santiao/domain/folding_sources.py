"""Folding of events about sources: versions, parts, withdrawals, merges, gates."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from santiao.domain.events import Meta, sources
from santiao.domain.events.sources import Version
from santiao.domain.files import PartState, SourceFile
from santiao.domain.ids import CaseId, SourceId
from santiao.domain.world import World, known_source

replace = msgspec.structs.replace


def is_newer(left: Version, right: Version | None) -> bool:
    """Whether `left` comes after `right` in the source's own order: version, source time, content hash."""
    if right is None:
        return True
    return _order(left) > _order(right)


def _order(version: Version) -> tuple[int, float, bytes]:
    told = version.source_updated_at
    return version.source_version, told.timestamp() if told else 0.0, version.content_hash


def _keep_part(file: SourceFile, part: str, at: Version, facts: sources.SourceFacts) -> dict[str, PartState]:
    standing = file.parts.get(part)
    if standing is not None and not is_newer(at, standing.at):
        return file.parts
    return {**file.parts, part: PartState.told(at, facts)}


def _source_reported(world: World, meta: Meta, event: sources.SourceReported) -> None:
    file = world.source(SourceId(event.source_id))
    if file is None:
        identity = event.source_id.partition(":")[2]
        file = SourceFile(
            id=SourceId(event.source_id), shard=meta.shard, agency=event.agency, identity=identity, key=event.key
        )
    world.put_source(
        replace(
            file,
            key=event.key,
            key_base=event.key_base,
            key_rank=event.key_rank,
            key_qualifier=event.key_qualifier,
            qualifier_at=event.at,
            case_id=CaseId(meta.case_id),
            aliases=_union(file.aliases, event.aliases),
            parts=_keep_part(file, "", event.at, event.facts),
            versions=file.versions + 1,
            **_present(file, event.at, withdrawn=False, absent=False),
        )
    )


def _source_corrected(world: World, meta: Meta, event: sources.SourceCorrected) -> None:
    file = known_source(world, event.source_id)
    lowest = file.qualifier_at is None or is_newer(file.qualifier_at, event.at)
    world.put_source(
        replace(
            file,
            aliases=_union(file.aliases, event.aliases),
            key_qualifier=event.key_qualifier if lowest else file.key_qualifier,
            qualifier_at=event.at if lowest else file.qualifier_at,
            parts=_keep_part(file, "", event.at, event.facts),
            versions=file.versions + 1,
            **_present(file, event.at, withdrawn=False, absent=False),
        )
    )


def _present(file: SourceFile, at: Version, *, withdrawn: bool, absent: bool) -> dict[str, Any]:
    if not is_newer(at, file.presence):
        return {}
    return {"presence": at, "withdrawn": withdrawn, "absent": absent, "ended": ""}


_OUTCOME = re.compile("O[0-9]{2}")


def _source_confirmed(world: World, meta: Meta, event: sources.SourceConfirmed) -> None:
    file = known_source(world, event.source_id)
    parts = file.parts
    if is_newer(event.at, file.main.at):
        parts = {**parts, "": replace(file.main, at=event.at)}
    world.put_source(replace(file, parts=parts, **_present(file, event.at, withdrawn=False, absent=False)))


def _source_supplemented(world: World, meta: Meta, event: sources.SourceSupplemented) -> None:
    file = known_source(world, event.source_id)
    world.put_source(replace(file, parts=_keep_part(file, event.part, event.at, event.facts)))


def _record_parked(world: World, meta: Meta, event: sources.RecordParked) -> None:
    file = world.source(SourceId(event.source_id)) or SourceFile(
        id=SourceId(event.source_id),
        shard=meta.shard,
        agency=event.agency,
        identity=event.source_id.partition(":")[2],
        key=event.key,
        key_base=event.key_base,
    )
    parts = file.parts if event.facts.kind == "relation" else _keep_part(file, event.part, event.at, event.facts)
    world.put_source(replace(file, parts=parts))


def _source_withdrawn(world: World, meta: Meta, event: sources.SourceWithdrawn) -> None:
    file = known_source(world, event.source_id)
    changes = _present(file, event.at, withdrawn=True, absent=event.absent)
    if not changes and file.presence == event.at:
        changes = {"withdrawn": True, "absent": event.absent}
    if changes:
        changes["ended"] = event.reason if _OUTCOME.fullmatch(event.reason) else ""
    world.put_source(replace(file, **changes))


def _source_merged(world: World, meta: Meta, event: sources.SourceMerged) -> None:
    file = known_source(world, event.source_id)
    if is_newer(event.at, file.merge):
        world.put_source(replace(file, merge=event.at, merged_into=event.into))


def _source_unmerged(world: World, meta: Meta, event: sources.SourceUnmerged) -> None:
    file = known_source(world, event.source_id)
    if is_newer(event.at, file.merge):
        world.put_source(replace(file, merge=event.at, merged_into=None))


def _source_rekeyed(world: World, meta: Meta, event: sources.SourceRekeyed) -> None:
    world.put_source(replace(known_source(world, event.source_id), key=event.new_key))


def _source_sealed_off(world: World, meta: Meta, event: sources.SourceSealedOff) -> None:
    world.put_source(replace(known_source(world, event.source_id), sealed_off=True))


def _gate_hit(world: World, meta: Meta, event: sources.GateHit) -> None:
    file = known_source(world, event.source_id)
    world.put_source(replace(file, hits=tuple(sorted({*file.hits, event.found}))))


def _gate_cleared(world: World, meta: Meta, event: sources.GateCleared) -> None:
    file = known_source(world, event.source_id)
    world.put_source(replace(file, hits=tuple(hit for hit in file.hits if hit != event.found)))


def _union(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    return left if set(right) <= set(left) else tuple(sorted({*left, *right}))


FOLDERS: dict[str, Callable[[World, Meta, Any], None]] = {
    "SourceReported": _source_reported,
    "SourceCorrected": _source_corrected,
    "SourceConfirmed": _source_confirmed,
    "SourceSupplemented": _source_supplemented,
    "RecordParked": _record_parked,
    "SourceWithdrawn": _source_withdrawn,
    "SourceMerged": _source_merged,
    "SourceUnmerged": _source_unmerged,
    "SourceRekeyed": _source_rekeyed,
    "SourceSealedOff": _source_sealed_off,
    "GateHit": _gate_hit,
    "GateCleared": _gate_cleared,
}

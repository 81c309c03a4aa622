"""Folding: what each event makes of sources, cases and links. The only writer of files; replay runs this and nothing else.

`World` is where the files are: dictionaries in a rebuild, an overlay of the working set in a step. Events about referrals, mediation
and deadlines have their folds in `folding_workflow.py`.
"""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from santiao.domain import folding_workflow
from santiao.domain.events import Event, Meta, cases, links, privacy, sources
from santiao.domain.events.sources import Version
from santiao.domain.files import CaseFile, LinkFile, PartState, SourceFile
from santiao.domain.ids import CaseId, SourceId
from santiao.domain.vocabulary import CaseStatus, LinkState, Risk

replace = msgspec.structs.replace


class World(Protocol):
    """Files by name. `source`, `case` and `link` answer None for what is unknown; `put_*` keep the new state."""

    def source(self, name: SourceId) -> SourceFile | None: ...
    def case(self, name: CaseId) -> CaseFile | None: ...
    def link(self, a: SourceId, b: SourceId) -> LinkFile | None: ...
    def put_source(self, file: SourceFile) -> None: ...
    def put_case(self, file: CaseFile) -> None: ...
    def put_link(self, file: LinkFile) -> None: ...


def is_newer(left: Version, right: Version | None) -> bool:
    """Whether `left` comes after `right` in the source's own order: version, source time, content hash."""
    if right is None:
        return True
    return _order(left) > _order(right)


def _order(version: Version) -> tuple[int, float, bytes]:
    told = version.source_updated_at
    return version.source_version, told.timestamp() if told else 0.0, version.content_hash


def evolve(world: World, meta: Meta, event: Event) -> None:
    """Let `event` change the files it is about, and count it for its case.

    Raises:
        KeyError: the log names a file that no earlier event made; it was cut or mixed up.
    """
    folder = _FOLDERS.get(type(event).__name__)
    if folder is not None:
        folder(world, meta, event)
    if meta.case_id:
        case = world.case(CaseId(meta.case_id))
        if case is None:
            raise KeyError(meta.case_id)
        workflow = folding_workflow.FOLDERS.get(type(event).__name__)
        if workflow is not None:
            case = workflow(case, meta, event)
        world.put_case(replace(case, version=case.version + 1))


def _known(world: World, name: str) -> SourceFile:
    file = world.source(SourceId(name))
    if file is None:
        raise KeyError(name)
    return file


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
    file = _known(world, event.source_id)
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
    return {"presence": at, "withdrawn": withdrawn, "absent": absent}


def _source_confirmed(world: World, meta: Meta, event: sources.SourceConfirmed) -> None:
    file = _known(world, event.source_id)
    parts = file.parts
    if is_newer(event.at, file.main.at):
        parts = {**parts, "": replace(file.main, at=event.at)}
    world.put_source(replace(file, parts=parts, **_present(file, event.at, withdrawn=False, absent=False)))


def _source_supplemented(world: World, meta: Meta, event: sources.SourceSupplemented) -> None:
    file = _known(world, event.source_id)
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
    file = _known(world, event.source_id)
    changes = _present(file, event.at, withdrawn=True, absent=event.absent)
    if not changes and file.presence == event.at:
        changes = {"withdrawn": True, "absent": event.absent}
    world.put_source(replace(file, **changes))


def _source_merged(world: World, meta: Meta, event: sources.SourceMerged) -> None:
    file = _known(world, event.source_id)
    if is_newer(event.at, file.merge):
        world.put_source(replace(file, merge=event.at, merged_into=event.into))


def _source_unmerged(world: World, meta: Meta, event: sources.SourceUnmerged) -> None:
    file = _known(world, event.source_id)
    if is_newer(event.at, file.merge):
        world.put_source(replace(file, merge=event.at, merged_into=None))


def _source_rekeyed(world: World, meta: Meta, event: sources.SourceRekeyed) -> None:
    world.put_source(replace(_known(world, event.source_id), key=event.new_key))


def _source_sealed_off(world: World, meta: Meta, event: sources.SourceSealedOff) -> None:
    world.put_source(replace(_known(world, event.source_id), sealed_off=True))


def _gate_hit(world: World, meta: Meta, event: sources.GateHit) -> None:
    file = _known(world, event.source_id)
    world.put_source(replace(file, hits=tuple(sorted({*file.hits, event.found}))))


def _gate_cleared(world: World, meta: Meta, event: sources.GateCleared) -> None:
    file = _known(world, event.source_id)
    world.put_source(replace(file, hits=tuple(hit for hit in file.hits if hit != event.found)))


def _union(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    return left if set(right) <= set(left) else tuple(sorted({*left, *right}))


def _link_accepted(world: World, meta: Meta, event: links.LinkAccepted) -> None:
    world.put_link(
        LinkFile(
            a=SourceId(event.a),
            b=SourceId(event.b),
            state=LinkState.ACCEPTED,
            by=event.by,
            score=event.score,
            reasons=event.reasons,
        )
    )


def _link_proposed(world: World, meta: Meta, event: links.LinkProposed) -> None:
    world.put_link(
        LinkFile(
            a=SourceId(event.a),
            b=SourceId(event.b),
            state=LinkState.PROPOSED,
            by="rule",
            score=event.score,
            reasons=event.reasons,
        )
    )


def _link_rejected(world: World, meta: Meta, event: links.LinkRejected) -> None:
    known = world.link(SourceId(event.a), SourceId(event.b))
    world.put_link(
        LinkFile(
            a=SourceId(event.a),
            b=SourceId(event.b),
            state=LinkState.REJECTED,
            by=event.by,
            score=known.score if known else 0,
            reasons=known.reasons if known else (),
            evidence=event.evidence,
        )
    )


def _link_dissolved(world: World, meta: Meta, event: links.LinkDissolved) -> None:
    known = world.link(SourceId(event.a), SourceId(event.b))
    if known is not None:
        world.put_link(replace(known, state=LinkState.DISSOLVED, by=event.by))


def _case_opened(world: World, meta: Meta, event: cases.CaseOpened) -> None:
    case_id = CaseId(meta.case_id)
    world.put_case(
        CaseFile(
            id=case_id,
            no=event.case_no,
            shard=meta.shard,
            opened_at=meta.received_at,
            dispute_type=event.dispute_type,
            region=event.region,
            street=event.street,
            risk=Risk(event.risk),
            sources=tuple(SourceId(name) for name in event.sources),
        )
    )
    _move(world, tuple(name for name in event.sources if world.source(SourceId(name)) is not None), case_id)


def _case_joined(world: World, meta: Meta, event: cases.SourceJoined) -> None:
    case = world.case(CaseId(meta.case_id))
    if case is None:
        raise KeyError(meta.case_id)
    world.put_case(replace(case, sources=(*case.sources, SourceId(event.source_id))))
    _move(world, (event.source_id,), case.id)


def _case_merged(world: World, meta: Meta, event: cases.CaseMerged) -> None:
    survivor, absorbed = world.case(CaseId(meta.case_id)), world.case(CaseId(event.absorbed))
    if survivor is None or absorbed is None:
        raise KeyError(event.absorbed)
    carried = tuple(clock for clock in absorbed.clocks if clock.id in event.clocks)
    world.put_case(
        replace(
            survivor,
            sources=(*survivor.sources, *(SourceId(name) for name in event.sources)),
            aliases=(*survivor.aliases, absorbed.id, *absorbed.aliases),
            clocks=(*survivor.clocks, *carried),
        )
    )
    world.put_case(replace(absorbed, sources=(), status=CaseStatus.CLOSED, merged_into=survivor.id, clocks=()))
    _move(world, event.sources, survivor.id)


def _case_split(world: World, meta: Meta, event: cases.CaseSplit) -> None:
    case = world.case(CaseId(meta.case_id))
    if case is None:
        raise KeyError(meta.case_id)
    leaving = set(event.sources)
    world.put_case(replace(case, sources=tuple(name for name in case.sources if name not in leaving)))


def _move(world: World, names: tuple[str, ...], case_id: CaseId) -> None:
    for name in names:
        world.put_source(replace(_known(world, name), case_id=case_id))


def _subject_erased(world: World, meta: Meta, event: privacy.SubjectErased) -> None:
    """Files hold nothing of a person; the event is for views and restores."""


_FOLDERS: dict[str, Callable[[World, Meta, Any], None]] = {
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
    "LinkAccepted": _link_accepted,
    "LinkProposed": _link_proposed,
    "LinkRejected": _link_rejected,
    "LinkDissolved": _link_dissolved,
    "CaseOpened": _case_opened,
    "SourceJoined": _case_joined,
    "CaseMerged": _case_merged,
    "CaseSplit": _case_split,
    "SubjectErased": _subject_erased,
}

"""Folding: what each event makes of sources, cases and links. The only writer of files; replay runs this and nothing else.

Events about sources have their folds in `folding_sources.py`, those about referrals, mediation and deadlines in
`folding_workflow.py`; here are links and cases, and the one function that folds any event.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from santiao.domain import folding_sources, folding_workflow
from santiao.domain.events import Event, Meta, cases, links, privacy
from santiao.domain.files import CaseFile, LinkFile
from santiao.domain.ids import CaseId, SourceId
from santiao.domain.vocabulary import CaseStatus, LinkState, Risk
from santiao.domain.world import World, known_source

replace = msgspec.structs.replace


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
            batch=survivor.batch or absorbed.batch,
        )
    )
    gone = replace(absorbed, sources=(), status=CaseStatus.CLOSED, merged_into=survivor.id, clocks=(), batch="")
    world.put_case(gone)
    _move(world, event.sources, survivor.id)


def _case_split(world: World, meta: Meta, event: cases.CaseSplit) -> None:
    case = world.case(CaseId(meta.case_id))
    if case is None:
        raise KeyError(meta.case_id)
    leaving = set(event.sources)
    world.put_case(replace(case, sources=tuple(name for name in case.sources if name not in leaving)))


def _batch_joined(world: World, meta: Meta, event: cases.BatchJoined) -> None:
    _put_batch(world, meta.case_id, event.batch)


def _batch_left(world: World, meta: Meta, event: cases.BatchLeft) -> None:
    _put_batch(world, meta.case_id, "")


def _put_batch(world: World, case_id: str, batch: str) -> None:
    case = world.case(CaseId(case_id))
    if case is None:
        raise KeyError(case_id)
    world.put_case(replace(case, batch=batch))


def _move(world: World, names: tuple[str, ...], case_id: CaseId) -> None:
    for name in names:
        world.put_source(replace(known_source(world, name), case_id=case_id))


def _subject_erased(world: World, meta: Meta, event: privacy.SubjectErased) -> None:
    """Files hold nothing of a person; the event is for views and restores."""


_FOLDERS: dict[str, Callable[[World, Meta, Any], None]] = {
    **folding_sources.FOLDERS,
    "LinkAccepted": _link_accepted,
    "LinkProposed": _link_proposed,
    "LinkRejected": _link_rejected,
    "LinkDissolved": _link_dissolved,
    "CaseOpened": _case_opened,
    "SourceJoined": _case_joined,
    "CaseMerged": _case_merged,
    "CaseSplit": _case_split,
    "BatchJoined": _batch_joined,
    "BatchLeft": _batch_left,
    "SubjectErased": _subject_erased,
}

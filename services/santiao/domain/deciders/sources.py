"""Deciding about sources: what a record makes of an agency's file.

Versions are ordered by the source's own order, never by arrival (`folding_sources.is_newer`), so any permutation of deliveries ends in the
same standing state. Upsert and withdrawal share one register, merge and unmerge another.
"""

from santiao.domain import folding_sources
from santiao.domain.decisions import Draft
from santiao.domain.events import sources as told
from santiao.domain.files import SourceFile
from santiao.domain.ids import CaseId, SourceId
from santiao.domain.prepared import PreparedRecord
from santiao.domain.vocabulary import Op


def tells_of_dispute(record: PreparedRecord) -> bool:
    """Whether the record is the file itself, which founds a source; parts and relations wait for it."""
    return record.part == "" and record.facts.kind == "dispute"


def shown_key(record: PreparedRecord) -> str:
    """Key a source is shown under when nothing is known of siblings."""
    return record.key_base or record.key


def tell_version(draft: Draft, record: PreparedRecord, case_id: CaseId) -> None:
    """Emit what the record says of its source: reported, corrected, supplemented, parked, withdrawn, merged, split."""
    file = draft.source(record.source_id)
    body = _body_event(file, record)
    if body is not None:
        draft.emit(case_id, body, is_source_event=True)
    file = draft.known_source(record.source_id)
    _tell_lifecycle(draft, record, file, case_id)
    _rekey(draft, record.source_id)


def _body_event(
    file: SourceFile | None, record: PreparedRecord
) -> told.SourceReported | told.SourceCorrected | told.SourceSupplemented | told.RecordParked | None:
    waiting = file is None or file.is_waiting
    if tells_of_dispute(record):
        if waiting:
            return told.SourceReported(
                source_id=record.source_id,
                agency=record.connector,
                key=shown_key(record),
                key_base=record.key_base,
                key_rank=record.key_rank,
                key_qualifier=record.key_qualifier,
                aliases=record.aliases,
                at=record.at,
                facts=record.facts,
            )
        assert file is not None
        return told.SourceCorrected(
            source_id=record.source_id,
            aliases=record.aliases,
            key_qualifier=record.key_qualifier,
            at=record.at,
            facts=record.facts,
            stands=folding_sources.is_newer(record.at, file.main.at),
        )
    if waiting:
        return told.RecordParked(
            source_id=record.source_id,
            agency=record.connector,
            key=shown_key(record),
            key_base=record.key_base,
            part=record.part,
            at=record.at,
            facts=record.facts,
        )
    if record.facts.kind == "relation":
        return None
    assert file is not None
    standing = file.parts.get(record.part)
    stands = standing is None or folding_sources.is_newer(record.at, standing.at)
    return told.SourceSupplemented(
        source_id=record.source_id, part=record.part, at=record.at, facts=record.facts, stands=stands
    )


def _tell_lifecycle(draft: Draft, record: PreparedRecord, file: SourceFile, case_id: CaseId) -> None:
    name, at = record.source_id, record.at
    match record.op:
        case Op.WITHDRAW | Op.SNAPSHOT_ABSENT:
            stands = file.presence is None or not folding_sources.is_newer(file.presence, at)
            absent = record.op is Op.SNAPSHOT_ABSENT
            draft.emit(
                case_id, told.SourceWithdrawn(source_id=name, at=at, reason=record.reason, absent=absent, stands=stands)
            )
        case Op.MERGE:
            stands = folding_sources.is_newer(at, file.merge)
            draft.emit(
                case_id,
                told.SourceMerged(source_id=name, into=record.others[0] if record.others else "", at=at, stands=stands),
            )
        case Op.UNMERGE:
            draft.emit(
                case_id, told.SourceUnmerged(source_id=name, at=at, stands=folding_sources.is_newer(at, file.merge))
            )
        case Op.SPLIT:
            draft.emit(case_id, told.SourceSplit(source_id=name, into=record.others, at=at))
        case Op.UPSERT:
            pass


def tell_again(draft: Draft, record: PreparedRecord) -> bool:
    """A content seen before came again. Only a whole snapshot, whose rows carry no time of their own, can make it news: True then.

    The standing version told at a later date is confirmed; an earlier version told at a later date stands again.
    """
    file = draft.source(record.source_id)
    if file is None or file.is_waiting or file.case_id is None or not tells_of_dispute(record):
        return False
    if not folding_sources.is_newer(record.at, file.main.at):
        return False
    if record.at.content_hash == file.main.at.content_hash:
        draft.emit(file.case_id, told.SourceConfirmed(source_id=file.id, at=record.at))
        return False
    tell_version(draft, record, file.case_id)
    return True


def _rekey(draft: Draft, name: SourceId) -> None:
    """The earliest matter under a number keeps the bare number; each later one is shown with its qualifier."""
    file = draft.known_source(name)
    if not file.key_base or file.is_waiting:
        return
    matters = [draft.known_source(sibling) for sibling in draft.siblings(f"{file.agency}:{file.key_base}")]
    matters = sorted(
        (matter for matter in matters if not matter.is_waiting), key=lambda matter: (matter.key_rank, matter.identity)
    )
    for place, matter in enumerate(matters):
        key = matter.key_base if place == 0 else f"{matter.key_base}|{matter.key_qualifier}"
        if key != matter.key and matter.case_id is not None:
            draft.emit(matter.case_id, told.SourceRekeyed(source_id=matter.id, old_key=matter.key, new_key=key))


def announce_gates(draft: Draft, name: SourceId) -> None:
    """Announce what the source's own standing content meets, and what it no longer meets."""
    file = draft.known_source(name)
    if file.case_id is None:
        return
    met, announced = set(file.gates) if not file.sealed_off else set(), set(file.hits)
    for found in sorted(met - announced):
        draft.emit(file.case_id, told.GateHit(source_id=name, found=found), rules=(found.rule,))
    for found in sorted(announced - met):
        draft.emit(file.case_id, told.GateCleared(source_id=name, found=found), rules=(found.rule,))

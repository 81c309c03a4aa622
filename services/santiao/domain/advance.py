"""`advance`: what one message comes to. Pure: files in, a step out; time and ids come in with the message.

A record tells a version of a source, is compared with other sources, joins or opens a case; a command is decided by the function its
type names; a timer fires. Then the tables of `linkage.py` run until nothing follows any more.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from santiao.domain import commands, linkage
from santiao.domain.deciders import grouping, links, mediations, referrals, sources, timers
from santiao.domain.decisions import Draft
from santiao.domain.errors import NotFound
from santiao.domain.events import cases as of_case
from santiao.domain.events import sources as of_source
from santiao.domain.ids import CaseId, SourceId, source_id
from santiao.domain.policy import Policy
from santiao.domain.prepared import PreparedRecord
from santiao.domain.vocabulary import Op, Risk


class Outcome(msgspec.Struct, frozen=True):
    """What the caller must know beside the step: whether the record was news."""

    is_news: bool


def advance_record(
    draft: Draft, record: PreparedRecord, linking: links.Linking, policy: Policy, *, is_repeat: bool
) -> Outcome:
    """Take a record in. A repeat changes nothing unless a whole snapshot tells it at a later date."""
    if is_repeat and not sources.tell_again(draft, record):
        if not draft.events:
            return Outcome(is_news=False)
        linkage.follow(draft, policy)
        return Outcome(is_news=False)
    if not is_repeat:
        _take_in(draft, record, linking, policy)
    else:
        _relink(draft, record, linking, policy)
    linkage.follow(draft, policy)
    return Outcome(is_news=True)


def _take_in(draft: Draft, record: PreparedRecord, linking: links.Linking, policy: Policy) -> None:
    file = draft.source(record.source_id)
    is_waiting = file is None or file.is_waiting
    if not is_waiting:
        assert file is not None
        assert file.case_id is not None
        sources.tell_version(draft, record, file.case_id)
        _relink(draft, record, linking, policy)
        return
    if not sources.tells_of_dispute(record):
        case_id = file.case_id if file is not None and file.case_id else CaseId("")
        sources.tell_version(draft, record, case_id)
        if _stands(draft, record):
            linking.relink(record)
        _stand_with_survivor(draft, record)
        return
    is_sealed_off = file is not None and file.sealed_off
    changes = linking.drop(record.source_id) if is_sealed_off else linking.relink(record)
    joined = {SourceId(name) for change in changes.accepted if record.source_id in change.pair for name in change.pair}
    others = {draft.known_source(name).case_id for name in joined - {record.source_id}}
    others.add(file.case_id if file is not None else None)
    cases = [draft.known_case(case_id) for case_id in sorted(case_id for case_id in others if case_id)]
    if cases:
        case_id = grouping.choose_survivor(cases).id
        sources.tell_version(draft, record, case_id)
        if record.source_id not in draft.known_case(case_id).sources:
            draft.emit(case_id, of_case.SourceJoined(source_id=record.source_id))
    else:
        facts = record.facts
        case_id = grouping.open_case(
            draft,
            policy.case_secret,
            (record.source_id,),
            None,
            dispute_type=facts.type,
            region=facts.region,
            street=facts.street,
            risk=Risk.LOW,
        )
        sources.tell_version(draft, record, case_id)
    sources.announce_gates(draft, record.source_id)
    links.announce(draft, changes)
    links.settle_cases(draft, policy, {record.source_id}, changes, linking)


def _stand_with_survivor(draft: Draft, record: PreparedRecord) -> None:
    """A file that is first heard of when its agency merges it into a known one belongs to that one's case."""
    file = draft.known_source(record.source_id)
    if file.case_id is not None or not file.merged_into:
        return
    survivor = draft.source(source_id(file.agency, file.merged_into))
    if survivor is not None and survivor.case_id is not None:
        draft.emit(survivor.case_id, of_case.SourceJoined(source_id=file.id))


def _relink(draft: Draft, record: PreparedRecord, linking: links.Linking, policy: Policy) -> None:
    """After a version of a known source: gates, links and cases again."""
    sources.announce_gates(draft, record.source_id)
    if not _stands(draft, record):
        return
    changes = linking.relink(record)
    links.announce(draft, changes)
    links.settle_cases(draft, policy, set(), changes, linking)


def _stands(draft: Draft, record: PreparedRecord) -> bool:
    """Whether the record is the version of its part that counts now; nothing counts of a source that is sealed off."""
    file = draft.known_source(record.source_id)
    if file.sealed_off:
        return False
    if record.op in (Op.MERGE, Op.UNMERGE):
        return file.merge == record.at
    part = file.parts.get(record.part)
    return part is not None and part.at == record.at


def seal_off(draft: Draft, name: SourceId, reason: str, linking: links.Linking, policy: Policy) -> bool:
    """Informer's material was learned of later: shut the source away. False when nothing is known of it."""
    file = draft.source(name)
    if file is None or file.sealed_off:
        return False
    draft.emit(file.case_id or CaseId(""), of_source.SourceSealedOff(source_id=name, reason=reason))
    sources.announce_gates(draft, name)
    changes = linking.drop(name)
    links.announce(draft, changes)
    links.settle_cases(draft, policy, set(), changes, linking)
    linkage.follow(draft, policy)
    return True


CaseDecider = Callable[[Draft, Policy, Any], None]
CASE_DECIDERS: dict[type[commands.Command], CaseDecider] = {
    commands.TriageCase: referrals.triage,
    commands.RequestConsent: referrals.request_consent,
    commands.RecordConsent: referrals.record_consent,
    commands.SendReferral: referrals.send,
    commands.AcceptReferral: referrals.accept,
    commands.DeclineReferral: referrals.decline,
    commands.ReturnReferral: referrals.return_for_more,
    commands.ForwardReferral: referrals.forward,
    commands.RecallReferral: referrals.recall,
    commands.DesignateBody: referrals.designate,
    commands.EndDesignation: referrals.end_designation,
    commands.StartMediation: mediations.start,
    commands.SuspendMediation: mediations.suspend,
    commands.ResumeMediation: mediations.resume,
    commands.ConcludeMediation: mediations.conclude,
    commands.RecordPerformance: mediations.record_performance,
    commands.RecordBreach: mediations.record_breach,
    commands.ApplyConfirmation: mediations.apply_confirmation,
    commands.DecideConfirmation: mediations.decide_confirmation,
    commands.FollowUp: mediations.follow_up,
    commands.CloseCase: mediations.close,
    commands.ReopenCase: mediations.reopen,
    commands.SetAsideGate: mediations.set_aside_gate,
}

LINK_DECIDERS: dict[type[commands.Command], Callable[[Draft, Policy, Any, links.Linking], None]] = {
    commands.ConfirmLink: links.confirm,
    commands.RejectLink: links.reject,
    commands.DissolveLink: links.dissolve,
    commands.ProposeLink: links.propose,
}


def advance_command(draft: Draft, command: commands.Command, linking: links.Linking, policy: Policy) -> None:
    """Decide a command.

    Raises:
        Rejection: the business says no, and why; nothing changes.
    """
    if draft.case(CaseId(command.case)) is None:
        raise NotFound("case.unknown", "no such case", "没有该案件")
    decide = CASE_DECIDERS.get(type(command))
    if decide is not None:
        decide(draft, policy, command)
    else:
        LINK_DECIDERS[type(command)](draft, policy, command, linking)
    linkage.follow(draft, policy)


def advance_timer(draft: Draft, case_id: CaseId, kind: str, about: str, policy: Policy) -> None:
    """Let a due timer fire."""
    timers.fire(draft, policy, case_id, kind, about)
    linkage.follow(draft, policy)

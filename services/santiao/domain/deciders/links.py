"""Deciding about links: announcing what the rules found, and people's word on it.

A person's yes outranks every rule but not a veto of two rejected sources in one case; her no stands until new evidence.
"""

from typing import Protocol

import msgspec

from santiao.domain import commands
from santiao.domain.deciders import batches, grouping
from santiao.domain.decisions import Draft
from santiao.domain.errors import Rejection
from santiao.domain.events import links as told
from santiao.domain.events.cases import WrongLinkSeen
from santiao.domain.files import SourceFile
from santiao.domain.ids import CaseId, SourceId
from santiao.domain.links.pairs import Changes, LinkChange, PairState
from santiao.domain.policy import Policy
from santiao.domain.prepared import PreparedRecord
from santiao.domain.vocabulary import LinkedBy, LinkState


class Linking(Protocol):
    """Automatic links and people's word over the working set; the rules are those of `links/`."""

    def relink(self, record: PreparedRecord) -> Changes:
        """Judge a source's pairs anew after the standing version of one of its parts changed."""
        ...

    def drop(self, name: SourceId) -> Changes:
        """Forget everything comparable about a source."""
        ...

    def confirm(self, a: SourceId, b: SourceId) -> Changes:
        """A person said yes."""
        ...

    def reject(self, a: SourceId, b: SourceId) -> Changes:
        """A person said no."""
        ...

    def remembered(self, a: SourceId, b: SourceId) -> PairState:
        """What stands between two sources."""
        ...

    def crowded_with(self, name: SourceId) -> tuple[SourceId, ...]:
        """Sources that this one is linked with but for the size of a case."""
        ...


def touched_by(changes: Changes) -> set[SourceId]:
    """Sources whose case may have changed."""
    pairs = [change.pair for change in (*changes.accepted, *changes.dissolved)]
    return {SourceId(name) for pair in pairs for name in pair}


def settle_cases(draft: Draft, policy: Policy, names: set[SourceId], changes: Changes, linking: Linking) -> None:
    """Make cases, and the batches of cases that are too many for one, agree with the links again."""
    touched = names | touched_by(changes)
    grouping.regroup(draft, policy.case_secret, touched)
    batches.rebatch(draft, touched, changes, linking.crowded_with)


def announce(draft: Draft, changes: Changes) -> None:
    """Emit what changed."""
    for change in changes.dissolved:
        _announce_dissolved(draft, change, LinkState.ACCEPTED, change.after.held or "evidence_gone")
    for change in changes.withdrawn:
        _announce_dissolved(draft, change, LinkState.PROPOSED, "evidence_gone")
    for change in changes.accepted:
        verdict = change.after.verdict
        reasons = (*verdict.reasons, "person") if change.after.by is LinkedBy.PERSON else verdict.reasons
        accepted = told.LinkAccepted(
            a=change.pair[0],
            b=change.pair[1],
            by=change.after.by,
            score=verdict.score,
            reasons=reasons,
            evidence=verdict.evidence,
        )
        draft.emit(_case_of(draft, change.pair[0]), accepted)
    for change in changes.proposed:
        verdict = change.after.verdict
        proposed = told.LinkProposed(
            a=change.pair[0],
            b=change.pair[1],
            score=verdict.score,
            reasons=(*verdict.reasons, *verdict.vetoes),
            evidence=verdict.evidence,
        )
        draft.emit(_case_of(draft, change.pair[0]), proposed)


def _announce_dissolved(draft: Draft, change: LinkChange, was: LinkState, reason: str) -> None:
    event = told.LinkDissolved(a=change.pair[0], b=change.pair[1], by=change.after.by, was=was, reason=reason)
    draft.emit(_case_of(draft, change.pair[0]), event)


def _case_of(draft: Draft, name: str) -> CaseId:
    return draft.known_source(SourceId(name)).case_id or CaseId("")


def confirm(draft: Draft, policy: Policy, command: commands.ConfirmLink, linking: Linking) -> None:
    """A person says: one dispute."""
    a, b = _pair(draft, command.case, command.a, command.b)
    known = draft.link(a.id, b.id)
    if known is not None and known.state == LinkState.ACCEPTED:
        raise Rejection("link.accepted", "they are linked already", "已关联")
    together = {name for file in (a, b) if file.case_id for name in draft.known_case(file.case_id).sources}
    limit = policy.linking.component_limit
    if a.case_id != b.case_id and len(together) > limit:
        raise Rejection(
            "link.case_too_large",
            f"a case holds at most {limit} sources; beyond that the cases stay children of one batch",
            f"一案最多{limit}个来源，超出的作为同一群体的子案办理",
        )
    _resettle(draft, policy, linking.confirm(a.id, b.id), a, b, linking)


def reject(draft: Draft, policy: Policy, command: commands.RejectLink, linking: Linking) -> None:
    """A person says: two disputes. An accepted link between them falls with it."""
    a, b = _pair(draft, command.case, command.a, command.b)
    changes = linking.reject(a.id, b.id)
    if any(change.pair == (a.id, b.id) for change in changes.dissolved):
        _tell_who_saw(draft, command, a, b)
    evidence = linking.remembered(a.id, b.id).rejected_on
    event = told.LinkRejected(a=a.id, b=b.id, by=LinkedBy.PERSON, reason=command.reason, evidence=evidence)
    others = tuple(change for change in changes.withdrawn if change.pair != (a.id, b.id))
    _resettle(draft, policy, msgspec.structs.replace(changes, withdrawn=others), a, b, linking)
    draft.emit(_case_of(draft, a.id), event)


def dissolve(draft: Draft, policy: Policy, command: commands.DissolveLink, linking: Linking) -> None:
    """A person undoes an accepted link; the pair stays apart until new evidence."""
    a, b = _pair(draft, command.case, command.a, command.b)
    known = draft.link(a.id, b.id)
    if known is None or known.state != LinkState.ACCEPTED:
        raise Rejection("link.not_accepted", "there is no accepted link between them", "两者之间没有已确认的关联")
    changes = linking.reject(a.id, b.id)
    _tell_who_saw(draft, command, a, b)
    others = tuple(change for change in changes.dissolved if change.pair != (a.id, b.id))
    event = told.LinkDissolved(
        a=a.id,
        b=b.id,
        by=LinkedBy.PERSON,
        was=LinkState.ACCEPTED,
        reason=command.reason,
        evidence=linking.remembered(a.id, b.id).rejected_on,
    )
    draft.emit(_case_of(draft, a.id), event)
    _resettle(draft, policy, msgspec.structs.replace(changes, dissolved=others), a, b, linking)


def _tell_who_saw(
    draft: Draft, command: commands.RejectLink | commands.DissolveLink, a: SourceFile, b: SourceFile
) -> None:
    """Only a link that stood could be seen."""
    if command.seen:
        event = WrongLinkSeen(a=a.id, b=b.id, disclosures=command.seen)
        draft.emit(CaseId(command.case), event)


def propose(draft: Draft, policy: Policy, command: commands.ProposeLink, linking: Linking) -> None:
    """A person proposes; another confirms."""
    a, b = _pair(draft, command.case, command.a, command.b)
    known = draft.link(a.id, b.id)
    if known is not None and known.state in (LinkState.ACCEPTED, LinkState.PROPOSED):
        raise Rejection("link.known", f"the pair is {known.state} already", "该关联已存在")
    verdict = linking.remembered(a.id, b.id).verdict
    event = told.LinkProposed(
        a=a.id, b=b.id, score=verdict.score, reasons=(*verdict.reasons, "person"), evidence=verdict.evidence
    )
    draft.emit(_case_of(draft, a.id), event)


def _resettle(draft: Draft, policy: Policy, changes: Changes, a: SourceFile, b: SourceFile, linking: Linking) -> None:
    announce(draft, changes)
    settle_cases(draft, policy, {a.id, b.id}, changes, linking)


def _pair(draft: Draft, case: str, one: str, other: str) -> tuple[SourceFile, SourceFile]:
    """The two sources in order; one of them must belong to the case the command names."""
    first, second = sorted((one, other))
    a, b = draft.source(SourceId(first)), draft.source(SourceId(second))
    if a is None or b is None or a.id == b.id:
        raise Rejection("link.unknown_source", "name two different known sources", "请指定两个不同的已知来源")
    if case not in (a.case_id, b.case_id):
        raise Rejection("link.other_case", "one of the two must belong to the case", "其中之一须属于该案件")
    if a.sealed_off or b.sealed_off or a.shard != b.shard:
        raise Rejection("link.not_linkable", "these two cannot be linked", "两者不可关联")
    return a, b

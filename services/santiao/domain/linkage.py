"""The process manager (联动): what follows what.

`REACTIONS` is the table from an event to what follows, `REFRESHES` what is looked at again for each case a step touched, in that order.
Both are run here and drawn into `docs/linkage.md`. Everything is pure: a reaction reads files and emits events.
"""

from collections.abc import Callable
from typing import Any

from santiao.domain.deciders import clocks, feedback, progress, standing
from santiao.domain.decisions import Draft
from santiao.domain.events import mediations as of_mediation
from santiao.domain.events import referrals as of_referral
from santiao.domain.files import CaseFile, SourceFile
from santiao.domain.ids import CaseId
from santiao.domain.policy import Policy
from santiao.domain.vocabulary import FAILED_OUTCOMES, CaseStatus

Reaction = Callable[[Draft, Policy, CaseId, Any], None]
Refresh = Callable[[Draft, Policy, CaseFile, list[SourceFile]], None]
"""Looks at a case again; the files are its standing sources. What it emits is about the case and changes no source."""

MAX_BOUNCES = 2


def stop_answer_clocks(draft: Draft, policy: Policy, case_id: CaseId, event: Any) -> None:
    """An answer came: the clocks of the referral stop."""
    clocks.meet_clocks(draft, case_id, f"referral/{event.referral_id}")


def drop_answer_clocks(draft: Draft, policy: Policy, case_id: CaseId, event: Any) -> None:
    """The letter is gone: its clocks stop without being met."""
    clocks.cancel_clocks(draft, case_id, f"referral/{event.referral_id}", "recalled")


def start_contact_clock(draft: Draft, policy: Policy, case_id: CaseId, event: of_referral.ReferralAccepted) -> None:
    """Whoever accepted must reach the other side in time."""
    rule = policy.contact_rule
    if rule:
        start = clocks.day_of(draft.occasion.received_at)
        clocks.start_clock(draft, policy, case_id, rule, clock="hub", about="contact", start=start)


def ask_for_designation(draft: Draft, policy: Policy, case_id: CaseId, event: Any) -> None:
    """After the second bounce a named person decides."""
    case = draft.known_case(case_id)
    if case.bounces >= MAX_BOUNCES and case.designation == "" and case.status is not CaseStatus.REFERRED:
        draft.emit(case_id, of_referral.DesignationAsked(bounces=case.bounces))


def stop_contact_clock(draft: Draft, policy: Policy, case_id: CaseId, event: of_mediation.MediationStarted) -> None:
    """The parties sit together: they were reached."""
    clocks.meet_clocks(draft, case_id, "contact")


def stop_mediation_clocks(
    draft: Draft, policy: Policy, case_id: CaseId, event: of_mediation.MediationConcluded
) -> None:
    """The mediation period ends with the mediation."""
    clocks.meet_clocks(draft, case_id, "mediation")


def climb_after_failure(draft: Draft, policy: Policy, case_id: CaseId, event: of_mediation.MediationConcluded) -> None:
    """Failure climbs a level, changes the kind of mediation, or goes back to its origin with the material."""
    case = draft.known_case(case_id)
    if event.outcome not in FAILED_OUTCOMES or event.told_by_source or case.referral is None:
        return
    today = clocks.day_of(draft.occasion.received_at)
    found = policy.climb(case.referral.origin_source.partition(":")[0], case, case.referral.body, today)
    if found is None or found.body is None:
        escalated = of_mediation.CaseEscalated(to="origin", level="", reason=event.outcome, rule="back_to_origin")
    else:
        escalated = of_mediation.CaseEscalated(to=found.body, level=found.level, reason=event.outcome, rule=found.rule)
    draft.emit(case_id, escalated)


def start_agreement_clocks(draft: Draft, policy: Policy, case_id: CaseId, event: of_mediation.AgreementReached) -> None:
    """Rights that an agreement starts: judicial confirmation, arbitration review; and the follow-up."""
    case = draft.known_case(case_id)
    body = case.mediation.body if case.mediation else ""
    for rule in policy.agreement_rules(body, case.dispute_type, event.effective_on):
        clocks.start_clock(draft, policy, case_id, rule, clock="legal", about="agreement", start=event.effective_on)
    if event.perform_by and policy.follow_up_rule:
        clocks.start_clock(
            draft, policy, case_id, policy.follow_up_rule, clock="hub", about="follow_up", start=event.perform_by
        )
    if event.form == "performed":
        draft.emit(
            case_id, of_mediation.AgreementPerformed(agreement_no=event.agreement_no, performed_on=event.effective_on)
        )
        standing.close(draft, case_id, "performed")


def stop_confirmation_clock(
    draft: Draft, policy: Policy, case_id: CaseId, event: of_mediation.ConfirmationApplied
) -> None:
    """The joint application was made in time."""
    clocks.meet_clocks(draft, case_id, "agreement")


def stop_follow_up_clock(draft: Draft, policy: Policy, case_id: CaseId, event: of_mediation.FollowedUp) -> None:
    """The call was made."""
    clocks.meet_clocks(draft, case_id, "follow_up")


def stop_all_clocks(draft: Draft, policy: Policy, case_id: CaseId, event: Any) -> None:
    """A closed case has no duties left; a party's rights and the origins' own clocks keep running and stay visible."""
    for known in clocks.live_clocks(draft, case_id):
        if not known.party_right and known.clock != "origin":
            clocks.cancel_clocks(draft, case_id, known.about, "closed")


def recall_open_referral(draft: Draft, policy: Policy, case_id: CaseId, event: Any) -> None:
    """A gate stops what has not been accepted yet; what is being mediated is shown to a person instead."""
    standing.recall_open_referral(draft, case_id, "gate")


REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "ReferralSent": (feedback.tell_referred,),
    "ReferralAccepted": (stop_answer_clocks, start_contact_clock, feedback.tell_answered),
    "ReferralDeclined": (stop_answer_clocks, feedback.tell_answered, ask_for_designation),
    "ReferralReturned": (stop_answer_clocks, feedback.tell_answered),
    "ReferralForwarded": (stop_answer_clocks, feedback.tell_answered, ask_for_designation),
    "ReferralTimedOut": (feedback.tell_answered, ask_for_designation),
    "ReferralRecalled": (drop_answer_clocks,),
    "MediationStarted": (stop_contact_clock,),
    "MediationConcluded": (stop_mediation_clocks, feedback.tell_outcome, climb_after_failure),
    "AgreementReached": (start_agreement_clocks,),
    "ConfirmationApplied": (stop_confirmation_clock,),
    "FollowedUp": (stop_follow_up_clock,),
    "CaseBlocked": (recall_open_referral,),
    "CaseClosed": (stop_all_clocks, feedback.tell_outcome),
    "CaseMerged": (feedback.tell_merged,),
    "CaseSplit": (feedback.tell_correction,),
}

REFRESHES: tuple[Refresh, ...] = (
    standing.classify,
    standing.apply_gates,
    standing.keep_origin_clocks,
    progress.follow_sources,
    standing.triage,
)

STIRRING = frozenset(
    {
        "CaseOpened",
        "SourceReported",
        "SourceJoined",
        "SourceCorrected",
        "SourceConfirmed",
        "SourceSupplemented",
        "SourceWithdrawn",
        "SourceMerged",
        "SourceUnmerged",
        "SourceSealedOff",
        "GateHit",
        "GateCleared",
        "CaseMerged",
        "CaseSplit",
        "CaseReopened",
    }
)
"""Events after which a case is looked at again."""


def follow(draft: Draft, policy: Policy) -> None:
    """Run the tables until nothing follows any more. Bounded by the step's own bound on events."""
    stirred: dict[CaseId, None] = {}
    while draft.pending or stirred:
        while draft.pending:
            case_id, event = draft.pending.popleft()
            name = type(event).__name__
            for reaction in REACTIONS.get(name, ()):
                reaction(draft, policy, case_id, event)
            if case_id and name in STIRRING:
                stirred[case_id] = None
        if stirred:
            case_id = next(iter(stirred))
            del stirred[case_id]
            _look_again(draft, policy, case_id)


def _look_again(draft: Draft, policy: Policy, case_id: CaseId) -> None:
    case = draft.known_case(case_id)
    if case.merged_into is not None:
        return
    files = standing.active_sources(draft, case)
    for refresh in REFRESHES:
        refresh(draft, policy, draft.known_case(case_id), files)

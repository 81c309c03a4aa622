"""What the sources themselves tell of progress: a mediation elsewhere, an agreement, an end.

The hub follows, it does not overrule: a source's word moves a case only while the hub has no referral of its own under way.
"""

from santiao.domain.deciders import standing
from santiao.domain.decisions import Draft
from santiao.domain.events import cases as told
from santiao.domain.events import mediations as of_mediation
from santiao.domain.files import CaseFile, SourceFile
from santiao.domain.ids import SourceId
from santiao.domain.policy import Policy
from santiao.domain.vocabulary import ENDED_STAGES, SETTLED_OUTCOMES, CaseStatus, Stage

OWN_WORK = frozenset({CaseStatus.REFERRED, CaseStatus.SUSPENDED, CaseStatus.CONFIRMING, CaseStatus.PERFORMING})


def stage_of(file: SourceFile) -> str:
    """Where the agency stands with its file: the file itself, or a part that tells more."""
    told_by_parts = [part.stage for name, part in sorted(file.parts.items()) if name and part.stage]
    own = file.main.stage
    if own in ENDED_STAGES or not told_by_parts:
        return own
    return told_by_parts[-1]


def outcome_of(file: SourceFile) -> str | None:
    """How it ended for the agency, by any part."""
    outcomes = [part.outcome for _, part in sorted(file.parts.items()) if part.outcome]
    settled = [outcome for outcome in outcomes if outcome in SETTLED_OUTCOMES]
    return (settled or outcomes)[-1] if outcomes else None


def follow_sources(draft: Draft, policy: Policy, case: CaseFile, files: list[SourceFile]) -> None:
    """Move the case with its sources."""
    if case.status in OWN_WORK:
        return
    if not files:
        if case.status is not CaseStatus.CLOSED:
            standing.recall_open_referral(draft, case.id, "withdrawn")
            standing.close(draft, case.id, "withdrawn", _taken_back_as(draft, case))
        return
    stages = {file.id: stage_of(file) for file in files}
    if case.mediation is not None and case.mediation.told_by and case.mediation.state == "running":
        _follow_told_mediation(draft, case, files)
        case = draft.known_case(case.id)
    if all(stage in ENDED_STAGES for stage in stages.values()):
        outcomes = [outcome for file in files if (outcome := outcome_of(file))]
        settled = sorted(outcome for outcome in outcomes if outcome in SETTLED_OUTCOMES)
        standing.close(draft, case.id, "ended_at_source", (settled or sorted(outcomes))[0] if outcomes else None)
    elif case.status is CaseStatus.CLOSED and case.closed_reason in ("ended_at_source", "withdrawn"):
        draft.emit(case.id, told.CaseReopened(reason="source_open"))
    elif case.status is CaseStatus.REGISTERED and (mediating := _mediating(files, stages)) is not None:
        event = of_mediation.MediationStarted(
            mediation_id=f"{case.no}-M{case.serials + 1:02d}", body="", told_by_source=mediating.id
        )
        draft.emit(case.id, event)


def _taken_back_as(draft: Draft, case: CaseFile) -> str | None:
    """How the agencies ended what they all took back: merged into another (O50), as they said, or withdrawn (O21)."""
    outcomes: set[str] = set()
    for name in case.sources:
        file = draft.known_source(name)
        if file.merged_into:
            outcomes.add("O50")
        elif file.withdrawn and not file.absent:
            outcomes.add(file.ended or outcome_of(file) or "O21")
    return min(outcomes, default=None)


def _mediating(files: list[SourceFile], stages: dict[SourceId, str]) -> SourceFile | None:
    return next((file for file in sorted(files, key=lambda file: file.id) if stages[file.id] == Stage.MEDIATING), None)


def _follow_told_mediation(draft: Draft, case: CaseFile, files: list[SourceFile]) -> None:
    mediation = case.mediation
    if mediation is None:
        return
    teller = next((file for file in files if file.id == mediation.told_by), None)
    if teller is None:
        outcome = "O90"
    elif stage_of(teller) == Stage.MEDIATING:
        return
    else:
        outcome = outcome_of(teller) or "O41"
    draft.emit(
        case.id,
        of_mediation.MediationConcluded(mediation_id=mediation.id, outcome=outcome, told_by_source=mediation.told_by),
    )

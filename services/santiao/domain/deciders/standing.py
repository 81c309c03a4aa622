"""How a case stands, read anew from its sources: type, region, risk, gates, the origins' clocks, triage, closing.

All of it is a function of the set of standing sources, so that order of arrival does not matter.
"""

from datetime import date

from santiao.domain.deciders import clocks
from santiao.domain.decisions import Draft
from santiao.domain.events import cases as told
from santiao.domain.events import mediations as of_mediation
from santiao.domain.events import referrals as of_referral
from santiao.domain.files import CaseFile, Clock, SourceFile
from santiao.domain.ids import CaseId
from santiao.domain.policy import Policy
from santiao.domain.vocabulary import ENDED_STAGES, MERGED_OUTCOME, UNCLASSIFIED, CaseStatus, MappingStatus

_MAPPING_RANK = {
    MappingStatus.EXACT: 0,
    MappingStatus.NARROWER: 1,
    MappingStatus.BROADER: 2,
    MappingStatus.DEFAULTED_BY_SOURCE: 3,
    MappingStatus.UNMAPPED: 4,
}
OTHER = "D98"
EARLY = frozenset({CaseStatus.REGISTERED, CaseStatus.BLOCKED, CaseStatus.CONSENT_PENDING})


def active_sources(draft: Draft, case: CaseFile) -> list[SourceFile]:
    """Sources of the case that still stand, in the case's order."""
    return [file for name in case.sources if (file := draft.source(name)) is not None and file.is_active]


def classify(draft: Draft, policy: Policy, case: CaseFile, files: list[SourceFile]) -> None:
    """Type, region and risk of the case: the best told of its sources'."""
    if not files:
        return
    best = min(files, key=_type_rank) if len(files) > 1 else files[0]
    dispute_type = best.main.type
    placed = min((file for file in files if file.main.region), key=_region_rank, default=None)
    region, street = (placed.main.region, placed.main.street) if placed else (case.region, case.street)
    risk = policy.risk(files, dispute_type)
    if (dispute_type, region, street, risk) != (case.dispute_type, case.region, case.street, case.risk):
        event = told.CaseReclassified(dispute_type=dispute_type, region=region, street=street, risk=risk)
        draft.emit(case.id, event)


def _region_rank(file: SourceFile) -> tuple[bool, bool, str, str]:
    """The narrowest place first, with a street before one without, then the earliest report."""
    main = file.main
    return main.region.endswith("00"), not main.street, str(main.reported_on or "9999"), file.id


def _type_rank(file: SourceFile) -> tuple[bool, bool, int, str, str]:
    main = file.main
    return (
        main.type == UNCLASSIFIED,
        main.type == OTHER,
        _MAPPING_RANK.get(MappingStatus(main.type_mapping), 4),
        str(main.reported_on or "9999"),
        file.id,
    )


def apply_gates(draft: Draft, policy: Policy, case: CaseFile, files: list[SourceFile]) -> None:
    """A case is blocked while an active source of its own meets a gate; an officer's word holds until a new gate is met."""
    met = sorted({f"{hit.gate}:{hit.reason}" for file in files for hit in file.hits})
    if met and not case.blocked_by and case.override and set(met) <= set(case.set_aside):
        return
    if met and tuple(met) != case.blocked_by:
        draft.emit(case.id, told.CaseBlocked(gates=tuple(met)))
    elif not met and case.blocked_by:
        draft.emit(case.id, told.CaseUnblocked(reason="gates cleared"))


def keep_origin_clocks(draft: Draft, policy: Policy, case: CaseFile, files: list[SourceFile]) -> None:
    """The origins' own clocks are those of the standing sources, met where the origin has ended its file, running elsewhere.

    A source's own deadline is taken as it is given; the others follow the origin's rules.
    """
    wanted: dict[tuple[str, str], SourceFile] = {}
    for file in files:
        about = f"source/{file.id}"
        if file.main.source_deadline and file.main.registered_at:
            wanted[about, clocks.GIVEN] = file
        start = _origin_start(file)
        for rule in policy.origin_rules(file.agency, file.main, start, case.region) if start else ():
            wanted[about, rule] = file
    standing = {(clock.about, clock.rule): clock for clock in case.clocks if clock.clock == "origin"}
    for key, clock in standing.items():
        if key not in wanted or _is_outdated(clock, wanted[key]):
            clocks.cancel_clock(draft, case.id, clock, "source_changed")
    for key, file in wanted.items():
        kept = standing.get(key)
        if kept is None or _is_outdated(kept, file):
            _start_origin_clock(draft, policy, case.id, key, file)
            kept = draft.known_case(case.id).clocks[-1]
        has_ended = file.main.stage in ENDED_STAGES
        if has_ended and kept.state in clocks.LIVE:
            clocks.meet_clock(draft, case.id, kept)
        elif not has_ended and kept.state == "met":
            clocks.cancel_clock(draft, case.id, kept, "source_reopened")
            _start_origin_clock(draft, policy, case.id, key, file)


def _origin_start(file: SourceFile) -> date | None:
    if file.main.reported_on is not None:
        return file.main.reported_on
    return clocks.day_of(file.main.registered_at) if file.main.registered_at else None


def _is_outdated(clock: Clock, file: SourceFile) -> bool:
    """Whether the source now tells another start, or gave another end."""
    if clock.rule == clocks.GIVEN:
        told = clocks.given_times(file.main.registered_at, file.main.source_deadline)
        return (clock.start, clock.effective_end) != told
    return clock.start[:10] != str(_origin_start(file))


def _start_origin_clock(draft: Draft, policy: Policy, case_id: CaseId, key: tuple[str, str], file: SourceFile) -> None:
    about, rule = key
    start = _origin_start(file)
    if rule == clocks.GIVEN:
        times = clocks.given_times(file.main.registered_at, file.main.source_deadline)
        clocks.take_over_clock(draft, case_id, about=about, times=times, source=policy.given_by(file.agency))
    elif start is not None:
        clocks.start_clock(draft, policy, case_id, rule, clock="origin", about=about, start=start)


def triage(draft: Draft, policy: Policy, case: CaseFile, files: list[SourceFile]) -> None:
    """Propose mediation kind, mode and body by the routing rules while the case is early and unblocked."""
    if case.status is not CaseStatus.REGISTERED or case.designation or not files:
        return
    route = policy.route(files, case, clocks.day_of(draft.occasion.received_at))
    if route is not None and route.body is not None and (route.mediation, route.mode, route.body) != case.triage:
        draft.emit(
            case.id,
            of_referral.CaseTriaged(mediation=route.mediation, mode=route.mode, body=route.body, rule=route.rule),
        )


def close(draft: Draft, case_id: CaseId, reason: str, outcome: str | None = None) -> None:
    """Close the case unless it is closed."""
    case = draft.known_case(case_id)
    if case.status is not CaseStatus.CLOSED:
        draft.emit(case_id, told.CaseClosed(outcome=outcome or case.outcome, reason=reason))


def recall_open_referral(draft: Draft, case_id: CaseId, reason: str) -> None:
    """Take back a letter that nobody acted on; show a person what is being acted on."""
    case = draft.known_case(case_id)
    referral = case.referral
    if referral is not None and referral.state in ("sent", "returned") and case.status is CaseStatus.REFERRED:
        draft.emit(case_id, of_referral.ReferralRecalled(referral_id=referral.id, reason=reason))
    elif case.status in (CaseStatus.REFERRED, CaseStatus.MEDIATING, CaseStatus.SUSPENDED):
        draft.emit(
            case_id, told.NoticeRaised(code=f"{reason}.while_acting", about=case.referral.id if case.referral else "")
        )


def wind_up(draft: Draft, case_id: CaseId) -> None:
    """Before a case is absorbed: its letter is taken back, its mediation ends as merged into another (O50), its own clocks stop."""
    recall_open_referral(draft, case_id, "merged")
    case = draft.known_case(case_id)
    if case.mediation is not None and case.mediation.state != "concluded":
        draft.emit(
            case_id,
            of_mediation.MediationConcluded(mediation_id=case.mediation.id, outcome=MERGED_OUTCOME, reason="merged"),
        )
    for clock in clocks.live_clocks(draft, case_id):
        if clock.clock != "origin":
            clocks.cancel_clocks(draft, case_id, clock.about, "merged")

"""Cases are the components of accepted links. After links changed, sources are regrouped and cases merge or split.

Who survives is a table (`docs/merge-and-unlink.md` is drawn from the same words): the case furthest along keeps its id, then the one
opened first, then the smaller id. On a split the part with the referral's origin keeps the id, else the part with the founding
source.
"""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from santiao.domain.deciders import standing
from santiao.domain.decisions import Draft
from santiao.domain.events import cases as told
from santiao.domain.files import CaseFile, SourceFile
from santiao.domain.ids import CaseId, SourceId, derive_case_id, format_case_no, numbering_region, source_id
from santiao.domain.vocabulary import UNCLASSIFIED, CaseStatus, LinkState, Risk

SHANGHAI = ZoneInfo("Asia/Shanghai")

MERGE_RANK: tuple[tuple[str, frozenset[CaseStatus]], ...] = (
    ("M1.agreement", frozenset({CaseStatus.AGREED, CaseStatus.CONFIRMING, CaseStatus.PERFORMING})),
    ("M2.mediation", frozenset({CaseStatus.MEDIATING, CaseStatus.SUSPENDED})),
    ("M3.referral", frozenset({CaseStatus.REFERRED})),
    ("M4.consent", frozenset({CaseStatus.CONSENT_PENDING})),
    ("M5.open", frozenset({CaseStatus.REGISTERED, CaseStatus.BLOCKED, CaseStatus.FAILED})),
    ("M6.closed", frozenset({CaseStatus.CLOSED})),
)
"""Who survives a merge, first row that one of the cases meets; docs and tests read the same table."""


def merge_rank(case: CaseFile) -> int:
    """Row of `MERGE_RANK` that the case meets."""
    return next(rank for rank, (_, states) in enumerate(MERGE_RANK) if case.status in states)


def choose_survivor(cases: Iterable[CaseFile]) -> CaseFile:
    """The case that keeps its id: furthest along, then oldest, then smallest id."""
    return min(cases, key=lambda case: (merge_rank(case), case.opened_at, case.id))


def open_case(
    draft: Draft, secret: bytes, names: tuple[SourceId, ...], founding: SourceFile | None, **facts: str
) -> CaseId:
    """Open a case for `names`; `facts` are dispute_type, region, street, risk. A founding source that founded before gets a serial."""
    occasion = draft.occasion
    case_id = derive_case_id(secret, names[0])
    attempt = 1
    while draft.case(case_id) is not None:
        case_id = derive_case_id(secret, SourceId(f"{names[0]}#{attempt}"))
        attempt += 1
    serial = draft.files.next_case_serial(draft.opened)
    draft.opened += 1
    region = facts.get("region", "") or f"{occasion.shard:04d}00"
    draft.emit(
        case_id,
        told.CaseOpened(
            case_no=format_case_no(
                occasion.received_at.astimezone(SHANGHAI).date(), numbering_region(occasion.shard, region), serial
            ),
            sources=names,
            dispute_type=facts.get("dispute_type", UNCLASSIFIED),
            region=region,
            street=facts.get("street", ""),
            risk=facts.get("risk", Risk.LOW),
            split_from=founding.case_id if founding is not None else None,
        ),
    )
    return case_id


def components(draft: Draft, names: Iterable[SourceId]) -> list[tuple[SourceId, ...]]:
    """Components of accepted links that hold any of `names`, each in a fixed order, founding source first."""
    wanted = sorted(names)
    glued = _glued(draft, wanted)
    seen: set[SourceId] = set()
    found: list[tuple[SourceId, ...]] = []
    for start in wanted:
        if start in seen:
            continue
        group, frontier = {start}, [start]
        while frontier:
            name = frontier.pop()
            linked = [
                link.b if link.a == name else link.a
                for link in draft.links_of(name)
                if link.state == LinkState.ACCEPTED
            ]
            for other in (*linked, *glued.get(name, ())):
                if other not in group:
                    group.add(other)
                    frontier.append(other)
        seen |= group
        found.append(tuple(sorted(group)))
    return found


def _glued(draft: Draft, names: Iterable[SourceId]) -> dict[SourceId, list[SourceId]]:
    """A file that is known only by its merge into another stands with that other, though there is nothing to compare."""
    glued: dict[SourceId, list[SourceId]] = {}
    for name in names:
        file = draft.source(name)
        if file is not None and file.is_waiting and file.merged_into:
            target = source_id(file.agency, file.merged_into)
            glued.setdefault(name, []).append(target)
            glued.setdefault(target, []).append(name)
    return glued


def regroup(draft: Draft, secret: bytes, touched: Iterable[SourceId]) -> None:
    """Make cases agree with accepted links again, for every case that a touched source is in."""
    names = {name for name in touched if (file := draft.source(name)) is not None and file.case_id is not None}
    involved = {draft.known_source(name).case_id for name in names}
    for case_id in sorted(case_id for case_id in involved if case_id):
        names.update(draft.known_case(case_id).sources)
    groups = components(draft, names)
    keepers = _keepers(draft, groups)
    for group in groups:
        _settle_group(draft, secret, group, keepers)


def _keepers(draft: Draft, groups: list[tuple[SourceId, ...]]) -> dict[CaseId, tuple[SourceId, ...]]:
    """For each case the one group that keeps its id."""
    place = {name: group for group in groups for name in group}
    keepers: dict[CaseId, tuple[SourceId, ...]] = {}
    for name in place:
        case_id = draft.known_source(name).case_id
        if case_id is None or case_id in keepers:
            continue
        case = draft.known_case(case_id)
        origin = (
            SourceId(case.referral.origin_source)
            if case.referral and case.referral.state in ("sent", "accepted")
            else None
        )
        anchor = origin if origin in place and origin in case.sources else case.sources[0]
        keepers[case_id] = place[anchor]
    return keepers


def _settle_group(
    draft: Draft, secret: bytes, group: tuple[SourceId, ...], keepers: dict[CaseId, tuple[SourceId, ...]]
) -> None:
    present = {case_id for name in group if (case_id := draft.known_source(name).case_id) is not None}
    kept = [draft.known_case(case_id) for case_id in sorted(present) if keepers[case_id] == group]
    strays = {name for name in group if draft.known_source(name).case_id not in {case.id for case in kept}}
    if kept:
        survivor = choose_survivor(kept)
        for case in kept:
            if case.id != survivor.id:
                _absorb(draft, survivor.id, case)
        for name in sorted(strays):
            _leave(draft, (name,), survivor.id, "S2.joins_other")
            draft.emit(survivor.id, told.SourceJoined(source_id=name))
        return
    founding = draft.known_source(group[0])
    old = {draft.known_source(name).case_id for name in group}
    main = founding.main if not founding.is_waiting else None
    for case_id in sorted(case_id for case_id in old if case_id):
        members = tuple(name for name in group if draft.known_source(name).case_id == case_id)
        _leave(draft, members, None, "S1.own_case")
    open_case(
        draft,
        secret,
        group,
        founding,
        dispute_type=main.type if main else UNCLASSIFIED,
        region=main.region if main else "",
        street=main.street if main else "",
        risk=Risk.LOW,
    )


def _absorb(draft: Draft, survivor: CaseId, absorbed: CaseFile) -> None:
    standing.wind_up(draft, absorbed.id)
    absorbed = draft.known_case(absorbed.id)
    rule = MERGE_RANK[merge_rank(draft.known_case(survivor))][0]
    carried = tuple(
        clock.id for clock in absorbed.clocks if clock.clock == "origin" and clock.state in ("running", "warned")
    )
    draft.emit(
        survivor,
        told.CaseMerged(
            absorbed=absorbed.id, absorbed_no=absorbed.no, sources=absorbed.sources, clocks=carried, rule=rule
        ),
    )


def _leave(draft: Draft, names: tuple[SourceId, ...], into: CaseId | None, rule: str) -> None:
    case_id = draft.known_source(names[0]).case_id
    if case_id is not None:
        draft.emit(case_id, told.CaseSplit(into=into or "", sources=names, rule=rule))

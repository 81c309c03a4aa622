"""A case as the worklist shows it: which values go to the door, and what the page makes of what comes back."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from santiao.console.casework import CaseState
from santiao.console.telling import rule_name
from santiao.console.visits import Visit
from santiao.console.worklists import sort_value
from santiao.domain.deciders.clocks import day_of
from santiao.domain.errors import Rejection
from santiao.projections.case_overview_rows import CaseRow, SourceRow
from santiao.projections.case_overview_sources import read_hits
from santiao.projections.case_overview_workflow import decode_list
from santiao.projections.clock_list import ClockItem, read_clocks
from santiao.projections.moments import tell

RIGHT_SOON_MS = 7 * 86_400_000
"""A party's right that ends within a week is told on the list."""


class WorkRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `sort_ms` is its place in the list; `due_ms` is when what is owed first was or is due, 0 without a clock."""

    case_id: str
    case_no: str
    status: str
    dispute_type: str
    region: str
    risk: str
    opened_at: str
    urgency: str
    sort_ms: int
    due_ms: int = 0
    due: str = ""
    clock_name: str = ""
    agencies: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    body: str = ""
    proposed_body: str = ""
    referral_state: str = ""
    is_to_designate: bool = False
    is_right_at_risk: bool = False
    acts: tuple[Any, ...] = ()


def values_of(row: CaseRow, sources: Iterable[SourceRow]) -> dict[str, Any]:
    """What is asked to be shown of a case, under the names by which the door knows what may be."""
    clocks = read_clocks(row.clocks)
    live = [clock for clock in clocks if clock.state in ("running", "warned")]
    duties = [clock for clock in live if not clock.party_right]
    return {
        "case_id": row.case_id,
        "case_no": row.case_no,
        "version": row.version,
        "status": row.status,
        "dispute_type": row.dispute_type,
        "region": row.region or f"{row.shard:04d}00",
        "risk": row.risk,
        "opened_at": tell(row.opened_ms),
        "updated_at": tell(row.updated_ms),
        "outcome": row.outcome,
        "standing": sort_value(row),
        "blocked_by": decode_list(row.blocked_by),
        "aliases": decode_list(row.aliases),
        "merged_into": row.merged_into,
        "officer": row.officer,
        "body": row.body,
        "proposed_body": row.proposed_body,
        "mediation_kind": row.mediation_kind,
        "mode": row.mode,
        "consents": decode_list(row.consents),
        "designation": row.designation,
        "bounces": row.bounces,
        "referral_id": row.referral_id,
        "referral_state": row.referral_state,
        "mediation_id": row.mediation_id,
        "mediation_state": row.mediation_state,
        "agreement_no": row.agreement_no,
        "agreement_state": row.agreement_state,
        "next_due": _told_clock(min(duties, key=lambda clock: clock.due_ms)) if duties else None,
        "deadlines": [
            _told_clock(clock) for clock in clocks if clock.state == "breached" or (clock.party_right and clock in live)
        ],
        "sources": [
            {
                "source_id": source.source_id,
                "agency": source.agency,
                "key": source.key,
                "state": source.state,
                "gates": sorted({hit.gate for hit in read_hits(source.hits)}),
                "stage": source.stage,
                "outcome": source.outcome,
                "reported_on": source.reported_on,
            }
            for source in sources
        ],
    }


def _told_clock(clock: ClockItem) -> dict[str, Any]:
    return {
        "rule": clock.rule,
        "clock": clock.clock,
        "about": clock.about,
        "effective_end": clock.end,
        "due": clock.due_ms,
        "party_right": clock.party_right,
        "state": clock.state,
    }


def work_row(visit: Visit, told: Mapping[str, Any]) -> WorkRow:
    """A row of what the door let through."""
    now_ms = int(visit.now.timestamp() * 1000)
    due = due_of(told)
    rights = [each for each in told["deadlines"] if each["party_right"] and each["state"] != "breached"]
    names = {gate.gate: gate.name for gate in visit.services.rulebook.gates.gates}
    gates = dict.fromkeys(each.partition(":")[0] for each in told["blocked_by"])
    return WorkRow(
        case_id=told["case_id"],
        case_no=told["case_no"],
        status=told["status"],
        dispute_type=told["dispute_type"],
        region=told["region"],
        risk=told["risk"],
        opened_at=told["opened_at"],
        urgency=urgency_of(told, now_ms),
        sort_ms=told["standing"],
        due_ms=due["due"] if due else 0,
        due=due["effective_end"] if due else "",
        clock_name=rule_name(visit, due["rule"]) if due else "",
        agencies=tuple(dict.fromkeys(source["agency"] for source in told["sources"])),
        gates=tuple(names.get(gate, gate) for gate in gates),
        body=told["body"],
        proposed_body=told["proposed_body"],
        referral_state=told["referral_state"] if told["status"] in ("registered", "referred") else "",
        is_to_designate=told["designation"] == "asked",
        is_right_at_risk=any(each["due"] - now_ms < RIGHT_SOON_MS for each in rights),
    )


def state_of(visit: Visit, told: Mapping[str, Any]) -> CaseState:
    """What decides which actions fit."""
    return CaseState(
        case_id=told["case_id"],
        case_no=told["case_no"],
        version=told["version"],
        status=told["status"],
        region=told["region"],
        dispute_type=told["dispute_type"],
        is_blocked=bool(told["blocked_by"]),
        is_merged=bool(told["merged_into"]),
        mediation_kind=told["mediation_kind"],
        mode=told["mode"],
        proposed_body=told["proposed_body"],
        consents=tuple(told["consents"]),
        needs_consent=_needs_consent(visit, told),
        designation=told["designation"],
        routing_rule=told.get("routing_rule", ""),
        referral_id=told["referral_id"],
        referral_state=told["referral_state"],
        mediation_state=told["mediation_state"],
        agreement_state=told["agreement_state"],
    )


def _needs_consent(visit: Visit, told: Mapping[str, Any]) -> bool:
    """True where the way from the first standing source to the body chosen wants both sides' consent."""
    agency = next((each["agency"] for each in told["sources"] if each["state"] in ("live", "corrected")), "")
    try:
        return visit.services.edge_of(agency, told["proposed_body"], day_of(visit.now)).needs_consent
    except Rejection:
        return True


def due_of(told: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The clock a case is listed by: what has passed and is still owed, the longest first; else what ends next."""
    owed = [each for each in told["deadlines"] if _is_owed(told, each)]
    found: Mapping[str, Any] | None = min(owed, key=lambda clock: int(clock["due"])) if owed else told.get("next_due")
    return found


def urgency_of(told: Mapping[str, Any], now_ms: int) -> str:
    """Overdue, due soon, on time, or without a clock: by what runs, and by what has passed and is still owed."""
    due = told.get("next_due")
    if told["status"] == "closed":
        return "none"
    if (due and due["due"] <= now_ms) or any(_is_owed(told, each) for each in told["deadlines"]):
        return "overdue"
    if due is None:
        return "none"
    return "soon" if due["state"] == "warned" else "normal"


def _is_owed(told: Mapping[str, Any], clock: Mapping[str, Any]) -> bool:
    """True when what a clock that has passed was about is still to be done."""
    if clock["state"] != "breached" or clock["party_right"]:
        return False
    kind, _, name = clock["about"].partition("/")
    if kind == "referral":
        return bool(
            told["referral_id"] == name
            and told["status"] in ("registered", "referred")
            and told["referral_state"] != "accepted"
        )
    if kind == "mediation":
        return bool(told["status"] in ("mediating", "suspended"))
    if kind == "contact":
        return bool(told["status"] == "referred")
    if kind == "source":
        ended = {each["source_id"] for each in told["sources"] if each["stage"] in ("settled", "closed", "cancelled")}
        return name not in ended
    return True

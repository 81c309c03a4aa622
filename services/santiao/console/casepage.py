"""What a case's page shows, made of what the door let through: deadlines by what is due, parties by source, events by day."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from santiao.console.casereads import CaseLook
from santiao.console.telling import Teller, weight_of
from santiao.console.visits import Visit
from santiao.console.workrows import due_of, urgency_of
from santiao.pool.access import Resource

LIVE = ("running", "warned")
_FIRST = {"overdue": 0, "soon": 1, "normal": 2, "none": 3}


class Gate(msgspec.Struct, frozen=True):
    """A gate that stops every referral: its name, its legal source, and whose file met it."""

    gate: str
    name: str
    source_text: str
    article: str
    sources: tuple[str, ...]


class Notice(msgspec.Struct, frozen=True):
    """Something a person must see."""

    text: str
    at: str


class NextDue(msgspec.Struct, frozen=True):
    """What is due next; `due_ms` 0 when nothing runs."""

    urgency: str
    due_ms: int = 0
    due: str = ""


class Event(msgspec.Struct, frozen=True):
    """One event in words."""

    at: str
    type: str
    told: str
    actor: str
    weight: str


class Day(msgspec.Struct, frozen=True):
    """The events of one day, the latest first."""

    day: str
    entries: tuple[Event, ...]


class Timeline(msgspec.Struct, frozen=True):
    """All days, the latest first."""

    count: int
    days: tuple[Day, ...]


def next_due(told: Mapping[str, Any], now_ms: int) -> NextDue:
    """What is due next of a case."""
    due = due_of(told) if told["status"] != "closed" else None
    urgency = urgency_of(told, now_ms)
    return NextDue(urgency, due["due"], due["effective_end"]) if due else NextDue(urgency)


def gates_of(visit: Visit, teller: Teller, told: Mapping[str, Any]) -> list[Gate]:
    """The gates that block a case."""
    rows = {gate.gate: gate for gate in visit.services.rulebook.gates.gates}
    found = []
    for code in dict.fromkeys(str(each).partition(":")[0] for each in told["blocked_by"]):
        row = rows.get(code)
        owners = tuple(teller.source(each["source_id"]) for each in told["sources"] if code in each["gates"])
        if row is None:
            found.append(Gate(code, code, "", "", owners))
        else:
            found.append(Gate(code, row.name, row.source_text, row.article, owners))
    return found


def keys_of(told: Mapping[str, Any]) -> dict[str, str]:
    """Sources' keys as their agencies write them, by source id: the case's own and those that links lead to."""
    sides = [link[end] for link in told.get("cases", ()) for end in ("a", "b")]
    return {each["source_id"]: each["key"] for each in (*sides, *told["sources"]) if "source_id" in each}


def notices_of(teller: Teller, told: Mapping[str, Any]) -> list[Notice]:
    """The last notices; an older one stays in the timeline."""
    found = [each for each in told.get("timeline", ()) if each["type"] == "NoticeRaised"]
    return [Notice(teller.label("notice", each["data"].get("code")), each["recorded_at"]) for each in found[-3:]]


def deadlines_of(teller: Teller, look: CaseLook, now_ms: int) -> list[dict[str, Any]] | None:
    """Clocks, what is late and what is due soon first, those that ended last."""
    if Resource.DEADLINES not in look.parts:
        return None
    is_open = look.told["status"] != "closed"
    rows = []
    for each in look.told["deadlines"]:
        is_live = each["state"] in LIVE
        urgency = "none"
        if is_live and each["due"] <= now_ms:
            urgency = "overdue"
        elif is_live:
            urgency = "soon" if each["state"] == "warned" else "normal"
        elif each["state"] == "breached":
            urgency = "overdue"
        kind, _, name = str(each["about"]).partition("/")
        rows.append(
            {
                **each,
                "name": teller.rule(each["rule"]),
                "is_live": is_live or (urgency == "overdue" and is_open),
                "urgency": urgency,
                "due_ms": each["due"],
                "about_kind": kind,
                "about_name": teller.source(name) if kind == "source" else name,
            }
        )
    return sorted(rows, key=lambda row: (not row["is_live"], _FIRST[row["urgency"]], row["due_ms"]))


def parties_of(look: CaseLook) -> list[dict[str, Any]] | None:
    """Parties with whoever tells of them. One person told alike by several sources stands once."""
    if Resource.PARTIES not in look.parts:
        return None
    return merge_parties(look.told.get("parties", ()))


def merge_parties(parts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The mentions of sources' parts as one list."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for part in parts:
        agency = part["source_id"].partition(":")[0]
        for place, mention in enumerate(part["mentions"]):
            row = {"name": "", "ids": [], "phones": [], "address": "", "erased": False, "minor": None, **mention}
            told = (row["role"], row["name"], *row["ids"], *row["phones"])
            is_sure = bool(row["ids"] or row["phones"])
            key = told if is_sure else (part["source_id"], part["part"], place)
            known = found.setdefault(key, {**row, "agencies": []})
            if agency not in known["agencies"]:
                known["agencies"].append(agency)
    return sorted(found.values(), key=lambda row: _ROLES.index(row["role"]) if row["role"] in _ROLES else len(_ROLES))


_ROLES = ("APPLICANT", "PETITIONER", "VICTIM", "RESPONDENT", "THIRD_PARTY", "AGENT", "GUARDIAN", "REPORTER", "CALLER")


def narratives_of(look: CaseLook) -> list[dict[str, Any]]:
    """What the sources tell in words, where she may read it."""
    return [
        {"agency": each["source_id"].partition(":")[0], "key": each["source_id"].partition(":")[2], **each["narrative"]}
        for each in look.told.get("data", ())
        if "narrative" in each
    ]


def timeline_of(visit: Visit, teller: Teller, look: CaseLook) -> Timeline | None:
    """Events by the day they were recorded, the latest first."""
    if Resource.TIMELINE not in look.parts:
        return None
    own = f"person/{visit.caller.person}"
    days: dict[str, list[Event]] = {}
    for each in reversed(look.told["timeline"]):
        actor = str(each["actor"])
        by = _you(visit) if actor == own else actor.removeprefix("person/") if actor.startswith("person/") else ""
        entry = Event(
            at=each["recorded_at"][11:16],
            type=each["type"],
            told=teller.tell(each["type"], each["data"]),
            actor=by,
            weight=weight_of(each["type"]),
        )
        days.setdefault(each["recorded_at"][:10], []).append(entry)
    told = tuple(Day(day, tuple(entries)) for day, entries in days.items())
    return Timeline(len(look.told["timeline"]), told)


def _you(visit: Visit) -> str:
    return "you" if visit.language == "en" else "本人"


def referral_of(look: CaseLook, visit: Visit) -> dict[str, Any]:
    """The last letter, with the basis of the way it went."""
    letters: Sequence[Mapping[str, Any]] = look.told["referral"] if Resource.REFERRALS in look.parts else ()
    if not letters:
        return {"id": ""}
    last = letters[-1]
    edge = next((each for each in visit.services.rulebook.routing.edges if each.id == last["edge"]), None)
    return {**last, "id": last["referral_id"], "basis": edge.basis if edge is not None else "", "count": len(letters)}


def links_of(look: CaseLook, case_no: str) -> list[dict[str, Any]] | None:
    """Links of the case's sources: what waits for a person first, then what stands, then what was rejected or undone."""
    if Resource.LINKS not in look.parts:
        return None
    order = {"proposed": 0, "accepted": 1, "dissolved": 2, "rejected": 3}
    rows = []
    for each in look.told["cases"]:
        others = [side["case_no"] for side in (each["a"], each["b"]) if side["case_no"] != case_no]
        rows.append({**each, "other_case_no": others[0] if others else ""})
    return sorted(rows, key=lambda row: (order.get(row["state"], 9), -row["score"]))


def seen_of(visit: Visit, case_id: str) -> list[dict[str, Any]]:
    """Who has seen the case: each person's looks of a day for one purpose as one line, the latest first."""
    lines: dict[tuple[str, ...], dict[str, Any]] = {}
    for each in visit.services.door.book.who_has_seen(case_id, limit=300):
        who = each.person or each.agency
        line = lines.setdefault(
            (who, each.purpose, each.channel, each.at.date().isoformat()),
            {
                "who": who,
                "purpose": each.purpose,
                "channel": each.channel,
                "at": each.at,
                "times": 0,
                "is_self": each.person == visit.caller.person,
            },
        )
        line["times"] += 1
    return list(lines.values())[:20]

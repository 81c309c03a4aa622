"""The referral letter (移送调解函): what goes to the body, field by field, as it stands now; to be read before it is sent, and printed.

The rule kept here: the letter shows of persons what the reader may see and no more; what the hub does not know is left for the pen.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from santiao.console.casepage import deadlines_of, gates_of, keys_of, narratives_of, parties_of
from santiao.console.casereads import CaseLook, look_at_case
from santiao.console.telling import MILESTONES, Teller
from santiao.console.visits import Visit
from santiao.domain.deciders.clocks import day_of
from santiao.domain.directory import Body, body_of
from santiao.domain.errors import NotFound, Rejection
from santiao.domain.routing import Edge

FACTS_MAX = 500
DONE_MAX = 12


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the letter beside the case's own facts. `is_sent` when it went out; before that it is a draft."""

    number: str
    is_sent: bool
    sent_at: str
    body: Body | None
    mode: str
    edge: Edge | None
    origin: Mapping[str, Any] | None
    consents: tuple[tuple[str, str, str], ...]
    facts: tuple[tuple[str, str], ...]
    done: tuple[tuple[str, str, str], ...]
    answer_rules: tuple[str, ...]
    feedback_rule: str
    hub_due: str
    legal_due: str


def show_letter(visit: Visit) -> Response:
    """The letter with persons masked."""
    return _show(visit, in_full=False)


def show_letter_in_full(visit: Visit) -> Response:
    """The letter as it is handed over, asked for on purpose and recorded so."""
    return _show(visit, in_full=True)


def _show(visit: Visit, *, in_full: bool) -> Response:
    look = look_at_case(visit, visit.path["name"], in_full=in_full)
    clocks = {each["deadline_id"]: each["rule"] for each in look.told["deadlines"] if "deadline_id" in each}
    teller = Teller(visit, clocks, keys_of(look.told))
    now_ms = int(visit.now.timestamp() * 1000)
    origins = [
        each for each in deadlines_of(teller, look, now_ms) or () if each["clock"] == "origin" and each["is_live"]
    ]
    return visit.show(
        "letter.html",
        case=look.told,
        letter=_letter(visit, teller, look),
        parties=parties_of(look),
        gates=gates_of(visit, teller, look.told),
        origin_clocks=origins,
        is_in_full=in_full,
        teller=teller,
    )


def _letter(visit: Visit, teller: Teller, look: CaseLook) -> Letter:
    told = look.told
    letters = told["referral"] if isinstance(told.get("referral"), list) else []
    last = letters[-1] if letters else None
    is_sent = last is not None and last["state"] in ("sent", "accepted", "returned")
    body = _body(visit, last["body"] if last is not None and is_sent else told["proposed_body"])
    origin = next((each for each in told["sources"] if each["state"] in ("live", "corrected")), None)
    edge = _edge(visit, origin["agency"] if origin else "", body)
    return Letter(
        number=last["referral_id"] if last is not None and is_sent else "",
        is_sent=is_sent,
        sent_at=last["sent_at"] if last is not None and is_sent else "",
        body=body,
        mode=edge.mode if edge is not None else told["mode"],
        edge=edge,
        origin=origin,
        consents=tuple(
            (each["data"].get("side", ""), each["type"], each["recorded_at"])
            for each in told.get("timeline", ())
            if each["type"] in ("ConsentGiven", "ConsentRefused")
        ),
        facts=tuple((each["agency"], str(each.get("text", ""))[:FACTS_MAX]) for each in narratives_of(look)),
        done=tuple(
            (each["recorded_at"], each["type"], teller.tell(each["type"], each["data"]))
            for each in told.get("timeline", ())
            if each["type"] in MILESTONES
        )[-DONE_MAX:],
        answer_rules=tuple(
            teller.rule(rule) for rule in ((edge.hub_accept_rule, edge.legal_accept_rule) if edge else ()) if rule
        ),
        feedback_rule=teller.rule(edge.feedback_rule) if edge is not None else "",
        hub_due=last["hub_due"] if last is not None and is_sent else "",
        legal_due=(last["legal_due"] or "") if last is not None and is_sent else "",
    )


def _body(visit: Visit, name: str) -> Body | None:
    try:
        return body_of(visit.services.rulebook, name) if name else None
    except NotFound:
        return None


def _edge(visit: Visit, agency: str, body: Body | None) -> Edge | None:
    try:
        return visit.services.edge_of(agency, body.id, day_of(visit.now)) if body is not None else None
    except Rejection:
        return None

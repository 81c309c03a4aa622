"""A case's page, and everything done there: the form of an action, its sending, and what came of it."""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from santiao.console import casepage
from santiao.console.actions import BY_NAME, Action, actions_for
from santiao.console.casereads import CaseLook, look_at_case
from santiao.console.casework import CaseState
from santiao.console.commanding import give, reached, read_key, read_version, wait_for
from santiao.console.fields import Fault, Field, as_members, fault_of, fault_of_form, find_faults, read_values
from santiao.console.refusals import PageRefused
from santiao.console.telling import Teller
from santiao.console.visits import Visit
from santiao.console.workrows import state_of
from santiao.domain.errors import Conflict, NotFound, Rejection
from santiao.pool.access import Denied, Reach

Values = Mapping[str, tuple[str, ...]]


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """An action's form: its fields, what stands in them and what is wrong; `version` is what the person saw of the case."""

    action: Action
    case_no: str
    version: int
    key: str
    fields: tuple[Field, ...]
    values: Values = {}
    faults: tuple[Fault, ...] = ()


def show_case(visit: Visit) -> Response:
    """The page; with `?do=` the form of an action on it."""
    is_behind = not wait_for(visit, visit.query.get("at", ""))
    look = look_at_case(visit, visit.path["name"])
    case = state_of(visit, look.told)
    action = BY_NAME.get(visit.query.get("do", ""))
    form = _form(visit, case, action) if action is not None and action in actions_for(visit, case) else None
    done = BY_NAME.get(visit.query.get("done", ""))
    told = (f"已完成：{done.zh}", f"done: {done.en}") if done is not None else None
    return _show(visit, look, form=form, done=told, is_behind=is_behind)


def show_parties(visit: Visit) -> Response:
    """The page with the parties in full, as far as she may see them: asked for on purpose, and recorded so."""
    look = look_at_case(visit, visit.path["name"], in_full=True)
    return _show(visit, look, is_revealed=True)


def act(visit: Visit) -> Response:
    """Send an action's form. What is wrong with it, or changed meanwhile, is told with everything she wrote still there."""
    action = BY_NAME.get(visit.path["action"])
    if action is None:
        raise PageRefused(404, "没有这种操作", "there is no such action")
    visit.services.policy.check_command(visit.caller, action.command.__name__)
    look = look_at_case(visit, visit.path["name"])
    case = state_of(visit, look.told)
    _check_own(visit, action, look)
    fields = action.fields(visit, case)
    values = read_values(visit, fields)
    seen, key = read_version(visit), read_key(visit)
    faults = find_faults(fields, values)
    if not faults:
        try:
            members = {"case": case.case_id, **as_members(fields, values)}
            if "referral" in action.command.__struct_fields__:
                members["referral"] = case.referral_id
            command: Any = msgspec.convert(members, action.command, strict=False)
            answer = give(visit, command, key=key, version=seen)
            return visit.go(f"/cases/{case.case_no}?done={action.name}&at={reached(answer)}")
        except msgspec.ValidationError as error:
            faults = [fault_of_form(error, fields)]
        except Conflict as conflict:
            if conflict.code != "case.version":
                raise
            return _show_conflict(visit, action, values, seen)
        except (Denied, NotFound):
            raise
        except Rejection as refused:
            faults = [fault_of(refused, fields)]
    form = _form(visit, case, action, values=values, faults=tuple(faults), version=seen, key=key)
    return _show(visit, look, form=form, status=422)


def _show_conflict(visit: Visit, action: Action, values: Values, seen: int) -> Response:
    """The case as it is now, what happened since she saw it, and her form as she wrote it, for the new version."""
    look = look_at_case(visit, visit.path["name"])
    case = state_of(visit, look.told)
    since = look.told.get("timeline", ())[-max(1, min(20, case.version - seen)) :]
    form = _form(visit, case, action, values=values)
    return _show(visit, look, form=form, conflict=since, status=409)


def _check_own(visit: Visit, action: Action, look: CaseLook) -> None:
    """Who reaches only her own cases answers only letters to her own body."""
    rights = visit.rights
    if rights.reach is Reach.OWN and "referral" in action.command.__struct_fields__:
        letters = look.told.get("referral", ())
        if not letters or letters[-1]["body"] not in rights.bodies:
            raise Denied("command.not_granted", "the letter went to another body", "该移送不是发给本单位的")


def _form(
    visit: Visit,
    case: CaseState,
    action: Action,
    *,
    values: Values | None = None,
    faults: tuple[Fault, ...] = (),
    version: int = 0,
    key: str = "",
) -> Form:
    return Form(
        action=action,
        case_no=case.case_no,
        version=version or case.version,
        key=key or secrets.token_urlsafe(18),
        fields=action.fields(visit, case),
        values=values or {},
        faults=faults,
    )


def _show(
    visit: Visit,
    look: CaseLook,
    *,
    form: Form | None = None,
    done: tuple[str, str] | None = None,
    conflict: Any = None,
    is_behind: bool = False,
    is_revealed: bool = False,
    status: int = 200,
) -> Response:
    told = look.told
    now_ms = int(visit.now.timestamp() * 1000)
    clocks = {each["deadline_id"]: each["rule"] for each in told["deadlines"] if "deadline_id" in each}
    teller = Teller(visit, clocks, casepage.keys_of(told))
    links = casepage.links_of(look, told["case_no"])
    return visit.show(
        "case.html",
        status,
        case=told,
        clock=casepage.next_due(told, now_ms),
        actions=actions_for(visit, state_of(visit, told)),
        form=form,
        form_key=secrets.token_urlsafe(18),
        done=done,
        conflict=conflict,
        is_behind=is_behind,
        gates=casepage.gates_of(visit, teller, told),
        notices=casepage.notices_of(teller, told),
        sources=told["sources"],
        own_sources=[{"id": each["source_id"], "name": teller.source(each["source_id"])} for each in told["sources"]],
        parties=casepage.parties_of(look),
        narratives=casepage.narratives_of(look),
        may_reveal=visit.may_command("RecordConsent") or visit.may_command("DesignateBody"),
        is_revealed=is_revealed,
        links=links,
        may_link=visit.may_command("ConfirmLink"),
        timeline=casepage.timeline_of(visit, teller, look),
        deadlines=casepage.deadlines_of(teller, look, now_ms),
        referral=casepage.referral_of(look, visit),
        seen=casepage.seen_of(visit, told["case_id"]) if visit.rights.reach is Reach.CITY else None,
    )

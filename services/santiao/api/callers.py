"""Who calls: the Bearer key, the person it names, and how often she may ask.

The rule kept here: nothing of a request is read or done before its caller is known; a key that is wrong, revoked or malformed gets one
and the same answer, and who keeps guessing has to wait.
"""

import re
from typing import Annotated

from fastapi import Depends, Header, Request

from santiao.api.problems import Problem, parameter_problem
from santiao.api.services import Services
from santiao.pool.access import Caller, RateRule

_ACTOR = re.compile(r"[A-Za-z0-9._:-]{1,64}\Z")
_AUTHENTICATE = {"WWW-Authenticate": 'Bearer realm="santiao"'}


def services_of(request: Request) -> Services:
    """The bundle the application was made with."""
    services: Services = request.app.state.services
    return services


GivenServices = Annotated[Services, Depends(services_of)]


def caller_of(
    request: Request,
    services: GivenServices,
    authorization: Annotated[
        str | None, Header(description="`Bearer` and the agency's key.", include_in_schema=False)
    ] = None,
    actor: Annotated[
        str | None,
        Header(
            alias="Santiao-Actor",
            description="Id of the agency's person for whom it asks; needed where the purpose or command is a named person's.",
        ),
    ] = None,
) -> Caller:
    """The agency whose key this is, and the person it names.

    Raises:
        Problem: 401 without a key that is good, 429 when it is asked too often, 400 for an actor that is no id.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        check_rate(services, stranger_of(request), services.policy.book.stranger_rate)
        raise Problem(
            401,
            "auth.missing",
            "send `Authorization: Bearer` and your agency's key",
            "请在 Authorization 中以 Bearer 方式提供机构密钥",
            headers=_AUTHENTICATE,
        )
    if actor is not None and not _ACTOR.match(actor):
        raise parameter_problem(
            "Santiao-Actor",
            "actor.form",
            "give the person's id (letters, digits and . _ : -), never a name",
            "请填写人员编号（字母、数字及 . _ : -），不得填写姓名",
        )
    caller = services.registry.caller_of_key(token.strip(), actor or "")
    if caller is None:
        check_rate(services, stranger_of(request), services.policy.book.stranger_rate)
        raise Problem(
            401, "auth.unknown", "this key is not known, or no longer good", "密钥无效或已吊销", headers=_AUTHENTICATE
        )
    check_rate(services, caller.credential, services.policy.rights_of(caller).rate)
    return caller


KnownCaller = Annotated[Caller, Depends(caller_of)]


def stranger_of(request: Request) -> str:
    """A caller who is not known, by address."""
    return f"address {request.client.host}" if request.client is not None else "address unknown"


def check_rate(services: Services, caller: str, rule: RateRule) -> None:
    """Raise 429 with Retry-After when the caller asks too often."""
    wait = services.buckets.take(caller, rule)
    if wait:
        raise Problem(
            429,
            "rate.exceeded",
            f"too many requests; wait {wait} s",
            f"请求过于频繁，请于 {wait} 秒后重试",
            headers={"Retry-After": str(wait)},
        )

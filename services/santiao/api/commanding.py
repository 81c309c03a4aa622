"""Giving a command: who may, once only, and on the version that was seen.

The rules kept here: a command is asked for by the body of its kind and named by an Idempotency-Key, so that a retry changes nothing; a
case that the caller may not know looks like one that does not exist; If-Match is compared at the store.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from fastapi import Response

from santiao.api.answers import answer_json
from santiao.api.problems import Problem, parameter_problem
from santiao.api.services import Services
from santiao.domain.commands import AnyCommand
from santiao.domain.errors import Conflict, NotFound
from santiao.domain.files import CaseFile
from santiao.hub.command import Answer
from santiao.pool.access import Caller, Reach
from santiao.store.cases import find_case

_KEY = re.compile(r"[!-~]{1,120}\Z")
_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"\Z')
_TRIES = 4


class Commanded(msgspec.Struct, frozen=True):
    """What a command is answered with: the case it left, under its living id, and its new version."""

    case_id: str
    version: int


class InFlight:
    """Commands under way in this process, by caller and Idempotency-Key."""

    def __init__(self) -> None:
        self._keys: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, actor: str, key: str) -> Iterator[None]:
        """Hold a key while its command runs.

        Raises:
            Problem: 409 `idempotency.in_flight` when it is held already.
        """
        held = (actor, key)
        with self._lock:
            if held in self._keys:
                raise Problem(
                    409,
                    "idempotency.in_flight",
                    "the same request is still being worked on; ask again with the same key",
                    "相同请求正在处理，请稍后以相同幂等键重试",
                    headers={"Retry-After": "1"},
                )
            self._keys.add(held)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(held)


def read_key(told: str | None) -> str:
    """The Idempotency-Key; 400 without a usable one."""
    key = (told or "").strip().strip('"')
    if not _KEY.match(key):
        raise parameter_problem(
            "Idempotency-Key",
            "idempotency.missing" if not key else "idempotency.form",
            "send a key of your own, 1 to 120 visible ASCII characters, the same for every retry of one command",
            "请提供幂等键（1至120个可见 ASCII 字符），同一指令重试时保持不变",
        )
    return key


def read_version(told: str | None) -> int | None:
    """The version of If-Match; None for `*` and for none."""
    if told is None or told.strip() == "*":
        return None
    found = _ETAG.match(told.strip())
    if found is None:
        raise parameter_problem(
            "If-Match", "if_match.form", "send the ETag as you were given it", "请原样使用 ETag 的值"
        )
    return int(found[1])


def check_seen(services: Services, caller: Caller, command: AnyCommand) -> None:
    """Raise NotFound unless the caller may know the case, and has the referral where the command answers one."""
    rights = services.policy.rights_of(caller)
    with services.database.readable() as connection:
        case = find_case(services.database, connection, command.case)
    if case is None:
        raise _UNKNOWN
    if rights.reach is Reach.CITY:
        return
    body = case.referral.body if case.referral is not None else ""
    is_body = body in rights.bodies or (case.mediation is not None and case.mediation.body in rights.bodies)
    answers_referral = "referral" in command.__struct_fields__
    if not is_body and (answers_referral or not _has_own_source(case, rights.agencies)):
        raise _UNKNOWN


def _has_own_source(case: CaseFile, agencies: frozenset[str]) -> bool:
    return any(source.partition(":")[0] in agencies for source in case.sources)


def give_command(
    services: Services, in_flight: InFlight, caller: Caller, command: AnyCommand, key: str, version: int | None
) -> Response:
    """Give a command once, and answer with the case's new version.

    Raises:
        Denied, NotFound, Rejection, Conflict: it was not given; nothing changed.
        Problem: 409 while the same is under way, 428 where If-Match is needed.
    """
    name = type(command).__name__
    services.policy.check_command(caller, name)
    check_seen(services, caller, command)
    if version is None and name in services.policy.book.guarded_commands:
        raise Problem(
            428,
            "if_match.missing",
            "this command overrides others: say by If-Match which version of the case you saw",
            "该指令须以 If-Match 说明所依据的案件版本",
        )
    with in_flight.hold(caller.actor, key):
        answer = _try(services, caller, command, key, version)
    headers = {"Idempotency-Replayed": "true"} if answer.repeated else {}
    told = Commanded(case_id=answer.case, version=answer.version)
    return answer_json(told, positions={answer.shard: answer.position}, version=answer.version, headers=headers)


def _try(services: Services, caller: Caller, command: AnyCommand, key: str, version: int | None) -> Answer:
    """Another writer may be faster for a moment; another version of the case stays another."""
    told: dict[str, Any] = {"actor": caller.actor, "idempotency_key": key, "if_match": version}
    for _ in range(_TRIES - 1):
        try:
            return services.commander.command(command, **told)
        except Conflict as conflict:
            if conflict.code == "case.version":
                raise
    return services.commander.command(command, **told)


_UNKNOWN = NotFound("case.unknown", "no such case", "没有该案件")

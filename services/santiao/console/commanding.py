"""Giving a command from a form: once only, on the version that was seen, and shown once it was done.

The rules kept here: a form carries a key of its own, so that sending it twice changes nothing; whoever wrote waits until the views show
what she wrote, and is told when they do not yet.
"""

import re
import time

from santiao.console.refusals import PageRefused
from santiao.console.visits import Visit
from santiao.domain.commands import AnyCommand
from santiao.domain.errors import Conflict
from santiao.hub.command import Answer
from santiao.projections.catalogue import PROJECTIONS
from santiao.projections.reading import Reading

WAIT_SECONDS = 2.0
_STEP_SECONDS = 0.02
_TRIES = 4
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")
_PLACE = re.compile(r"(\d{1,6})\.(\d{1,15})\Z")


def read_key(visit: Visit) -> str:
    """The form's own key."""
    key = visit.field("key", 64)
    if not _KEY.match(key):
        raise PageRefused(400, "表单无法读取，请刷新页面后重试", "the form cannot be read; reload the page")
    return key


def read_version(visit: Visit) -> int:
    """The version of the case that the form was made from."""
    told = visit.field("version", 9)
    if not told.isascii() or not told.isdigit():
        raise PageRefused(400, "表单无法读取，请刷新页面后重试", "the form cannot be read; reload the page")
    return int(told)


def give(visit: Visit, command: AnyCommand, *, key: str, version: int | None) -> Answer:
    """Give a command; another writer may be faster for a moment, another version of the case stays another.

    Raises:
        Denied, NotFound, Rejection, Conflict: it was not given; nothing changed.
    """
    caller = visit.caller
    visit.services.policy.check_command(caller, type(command).__name__)
    for _ in range(_TRIES - 1):
        try:
            return visit.services.commander.command(command, actor=caller.actor, idempotency_key=key, if_match=version)
        except Conflict as conflict:
            if conflict.code == "case.version":
                raise
    return visit.services.commander.command(command, actor=caller.actor, idempotency_key=key, if_match=version)


def reached(answer: Answer) -> str:
    """The position of a command as an address carries it."""
    return f"{answer.shard}.{answer.position}"


def wait_for(visit: Visit, word: str) -> bool:
    """Wait until the views show a position; False when they do not within the time one waits for a page."""
    found = _PLACE.match(word)
    if found is None:
        return True
    shard, position = int(found[1]), int(found[2])
    until = time.monotonic() + WAIT_SECONDS
    while True:
        with visit.services.views.reading() as reading:
            if _shows(reading, shard, position):
                return True
        if time.monotonic() >= until:
            return False
        time.sleep(_STEP_SECONDS)


def _shows(reading: Reading, shard: int, position: int) -> bool:
    return all(reading.positions(view.name).get(shard, 0) >= position for view in PROJECTIONS)

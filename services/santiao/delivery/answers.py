"""What agencies answer to feedback, row by row (N25): a reply that says success may hold conflicts and failures.

The rules kept here: the rows named decide and the reply's own code does not; what is in conflict or failed becomes a dead letter with its
code, for a person; the agency's words are not kept, because they may be about anybody. Source: the platform's reply
`{code, msg, successStr, conflictStr, failSituationList}`.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.engine import Connection

from santiao.domain.errors import InvalidRecord
from santiao.store.database import Database
from santiao.store.delivery_tables import batch_rows, replies
from santiao.store.log import to_millis
from santiao.store.tables import outbox

TAKEN, CONFLICT, FAILED = "taken", "conflict", "failed"
_REPLY_BYTES = 4 * 1024 * 1024
_CODE = re.compile(r"[0-9A-Za-z_.-]{1,32}")
_KEY_FIELDS = ("key", "id")
_DIVIDERS = re.compile(r"[,，;；\s]+")


class _Reply(msgspec.Struct):
    """Both names of members are the platform's own."""

    successStr: str | None = ""  # noqa: N815
    conflictStr: str | None = ""  # noqa: N815
    failSituationList: list[dict[str, object]] | None = None  # noqa: N815


class RowAnswer(msgspec.Struct, frozen=True):
    """What a reply says of one row."""

    key: str
    answer: str
    code: str = ""


class ReplyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What reading a reply came to: rows it names by what it says of them, and how many of them we had sent and not heard of."""

    place: str
    taken: int = 0
    conflict: int = 0
    failed: int = 0
    known: int = 0
    repeated: bool = False


def read_reply(data: bytes) -> Iterator[RowAnswer]:
    """The rows a reply names.

    Raises:
        InvalidRecord: it is no such reply, or beyond its bound.
    """
    if len(data) > _REPLY_BYTES:
        raise InvalidRecord("reply.oversize", f"a reply is {_REPLY_BYTES} bytes at most", "回执过大")
    try:
        reply = msgspec.json.decode(data, type=_Reply)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidRecord(
            "reply.form", "the reply is no JSON object with successStr, conflictStr, failSituationList", "回执格式不符"
        ) from None
    for answer, told in ((TAKEN, reply.successStr), (CONFLICT, reply.conflictStr)):
        yield from (RowAnswer(key, answer) for key in _DIVIDERS.split(told or "") if key)
    for row in reply.failSituationList or ():
        code = row.get("code")
        key = _key_of(row)
        if key:
            yield RowAnswer(key, FAILED, code if isinstance(code, str) and _CODE.fullmatch(code) else "")


def _key_of(row: dict[str, object]) -> str:
    """The row's number: under a name of ours, else the first text that is neither code nor message."""
    told = [row[name] for name in _KEY_FIELDS if name in row]
    told += [value for name, value in row.items() if name not in {"code", "msg", "message"}]
    return next((value for value in told if isinstance(value, str) and value), "")


class AnswerBook:
    """Records answers for a hub."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self.database = database
        self._clock = clock

    def read_file(self, destination: str, path: Path) -> ReplyReport:
        """Read one reply file; one that was read before changes nothing.

        Raises:
            InvalidRecord: the file is no reply.
        """
        with path.open("rb") as handle:
            data = handle.read(_REPLY_BYTES + 1)
        return self.take(destination, path.name, data)

    def take(self, destination: str, place: str, data: bytes) -> ReplyReport:
        """Record what a reply of `destination` says of rows we sent it.

        Raises:
            InvalidRecord: it is no reply.
        """
        answers = list(read_reply(data))
        digest = hashlib.new("sm3", destination.encode() + b"\n" + data).hexdigest()
        now = to_millis(self._clock())
        with self.database.writable() as connection:
            if connection.execute(select(replies.c.digest).where(replies.c.digest == digest)).first() is not None:
                return ReplyReport(place=place, repeated=True)
            known = sum(self._record(connection, destination, each, now) for each in answers)
            self.database.insert(connection, replies, [(digest, destination, place, len(answers), known, now)])
        said = [each.answer for each in answers]
        return ReplyReport(
            place=place,
            taken=said.count(TAKEN),
            conflict=said.count(CONFLICT),
            failed=said.count(FAILED),
            known=known,
        )

    def _record(self, connection: Connection, destination: str, answer: RowAnswer, now: int) -> bool:
        """Note an answer with every row of that number that was delivered and not answered for yet."""
        waiting = select(batch_rows.c.outbox_id).join(outbox, outbox.c.id == batch_rows.c.outbox_id)
        waiting = waiting.where(
            (batch_rows.c.destination == destination)
            & (batch_rows.c.agency_key == answer.key)
            & batch_rows.c.answer.is_(None)
            & (outbox.c.state == "delivered")
        )
        ids = list(connection.execute(waiting).scalars())
        if not ids:
            return False
        values = {"answer": answer.answer, "code": answer.code, "answered_ms": now}
        connection.execute(batch_rows.update().where(batch_rows.c.outbox_id.in_(ids)).values(**values))
        if answer.answer != TAKEN:
            cause = f"answer.{answer.answer}" + (f":{answer.code}" if answer.code else "")
            connection.execute(outbox.update().where(outbox.c.id.in_(ids)).values(state="dead", cause=cause))
        return True

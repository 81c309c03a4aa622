"""Taking people's commands: one command, one transaction, one answer.

The same Idempotency-Key from the same caller gets the same answer; `If-Match` is compared with the case's version at the store.
"""

import hashlib
import time
from datetime import datetime

import msgspec
from sqlalchemy.engine import Connection

from santiao.domain.advance import advance_command
from santiao.domain.commands import AnyCommand, DissolveLink, RejectLink
from santiao.domain.decisions import Draft, Occasion
from santiao.domain.errors import Conflict, NotFound, Rejection
from santiao.domain.ids import CaseId, derive_message_id
from santiao.hub.engine import Engine
from santiao.hub.linking import LinkShelf
from santiao.hub.standing_policy import policy_in
from santiao.store import shelf_rows, tables
from santiao.store.cases import find_case
from santiao.store.log import global_id, to_millis
from santiao.store.shelf import Shelf

_encode = msgspec.msgpack.Encoder(order="deterministic").encode


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a command came to: the case, its new version (the ETag) and the position to wait for."""

    case: str
    version: int
    shard: int
    position: int
    repeated: bool = False


_decode_answer = msgspec.msgpack.Decoder(Answer).decode


class Commander:
    """Takes commands for a hub."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def command(
        self,
        command: AnyCommand,
        *,
        actor: str,
        idempotency_key: str,
        if_match: int | None = None,
        received_at: datetime | None = None,
    ) -> Answer:
        """Decide and record a command. `actor` is an id of a person or agency.

        Raises:
            Rejection: the business says no; nothing changed.
            Conflict: the case has another version than `if_match`.
            NotFound: no such case.
        """
        engine, began = self.engine, time.perf_counter()
        digest = hashlib.blake2b(_encode(_as_asked(command)), digest_size=16).digest()
        with engine.database.writable() as connection:
            shelf, case_id = self._find(connection, command.case)
            known = self._answer_before(connection, actor, idempotency_key, digest)
            if known is not None:
                return known
            case = shelf.case(case_id)
            assert case is not None
            if if_match is not None and case.version != if_match:
                raise Conflict(
                    "case.version",
                    f"the case has version {case.version} now; read it again",
                    "案件已有更新，请刷新后重试",
                )
            now = engine.now(received_at)
            occasion = Occasion(
                message_id=derive_message_id("command", actor, idempotency_key, digest),
                shard=shelf.shard,
                occurred_at=received_at or now,
                received_at=received_at or now,
                recorded_at=now,
                actor=actor,
                first_position=shelf.position + 1,
            )
            draft = Draft(shelf, occasion)
            policy = policy_in(engine, connection, shelf.shard)
            linker = LinkShelf(shelf, policy.linking)
            advance_command(draft, msgspec.structs.replace(command, case=case_id), linker, policy)
            step = draft.step()
            shelf.settle(step)
            after = shelf.case(case_id)
            assert after is not None
            answer = Answer(case=case_id, version=after.version, shard=shelf.shard, position=shelf.position)
            linker.write()
            shelf_rows.write(shelf, engine.fingerprint)
            row = (actor, idempotency_key, digest, _encode(answer), to_millis(now))
            engine.database.insert(connection, tables.receipts, [row])
        engine.committed()
        engine.observer.commanded(type(command).__name__, occasion.message_id, time.perf_counter() - began)
        return answer

    def _answer_before(self, connection: Connection, actor: str, key: str, digest: bytes) -> Answer | None:
        """What the same command came to before. Asked under the shard's lock: it may have been sent twice at the same moment."""
        receipts = tables.receipts
        asked = (receipts.c.caller == actor) & (receipts.c.idempotency_key == key)
        known = connection.execute(receipts.select().where(asked)).first()
        if known is None:
            return None
        if bytes(known.digest) != digest:
            raise Rejection(
                "idempotency.reused", "this Idempotency-Key was used for another command", "幂等键已用于其他指令"
            )
        return msgspec.structs.replace(_decode_answer(known.answer), repeated=True)

    def _find(self, connection: Connection, name: str) -> tuple[Shelf, CaseId]:
        """Lock the case's shard and find the case that lives under a name (id, number or alias)."""
        found = find_case(self.engine.database, connection, name)
        if found is None:
            raise NotFound("case.unknown", "no such case", "没有该案件")
        return Shelf(self.engine.database, connection, found.shard), found.id


def _as_asked(command: AnyCommand) -> AnyCommand:
    """A command without what the hub adds to it, which may be more at a retry."""
    if isinstance(command, RejectLink | DissolveLink):
        return msgspec.structs.replace(command, seen=())
    return command


def position_of(answer: Answer) -> int:
    """The log's key of an answer's position."""
    return global_id(answer.shard, answer.position)

"""Erasing a person (删除): destroy the keys of their mentions, delete their index rows, and say so in the log.

Order: event, index and the erasure's own row commit first, then the keys are destroyed; an erasure cut in between is finished at the
next start (`finish_erasures`). Narratives of the sources that mention the person go too, because they tell of them in words.
"""

import hashlib

import msgspec
from sqlalchemy.engine import Connection

from santiao.domain.decisions import Draft, Occasion
from santiao.domain.errors import NotFound
from santiao.domain.events.privacy import SubjectErased
from santiao.domain.ids import CaseId, SourceId, derive_message_id
from santiao.domain.links.profile import forget, index_tokens
from santiao.domain.prepared import SourceProfile
from santiao.hub.engine import Engine
from santiao.store import shelf_rows, tables
from santiao.store.log import to_millis
from santiao.store.shelf import Shelf

_encode = msgspec.msgpack.Encoder().encode


class Erasure(msgspec.Struct, frozen=True):
    """What was erased: ids only. Listed so that a restore can do it again."""

    id: str
    key_ids: tuple[bytes, ...]
    mentions: tuple[tuple[str, int], ...]
    """(source id, slot)"""
    reason: str
    done: bool = False


decode_erasure = msgspec.msgpack.Decoder(Erasure).decode


class Eraser:
    """Erases people for a hub."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def mentions_of(self, subject: int) -> list[tuple[str, int]]:
        """(source id, slot) of every mention under a person's blind token, older versions included."""
        with self.engine.database.readable() as connection:
            rows = self.engine.database.select_in(
                connection, tables.mentions, ("source_pk", "slot"), "subject", [subject]
            )
            names = dict(
                self.engine.database.select_in(connection, tables.sources, ("pk", "name"), "pk", {pk for pk, _ in rows})
            )
        return sorted({(names[pk], slot) for pk, slot in rows if pk in names})

    def erase(self, mentions: list[tuple[str, int]], *, reason: str, actor: str, subject: int = 0) -> Erasure:
        """Erase these mentions. `subject` narrows a slot's keys to those of one person where slots moved between versions.

        Raises:
            NotFound: there is nothing under these mentions.
        """
        with self.engine.database.writable() as connection:
            erasure = self._record(connection, mentions, reason, actor, subject)
        self._destroy(erasure)
        self.engine.committed()
        return erasure

    def _record(
        self, connection: Connection, mentions: list[tuple[str, int]], reason: str, actor: str, subject: int
    ) -> Erasure:
        database = self.engine.database
        rows = database.select_in(connection, tables.sources, ("pk", "name"), "name", {name for name, _ in mentions})
        pks = {name: pk for pk, name in rows}
        slots = {(pks[name], slot) for name, slot in mentions if name in pks}
        known = database.select_in(
            connection, tables.mentions, ("key_id", "source_pk", "slot", "subject"), "source_pk", set(pks.values())
        )
        doomed = tuple(
            sorted(
                bytes(key_id)
                for key_id, pk, slot, who in known
                if slot == -1 or ((pk, slot) in slots and (not subject or who == subject))
            )
        )
        if not doomed:
            raise NotFound("erase.nothing", "nothing is known under these mentions", "没有可删除的内容")
        digest = hashlib.blake2b(b"".join(doomed), digest_size=12, person=b"erasure").hexdigest()
        erasure = Erasure(id=f"e{digest}", key_ids=doomed, mentions=tuple(mentions), reason=reason)
        for shard in sorted({pk >> 36 for pk in pks.values()}):
            self._write_shard(connection, shard, erasure, actor)
        now = to_millis(self.engine.clock.now())
        database.insert(connection, tables.erasures, [(erasure.id, _encode(erasure), now)], on_conflict="replace")
        return erasure

    def _write_shard(self, connection: Connection, shard: int, erasure: Erasure, actor: str) -> None:
        shelf = Shelf(self.engine.database, connection, shard)
        by_case: dict[CaseId, list[SourceId]] = {}
        for name, slot in erasure.mentions:
            source_id = SourceId(name)
            file = shelf.source(source_id)
            if file is None or file.shard != shard:
                continue
            by_case.setdefault(file.case_id or CaseId(""), []).append(source_id)
            self._forget(shelf, source_id, slot)
        now = self.engine.clock.now()
        draft = Draft(
            shelf,
            Occasion(
                message_id=derive_message_id("command", "erase", erasure.id),
                shard=shard,
                occurred_at=now,
                received_at=now,
                recorded_at=now,
                actor=actor,
                first_position=shelf.position + 1,
            ),
        )
        for case_id in sorted(by_case):
            event = SubjectErased(
                erasure_id=erasure.id,
                key_ids=erasure.key_ids,
                sources=tuple(sorted(set(by_case[case_id]))),
                reason=erasure.reason,
            )
            draft.emit(case_id, event)
        shelf.settle(draft.step())
        shelf_rows.write(shelf, self.engine.fingerprint)

    def _forget(self, shelf: Shelf, name: SourceId, slot: int) -> None:
        """Delete the mention's index rows, whatever version told them, and its part of the profile."""
        profile = shelf.profile(name)
        pk = shelf.source_pks[name]
        table = tables.party_index
        shelf.connection.execute(table.delete().where((table.c.source_pk == pk) & (table.c.slot == slot)))
        if profile is not None:
            shelf.put_profile(name, SourceProfile({part: forget(each, slot) for part, each in profile.parts.items()}))
            kept = {token.token for token in index_tokens(shelf.profile(name).whole())}  # type: ignore[union-attr]
            rows = shelf.database.select_in(shelf.connection, table, ("token", "slot"), "source_pk", (pk,))
            gone = [(token, pk, row_slot) for token, row_slot in rows if token not in kept]
            shelf.database.execute_many(
                shelf.connection, "DELETE FROM party_index WHERE token = ? AND source_pk = ? AND slot = ?", gone
            )

    def _destroy(self, erasure: Erasure) -> None:
        self.engine.keys.destroy(erasure.key_ids)
        done = msgspec.structs.replace(erasure, done=True)
        with self.engine.database.writable() as connection:
            connection.execute(
                tables.erasures.update().where(tables.erasures.c.id == erasure.id).values(data=_encode(done))
            )

    def finish_erasures(self, *, again: bool = False) -> int:
        """Destroy the keys of erasures that were cut short; with `again` of all of them, as a restore needs."""
        with self.engine.database.readable() as connection:
            listed = [decode_erasure(row.data) for row in connection.execute(tables.erasures.select())]
        pending = [erasure for erasure in listed if again or not erasure.done]
        for erasure in pending:
            self._destroy(erasure)
        return len(pending)

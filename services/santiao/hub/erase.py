"""Erasing a person (删除): destroy the keys of their mentions, delete their index rows, and say so in the log.

Order: event, index and the erasure's own row commit first, then the keys are destroyed; an erasure cut in between is finished at the
next start (`finish_erasures`). Narratives of the sources that mention the person go too, because they tell of them in words.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy.engine import Connection

from santiao.domain.decisions import Draft, Occasion
from santiao.domain.errors import NotFound
from santiao.domain.events.privacy import SubjectErased
from santiao.domain.ids import CaseId, SourceId, derive_message_id
from santiao.domain.links.profile import Profile, forget, index_tokens
from santiao.domain.prepared import SourceProfile
from santiao.hub.engine import Engine
from santiao.store import shelf_rows, tables
from santiao.store.database import Database
from santiao.store.log import to_millis
from santiao.store.party_index import PartyIndex
from santiao.store.shelf import PK_BITS, Shelf

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


def sealing_off(key_ids: Iterable[bytes], reason: str) -> Erasure:
    """The erasure of a source that turned out to be informer's material: nobody in it is named any more."""
    doomed = tuple(sorted(set(key_ids)))
    digest = hashlib.blake2b(b"".join(doomed), digest_size=12, person=b"sealing-off").hexdigest()
    return Erasure(id=f"s{digest}", key_ids=doomed, mentions=(), reason=reason)


def sealed_off_late(shelf: Shelf) -> list[Erasure]:
    """What this transaction's records told of sources that are sealed off: none of it is kept either, whichever came first."""
    files = [file for name in shelf.changed_sources if (file := shelf.source(name)) is not None]
    closed = {file.id for file in files if file.sealed_off}
    doomed = [key_id for key_id, name, *_ in shelf.mentions if name in closed] if closed else []
    return [sealing_off(doomed, "sealed_off")] if doomed else []


def list_erasures(database: Database, connection: Connection, erasures: Iterable[Erasure], now: datetime) -> None:
    """Remember what is to be destroyed, so that it is whatever happens after the commit."""
    rows = [(erasure.id, _encode(erasure), to_millis(now)) for erasure in erasures]
    database.insert(connection, tables.erasures, rows, on_conflict="replace")


class Eraser:
    """Erases people for a hub."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def mentions_of(self, subject: int) -> list[tuple[str, int]]:
        """(source id, slot) of every mention under a person's blind token, older versions included."""
        with self.engine.database.readable() as connection:
            rows = [
                *self.engine.database.select_in(
                    connection, tables.mentions, ("source_pk", "slot"), "subject", [subject]
                ),
                *self.engine.database.select_in(
                    connection, tables.party_index, ("source_pk", "slot"), "token", [subject]
                ),
            ]
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
        self.destroy(erasure)
        self.engine.committed()
        return erasure

    def erase_again(self, erasure: Erasure, *, actor: str) -> None:
        """Do an erasure again that a restored log may not know: its keys go, and the log is told where it has the sources."""
        with self.engine.database.writable() as connection:
            known = connection.execute(tables.erasures.select().where(tables.erasures.c.id == erasure.id)).first()
            if known is None:
                self._write(connection, erasure, actor, 0)
        self.destroy(erasure)
        self.engine.committed()

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
        told = {(pk, slot) for _, pk, slot, who in known if who == subject}
        """Where the person is told by name of the number; elsewhere in `slots` she was found by another of her numbers."""
        doomed = tuple(
            sorted(
                bytes(key_id)
                for key_id, pk, slot, who in known
                if slot == -1 or ((pk, slot) in slots and (who == subject or (pk, slot) not in told))
            )
        )
        digest = hashlib.blake2b(b"".join(doomed), digest_size=12, person=b"erasure").hexdigest()
        erasure = Erasure(id=f"e{digest}", key_ids=doomed, mentions=tuple(mentions), reason=reason)
        before = connection.execute(tables.erasures.select().where(tables.erasures.c.id == erasure.id)).first()
        if not doomed or (before is not None and decode_erasure(before.data).done):
            raise NotFound("erase.nothing", "nothing is known under these mentions", "没有可删除的内容")
        if before is not None:
            return erasure  # it was told, and its keys are still to be destroyed
        self._write(connection, erasure, actor, subject)
        return erasure

    def _write(self, connection: Connection, erasure: Erasure, actor: str, subject: int) -> None:
        """Tell the log shard by shard, take the index rows away, and list the erasure."""
        database = self.engine.database
        names = {name for name, _ in erasure.mentions}
        pks = [pk for (pk,) in database.select_in(connection, tables.sources, ("pk",), "name", names)]
        for shard in sorted({pk >> PK_BITS for pk in pks}):
            self._write_shard(connection, shard, erasure, actor, subject)
        database.execute_many(
            connection, "UPDATE mentions SET subject = 0 WHERE key_id = ?", [(key_id,) for key_id in erasure.key_ids]
        )
        list_erasures(database, connection, [erasure], self.engine.clock.now())

    def _write_shard(self, connection: Connection, shard: int, erasure: Erasure, actor: str, subject: int) -> None:
        shelf = Shelf(self.engine.database, connection, shard)
        by_case: dict[CaseId, list[SourceId]] = {}
        for name, slot in erasure.mentions:
            source_id = SourceId(name)
            file = shelf.source(source_id)
            if file is None or file.shard != shard:
                continue
            by_case.setdefault(file.case_id or CaseId(""), []).append(source_id)
            self._forget(shelf, source_id, slot, subject)
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

    def _forget(self, shelf: Shelf, name: SourceId, slot: int, subject: int) -> None:
        """Take the mention out of the comparison profile and delete its index rows, whatever version told them.

        A slot may be another person's in the version that stands now; hers stays.
        """
        profile = shelf.profile(name)
        kept: set[tuple[int, int]] = set()
        if profile is not None:
            before = profile.whole()
            after = SourceProfile(
                {
                    part: each if _is_anothers(each, slot, subject) else forget(each, slot)
                    for part, each in profile.parts.items()
                }
            )
            shelf.put_profile(name, after)
            kept = {(token.token, token.slot) for token in index_tokens(after.whole())}
            PartyIndex(shelf).write({name: (index_tokens(before), index_tokens(after.whole()))})
        pk = shelf.source_pks[name]
        rows = shelf.database.select_in(shelf.connection, tables.party_index, ("token", "slot"), "source_pk", (pk,))
        gone = [(token, pk, slot) for token, row_slot in rows if row_slot == slot and (token, slot) not in kept]
        shelf.database.execute_many(
            shelf.connection, "DELETE FROM party_index WHERE token = ? AND source_pk = ? AND slot = ?", gone
        )

    def destroy(self, erasure: Erasure) -> None:
        """Destroy the keys of an erasure that was listed and committed."""
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
            self.destroy(erasure)
        return len(pending)


def _is_anothers(profile: Profile, slot: int, subject: int) -> bool:
    """True when the slot holds somebody whose numbers are known and the erased person's is not among them."""
    party = next((party for party in profile.parties if party.slot == slot), None)
    return bool(subject and party is not None and party.ids and subject not in party.ids)

"""One batch under the lock: every item decided in order over one working set, then everything written at once.

What a step makes of files is seen by the next one through the shelf; nothing reaches the database before all are decided. A record
whose step raises is noted and, in another pass, parked with the later ones of its source behind it.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.engine import Connection

from santiao.domain.advance import advance_record, seal_off
from santiao.domain.decisions import Draft, Occasion
from santiao.domain.events.envelope import Sealed
from santiao.domain.ids import MessageId, SourceId, derive_case_id, derive_message_id, source_id
from santiao.domain.messages import Delivered, Fault, FaultKind, Receipt, ReceiptState
from santiao.domain.prepared import PreparedRecord
from santiao.domain.records import AgencyRecord
from santiao.hub.engine import Engine
from santiao.hub.erase import Erasure, list_erasures, sealed_off_late, sealing_off
from santiao.hub.linking import LinkShelf
from santiao.hub.ready import Failure, Ready, failure_of
from santiao.hub.receipts import REPLAYED, not_ready, not_to_be_taken, tell_fault, tell_taken
from santiao.hub.standing_policy import policy_in
from santiao.store import intake, shelf_rows, tables
from santiao.store.keys import derive_key_id
from santiao.store.log import global_id, to_millis
from santiao.store.parking import park, sources_with_parked
from santiao.store.sealing import seal
from santiao.store.shelf import PK_BITS, Shelf

logger = logging.getLogger(__name__)
Prepared = tuple[Delivered, Ready | None]
"""An item and what the pure phase made of its record; None where it has none."""
_NO_MESSAGE = MessageId(b"")


class Poisoned(Exception):
    """Some records of the batch raised in their step; `places` in the batch, with causes."""

    def __init__(self, places: dict[int, str]) -> None:
        super().__init__(f"{len(places)} records raised")
        self.places = places


class _Shard:
    """One city's part of the working set. `behind` are sources whose records wait behind a parked one."""

    def __init__(self, engine: Engine, connection: Connection, shard: int) -> None:
        self.shelf = Shelf(engine.database, connection, shard)
        self.policy = policy_in(engine, connection, shard)
        self.linker = LinkShelf(self.shelf, self.policy.linking)
        self.behind = sources_with_parked(engine.database, connection, shard)


class _Taken(NamedTuple):
    """A record taken in this transaction, for its row of the inbox."""

    shelf: Shelf
    source: SourceId
    log_id: int
    blocked: bool
    received_ms: int


class Transaction:
    """One batch under the lock. The keys of `sealed_off` are to be destroyed once it has committed."""

    def __init__(
        self, engine: Engine, connection: Connection, quarantine_keys: dict[bytes, bytes], poisoned: dict[int, str]
    ) -> None:
        self.engine = engine
        self.connection = connection
        self.sealed_off: list[Erasure] = []
        self._quarantine_keys = quarantine_keys
        self._poisoned = poisoned
        self._found: dict[int, str] = {}
        self._shards: dict[int, _Shard] = {}
        self._homes: dict[SourceId, int] = {}
        self._known: dict[bytes, intake.Taken] = {}
        self._pending: dict[bytes, _Taken] = {}
        self._quarantined: list[tuple[str, Delivered, Fault, Sealed]] = []
        self._refused: list[tuple[Delivered, str]] = []
        self._nonces: dict[tuple[str, str], str] = {}
        self._counts: Counter[tuple[str, ReceiptState, bool]] = Counter()

    def take(self, prepared: Sequence[Prepared]) -> list[Receipt]:
        """Decide every item in order.

        Raises:
            Poisoned: steps raised; nothing of the batch may be written before their records are parked.
        """
        for shard in sorted({item.record.shard for item, _ in prepared if item.record is not None}):
            self._open_shard(shard)
        self._prefetch(prepared)
        receipts = [self._decide(place, item, ready) for place, (item, ready) in enumerate(prepared)]
        if self._found:
            raise Poisoned(self._found)
        told = zip(prepared, receipts, strict=True)
        self._counts.update(
            (item.connector, receipt.state, receipt.blocked) for (item, _), receipt in told if item.counted
        )
        return receipts

    def _open_shard(self, shard: int) -> _Shard:
        opened = self._shards[shard] = _Shard(self.engine, self.connection, shard)
        return opened

    def _prefetch(self, prepared: Sequence[Prepared]) -> None:
        database, connection = self.engine.database, self.connection
        ids = [ready.message_id for _, ready in prepared if ready is not None]
        self._known = intake.read_inbox(database, connection, ids)
        nonces: dict[str, set[str]] = {}
        fresh: list[PreparedRecord] = []
        for item, ready in prepared:
            if item.record is not None and ready is not None and ready.prepared is not None:
                fresh.append(ready.prepared)
                self._homes.setdefault(ready.prepared.source_id, item.record.shard)
            if item.nonce:
                nonces.setdefault(item.connector, set()).add(item.nonce)
        self._find_homes()
        for number, shard in self._shards.items():
            if records := [record for record in fresh if self._homes[record.source_id] == number]:
                self._prefetch_shard(shard, records)
        for connector, numbers in nonces.items():
            for nonce, place in intake.read_nonces(database, connection, connector, numbers).items():
                self._nonces[connector, nonce] = place

    def _find_homes(self) -> None:
        """A source stays in the city it was first seen in, whatever city a later record of its number names."""
        for number, shard in tuple(self._shards.items()):
            names = [name for name, home in self._homes.items() if home == number]
            shard.shelf.prefetch_sources(names)
            for name in names:
                pk = shard.shelf.source_pks.get(name)
                if pk is not None and pk >> PK_BITS != number:
                    home = self._homes[name] = pk >> PK_BITS
                    if home not in self._shards:
                        self._open_shard(home)

    def _prefetch_shard(self, shard: _Shard, records: list[PreparedRecord]) -> None:
        shelf, secret = shard.shelf, self.engine.policy.case_secret
        names = {record.source_id: None for record in records}
        shelf.prefetch_sources(names)
        files = {name: shelf.source(name) for name in names}
        founding = [name for name, file in files.items() if file is None or file.case_id is None]
        shelf.prefetch_cases([derive_case_id(secret, name) for name in founding])
        shard.linker.prefetch(records)

    def _decide(self, place: int, item: Delivered, ready: Ready | None) -> Receipt:
        if item.nonce and self._nonces.setdefault((item.connector, item.nonce), item.where) != item.where:
            return self._refuse(item, ready, REPLAYED)
        if item.fault is not None:
            if item.fault.kind is FaultKind.QUARANTINED:
                return self._quarantine(item, item.fault)
            return self._refuse(item, ready, item.fault)
        if item.record is None or ready is None:
            return self._quarantine(item, not_ready(""))
        if ready.refusal:
            return self._refuse(item, ready, not_to_be_taken(ready.refusal, item.record))
        if ready.prepared is None:
            return self._quarantine(item, not_ready(ready.failure.error if ready.failure else ""))
        return self._accept(place, item, ready.message_id, item.record, ready.prepared)

    def _accept(
        self, place: int, item: Delivered, message_id: MessageId, record: AgencyRecord, prepared: PreparedRecord
    ) -> Receipt:
        shard = self._shards[self._homes[prepared.source_id]]
        shelf = shard.shelf
        taken, here = self._known.get(message_id), self._pending.get(message_id)
        cause = self._poisoned.get(place, "waits behind a parked record" if prepared.source_id in shard.behind else "")
        if cause and taken is None:
            shard.behind.add(prepared.source_id)
            park(self.engine.database, self.connection, shelf.shard, prepared, message_id, item, cause)
            return tell_taken(ReceiptState.ACCEPTED, record, message_id, global_id(shelf.shard, 0))
        draft = Draft(shelf, self._occasion(item, message_id, record, shelf))
        is_repeat = taken is not None or here is not None
        try:
            outcome = advance_record(draft, prepared, shard.linker, shard.policy, is_repeat=is_repeat)
        except Exception as error:  # noqa: BLE001 - whatever a step raises, its record is parked
            self._note(place, item, message_id, failure_of(error))
            return tell_taken(ReceiptState.ACCEPTED, record, message_id, global_id(shelf.shard, 0))
        shelf.settle(draft.step())
        if outcome.is_news:
            log_id = global_id(shelf.shard, max(draft.occasion.first_position, shelf.position))
            file = shelf.source(prepared.source_id)
            blocked = bool(file and file.hits)
            self._pending[message_id] = _Taken(shelf, prepared.source_id, log_id, blocked, to_millis(item.received_at))
            shelf.remember_mentions(prepared)
            return tell_taken(ReceiptState.ACCEPTED, record, message_id, log_id, blocked=blocked)
        if taken is not None:
            return tell_taken(ReceiptState.REPEATED, record, message_id, taken.event_id, blocked=bool(taken.blocked))
        assert here is not None
        return tell_taken(ReceiptState.REPEATED, record, message_id, here.log_id, blocked=here.blocked)

    def _note(self, place: int, item: Delivered, message_id: MessageId, failure: Failure) -> None:
        told = {
            "connector": item.connector,
            "place": item.where,
            "receipt": message_id.hex(),
            "error": failure.error,
            "line": failure.line,
        }
        logger.error("a step raised and its record is parked", extra=told)
        self._found[place] = f"{failure.error} in its step"

    def _occasion(self, item: Delivered, message_id: MessageId, record: AgencyRecord, shelf: Shelf) -> Occasion:
        return Occasion(
            message_id=message_id,
            shard=shelf.shard,
            occurred_at=record.occurred_at or record.source_updated_at or record.received_at,
            received_at=item.received_at,
            recorded_at=item.recorded_at or self.engine.now(item.received_at),
            actor=record.connector,
            mapping=record.mapping_version,
            first_position=shelf.position + 1,
        )

    def _quarantine(self, item: Delivered, fault: Fault) -> Receipt:
        row_id = item.quarantine_id or intake.quarantine_id(item)
        key_id = quarantine_key_id(row_id)
        key = self._quarantine_keys.get(key_id)
        # A key that is missing was destroyed with somebody's erasure: the same bytes are not kept again.
        sealed = (
            seal(key, key_id, row_id.encode(), "raw", item.raw) if key is not None else Sealed("erased", key_id, b"")
        )
        self._quarantined.append((row_id, item, fault, sealed))
        return tell_fault(ReceiptState.QUARANTINED, row_id, fault, row_id)

    def _refuse(self, item: Delivered, ready: Ready | None, fault: Fault) -> Receipt:
        if fault.key:
            self._shut_away(item, source_id(item.connector, fault.key), fault.code)
        self._refused.append((item, fault.code))
        message_id = ready.message_id if ready is not None else _NO_MESSAGE
        return tell_fault(ReceiptState.REFUSED, message_id.hex(), fault, None)

    def _shut_away(self, item: Delivered, name: SourceId, reason: str) -> None:
        """Informer's material of a source that was taken before: seal it off and destroy its keys."""
        engine = self.engine
        number = self._shard_of(name)
        if number is None:
            return
        shard = self._shards.get(number) or self._open_shard(number)
        occasion = Occasion(
            message_id=derive_message_id("sealing-off", name, item.raw),
            shard=number,
            occurred_at=item.received_at,
            received_at=item.received_at,
            recorded_at=engine.now(item.received_at),
            actor=item.connector,
            first_position=shard.shelf.position + 1,
        )
        draft = Draft(shard.shelf, occasion)
        if seal_off(draft, name, reason, shard.linker, shard.policy):
            shard.shelf.settle(draft.step())
            pk = shard.shelf.source_pks[name]
            known = engine.database.select_in(self.connection, tables.mentions, ("key_id",), "source_pk", [pk])
            self.sealed_off += [sealing_off((bytes(key_id) for (key_id,) in known), reason)] if known else []

    def _shard_of(self, name: SourceId) -> int | None:
        """Where a source was taken, in this batch or before it."""
        files = (shard.shelf.source(name) for shard in self._shards.values())
        here = (file.shard for file in files if file is not None)
        rows = self.engine.database.select_in(self.connection, tables.sources, ("pk",), "name", [name])
        return next(here, rows[0][0] >> PK_BITS if rows else None)

    def write(self) -> None:
        """Write everything the batch came to."""
        database, connection = self.engine.database, self.connection
        for number in sorted(self._shards):
            self.sealed_off += sealed_off_late(self._shards[number].shelf)
            self._shards[number].linker.write()
            shelf_rows.write(self._shards[number].shelf, self.engine.fingerprint)
        inbox = {
            message_id: (each.shelf.source_pks[each.source], each.log_id, int(each.blocked), each.received_ms)
            for message_id, each in self._pending.items()
        }
        intake.write_inbox(database, connection, inbox)
        intake.write_quarantine(database, connection, self._quarantined)
        list_erasures(database, connection, self.sealed_off, self.engine.now(None))
        intake.write_refusals(database, connection, self._refused)
        intake.write_nonces(database, connection, self._nonces, self.engine.now(None))
        intake.add_counts(database, connection, self._totals())

    def _totals(self) -> Counter[str]:
        totals: Counter[str] = Counter()
        for (connector, state, blocked), number in self._counts.items():
            totals[f"{connector}|received"] += number
            totals[f"{connector}|{state}"] += number
            if blocked and state is ReceiptState.ACCEPTED:
                totals[f"{connector}|blocked"] += number
        return totals


def quarantine_key_id(row_id: str) -> bytes:
    """The data key of a quarantined item's raw bytes."""
    return derive_key_id(row_id.encode(), -1)

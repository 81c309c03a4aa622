"""Receiving: one batch of delivered items, one transaction.

Order of work: pure phase (message ids, gates, profiles, sealing; keys commit first), then under the shard's lock inbox, decisions and
rows. An item that cannot be made ready or whose step raises is isolated there; the rest of its batch commits. Whatever is
acknowledged is in the log, in quarantine with its raw bytes, parked, or refused with a reason.
"""

import logging
from collections import Counter
from collections.abc import Sequence

import msgspec
from sqlalchemy.engine import Connection

from santiao.domain.advance import advance_record, seal_off
from santiao.domain.decisions import Draft, Occasion
from santiao.domain.errors import Conflict
from santiao.domain.events.envelope import Sealed
from santiao.domain.ids import MessageId, SourceId, derive_case_id, derive_message_id, source_id
from santiao.domain.messages import Batch, Delivered, Fault, FaultKind, Receipt, ReceiptState
from santiao.domain.prepared import PreparedRecord
from santiao.hub.engine import Engine
from santiao.hub.linking import LinkShelf
from santiao.hub.prepare import key_ids_of, prepare, record_message_id
from santiao.store import intake, shelf_rows, tables
from santiao.store.keys import derive_key_id
from santiao.store.log import global_id, split_id, to_millis
from santiao.store.offsets import move_offset
from santiao.store.parking import park, sources_with_parked
from santiao.store.sealing import seal
from santiao.store.shelf import PK_BITS, Shelf

logger = logging.getLogger(__name__)
_MAX_PASSES = 8


class Ready(msgspec.Struct, frozen=True, gc=False):
    """An item after the pure phase: exactly one of `prepared`, `refusal` and `failure` is set, or the item is its own fault."""

    item: Delivered
    message_id: MessageId
    prepared: PreparedRecord | None = None
    refusal: Fault | None = None
    failure: str = ""


class Receiver:
    """Receives batches for a hub."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def receive(self, batch: Batch) -> list[Receipt]:
        """Take a batch in; one receipt per item, in order.

        A record whose step raises is found in a first pass and parked in a second, so that a batch with any number of them costs one
        transaction more, not one each.

        Raises:
            StoreFailure: nothing of the batch was taken.
            Conflict: another writer was faster; the caller tries again.
        """
        ready = self._make_ready(batch.items)
        quarantine_keys = self._quarantine_keys(ready)
        poisoned: dict[int, str] = {}
        for _ in range(_MAX_PASSES):
            try:
                receipts, doomed = self._attempt(batch, ready, quarantine_keys, poisoned)
            except _Poisoned as found:
                poisoned.update(found.places)
                continue
            self.engine.destroy_keys(doomed)
            self.engine.committed()
            return receipts
        raise Conflict("receive.unsettled", "the batch kept raising; it is tried again", "批次处理未能稳定，将重试")

    def _attempt(
        self, batch: Batch, ready: list[Ready], quarantine_keys: dict[bytes, bytes], poisoned: dict[int, str]
    ) -> tuple[list[Receipt], list[bytes]]:
        with self.engine.database.writable() as connection:
            transaction = _Transaction(self.engine, connection, quarantine_keys, poisoned)
            receipts = transaction.take(ready)
            if batch.offset is not None:
                move_offset(self.engine.database, connection, batch.offset, self.engine.clock.now())
            if batch.watermark is not None:
                news = any(receipt.state is not ReceiptState.REPEATED for receipt in receipts)
                intake.write_watermark(self.engine.database, connection, batch.watermark, had_news=news)
            transaction.write()
        return receipts, transaction.doomed_keys

    def _make_ready(self, items: Sequence[Delivered]) -> list[Ready]:
        ids = [record_message_id(item.record) if item.record is not None else MessageId(b"") for item in items]
        with self.engine.database.readable() as connection:
            known = intake.read_inbox(self.engine.database, connection, [i for i in ids if i])
        wanted = {
            key_id
            for item, message_id in zip(items, ids, strict=True)
            if item.record is not None and (message_id not in known or self._may_tell_again(item))
            for key_id in key_ids_of(item.record, message_id)
        }
        keys = self.engine.keys.obtain(wanted)
        return [self._make_one_ready(item, message_id, keys) for item, message_id in zip(items, ids, strict=True)]

    def _may_tell_again(self, item: Delivered) -> bool:
        return item.record is not None and item.record.source_updated_at is not None

    def _make_one_ready(self, item: Delivered, message_id: MessageId, keys: dict[bytes, bytes]) -> Ready:
        record = item.record
        if record is None:
            return Ready(item, message_id)
        try:
            findings = self.engine.examine(record)
            if findings.refusal:
                fault = Fault(
                    kind=FaultKind.REFUSED,
                    code=findings.refusal,
                    path="body",
                    detail="the content may not be taken; the agency handles it itself",
                    detail_zh="该内容依法不得流转，由来源单位自行办理",
                    key=record.key,
                )
                return Ready(item, message_id, refusal=fault)
            profile = self.engine.profile_of(record)
            return Ready(item, message_id, prepared=prepare(record, message_id, keys, findings, profile))
        except Exception as error:
            logger.error("a record could not be made ready", extra=_place_of(item, error))
            return Ready(item, message_id, failure=f"{type(error).__name__} while making ready")

    def _quarantine_keys(self, ready: list[Ready]) -> dict[bytes, bytes]:
        faulty = [each.item for each in ready if each.item.fault is not None or each.failure]
        return self.engine.keys.obtain(_quarantine_key_id(intake.quarantine_id(item)) for item in faulty)


def _quarantine_key_id(row_id: str) -> bytes:
    return derive_key_id(row_id.encode(), -1)


def _place_of(item: Delivered, error: Exception) -> dict[str, str]:
    """What a log may say of a failure: an exception's own text may quote a cell, so only its type and line are told."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    line = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    return {"connector": item.connector, "place": item.where, "error": type(error).__name__, "line": line}


class _Poisoned(Exception):
    """Some records of the batch raised in their step; `places` in the batch, with causes."""

    def __init__(self, places: dict[int, str]) -> None:
        super().__init__(f"{len(places)} records raised")
        self.places = places


class _Transaction:
    """One batch under the lock."""

    def __init__(
        self, engine: Engine, connection: Connection, quarantine_keys: dict[bytes, bytes], poisoned: dict[int, str]
    ) -> None:
        self.engine = engine
        self.connection = connection
        self.quarantine_keys = quarantine_keys
        self.poisoned = poisoned
        self.found: dict[int, str] = {}
        self.behind_parked: dict[int, set[str]] = {}
        self.shelves: dict[int, Shelf] = {}
        self.linkers: dict[int, LinkShelf] = {}
        self.inbox: dict[bytes, tuple[int, int, int, int]] = {}
        self.pending: dict[bytes, tuple[SourceId, int, int, bool, int]] = {}
        self.quarantined: list[tuple[str, Delivered, Fault, object]] = []
        self.refused: list[tuple[Delivered, str]] = []
        self.nonces: dict[tuple[str, str], str] = {}
        self.counts: Counter[str] = Counter()
        self.doomed_keys: list[bytes] = []

    def take(self, ready: list[Ready]) -> list[Receipt]:
        """Decide every item in order."""
        self._open(ready)
        known = intake.read_inbox(
            self.engine.database, self.connection, [each.message_id for each in ready if each.message_id]
        )
        self._prefetch(ready, known)
        receipts = []
        for place, each in enumerate(ready):
            receipt = self._decide(place, each, known)
            if each.item.counted:
                self.counts[f"{each.item.connector}|received"] += 1
                self.counts[f"{each.item.connector}|{receipt.state}"] += 1
                if receipt.state is ReceiptState.ACCEPTED and receipt.blocked:
                    self.counts[f"{each.item.connector}|blocked"] += 1
            receipts.append(receipt)
        if self.found:
            raise _Poisoned(self.found)
        return receipts

    def _open(self, ready: list[Ready]) -> None:
        """Lock every shard of the batch, lowest first."""
        for shard in sorted({each.item.record.shard for each in ready if each.item.record is not None}):
            self._open_shard(shard)

    def _open_shard(self, shard: int) -> None:
        shelf = Shelf(self.engine.database, self.connection, shard)
        self.shelves[shard] = shelf
        self.linkers[shard] = LinkShelf(shelf, self.engine.policy.linking)
        self.behind_parked[shard] = sources_with_parked(self.engine.database, self.connection, shard)

    def _prefetch(self, ready: list[Ready], known: dict[bytes, intake.Taken]) -> None:
        for shard, shelf in self.shelves.items():
            fresh = [
                each.prepared
                for each in ready
                if each.prepared is not None and each.item.record is not None and each.item.record.shard == shard
            ]
            shelf.prefetch_sources({record.source_id for record in fresh})
            files = {record.source_id: shelf.source(record.source_id) for record in fresh}
            founding = [name for name, file in files.items() if file is None or file.case_id is None]
            shelf.prefetch_cases([derive_case_id(self.engine.policy.case_secret, name) for name in founding])
            self.linkers[shard].prefetch(fresh)
        by_connector: dict[str, set[str]] = {}
        for each in ready:
            if each.item.nonce:
                by_connector.setdefault(each.item.connector, set()).add(each.item.nonce)
        for connector, nonces in by_connector.items():
            for nonce, place in intake.read_nonces(self.engine.database, self.connection, connector, nonces).items():
                self.nonces[connector, nonce] = place

    def _decide(self, place: int, each: Ready, known: dict[bytes, intake.Taken]) -> Receipt:
        item = each.item
        if item.nonce and self._is_replay(item):
            return self._refuse(each, _REPLAYED)
        if item.fault is not None:
            return (
                self._quarantine(each, item.fault)
                if item.fault.kind is FaultKind.QUARANTINED
                else self._refuse(each, item.fault)
            )
        if each.refusal is not None:
            return self._refuse(each, each.refusal)
        if each.prepared is None:
            return self._quarantine(each, _not_ready(each.failure))
        return self._accept(place, each, each.prepared, known)

    def _is_replay(self, item: Delivered) -> bool:
        place = self.nonces.setdefault((item.connector, item.nonce), item.where)
        return place != item.where

    def _accept(self, place: int, each: Ready, prepared: PreparedRecord, known: dict[bytes, intake.Taken]) -> Receipt:
        item, record = each.item, each.item.record
        assert record is not None
        shelf, linker = self.shelves[record.shard], self.linkers[record.shard]
        taken, here = known.get(each.message_id), self.pending.get(each.message_id)
        behind = self.behind_parked[shelf.shard]
        cause = self.poisoned.get(place, "waits behind a parked record" if prepared.source_id in behind else "")
        if cause and taken is None:
            behind.add(prepared.source_id)
            return self._park(each, prepared, cause)
        draft = Draft(shelf, self._occasion(each, prepared, shelf))
        is_repeat = taken is not None or here is not None
        try:
            outcome = advance_record(draft, prepared, linker, self.engine.policy, is_repeat=is_repeat)
        except Exception as error:
            logger.error("a step raised and its record is parked", extra=_place_of(item, error))
            self.found[place] = f"{type(error).__name__} in its step"
            return self._receipt(each, ReceiptState.ACCEPTED, shelf.shard, 0, blocked=False)
        step = draft.step()
        shelf.settle(step)
        position = draft.occasion.first_position + max(0, len(step.events) - 1)
        if outcome.is_news:
            file = shelf.source(prepared.source_id)
            blocked = bool(file and file.hits)
            self.pending[each.message_id] = (
                prepared.source_id,
                shelf.shard,
                position,
                blocked,
                to_millis(item.received_at),
            )
            shelf.remember_mentions(prepared, each.message_id)
            return self._receipt(each, ReceiptState.ACCEPTED, shelf.shard, position, blocked=blocked)
        if taken is not None:
            shard, at = split_id(taken.event_id)
            return self._receipt(each, ReceiptState.REPEATED, shard, at, blocked=bool(taken.blocked))
        assert here is not None
        return self._receipt(each, ReceiptState.REPEATED, here[1], here[2], blocked=here[3])

    def _occasion(self, each: Ready, prepared: PreparedRecord, shelf: Shelf) -> Occasion:
        record = each.item.record
        assert record is not None
        return Occasion(
            message_id=each.message_id,
            shard=shelf.shard,
            occurred_at=record.occurred_at or record.source_updated_at or record.received_at,
            received_at=each.item.received_at,
            recorded_at=self.engine.now(each.item.received_at),
            actor=record.connector,
            mapping=record.mapping_version,
            first_position=shelf.position + 1,
        )

    def _receipt(self, each: Ready, state: ReceiptState, shard: int, position: int, *, blocked: bool) -> Receipt:
        record = each.item.record
        return Receipt(
            state=state,
            receipt_id=each.message_id.hex(),
            source_key=record.key_base or record.key if record is not None else "",
            position=global_id(shard, position),
            blocked=blocked,
        )

    def _quarantine(self, each: Ready, fault: Fault) -> Receipt:
        row_id = each.item.quarantine_id or intake.quarantine_id(each.item)
        key_id = _quarantine_key_id(row_id)
        key = self.quarantine_keys.get(key_id)
        # A key that is missing was destroyed with somebody's erasure: the same bytes are not kept again.
        sealed = seal(key, key_id, row_id.encode(), "raw", each.item.raw) if key is not None else Sealed("erased", key_id, b"")
        self.quarantined.append((row_id, each.item, fault, sealed))
        return _faulty(ReceiptState.QUARANTINED, row_id, fault, row_id)

    def _refuse(self, each: Ready, fault: Fault) -> Receipt:
        if fault.key:
            self._shut_away(each, source_id(each.item.connector, fault.key), fault.code)
        self.refused.append((each.item, fault.code))
        return _faulty(ReceiptState.REFUSED, each.message_id.hex(), fault, None)

    def _shut_away(self, each: Ready, name: SourceId, reason: str) -> None:
        """Informer's material of a source that was taken before: seal it off and destroy its keys."""
        rows = self.engine.database.select_in(self.connection, tables.sources, ("pk",), "name", [name])
        if not rows:
            return
        shard = rows[0][0] >> PK_BITS
        if shard not in self.shelves:
            self._open_shard(shard)
        shelf = self.shelves[shard]
        occasion = Occasion(
            message_id=derive_message_id("sealing-off", name, each.item.raw),
            shard=shard,
            occurred_at=each.item.received_at,
            received_at=each.item.received_at,
            recorded_at=self.engine.now(each.item.received_at),
            actor=each.item.connector,
            first_position=shelf.position + 1,
        )
        draft = Draft(shelf, occasion)
        if seal_off(draft, name, reason, self.linkers[shard], self.engine.policy):
            shelf.settle(draft.step())
            doomed = self.engine.database.select_in(
                self.connection, tables.mentions, ("key_id",), "source_pk", [rows[0][0]]
            )
            self.doomed_keys.extend(bytes(key_id) for (key_id,) in doomed)

    def _park(self, each: Ready, prepared: PreparedRecord, cause: str) -> Receipt:
        shard = each.item.record.shard if each.item.record is not None else 0
        park(self.engine.database, self.connection, shard, prepared, each.message_id, each.item, cause)
        return self._receipt(each, ReceiptState.ACCEPTED, shard, 0, blocked=False)

    def write(self) -> None:
        """Write everything the batch came to."""
        database, connection = self.engine.database, self.connection
        for shard in sorted(self.shelves):
            self.linkers[shard].write()
            shelf_rows.write(self.shelves[shard], self.engine.fingerprint)
        rows = {}
        for message_id, (name, shard, position, blocked, received) in self.pending.items():
            rows[message_id] = (
                self.shelves[shard].source_pks[name],
                global_id(shard, position),
                int(blocked),
                received,
            )
        intake.write_inbox(database, connection, rows)
        intake.write_quarantine(database, connection, self.quarantined)  # type: ignore[arg-type]
        intake.write_refusals(database, connection, self.refused)
        intake.write_nonces(database, connection, self.nonces, self.engine.now(None))
        intake.add_counts(database, connection, self.counts)


_REPLAYED = Fault(
    kind=FaultKind.REFUSED,
    code="webhook.replayed",
    path="headers/X-Nonce",
    detail="this nonce was used before; a retry needs a new one",
    detail_zh="随机数已使用过，重发须换新的随机数",
)


def _not_ready(failure: str) -> Fault:
    return Fault(
        kind=FaultKind.QUARANTINED,
        code="record.not_ready",
        path="",
        detail=f"the hub could not make the record ready ({failure}); mend and replay it",
        detail_zh="系统未能处理该记录，修复后可重放",
    )


def _faulty(state: ReceiptState, receipt_id: str, fault: Fault, quarantine: str | None) -> Receipt:
    return Receipt(
        state=state,
        receipt_id=receipt_id,
        code=fault.code,
        path=fault.path,
        detail=fault.detail,
        detail_zh=fault.detail_zh,
        quarantine_id=quarantine,
    )

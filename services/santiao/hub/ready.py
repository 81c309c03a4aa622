"""The pure phase of receiving: records made ready for deciding, a batch at once; their keys commit before what they seal.

A record that cannot be made ready is isolated here, with what to say of it, and the others of its batch go on.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from santiao.domain.ids import MessageId
from santiao.domain.links.features import ProfileReader
from santiao.domain.links.profile import Profile
from santiao.domain.prepared import PreparedRecord, first_slot
from santiao.domain.records import AgencyRecord, Relation
from santiao.domain.vocabulary import Op
from santiao.hub.examine import Examiner
from santiao.hub.prepare import key_ids_of, prepare, record_message_id
from santiao.store.keys import KeyStore

_TELLS_NOTHING = frozenset({Op.WITHDRAW, Op.SNAPSHOT_ABSENT, Op.SPLIT})


class Failure(msgspec.Struct, frozen=True, gc=False):
    """What may be said of an exception: its own text may quote a cell, so only its type and line are told."""

    error: str
    line: str


class Ready(msgspec.Struct, frozen=True, gc=False):
    """A record after the pure phase: exactly one of `prepared`, `refusal` (a reason code) and `failure` is set."""

    message_id: MessageId
    prepared: PreparedRecord | None = None
    refusal: str = ""
    failure: Failure | None = None


class Preparer:
    """Makes records ready by one rulebook and one set of keys."""

    def __init__(self, keys: KeyStore, examiner: Examiner, reader: ProfileReader) -> None:
        self.keys = keys
        self._examiner = examiner
        self._reader = reader

    def make_ready(self, records: Sequence[AgencyRecord]) -> tuple[list[Ready], Callable[[], None]]:
        """One answer per record, in order, and what waits for their keys' commit: `KeyStore.obtain_ahead`.

        Raises:
            StoreFailure: the keys' database failed.
        """
        ids = [record_message_id(record) for record in records]
        slots = [_slots_of(record, message_id) for record, message_id in zip(records, ids, strict=True)]
        keys, kept = self.keys.obtain_ahead(
            {key_id for each in slots if not isinstance(each, Failure) for key_id in each.values()}
        )
        ready = [
            self._make_ready(record, message_id, key_ids, keys)
            for record, message_id, key_ids in zip(records, ids, slots, strict=True)
        ]
        return ready, kept

    def _make_ready(
        self,
        record: AgencyRecord,
        message_id: MessageId,
        key_ids: Mapping[int, bytes] | Failure,
        keys: Mapping[bytes, bytes],
    ) -> Ready:
        if isinstance(key_ids, Failure):
            return Ready(message_id, failure=key_ids)
        try:
            findings = self._examiner.examine(record)
            if findings.refusal:
                return Ready(message_id, refusal=findings.refusal)
            profile = self._profile_of(record)
            return Ready(message_id, prepare(record, message_id, key_ids, keys, findings, profile))
        except Exception as error:  # noqa: BLE001 - whatever a record raises, its batch goes on
            return Ready(message_id, failure=failure_of(error))

    def _profile_of(self, record: AgencyRecord) -> Profile | None:
        """The blind profile of what the record tells; None for a withdrawal, which tells nothing to compare."""
        if record.op in _TELLS_NOTHING and isinstance(record.body, Relation):
            return None
        return self._reader.derive_profile(record, first_slot(record.part))


def _slots_of(record: AgencyRecord, message_id: MessageId) -> Mapping[int, bytes] | Failure:
    try:
        return key_ids_of(record, message_id)
    except Exception as error:  # noqa: BLE001 - a slot that is none is its record's fault, and its batch goes on
        return failure_of(error)


def failure_of(error: Exception) -> Failure:
    """Type and line of an exception, for logs."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    line = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    return Failure(type(error).__name__, line)

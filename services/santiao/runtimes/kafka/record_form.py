"""A record as it stands on `santiao.records`: Avro `AgencyRecord` whose body is sealed, its key the source, its partition the shard's.

The rules kept here: nothing personal is in clear on a topic. The whole record is sealed under the data key of its version's narrative, so
that erasing a person makes the copies on the topic unreadable with all others; and what is opened again is exactly what was sent.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from santiao.domain.errors import InvalidRecord, StoreFailure
from santiao.domain.events.envelope import Sealed
from santiao.domain.ids import source_id
from santiao.domain.messages import Delivered
from santiao.domain.records import AgencyRecord, SealedBody
from santiao.hub.prepare import NARRATIVE_SLOT, record_message_id
from santiao.schemas.single_object import SingleObjectCodec
from santiao.store.keys import KeyStore, derive_key_id
from santiao.store.sealing import seal, unseal

Headers = Sequence[tuple[str, bytes]]
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(AgencyRecord).decode
_PATH = "record"
_UNCOUNTED = b"0"


class SentRecord(msgspec.Struct, frozen=True):
    """A message for `santiao.records`, but for its partition."""

    shard: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class RecordForm:
    """Makes messages of items and items of messages."""

    def __init__(self, codec: SingleObjectCodec, keys: KeyStore) -> None:
        self._codec = codec
        self._keys = keys

    def seal(self, items: Sequence[Delivered]) -> list[SentRecord]:
        """Messages for items that have a record, in order; their keys are committed when this returns.

        A version whose key was destroyed with somebody's erasure gives none: it is not to be brought back.
        """
        known = [(item, record, _key_id(record)) for item in items if (record := item.record) is not None]
        keys = self._keys.obtain(key_id for _, _, key_id in known)
        return [self._seal(item, record, key_id, keys[key_id]) for item, record, key_id in known if key_id in keys]

    def _seal(self, item: Delivered, record: AgencyRecord, key_id: bytes, key: bytes) -> SentRecord:
        sealed = seal(key, key_id, record_message_id(record), _PATH, _encode(record))
        outside = msgspec.structs.replace(
            record,
            body=SealedBody(alg=sealed.alg, key_id=sealed.key_id, data=sealed.data),
            references=(),
            quality=(),
            extra={},
            raw=b"",
            received_at=_whole(record.received_at),
            occurred_at=_whole(record.occurred_at) if record.occurred_at else None,
            source_updated_at=_whole(record.source_updated_at) if record.source_updated_at else None,
        )
        headers = [
            ("shard", str(record.shard).encode()),
            ("where", item.where.encode()),
            ("received_at", item.received_at.isoformat().encode()),
        ]
        if not item.counted:
            headers.append(("counted", _UNCOUNTED))
        if item.nonce:
            headers.append(("nonce", item.nonce.encode()))
        name = source_id(record.connector, record.key)
        return SentRecord(record.shard, name.encode(), self._codec.encode_record(outside), headers)

    def open(self, messages: Iterable[tuple[bytes, Headers]]) -> list[Delivered | InvalidRecord]:
        """The item of each message, or why it has none.

        Raises:
            StoreFailure: the keys' database does not answer.
        """
        outsides = [self._decode(value) for value, _ in messages]
        bodies = [
            each.body for each in outsides if isinstance(each, AgencyRecord) and isinstance(each.body, SealedBody)
        ]
        keys = self._keys.fetch(body.key_id for body in bodies)
        told = zip(outsides, messages, strict=True)
        return [each if isinstance(each, InvalidRecord) else _open(each, headers, keys) for each, (_, headers) in told]

    def _decode(self, value: bytes) -> AgencyRecord | InvalidRecord:
        try:
            return self._codec.decode_record(value)
        except InvalidRecord as fault:
            return fault


def _key_id(record: AgencyRecord) -> bytes:
    return derive_key_id(record_message_id(record), NARRATIVE_SLOT)


def _open(outside: AgencyRecord, headers: Headers, keys: dict[bytes, bytes]) -> Delivered | InvalidRecord:
    body = outside.body
    if not isinstance(body, SealedBody):
        return InvalidRecord("message.unsealed", "the record's body is not sealed", "记录正文未封装", "body")
    key = keys.get(body.key_id)
    if key is None:
        return InvalidRecord(
            "message.erased",
            "the record's key was destroyed, or is not of this hub",
            "记录密钥已销毁或不属于本系统",
            "body",
        )
    try:
        record = _decode(unseal(key, Sealed(body.alg, body.key_id, body.data)))
    except (StoreFailure, msgspec.DecodeError):
        return InvalidRecord("message.malformed", "the sealed body does not open", "封装正文无法打开", "body")
    if record_message_id(record) != record_message_id(outside) or record.shard != outside.shard:
        return InvalidRecord("message.malformed", "the sealed body is another record's", "封装正文与外层不符", "body")
    told = dict(headers)
    try:
        return Delivered(
            connector=record.connector,
            feed=record.feed,
            where=told.get("where", b"").decode(),
            received_at=datetime.fromisoformat(told["received_at"].decode()),
            raw=record.raw,
            record=record,
            counted=told.get("counted") != _UNCOUNTED,
            nonce=told.get("nonce", b"").decode(),
        )
    except (KeyError, ValueError):
        return InvalidRecord("message.malformed", "its headers cannot be read", "消息头无法解读", "headers")


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

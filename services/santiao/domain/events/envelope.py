"""What every case event carries beside its own facts: CloudEvents attributes, all three times, cause and versions used."""

from datetime import datetime
from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """Root of the case events: immutable facts in the past tense.

    The wire name is the class name; `version` is the major version, raised only with an upcaster.
    """

    version: ClassVar[int] = 1


class Meta(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Who, when, why of an event.

    `id` 16 bytes derived from cause and ordinal; `case_id` empty for events of the shard itself (a parked record);
    `occurred_at` when it happened outside, `received_at` when the hub heard, `recorded_at` when the step was recorded;
    `cause` the message that caused it and `correlation` the first message of the chain; `rules` are `rule_id@version` used;
    `mapping` the writer's mapping version; `actor` an agency or person by id, never by name.
    """

    id: bytes
    shard: int
    position: int
    case_id: str
    occurred_at: datetime
    received_at: datetime
    recorded_at: datetime
    cause: bytes
    correlation: bytes
    actor: str = ""
    rules: tuple[str, ...] = ()
    mapping: str = ""


class Sealed(msgspec.Struct, frozen=True, gc=False):
    """A sealed field: `data` is ciphertext under the data key `key_id`; `alg` names the algorithm, so that another can stand beside it."""

    alg: str
    key_id: bytes
    data: bytes


class Mention(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A party mention as events hold it: what deciders need in clear, the person sealed under a key of the mention's own."""

    slot: int
    role: str
    kind: str
    name_class: str
    minor: bool | None = None
    sealed: Sealed | None = None

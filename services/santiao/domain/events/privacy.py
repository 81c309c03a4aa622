"""Events of erasure (删除)."""

from santiao.domain.events.envelope import Event


class SubjectErased(Event, frozen=True, kw_only=True):
    """Keys of these mentions, and of the narratives that tell of them, are destroyed. Ids only; a restore applies it again."""

    erasure_id: str
    key_ids: tuple[bytes, ...]
    sources: tuple[str, ...]
    reason: str

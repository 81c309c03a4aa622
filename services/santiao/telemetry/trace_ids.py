"""The names of traces: derived from the message that began a thing, so that every process knows them and none has to be told.

A record's message id stands in its receipt and, as `correlation`, in every event it caused. The trace and its first span are digests of
it. So the log, the bus and the views carry nothing for tracing's sake: a replay writes the same bytes, and a span that another process
makes a week later still belongs to the trace. Which traces are kept is decided from the id as well, alike everywhere.
"""

import hashlib
import re

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_WHOLE = 1 << 64


def trace_id_of(message: str) -> int:
    """The trace of a message, by its id in hex (or a quarantined item's id)."""
    return int.from_bytes(hashlib.blake2b(message.encode(), digest_size=16, person=b"trace").digest()) or 1


def root_span_of(trace_id: int) -> int:
    """The first span of a trace: the taking of its message."""
    return int.from_bytes(hashlib.blake2b(trace_id.to_bytes(16), digest_size=8, person=b"root").digest()) or 1


def is_kept(trace_id: int, ratio: float) -> bool:
    """Whether a share of `ratio` (0 to 1) of all traces holds this one; the rule that other tracers use for a ratio, too."""
    return trace_id % _WHOLE < round(ratio * _WHOLE)


def traceparent_of(correlation: bytes, ratio: float) -> str:
    """CloudEvents' and W3C's `traceparent` of what a message caused; the same whenever it is asked for."""
    trace_id = trace_id_of(correlation.hex())
    return f"00-{trace_id:032x}-{root_span_of(trace_id):016x}-{int(is_kept(trace_id, ratio)):02x}"


def read_traceparent(text: str) -> tuple[int, int, bool] | None:
    """Trace, span and whether it is kept, of a `traceparent` that somebody sent; None when it is none."""
    found = _TRACEPARENT.fullmatch(text)
    if found is None:
        return None
    trace_id, span_id = int(found[1], 16), int(found[2], 16)
    return (trace_id, span_id, bool(int(found[3], 16) & 1)) if trace_id and span_id else None

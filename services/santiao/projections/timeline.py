"""The timeline (办理过程): every event of a case, with facts that are nobody's in particular; and the change feed, the same by position.

A row is never changed. A case that absorbed another shows the other's events too, because whoever asks names all ids of the case.
What a summary may hold is listed here event by event: codes, numbers and dates, no free text and nothing sealed.
"""

from collections.abc import Sequence
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any

import msgspec

from santiao.domain.events import EVENT_TYPES
from santiao.projections.contract import Index, Projection, TableSet, ViewTable
from santiao.projections.moments import tell
from santiao.projections.reading import Page, Reading, decode_cursor, encode_cursor, page_size
from santiao.store.log import Entry, global_id, split_id

VIEW = "timeline"


class TimelineRow(msgspec.Struct, gc=False):
    """One event of a case by the log's key; `summary` holds the values that `SUMMARIES` names, in that order."""

    log_key: int
    case_id: str
    type: str
    occurred_ms: int
    recorded_ms: int
    actor: str
    summary: bytes


TIMELINE = ViewTable(name=VIEW, view=VIEW, row=TimelineRow, indexes=(Index(("case_id", "log_key")),))

_SOURCE = ("source_id",)
_LINK = ("a", "b", "by", "score", "reasons")
_REFERRAL = ("referral_id",)
SUMMARIES: dict[str, tuple[str, ...]] = {
    "SourceReported": ("agency", "key", "facts.type", "facts.region", "facts.stage", "facts.outcome"),
    "SourceCorrected": (*_SOURCE, "stands", "facts.type", "facts.region", "facts.stage", "facts.outcome"),
    "SourceSupplemented": (*_SOURCE, "part", "stands", "facts.stage", "facts.outcome"),
    "SourceConfirmed": _SOURCE,
    "SourceWithdrawn": (*_SOURCE, "absent", "stands"),
    "SourceMerged": (*_SOURCE, "into", "stands"),
    "SourceUnmerged": (*_SOURCE, "stands"),
    "SourceSplit": (*_SOURCE, "into"),
    "SourceRekeyed": (*_SOURCE, "old_key", "new_key"),
    "SourceSealedOff": _SOURCE,
    "GateHit": (*_SOURCE, "found.gate", "found.reason", "found.rule"),
    "GateCleared": (*_SOURCE, "found.gate", "found.reason"),
    "LinkAccepted": _LINK,
    "LinkProposed": ("a", "b", "score", "reasons"),
    "LinkRejected": ("a", "b", "by"),
    "LinkDissolved": ("a", "b", "by", "was"),
    "CaseOpened": ("case_no", "dispute_type", "region", "risk", "split_from"),
    "SourceJoined": _SOURCE,
    "CaseMerged": ("absorbed", "absorbed_no", "sources", "rule"),
    "CaseSplit": ("into", "sources", "rule"),
    "BatchJoined": ("batch",),
    "BatchLeft": ("batch",),
    "CaseReclassified": ("dispute_type", "region", "risk"),
    "CaseBlocked": ("gates",),
    "CaseUnblocked": ("officer",),
    "NoticeRaised": ("code", "about"),
    "CaseClosed": ("outcome",),
    "CaseReopened": (),
    "FeedbackOwed": ("agency", "kind", "due"),
    "WrongLinkSeen": ("a", "b"),
    "CaseTriaged": ("mediation", "mode", "body", "rule"),
    "ConsentRequested": ("sides", "body", "mode"),
    "ConsentGiven": ("side", "form"),
    "ConsentRefused": ("side",),
    "ReferralSent": (*_REFERRAL, "body", "mode", "bounce", "hub_due", "legal_due", "designated"),
    "ReferralAccepted": (*_REFERRAL, "deemed", "late"),
    "ReferralDeclined": (*_REFERRAL, "reason"),
    "ReferralReturned": (*_REFERRAL, "missing"),
    "ReferralForwarded": (*_REFERRAL, "to"),
    "ReferralTimedOut": (*_REFERRAL, "then"),
    "ReferralTimeoutReversed": _REFERRAL,
    "ReferralRecalled": _REFERRAL,
    "DesignationAsked": ("bounces",),
    "BodyDesignated": ("body", "mode", "officer", "rule"),
    "DesignationEnded": ("rule", "officer", "last_day"),
    "MediationStarted": ("mediation_id", "body", "referral_id", "told_by_source"),
    "MediationSuspended": ("mediation_id", "reason"),
    "MediationResumed": ("mediation_id",),
    "MediationConcluded": ("mediation_id", "outcome", "told_by_source"),
    "AgreementReached": ("agreement_no", "form", "effective_on", "perform_by"),
    "AgreementPerformed": ("agreement_no", "performed_on"),
    "AgreementBreached": ("agreement_no",),
    "ConfirmationApplied": ("agreement_no", "court", "applied_on"),
    "ConfirmationDecided": ("agreement_no", "confirmed", "ruling_no"),
    "FollowedUp": ("performed", "satisfaction"),
    "CaseEscalated": ("to", "level", "rule"),
    "DeadlineSet": ("deadline_id", "rule", "clock", "about", "effective_end", "provisional"),
    "DeadlineRecomputed": ("deadline_id", "effective_end", "provisional"),
    "DeadlineWarned": ("deadline_id",),
    "DeadlineMet": ("deadline_id",),
    "DeadlineBreached": ("deadline_id",),
    "DeadlineReversed": ("deadline_id",),
    "DeadlineCancelled": ("deadline_id",),
    "SubjectErased": ("erasure_id",),
}
"""Which facts of an event its summary holds; a dot leads into a part of it, whose last name it is told under."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode
_encode_json = msgspec.json.Encoder().encode
_READERS = {name: attrgetter(*fields) for name, fields in SUMMARIES.items() if fields}
_NAMES = {name: tuple(field.rpartition(".")[2] for field in fields) for name, fields in SUMMARIES.items()}


class TimelineFold:
    """Adds a row for every event of a case."""

    def __init__(self, tables: TableSet) -> None:
        self.rows = tables.of(TIMELINE)

    def add(self, at: Entry, event: Any) -> None:
        """Any event; one about no case leaves no row."""
        if at.case_id:
            name = at.name
            read = _READERS.get(name)
            summary = _encode(read(event)) if read is not None else b""
            self.rows.add(TimelineRow(at.log_key, at.case_id, name, at.occurred_ms, at.recorded_ms, at.actor, summary))


def _summary(row: TimelineRow) -> msgspec.Raw:
    names = _NAMES[row.type]
    told = _decode(row.summary) if names else ()
    return msgspec.Raw(_encode_json(dict(zip(names, told if len(names) > 1 else (told,), strict=False))))


TIMELINE_VIEW = Projection(
    name=VIEW,
    version=1,
    tables=(TIMELINE,),
    fold=TimelineFold,
    handlers=dict.fromkeys(EVENT_TYPES, TimelineFold.add),
    unread=frozenset(EVENT_TYPES) - frozenset(_READERS),
    has_history=True,
)


# --- queries -----------------------------------------------------------------------------------------------------------


class TimelineEntry(msgspec.Struct, frozen=True):
    """An event of a case, as the contract tells it."""

    position: int
    occurred_at: str
    recorded_at: str
    type: str


class TimelineItem(TimelineEntry, frozen=True):
    """The same with who acted (an id) and the summary."""

    case_id: str
    actor: str
    summary: msgspec.Raw


class FeedItem(msgspec.Struct, frozen=True):
    """A change; `cursor` is the place after it."""

    cursor: str
    case_id: str
    type: str
    data: msgspec.Raw


def timeline_of(
    reading: Reading,
    case_ids: Sequence[str],
    *,
    as_of_ms: int | None = None,
    after: str | None = None,
    limit: int = 500,
) -> Page[TimelineItem]:
    """Events of a case under all its ids, oldest first.

    Raises:
        Rejection: the cursor is of another list, or the limit out of bounds.
    """
    start = decode_cursor(after, tuple[int])[0] if after else 0
    where = f"case_id IN ({', '.join('?' * len(case_ids))}) AND log_key > ?"
    values: list[str | int] = [*case_ids, start]
    if as_of_ms is not None:
        where += " AND recorded_ms <= ?"
        values.append(as_of_ms)
    rows = reading.rows(TIMELINE, where, values, order="log_key", limit=page_size(limit) + 1)
    more = len(rows) > limit
    items = tuple(
        TimelineItem(
            split_id(row.log_key)[1],
            tell(row.occurred_ms),
            tell(row.recorded_ms),
            row.type,
            row.case_id,
            row.actor,
            _summary(row),
        )
        for row in rows[:limit]
    )
    return Page(items, encode_cursor(rows[limit - 1].log_key) if more else None)


def whole_timeline_of(
    reading: Reading, case_ids: Sequence[str], *, as_of_ms: int | None = None
) -> tuple[TimelineEntry, ...]:
    """Every event of a case, as the contract tells it."""
    found: list[TimelineEntry] = []
    after: str | None = None
    while True:
        page = timeline_of(reading, case_ids, as_of_ms=as_of_ms, after=after)
        found.extend(TimelineEntry(item.position, item.occurred_at, item.recorded_at, item.type) for item in page.items)
        after = page.next
        if after is None:
            return tuple(found)


def read_feed(reading: Reading, after: str | None = None, *, limit: int = 100) -> Page[FeedItem]:
    """Changes after a cursor, in order per case. `next` is the place to go on from, also when there is nothing yet.

    Raises:
        Rejection: the cursor was not given out by the feed, or the limit is out of bounds.
    """
    places = dict(decode_cursor(after, tuple[dict[int, int]])[0]) if after else {}
    size = page_size(limit)
    stretches = [
        reading.rows(
            TIMELINE,
            "log_key > ? AND log_key < ?",
            (global_id(shard, places.get(shard, 0)), global_id(shard + 1, 0)),
            order="log_key",
            limit=size,
        )
        for shard in sorted(reading.positions(VIEW))
    ]
    items = []
    for row in islice(merge(*stretches, key=lambda row: row.recorded_ms), size):
        shard, position = split_id(row.log_key)
        places[shard] = position
        cursor = encode_cursor(places)
        items.append(FeedItem(cursor, row.case_id, row.type, _summary(row)))
    return Page(tuple(items), encode_cursor(places))


def head_of_feed(reading: Reading) -> str:
    """The cursor after everything there is."""
    return encode_cursor(reading.positions(VIEW))

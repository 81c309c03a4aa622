"""A step under decision: what events it has so far, and the files as those events leave them.

A `Draft` lies over the working set as it was read. Deciders `emit` events; each is folded at once, so that the next decider sees its
effect, and each is queued for the table of `linkage.py`. Nothing reaches the working set before the whole step stands.
"""

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import msgspec

from santiao.domain import folding
from santiao.domain.errors import Rejection
from santiao.domain.events import Event, Meta
from santiao.domain.files import CaseFile, LinkFile, SourceFile
from santiao.domain.ids import CaseId, MessageId, SourceId, derive_event_id

MAX_EVENTS_PER_STEP = 2_000
"""Bound of one step; more means a loop in the table of what follows what."""


class Files(Protocol):
    """The working set as it was read, plus what was settled earlier in the same transaction."""

    def source(self, name: SourceId) -> SourceFile | None:
        """A source file by id."""
        ...

    def siblings(self, base: str) -> tuple[SourceId, ...]:
        """Sources of one agency that carry the same bare number (`connector:key_base`)."""
        ...

    def case(self, name: CaseId) -> CaseFile | None:
        """A case file by id; absorbed cases too, as they were left."""
        ...

    def link(self, a: SourceId, b: SourceId) -> LinkFile | None:
        """What stands between two sources, `a` < `b`."""
        ...

    def links_of(self, name: SourceId) -> tuple[LinkFile, ...]:
        """Everything that stands between a source and others."""
        ...

    def next_case_serial(self, offset: int) -> int:
        """The serial after the shard's last, plus `offset` cases already opened in this step."""
        ...


class Occasion(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The message that a step answers: its id, its times, who acted. Time comes in with the message; nothing below asks a clock."""

    message_id: MessageId
    shard: int
    occurred_at: datetime
    received_at: datetime
    recorded_at: datetime
    actor: str = ""
    correlation: bytes = b""
    mapping: str = ""
    first_position: int = 0
    """Position after the shard's last."""


class TimerChange(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Set (`due` given) or clear a timer. `id` is unique per case and purpose."""

    id: str
    case_id: CaseId
    kind: str = ""
    about: str = ""
    due: datetime | None = None


class Owed(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An outbox row: `position` of the event that owes it, where it goes, what it is."""

    position: int
    destination: str
    kind: str
    case_id: CaseId
    data: bytes


class Step(msgspec.Struct, frozen=True, gc=False):
    """What one message comes to. `events` are complete and in order; files are as the events leave them."""

    events: tuple[tuple[Meta, Event], ...]
    sources: tuple[SourceFile, ...]
    cases: tuple[CaseFile, ...]
    links: tuple[LinkFile, ...]
    timers: tuple[TimerChange, ...]
    owed: tuple[Owed, ...]


class Draft:
    """A step in the making. Implements `folding.World` over `Files`."""

    def __init__(self, files: Files, occasion: Occasion) -> None:
        self.files = files
        self.occasion = occasion
        self.events: list[tuple[Meta, Event]] = []
        self.pending: deque[tuple[CaseId, Event]] = deque()
        self.opened = 0
        self._sources: dict[SourceId, SourceFile] = {}
        self._cases: dict[CaseId, CaseFile] = {}
        self._links: dict[tuple[SourceId, SourceId], LinkFile] = {}
        self._timers: dict[str, TimerChange] = {}
        self._owed: list[Owed] = []

    def emit(
        self,
        case_id: CaseId | str,
        event: Event,
        *,
        rules: Iterable[str] = (),
        occurred_at: datetime | None = None,
        is_source_event: bool = False,
    ) -> None:
        """Add an event, fold it, and queue it for what follows.

        The event that carries a record's sealed fields has ordinal 0 whatever its place: they were sealed under its id before.

        Raises:
            Rejection: the step grew past its bound; the table of what follows what runs in a circle.
        """
        occasion = self.occasion
        if len(self.events) >= MAX_EVENTS_PER_STEP:
            raise Rejection(
                "step.too_large",
                "one message would cause too many events; its record is parked for a person",
                "单条消息引发事件过多，已搁置待人工处理",
            )
        meta = Meta(
            id=derive_event_id(occasion.message_id, 0 if is_source_event else len(self.events) + 1),
            shard=occasion.shard,
            position=occasion.first_position + len(self.events),
            case_id=case_id,
            occurred_at=occurred_at or occasion.occurred_at,
            received_at=occasion.received_at,
            recorded_at=occasion.recorded_at,
            cause=occasion.message_id,
            correlation=occasion.correlation or occasion.message_id,
            actor=occasion.actor,
            rules=tuple(rules),
            mapping=occasion.mapping,
        )
        self.events.append((meta, event))
        folding.evolve(self, meta, event)
        self.pending.append((CaseId(meta.case_id), event))

    def set_timer(self, timer_id: str, case_id: CaseId, kind: str, about: str, due: datetime) -> None:
        """Have `kind` fire at `due` about `about`."""
        self._timers[timer_id] = TimerChange(id=timer_id, case_id=case_id, kind=kind, about=about, due=due)

    def clear_timer(self, timer_id: str, case_id: CaseId) -> None:
        """Take a timer back; unknown ones are no error."""
        self._timers[timer_id] = TimerChange(id=timer_id, case_id=case_id)

    def owe(self, destination: str, kind: str, case_id: CaseId, data: bytes) -> None:
        """Owe the outside what the last event says."""
        position = self.occasion.first_position + len(self.events) - 1
        self._owed.append(Owed(position=position, destination=destination, kind=kind, case_id=case_id, data=data))

    def source(self, name: SourceId) -> SourceFile | None:
        return self._sources.get(name) or self.files.source(name)

    def known_source(self, name: SourceId) -> SourceFile:
        """A source that must be there."""
        file = self.source(name)
        if file is None:
            raise KeyError(name)
        return file

    def case(self, name: CaseId) -> CaseFile | None:
        return self._cases.get(name) or self.files.case(name)

    def known_case(self, name: CaseId) -> CaseFile:
        """A case that must be there."""
        file = self.case(name)
        if file is None:
            raise KeyError(name)
        return file

    def link(self, a: SourceId, b: SourceId) -> LinkFile | None:
        return self._links.get((a, b)) or self.files.link(a, b)

    def links_of(self, name: SourceId) -> tuple[LinkFile, ...]:
        """Links of a source as this step leaves them."""
        found = {(link.a, link.b): link for link in self.files.links_of(name)}
        found.update({pair: link for pair, link in self._links.items() if name in pair})
        return tuple(found[pair] for pair in sorted(found))

    def siblings(self, base: str) -> tuple[SourceId, ...]:
        """As `Files.siblings`, with those of this step."""
        here = {
            file.id for file in self._sources.values() if file.key_base and f"{file.agency}:{file.key_base}" == base
        }
        return tuple(sorted({*self.files.siblings(base), *here}))

    def put_source(self, file: SourceFile) -> None:
        self._sources[file.id] = file

    def put_case(self, file: CaseFile) -> None:
        self._cases[file.id] = file

    def put_link(self, file: LinkFile) -> None:
        self._links[file.a, file.b] = file

    def step(self) -> Step:
        """The finished step."""
        return Step(
            events=tuple(self.events),
            sources=tuple(self._sources.values()),
            cases=tuple(self._cases.values()),
            links=tuple(self._links.values()),
            timers=tuple(self._timers.values()),
            owed=tuple(self._owed),
        )

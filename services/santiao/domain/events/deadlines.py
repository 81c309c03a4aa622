"""Events of the law's clocks: dates are decided once and read from here ever after."""

from santiao.domain.events.envelope import Event


class DeadlineSet(Event, frozen=True, kw_only=True):
    """A clock began to run.

    Dates are YYYY-MM-DD, or RFC 3339 for hour rules. `clock` hub, legal or origin; `warn_on` when to warn; `party_right` when its
    expiry loses somebody a right; `source` the legal text and article; `trace` the calendar steps; `calendar` its version.
    """

    deadline_id: str
    rule: str
    clock: str
    about: str
    start: str
    natural_end: str | None
    effective_end: str
    warn_on: str | None = None
    provisional: bool = False
    party_right: bool = False
    on_expiry: str = ""
    source: str
    confidence: str
    calendar: str
    trace: tuple[str, ...] = ()


class DeadlineRecomputed(Event, frozen=True, kw_only=True):
    """A provisional date became firm, or a suspension moved the end. The old value stays in the log."""

    deadline_id: str
    effective_end: str
    warn_on: str | None = None
    provisional: bool = False
    calendar: str
    reason: str
    trace: tuple[str, ...] = ()


class DeadlineWarned(Event, frozen=True, kw_only=True):
    """The end is near."""

    deadline_id: str


class DeadlineMet(Event, frozen=True, kw_only=True):
    """What was due was done in time."""

    deadline_id: str


class DeadlineBreached(Event, frozen=True, kw_only=True):
    """The end passed undone; raises a reminder (督办), never decides the dispute."""

    deadline_id: str


class DeadlineReversed(Event, frozen=True, kw_only=True):
    """A breach did not happen after all: the answer was dated in time and read late."""

    deadline_id: str


class DeadlineCancelled(Event, frozen=True, kw_only=True):
    """The clock no longer runs: what it was about is gone."""

    deadline_id: str
    reason: str

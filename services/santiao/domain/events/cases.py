"""Events about cases: one dispute, one case (一案一档)."""

from santiao.domain.events.envelope import Event


class CaseOpened(Event, frozen=True, kw_only=True):
    """A case begins with its founding source, or with the sources that an undone link leaves (`split_from`)."""

    case_no: str
    sources: tuple[str, ...]
    dispute_type: str
    region: str
    street: str = ""
    risk: str
    split_from: str | None = None


class SourceJoined(Event, frozen=True, kw_only=True):
    """A new source belongs to this case from the start, by an accepted link."""

    source_id: str


class CaseMerged(Event, frozen=True, kw_only=True):
    """This case takes in another (`absorbed`), whose id stays as an alias. `rule` names the row of the merge table that decided."""

    absorbed: str
    absorbed_no: str
    sources: tuple[str, ...]
    clocks: tuple[str, ...] = ()
    """Deadlines that run on in the survivor."""
    rule: str


class CaseSplit(Event, frozen=True, kw_only=True):
    """Sources left this case for `into` because a link between them no longer stands. `rule` as in `CaseMerged`."""

    into: str
    sources: tuple[str, ...]
    rule: str


class BatchJoined(Event, frozen=True, kw_only=True):
    """The case became a child of a parent batch (群体): its dispute has more sources than one case may hold. `batch` is the number."""

    batch: str


class BatchLeft(Event, frozen=True, kw_only=True):
    """The case is no child of that batch any more: no link leads to the other children, or the batch became part of another."""

    batch: str


class CaseReclassified(Event, frozen=True, kw_only=True):
    """Type, region or risk of the case changed with what its sources tell."""

    dispute_type: str
    region: str
    street: str = ""
    risk: str


class CaseBlocked(Event, frozen=True, kw_only=True):
    """A gate of a live source stops every new referral of the case."""

    gates: tuple[str, ...]


class CaseUnblocked(Event, frozen=True, kw_only=True):
    """No live source meets a gate any more, or a named officer set it aside."""

    officer: str = ""
    reason: str = ""


class NoticeRaised(Event, frozen=True, kw_only=True):
    """Something a person must see: what a linked source tells, an overflow of sources, a timer that moved on. `code` with `about`."""

    code: str
    about: str = ""


class CaseClosed(Event, frozen=True, kw_only=True):
    """The case is done: outcome of `hub.outcome@1` and why it was closed."""

    outcome: str | None = None
    reason: str = ""


class CaseReopened(Event, frozen=True, kw_only=True):
    """The dispute goes on: a source lives again, or the agreement was breached."""

    reason: str


class FeedbackOwed(Event, frozen=True, kw_only=True):
    """A result is owed to a source's agency. `kind` accepted, declined, outcome, correction, deadline; `due` RFC 3339 or date."""

    source_id: str
    agency: str
    key: str
    kind: str
    about: str
    outcome: str | None = None
    due: str | None = None


class WrongLinkSeen(Event, frozen=True, kw_only=True):
    """After an undone link: who had been shown the case while it stood (disclosure ids), so that they can be told."""

    a: str
    b: str
    disclosures: tuple[str, ...]

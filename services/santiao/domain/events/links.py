"""Events about links: two sources tell of one dispute, or do not."""

from santiao.domain.events.envelope import Event


class LinkAccepted(Event, frozen=True, kw_only=True):
    """Two sources are one dispute. `by` rule or person; `score` in thousandths; `reasons` codes of `linking.yaml`."""

    a: str
    b: str
    by: str
    score: int
    reasons: tuple[str, ...]
    evidence: str = ""


class LinkProposed(Event, frozen=True, kw_only=True):
    """Two sources may be one dispute; a person decides."""

    a: str
    b: str
    score: int
    reasons: tuple[str, ...]
    evidence: str = ""


class LinkRejected(Event, frozen=True, kw_only=True):
    """A person said no. The pair stays rejected until new evidence; `evidence` is the digest of what she saw."""

    a: str
    b: str
    by: str
    reason: str = ""
    evidence: str = ""


class LinkDissolved(Event, frozen=True, kw_only=True):
    """An accepted link or a proposal was taken back: its ground is gone, or a person undid it. `was` is the state it had."""

    a: str
    b: str
    by: str
    was: str
    reason: str
    evidence: str = ""

"""What stands between two sources, and how it changed."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from santiao.domain.links.partition import Pair
from santiao.domain.links.verdict import NOTHING, Decision, Verdict
from santiao.domain.vocabulary import LinkedBy, LinkState


class Word(StrEnum):
    """What a person said of a pair. DOUBTED: she rejected it and something new agrees since; it is shown again and never links by rule."""

    NONE = ""
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    DOUBTED = "doubted"


class PairState(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What stands between two sources: the verdict of the rules, a person's word, and the state that follows.

    `state` None: nothing is shown (too little agrees, the link is held back, or both are of one case anyway). `held` says why an
    automatic link does not stand. `rejected_on` is the evidence the person saw when she rejected.
    """

    verdict: Verdict = NOTHING
    word: Word = Word.NONE
    rejected_on: str = ""
    state: LinkState | None = None
    held: str = ""

    @property
    def joins(self) -> bool:
        """True when this is an edge of the graph that cases are made from."""
        if self.word is Word.NONE:
            return self.verdict.decision is Decision.AUTO
        return self.word is Word.CONFIRMED

    @property
    def parts(self) -> bool:
        """True when the two may not come into one automatic case."""
        return self.word in {Word.REJECTED, Word.DOUBTED} or (self.word is Word.NONE and self.verdict.is_barrier)

    @property
    def is_void(self) -> bool:
        """True when nothing needs to be remembered."""
        return self.word is Word.NONE and self.verdict.decision is Decision.NONE and not self.verdict.is_barrier

    @property
    def by(self) -> LinkedBy:
        """Who stands behind the link."""
        return LinkedBy.RULE if self.word is Word.NONE else LinkedBy.PERSON


VOID = PairState()


class LinkChange(msgspec.Struct, frozen=True, gc=False):
    """One pair's change: `was` is the state it had, `after` what stands now."""

    pair: Pair
    was: LinkState | None
    after: PairState


class Changes(msgspec.Struct, frozen=True, gc=False):
    """What a step changed, each group in the order of the pairs."""

    accepted: tuple[LinkChange, ...] = ()
    dissolved: tuple[LinkChange, ...] = ()
    proposed: tuple[LinkChange, ...] = ()
    withdrawn: tuple[LinkChange, ...] = ()
    """Proposals that are no more: their ground is gone, or the two are of one case by now."""
    crowded: tuple[Pair, ...] = ()
    """Pairs that the size of a case began to hold apart, or no longer does."""

    def __bool__(self) -> bool:
        return bool(self.accepted or self.dissolved or self.proposed or self.withdrawn)


def tell_changes(changes: dict[Pair, tuple[LinkState | None, PairState]], crowded: Iterable[Pair] = ()) -> Changes:
    """Sort pairs, each with its state before and what stands now, into what happened to them."""
    groups: dict[str, list[LinkChange]] = {"accepted": [], "dissolved": [], "proposed": [], "withdrawn": []}
    for pair, (was, after) in sorted(changes.items(), key=lambda each: each[0]):
        change = LinkChange(pair, was, after)
        if was is after.state:
            continue
        if was is LinkState.ACCEPTED:
            groups["dissolved"].append(change)
        elif was is LinkState.PROPOSED and after.state is not LinkState.ACCEPTED:
            groups["withdrawn"].append(change)
        if after.state is LinkState.ACCEPTED:
            groups["accepted"].append(change)
        elif after.state is LinkState.PROPOSED:
            groups["proposed"].append(change)
    return Changes(**{name: tuple(found) for name, found in groups.items()}, crowded=tuple(sorted(crowded)))

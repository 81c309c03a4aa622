"""The linker: keeps links right while sources come, change and go.

The rule kept here: after any run of steps the automatic links are those of the sources as they stand, whatever the order in which they
came; a step touches the source's own pairs, the pairs of tokens that it made common or rare, and the connected groups these are in.
"""

from collections.abc import Callable, Iterable

import msgspec

from santiao.domain.links.comparison import compare
from santiao.domain.links.pairs import Changes, PairState, Word, tell_changes
from santiao.domain.links.partition import TOO_LARGE, Edge, Moment, Pair, pair_of, resolve
from santiao.domain.links.policy import LinkingPolicy
from santiao.domain.links.profile import Profile
from santiao.domain.links.tokens import IndexToken, Kind
from santiao.domain.links.verdict import NOTHING, Decision, Rule, TokenUse, Verdict, has_new_evidence
from santiao.domain.links.working import LinkView, WorkingSet
from santiao.domain.vocabulary import LinkState

_CERTAIN = frozenset({Kind.OWN, Kind.QUOTED, Kind.RIN, Kind.NAME, Kind.PHONE, Kind.ORG_PAIR})
"""Kinds without which no rule links; candidates found by them are never dropped."""


class Linker:
    """Links sources over a store. `working` holds what was changed, for the store's owner to write."""

    def __init__(self, view: LinkView, policy: LinkingPolicy) -> None:
        self.working = WorkingSet(view)
        self._policy = policy

    def upsert(self, source: str, profile: Profile) -> Changes:
        """A source came or changed."""
        return self._set(source, profile)

    def remove(self, source: str) -> Changes:
        """A source is gone for good (sealed off): all its links with it, a person's word included."""
        touched = _Touched()
        for other in tuple(self.working.links_of(source)):
            self._put(source, other, PairState(), touched)
        return self._set(source, None, touched)

    def confirm(self, one: str, other: str) -> Changes:
        """A person says: one dispute."""
        return self._say(one, other, Word.CONFIRMED)

    def reject(self, one: str, other: str) -> Changes:
        """A person says: not one dispute. It stands until something agrees that she did not see."""
        return self._say(one, other, Word.REJECTED)

    def undo(self, one: str, other: str) -> Changes:
        """A person takes her word back; the rules decide again."""
        return self._say(one, other, Word.NONE)

    def _say(self, one: str, other: str, word: Word) -> Changes:
        touched = _Touched()
        was = self.working.link(one, other)
        verdict = self._compare(one, other)
        said = PairState(verdict, word, verdict.evidence if word is Word.REJECTED else "", was.state, was.held)
        self._put(one, other, said, touched)
        return self._settle(touched)

    def _set(self, source: str, profile: Profile | None, touched: "_Touched | None" = None) -> Changes:
        touched = touched or _Touched()
        if profile == self.working.profile(source):
            return self._settle(touched)
        before = self.working.profile(source)
        came, left = self.working.put_profile(source, profile)
        touched.sources[source] = None
        if before is not None and profile is not None and _tells_only_its_end(before, profile):
            for other in tuple(self.working.links_of(source)):
                self._judge(source, other, touched)
        elif profile is not None:
            self._judge_all(source, touched)
        for token in came:
            # It was just within the cap and is past it now: whatever rests on it is judged again.
            if self.working.count(token.kind, token.token) == self._policy.caps.of(token.kind) + 1:
                self._judge_resting(token, touched)
        for token in left:
            if self.working.count(token.kind, token.token) == self._policy.caps.of(token.kind):
                for carrier in self._carriers(token):
                    self._judge_all(carrier, touched)
        return self._settle(touched)

    def _carriers(self, token: IndexToken) -> tuple[str, ...]:
        return self.working.carriers(token.kind, token.token, self._policy.caps.of(token.kind) + 1)

    def _judge_resting(self, token: IndexToken, touched: "_Touched") -> None:
        use = TokenUse(token.kind, token.token)
        for carrier in self._carriers(token):
            for other, state in tuple(self.working.links_of(carrier).items()):
                if use in state.verdict.rests_on:
                    self._judge(carrier, other, touched)

    def _judge_all(self, source: str, touched: "_Touched") -> None:
        """Judge a source with all that might be the same dispute, and with all it had to do with so far."""
        others = dict.fromkeys((*self.candidates(source), *self.working.links_of(source)))
        for other in others:
            self._judge(source, other, touched)

    def candidates(self, source: str) -> tuple[str, ...]:
        """Sources that share a token with this one, those that could be linked by rule first, bounded by the policy."""
        profile = self.working.profile(source)
        if profile is None:
            return ()
        certain: dict[str, None] = {}
        likely: dict[str, int] = {}
        for probe in self.working.tokens.probes_of(profile):
            limit = self._policy.caps.block(probe.kind)
            found = self.working.carriers(probe.kind, probe.token, limit + 1)
            if len(found) > limit:
                continue
            for other in found:
                if other == source:
                    continue
                if probe.kind in _CERTAIN:
                    certain[other] = None
                else:
                    likely[other] = likely.get(other, 0) + 1
        room = max(0, self._policy.candidate_limit - len(certain))
        more = sorted((each for each in likely if each not in certain), key=lambda each: (-likely[each], each))[:room]
        return (*certain, *more)

    def _compare(self, one: str, other: str) -> Verdict:
        left, right = self.working.profile(one), self.working.profile(other)
        return NOTHING if left is None or right is None else compare(left, right, self.working.count, self._policy)

    def _judge(self, one: str, other: str, touched: "_Touched") -> None:
        pair = pair_of(one, other)
        if pair in touched.judged:
            return
        touched.judged.add(pair)
        was = self.working.link(one, other)
        verdict = self._compare(one, other)
        if verdict == was.verdict:
            return
        word = was.word
        if word is Word.REJECTED and has_new_evidence(was.rejected_on, verdict.evidence):
            word = Word.DOUBTED
        self._put(one, other, PairState(verdict, word, was.rejected_on, was.state, was.held), touched)

    def _put(self, one: str, other: str, state: PairState, touched: "_Touched") -> None:
        was = self.working.link(one, other)
        pair = pair_of(one, other)
        touched.before.setdefault(pair, was.state)
        if was.joins or state.joins or was.parts or state.parts:
            touched.sources[one] = touched.sources[other] = None
        touched.pairs[pair] = None
        # A void state is forgotten, and with it that the size of a case held the two apart.
        touched.note_held(pair, was.held, "" if state.is_void else state.held)
        if was.state is LinkState.ACCEPTED and not state.joins:
            # Not standing any more, whatever follows: who is of one case must not be read off it.
            state = msgspec.structs.replace(state, state=None)
            touched.is_reshaped = True
        self.working.put_link(one, other, state)

    def _settle(self, touched: "_Touched") -> Changes:
        """Resolve the connected groups that were touched, then show or withdraw proposals."""
        groups = list(self._groups(touched.sources))
        for group in groups:
            self._resolve(group, touched)
        if touched.is_reshaped:
            # Who is of one case with whom has changed, and with it which proposals are still a question.
            for source in {source for group in groups for source in group}:
                for other, state in self.working.links_of(source).items():
                    if not state.joins:
                        touched.pairs[pair_of(source, other)] = None
        cases: dict[str, frozenset[str]] = {}
        for pair in touched.pairs:
            state = self.working.link(*pair)
            if not state.joins:
                is_one_case = pair[1] in self._case_of(pair[0], cases)
                self._show(pair, _shown(state, is_one_case=is_one_case), "", touched)
        changes = {pair: (was, self.working.link(*pair)) for pair, was in touched.before.items()}
        return tell_changes(changes, touched.crowded)

    def _case_of(self, source: str, cases: dict[str, frozenset[str]]) -> frozenset[str]:
        """The sources joined to this one by links that stand."""
        if source not in cases:
            case = frozenset(self._reach(source, lambda state: state.state is LinkState.ACCEPTED))
            cases.update(dict.fromkeys(case, case))
        return cases[source]

    def _reach(self, source: str, leads: Callable[[PairState], bool]) -> set[str]:
        reached, waiting = {source}, [source]
        while waiting:
            for other, state in self.working.links_of(waiting.pop()).items():
                if other not in reached and leads(state):
                    reached.add(other)
                    waiting.append(other)
        return reached

    def _groups(self, seeds: Iterable[str]) -> Iterable[set[str]]:
        """The groups connected by links that may stand, one for each seed that no other group holds."""
        seen: set[str] = set()
        for seed in seeds:
            if seed not in seen:
                group = self._reach(seed, lambda state: state.joins)
                seen |= group
                yield group

    def _resolve(self, group: set[str], touched: "_Touched") -> None:
        if len(group) == 1:
            return
        edges, barriers = [], set()
        for source in group:
            for other, state in self.working.links_of(source).items():
                if source < other and other in group:
                    if state.joins:
                        edges.append(Edge((source, other), state.verdict.strength, state.word is Word.CONFIRMED))
                    if state.parts:
                        barriers.add((source, other))
        moments = {source: self._moment(source) for source in group}
        resolution = resolve(edges, barriers, moments, self._policy.component_limit)
        for edge in edges:
            held = resolution.held.get(edge.pair, "")
            self._show(edge.pair, _standing(self.working.link(*edge.pair), held), held, touched)

    def _moment(self, source: str) -> Moment:
        profile = self.working.profile(source)
        if profile is None:
            return Moment()
        until = profile.settled + self._policy.gap_after(profile.type) if profile.settled else 0
        return Moment(profile.reported, until)

    def _show(self, pair: Pair, state: LinkState | None, held: str, touched: "_Touched") -> None:
        was = self.working.link(*pair)
        if was.state is state and was.held == held:
            return
        touched.before.setdefault(pair, was.state)
        touched.note_held(pair, was.held, held)
        touched.is_reshaped = touched.is_reshaped or LinkState.ACCEPTED in {was.state, state}
        self.working.put_link(*pair, msgspec.structs.replace(was, state=state, held=held))


def _tells_only_its_end(before: Profile, after: Profile) -> bool:
    """True when all that came is the day of an agreement: that forbids links and makes none, so nobody new has to be looked for."""
    return before.settled == 0 and msgspec.structs.replace(before, settled=after.settled) == after


class _Touched:
    """What one step has to look at again."""

    def __init__(self) -> None:
        self.before: dict[Pair, LinkState | None] = {}
        self.pairs: dict[Pair, None] = {}
        self.sources: dict[str, None] = {}
        self.judged: set[Pair] = set()
        self.crowded: set[Pair] = set()
        self.is_reshaped = False

    def note_held(self, pair: Pair, was: str, held: str) -> None:
        """Remember a pair that the size of a case began to hold apart, or no longer does."""
        if (was == TOO_LARGE) != (held == TOO_LARGE):
            self.crowded.add(pair)


def _standing(state: PairState, held: str) -> LinkState | None:
    """The state of a link that may stand: accepted, or held back and, where a person might overrule it, shown to her."""
    if not held:
        return LinkState.ACCEPTED
    is_shown = held == TOO_LARGE or Rule.EXPLICIT_REFERENCE in state.verdict.reasons
    return LinkState.PROPOSED if is_shown else None


def _shown(state: PairState, *, is_one_case: bool) -> LinkState | None:
    """The state of a pair that is no link: shown to a person where enough agrees and the two are not of one case anyway."""
    if state.word is Word.REJECTED:
        return LinkState.REJECTED
    if is_one_case:
        return None
    return LinkState.PROPOSED if state.verdict.decision is not Decision.NONE else None

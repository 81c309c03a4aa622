"""Invented histories of a home, searched for one after which something does not hold; crashes come at any statement.

Every act is done to the real store. After each the whole home is looked at: totals, log, files, views, timers, outbox, keys.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import mkdtemp

import hypothesis
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from santiao.bootstrap import Hub
from santiao.domain.messages import Receipt, ReceiptState
from santiao.store import intake
from tests.faults import acts
from tests.faults.crashes import OPEN, Crasher, settings_of
from tests.faults.invariants import assert_all_agrees
from tests.seeds import choose_seed

EXAMPLES, STEPS = 16, 24
PHASES = (Phase.generate,)
"""Without shrinking, which takes minutes: the seed tells the same histories again."""
ITEM = st.one_of(st.integers(0, acts.ITEMS - 1), st.integers(0, acts.ITEMS * acts.VARIANTS - 1))
FEW = st.integers(0, 1 << 12)
CRASHING = st.one_of(
    st.tuples(st.just("receive"), st.lists(ITEM, min_size=1, max_size=5)),
    st.tuples(st.just("tick"), st.tuples(st.integers(1, 90))),
    st.tuples(st.just("project"), st.just(())),
    st.tuples(st.just("rebuild"), st.lists(FEW, min_size=1, max_size=2)),
    st.tuples(st.just("erase"), st.tuples(ITEM, FEW)),
    st.tuples(st.just(OPEN), st.just(())),
)


class Histories(RuleBasedStateMachine):
    """A home, and what it was told."""

    crasher: Crasher

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(mkdtemp(prefix="santiao-history-"))
        self.hub = Hub(settings_of(self.home))
        self.counted = 0
        self.acknowledged: list[int] = []
        self.unheard: list[int] = []
        """What was sent when the home crashed, and whether it had been taken."""
        self.was_taken = False
        self.serial = 0

    def teardown(self) -> None:
        self.hub.close()
        shutil.rmtree(self.home)

    # --- what may happen -----------------------------------------------------------------------------------------------

    @rule(numbers=st.lists(ITEM, min_size=1, max_size=6))
    def append(self, numbers: list[int]) -> None:
        self._receive(numbers)

    @rule(first=st.integers(0, acts.ITEMS - 1), order=st.permutations(range(5)), together=st.booleans())
    def reorder(self, first: int, order: Sequence[int], together: bool) -> None:
        numbers = [(first + place) % acts.ITEMS for place in order]
        for batch in [numbers] if together else [[number] for number in numbers]:
            self._receive(batch)

    @precondition(lambda self: self.acknowledged)
    @rule(places=st.lists(FEW, min_size=1, max_size=4))
    def repeat(self, places: list[int]) -> None:
        before = self._events()
        numbers = [self.acknowledged[place % len(self.acknowledged)] for place in places]
        known = [number for number in numbers if acts.item_of(number).record is not None]
        assert {receipt.state for receipt in self._receive(known)} <= {ReceiptState.REPEATED}
        assert self._events() == before

    @precondition(lambda self: self.unheard)
    @rule()
    def send_again(self) -> None:
        """Who was told nothing sends once more: what was taken before the crash is not taken again."""
        numbers, self.unheard = self.unheard, []
        before, was_taken = self._events(), self.was_taken
        states = {
            number: receipt.state
            for number, receipt in zip(numbers, self._receive(numbers), strict=True)
            if receipt.state is not ReceiptState.REFUSED
        }
        if was_taken:
            assert set(states.values()) <= {ReceiptState.REPEATED}
            assert self._events() == before

    @rule(days=st.integers(0, 120))
    def tick(self, days: int) -> None:
        acts.tick(self.hub, [days])
        due, now = self.hub.timers.next_due(), self.hub.engine.clock.now()
        assert due is None or due > now

    @rule()
    def project(self) -> None:
        acts.project(self.hub, [])

    @rule(numbers=st.lists(FEW, min_size=1, max_size=3))
    def rebuild(self, numbers: list[int]) -> None:
        acts.rebuild(self.hub, numbers)

    @rule(number=ITEM, slot=FEW)
    def erase(self, number: int, slot: int) -> None:
        acts.erase(self.hub, [number, slot])

    @rule(which=FEW, step=FEW)
    def work(self, which: int, step: int) -> None:
        self.serial += 1
        acts.work(self.hub, [which, step, self.serial])

    @rule(first=FEW, second=FEW, kind=FEW)
    def link(self, first: int, second: int, kind: int) -> None:
        self.serial += 1
        acts.link(self.hub, [first, second, kind, self.serial])

    @rule(crashing=CRASHING, statement=st.integers(1, 160))
    def crash(self, crashing: tuple[str, Sequence[int]], statement: int) -> None:
        act, numbers = crashing
        self.hub.close()
        self.crasher.crash(self.home, act, numbers, statement)
        self.hub = Hub(settings_of(self.home))
        if act == "receive":
            received = self._received()
            assert received in (self.counted, self.counted + len(numbers)), "all of a batch, or nothing"
            self.was_taken = received > self.counted
            self.counted, self.unheard = received, list(numbers)

    # --- what must hold ------------------------------------------------------------------------------------------------

    @invariant()
    def all_agrees(self) -> None:
        assert self._received() == self.counted
        assert_all_agrees(self.hub)

    def _receive(self, numbers: list[int]) -> list[Receipt]:
        receipts = acts.receive(self.hub, numbers)
        self.counted += len(numbers)
        self.acknowledged += numbers
        return receipts

    def _received(self) -> int:
        with self.hub.database.readable() as connection:
            counts = intake.read_counts(connection)
        return sum(value for name, value in counts.items() if name.endswith("|received"))

    def _events(self) -> int:
        with self.hub.database.readable() as connection:
            return sum(self.hub.engine.log.shards(connection).values())


@pytest.fixture(scope="module")
def crasher() -> Iterator[Crasher]:
    process = Crasher()
    yield process
    process.close()


def test_whatever_happens_in_whatever_order_a_home_agrees_with_itself(
    crasher: Crasher, record_property: Callable[[str, object], None]
) -> None:
    Histories.crasher = crasher
    run_state_machine_as_test(
        hypothesis.seed(choose_seed(record_property))(Histories),
        settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, phases=PHASES, database=None),
    )

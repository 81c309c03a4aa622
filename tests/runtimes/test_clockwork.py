"""A timer never overtakes an answer that came before it was due."""

import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from santiao.domain import commands
from santiao.domain.messages import Batch, Receipt
from santiao.hub.receive import Receiver
from santiao.runtimes.embedded.clockwork import Clockwork
from santiao.runtimes.intake import Intake
from tests.stories.telling import Story, at

POLICE = "20260302340302000187"


class Feed:
    """A polled feed that has read when it is told to."""

    def __init__(self) -> None:
        self.has_read = False

    def has_read_since(self, moment: float) -> bool:
        return self.has_read


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """A hub with a referral out, on which answer timers run."""
    told = Story(tmp_path / "home")
    told.report("police-110", POLICE, on="2026-03-02", stage="reported")
    case = told.case_of("police-110", POLICE)
    told.act(commands.RequestConsent(case=case.id))
    for side in ("applicant", "respondent"):
        told.act(commands.RecordConsent(case=case.id, side=side, given=True))
    told.act(commands.SendReferral(case=case.id))
    return told


def clockwork_of(story: Story, *feeds: Feed, now: datetime) -> Clockwork:
    return Clockwork(story.hub.timers, story.hub.intake, feeds, lambda: now)


def timed_out(story: Story) -> int:
    return story.happened().count("ReferralTimedOut")


def test_nothing_fires_before_it_is_due(story: Story) -> None:
    due = story.hub.timers.next_due()
    assert due is not None
    clockwork = clockwork_of(story, now=due - timedelta(milliseconds=1))
    before = story.happened()
    assert clockwork.turn() is False
    assert story.happened() == before


def test_a_timer_waits_until_every_feed_was_read_since_it_was_due(story: Story) -> None:
    feeds = [Feed(), Feed()]
    clockwork = clockwork_of(story, *feeds, now=at("2026-06-01"))
    before = story.happened()
    for feed in feeds:
        clockwork.turn()
        assert story.happened() == before
        feed.has_read = True
    while clockwork.turn():
        pass
    assert story.happened() != before


def test_a_timer_waits_for_a_batch_that_is_on_its_way(story: Story) -> None:
    inside, go_on = threading.Event(), threading.Event()

    class SlowReceiver:
        def receive(self, batch: Batch) -> list[Receipt]:
            inside.set()
            go_on.wait()
            return []

    intake = Intake(story.hub.engine, cast("Receiver", SlowReceiver()), story.hub.connectors)
    clockwork = Clockwork(story.hub.timers, intake, (), lambda: at("2026-06-01"))
    taking = threading.Thread(target=intake.take, args=(Batch(()),))
    taking.start()
    inside.wait()
    before = story.happened()
    for _ in range(3):
        clockwork.turn()
    assert story.happened() == before
    go_on.set()
    taking.join()
    while clockwork.turn():
        pass
    assert story.happened() != before


def test_what_became_due_during_the_wait_fires_in_the_next_pass(story: Story) -> None:
    due = story.hub.timers.next_due()
    assert due is not None
    feed, moment = Feed(), [due]
    clockwork = Clockwork(story.hub.timers, story.hub.intake, (feed,), lambda: moment[0])
    clockwork.turn()
    moment[0] = at("2027-06-01")
    feed.has_read = True
    clockwork.turn()
    remaining = story.hub.timers.next_due()
    assert remaining is None or remaining > due
    assert timed_out(story) <= 1

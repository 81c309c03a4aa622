"""Feedback leaves once, in order, and nothing of it is dropped, whoever fails."""

import random
import threading
from datetime import timedelta

import pytest

from santiao.delivery.outbox import Outbox
from santiao.delivery.reconciliation import reconcile
from santiao.domain import commands
from tests.delivery.debts import PAUSES, POLICE, Door, HandClock, courier_of, owe, states
from tests.stories.telling import Story

MINUTE = timedelta(minutes=1)


@pytest.fixture
def indebted(story: Story) -> Story:
    """A hub with one case and some events, and nothing owed but what the test owes."""
    for number in range(6):
        story.report("police-110", f"2026030234030200{number:04d}", on="2026-03-02")
    with story.hub.database.writable() as connection:
        connection.exec_driver_sql("DELETE FROM outbox")
    return story


def test_what_a_case_owes_is_told_in_the_agencys_own_columns(story: Story) -> None:
    story.report("police-110", POLICE, on="2026-03-02", stage="reported")
    case = story.case_of("police-110", POLICE)
    story.act(commands.RequestConsent(case=case.id))
    for side in ("applicant", "respondent"):
        story.act(commands.RecordConsent(case=case.id, side=side, given=True))
    story.act(commands.SendReferral(case=case.id))
    assert story.hub.courier.deliver_due().delivered == 1
    (path,) = (story.hub.feedback_folder / "police-110").glob("*.csv")
    assert path.with_name(path.name + ".ok").exists()
    header, row = path.read_bytes().decode("gb18030").splitlines()
    told = dict(zip(header.split(","), row.split(","), strict=True))
    assert told["JJDBH"] == POLICE
    assert told["TJZT"] == "1"
    assert told["TJDW"]
    assert "张三" not in path.read_bytes().decode("gb18030")
    assert story.hub.courier.deliver_due().all == 0


def test_rows_of_a_case_leave_in_the_order_in_which_they_were_owed(indebted: Story) -> None:
    owe(indebted, ["a", "b", "c", "d"])
    clock, door = HandClock(), Door()
    courier = courier_of(indebted, clock, door, rows=2)
    door.fails_with = "http.unreachable"
    courier.deliver_due()
    door.fails_with = ""
    assert courier.deliver_due().all == 0, "c and d wait behind a and b"
    clock.pass_by(PAUSES[0] * 1.2)
    courier.deliver_due()
    courier.deliver_due()
    assert [told for parcel in door.parcels for told in _keys(parcel.data)] == ["a", "b", "c", "d"]


def test_a_failing_agency_keeps_its_rows_until_the_declared_attempts_are_spent(indebted: Story) -> None:
    owe(indebted, ["a"])
    clock, door = HandClock(), Door()
    courier = courier_of(indebted, clock, door)
    door.fails_with = "feedback.folder"
    outcomes = []
    for pause in (0.0, *PAUSES):
        clock.pass_by(pause * 1.2)
        outcomes.append(courier.deliver_due())
        assert courier.deliver_due().all == 0, "not before the pause is over"
    assert [each.put_off for each in outcomes] == [1, 1, 0]
    assert outcomes[-1].buried == 1
    assert states(indebted) == {"a": ("dead", "feedback.folder")}
    clock.pass_by(10_000)
    assert courier.deliver_due().all == 0


def test_a_dead_row_is_replayed_and_no_other_is_touched(indebted: Story) -> None:
    first, second, _ = owe(indebted, ["a", "b", "c"], cases=3)
    clock, door = HandClock(), Door()
    courier = courier_of(indebted, clock, door)
    claimed = courier.outbox.claim("police-110", clock(), lease=MINUTE, rows=10)
    courier.outbox.bury(claimed[:2], "feedback.folder")
    courier.outbox.settle(claimed[2:], clock())
    assert courier.outbox.revive([first]) == 1
    assert courier.outbox.revive([first]) == 0
    assert courier.deliver_due().delivered == 1
    assert states(indebted) == {"a": ("delivered", None), "b": ("dead", "feedback.folder"), "c": ("delivered", None)}
    assert courier.outbox.revive([second]) == 1


def test_a_batch_tried_again_after_a_crash_is_the_same_batch(indebted: Story) -> None:
    owe(indebted, ["a", "b"])
    clock = HandClock()
    outbox = Outbox(indebted.hub.database)
    before = outbox.claim("police-110", clock(), lease=MINUTE, rows=1)
    assert outbox.claim("police-110", clock(), lease=MINUTE, rows=10) == [], "b waits behind a"
    clock.pass_by(61)
    again = outbox.claim("police-110", clock(), lease=MINUTE, rows=10)
    assert [each.owed.key for each in again] == ["a", "b"]
    assert again[0].batch == before[0].batch
    assert again[1].batch != again[0].batch


def test_who_lost_the_lease_settles_nothing(indebted: Story) -> None:
    owe(indebted, ["a"])
    clock = HandClock()
    outbox = Outbox(indebted.hub.database)
    slow = outbox.claim("police-110", clock(), lease=MINUTE, rows=10)
    clock.pass_by(61)
    quick = outbox.claim("police-110", clock(), lease=MINUTE, rows=10)
    outbox.put_off(slow, clock(), "too late to say")
    outbox.bury(slow, "too late to say")
    assert outbox.settle(slow, clock()) == 0
    assert outbox.settle(quick, clock()) == 1
    assert states(indebted) == {"a": ("delivered", None)}


def test_couriers_that_race_deliver_every_row_once(indebted: Story) -> None:
    keys = [f"k{number}" for number in range(12)]
    owe(indebted, keys, cases=12)
    clock = HandClock()
    doors = [Door() for _ in range(4)]
    chance = random.Random(5)
    pauses = [chance.random() / 50 for _ in doors]

    def deliver(door: Door, pause: float) -> None:
        courier = courier_of(indebted, clock, door, rows=3)
        threading.Event().wait(pause)
        while courier.deliver_due().all:
            pass

    threads = [threading.Thread(target=deliver, args=pair) for pair in zip(doors, pauses, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [key for door in doors for parcel in door.parcels for key in _keys(parcel.data)]
    assert sorted(told) == sorted(keys)
    (account,) = reconcile(indebted.hub.database)
    assert (account.owed, account.delivered, account.waiting, account.dead) == (12, 12, 0, 0)


def test_what_cannot_be_written_is_a_dead_letter_in_the_end_and_others_leave(indebted: Story) -> None:
    owe(indebted, ["a"], agency="unheard-of")
    clock, door = HandClock(), Door()
    assert courier_of(indebted, clock, door).deliver_due().delivered == 1
    assert door.parcels[0].form == "json"
    assert b'"key":"a"' in door.parcels[0].data


def _keys(data: bytes) -> list[str]:
    """The police's keys in a parcel, or those of canonical JSON."""
    return [line.split(",")[0] for line in data.decode("gb18030").splitlines()[1:]]

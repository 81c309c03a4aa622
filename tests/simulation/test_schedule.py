"""Deliveries come on the agencies' days, and deadlines count worked days."""

from datetime import date, datetime, timedelta

from santiao.simulation.chance import Chance
from santiao.simulation.schedule import Schedule, drop_after
from santiao.simulation.settings import SimulationSettings

SETTINGS = SimulationSettings(disputes=10)


def at(text: str) -> datetime:
    """A time of the sources, which send no zone."""
    return datetime.fromisoformat(text)


def schedule() -> Schedule:
    return Schedule(SETTINGS, Chance(1))


def test_a_plan_time_counts_seven_worked_days() -> None:
    assert schedule().plan_time(at("2025-11-06 09:00"))[0] == at("2025-11-17 18:00")


def test_a_make_up_saturday_is_counted() -> None:
    plan, made_up = schedule().plan_time(at("2026-02-10 09:00"))
    # 11, 12, 13 and Saturday 14 February are worked, then nothing before the 24th.
    assert (plan, made_up) == (at("2026-02-26 18:00"), True)
    assert schedule().plan_time(at("2025-11-06 09:00"))[1] is False


def test_holidays_and_weekends_are_not_worked() -> None:
    days = schedule()
    assert not days.is_worked(date(2026, 1, 1))
    assert days.is_worked(date(2026, 1, 4))
    assert not days.is_worked(date(2026, 1, 10))


def test_petitions_drop_on_tuesdays_and_fridays_and_ledgers_on_fridays() -> None:
    days = schedule()
    assert {drop.weekday() for drop in days.petition_drops} == {1, 4}
    assert {ledger.weekday() for ledger in days.ledgers} == {4}
    assert len(days.ledgers) == SETTINGS.ledgers
    assert days.police_days == sorted(days.police_days)
    assert days.court_polls[-1].date() == SETTINGS.period_to - timedelta(days=1)


def test_what_falls_into_the_silence_comes_after_it() -> None:
    days = schedule()
    caught_up = days.after_silence(at("2026-02-18 12:00"))
    assert caught_up is not None
    assert caught_up.date() > days.silent[1]
    assert days.after_silence(at("2026-02-23 12:00")) is None


def test_the_next_drop_is_the_first_that_is_not_before() -> None:
    drops = [at("2026-01-01 00:00"), at("2026-01-05 00:00")]
    assert drop_after(drops, at("2026-01-01 00:00")) == 0
    assert drop_after(drops, at("2026-01-02 00:00")) == 1
    assert drop_after(drops, at("2026-01-06 00:00")) is None

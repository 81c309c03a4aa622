"""When each agency delivers: snapshot days, polls, file drops, ledgers; and which days are worked."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import msgspec

from santiao.simulation.chance import Chance
from santiao.simulation.city import read_data
from santiao.simulation.settings import SimulationSettings

TUESDAY, FRIDAY = 1, 4


class Holidays(msgspec.Struct, frozen=True):
    days_off: list[tuple[date, date]]
    worked: list[date]
    silent: tuple[date, date]


class Schedule:
    """The delivery times of one city. All times are Asia/Shanghai without zone, as the sources write them."""

    def __init__(self, settings: SimulationSettings, chance: Chance) -> None:
        first, last = settings.period_from, settings.period_to
        days = (last - first).days
        holidays = msgspec.convert(read_data("wording", "holidays.yaml"), Holidays)
        self._off = {
            start + timedelta(days=n) for start, end in holidays.days_off for n in range((end - start).days + 1)
        }
        self._worked = set(holidays.worked)
        self.silent = holidays.silent
        self.police_days = _spread(first, days, settings.police_days, chance, time(23, 0))
        self.court_polls = _spread(first, days, settings.court_polls, chance, time(2, 1))
        self.petition_drops = [
            datetime.combine(day, time(18, 30))
            for day in _days(first - timedelta(days=300), last + timedelta(days=3))
            if day.weekday() in (TUESDAY, FRIDAY)
        ]
        fridays = [day for day in _days(first, last) if day.weekday() == FRIDAY]
        self.ledgers = [datetime.combine(day, time(17, 20)) for day in fridays[-settings.ledgers :]]
        end = datetime.combine(last, time(0))
        self.latest: dict[str, datetime] = {
            "police-110": self.police_days[-1] - timedelta(hours=6),
            "court": self.court_polls[-1] - timedelta(hours=6),
            "petitions": end,
            "human-resources": self.ledgers[-1] - timedelta(days=1),
            "hotline-12345": end,
            "peoples-mediation": end,
        }
        """The last moment at which something reported still reaches the hub."""

    def is_worked(self, day: date) -> bool:
        return day in self._worked or (day.weekday() < 5 and day not in self._off)

    def plan_time(self, created: datetime, days: int = 7) -> tuple[datetime, bool]:
        """Return 18:00 after so many working days, and whether a make-up weekend day was counted."""
        day, made_up = created.date(), False
        while days:
            day += timedelta(days=1)
            if self.is_worked(day):
                days -= 1
                made_up = made_up or day in self._worked
        return datetime.combine(day, time(18, 0)), made_up

    def after_silence(self, at: datetime) -> datetime | None:
        """Return when something that falls into the silent days is caught up, None outside them."""
        first, last = self.silent
        if first <= at.date() <= last:
            return (
                datetime.combine(last + timedelta(days=1), time(8, 30)) + (at - datetime.combine(first, time(0))) / 40
            )
        return None


def drop_after(times: list[datetime], at: datetime) -> int | None:
    """Return the index of the first delivery at or after that moment, None when there is none."""
    index = bisect_left(times, at)
    return index if index < len(times) else None


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _spread(first: date, days: int, count: int, chance: Chance, at: time) -> list[datetime]:
    """Spread `count` days over the period, each a little off, the last one the period's last day."""
    step = days / count
    marks = [round(step * (n + 1) + (chance.draw() - 0.5) * step * 0.4) for n in range(count - 1)]
    return [datetime.combine(first + timedelta(days=mark), at) for mark in sorted({*marks, days - 1})]

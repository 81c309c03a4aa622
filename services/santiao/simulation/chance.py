"""Chance from one seed: every draw of the simulator comes from here, so that a seed gives a city."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Lottery(Generic[T]):
    """Values with weights, drawn from often."""

    __slots__ = ("_marks", "_total", "_values")

    def __init__(self, tickets: Mapping[T, float]) -> None:
        self._values = list(tickets)
        self._marks = list(accumulate(tickets.values()))
        self._total = self._marks[-1]

    def at(self, share: float) -> T:
        """Return the value at a share (from 0 to below 1) of all tickets."""
        return self._values[bisect_right(self._marks, share * self._total)]


class Chance:
    """Draws. Works on `Random.random` alone, which is fast and stable from one Python to the next."""

    __slots__ = ("draw",)

    def __init__(self, *seed: object) -> None:
        # A string seed is hashed by SHA-512 within `random`, the same on every machine.
        self.draw = Random("/".join(map(str, seed))).random  # noqa: S311 (a simulation, not a secret)

    def hits(self, rate: float) -> bool:
        return self.draw() < rate

    def below(self, bound: int) -> int:
        return int(self.draw() * bound)

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self.draw() * (high - low + 1))

    def pick(self, values: Sequence[T]) -> T:
        return values[int(self.draw() * len(values))]

    def sample(self, values: Sequence[T], count: int) -> list[T]:
        """Return `count` different values (all of them if there are fewer), in chance order."""
        pool = list(values)
        return [pool.pop(self.below(len(pool))) for _ in range(min(count, len(pool)))]

    def weighted(self, values: Sequence[T], weights: Sequence[float]) -> T:
        mark = self.draw() * sum(weights)
        for value, weight in zip(values, weights, strict=True):
            mark -= weight
            if mark < 0:
                return value
        return values[-1]

    def win(self, lottery: Lottery[T]) -> T:
        return lottery.at(self.draw())

    def shuffled(self, values: Sequence[T]) -> list[T]:
        return self.sample(values, len(values))

    def hex(self, digits: int) -> str:
        return "".join(format(self.below(65536), "04x") for _ in range((digits + 3) // 4))[:digits]

    def digits(self, count: int) -> str:
        return str(self.below(10**count)).zfill(count)

    def moment(self, day: date, first_hour: int, last_hour: int) -> datetime:
        """Return a second of that day from `first_hour`:00 to before `last_hour`:00."""
        seconds = self.between(first_hour * 3600, last_hour * 3600 - 1)
        return datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)  # noqa: DTZ001 (sources send no zone)

"""What a figure is: a number beside what is wanted of it and, for a speed, beside a baseline of the same run."""

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One number. `wanted` None where nothing is asked; `met` then says nothing either. `baseline` is in the same unit.

    `per_cpu` is a speed by this process's CPU seconds instead of the wall's: what is left of it when others use the machine too.
    """

    value: float
    unit: str
    wanted: float | None
    met: bool | None
    baseline: float | None = None
    baseline_is: str = ""
    per_cpu: float | None = None


class Beside(msgspec.Struct, frozen=True):
    """What stands beside a figure: a baseline of the same run and unit."""

    value: float
    what: str


def at_least(
    value: float, wanted: float, unit: str, beside: Beside | None = None, *, per_cpu: float | None = None
) -> Figure:
    """A figure that should be this large or larger."""
    return _figure(value, unit, wanted, beside, per_cpu, is_met=value >= wanted)


def at_most(value: float, wanted: float, unit: str, beside: Beside | None = None) -> Figure:
    """A figure that should be this small or smaller."""
    return _figure(value, unit, wanted, beside, None, is_met=value <= wanted)


def told(value: float, unit: str, beside: Beside | None = None, *, per_cpu: float | None = None) -> Figure:
    """A figure of which nothing is asked."""
    return _figure(value, unit, None, beside, per_cpu, is_met=None)


def _figure(
    value: float, unit: str, wanted: float | None, beside: Beside | None, per_cpu: float | None, *, is_met: bool | None
) -> Figure:
    return Figure(
        value=rounded(value),
        unit=unit,
        wanted=wanted,
        met=is_met,
        baseline=None if beside is None else rounded(beside.value),
        baseline_is="" if beside is None else beside.what,
        per_cpu=None if per_cpu is None else rounded(per_cpu),
    )


def rounded(value: float) -> float:
    """Digits that mean something: whole numbers when large, thousandths when small."""
    return round(value) if abs(value) >= 1000 else round(value, 1) if abs(value) >= 100 else round(value, 3)


class Rated(msgspec.Struct, frozen=True, kw_only=True):
    """So many right of so many; `rate` 1 of nothing."""

    right: int
    of: int
    rate: float
    wanted: float | None
    met: bool | None


def rate(right: int, of: int, wanted: float | None = None) -> Rated:
    """A share beside what is wanted of it."""
    share = right / of if of else 1.0
    return Rated(
        right=right, of=of, rate=round(share, 4), wanted=wanted, met=None if wanted is None else share >= wanted
    )

"""What a figure is: a number beside what is wanted of it and, for a speed, beside a baseline of the same run."""

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number. `wanted` None where nothing is asked; `met` then says nothing either. `baseline` is in the same unit."""

    value: float
    unit: str
    wanted: float | None = None
    met: bool | None = None
    baseline: float | None = None
    baseline_is: str = ""


def at_least(value: float, wanted: float, unit: str, *, baseline: float | None = None, baseline_is: str = "") -> Figure:
    """A figure that should be this large or larger."""
    return Figure(
        value=rounded(value),
        unit=unit,
        wanted=wanted,
        met=value >= wanted,
        baseline=None if baseline is None else rounded(baseline),
        baseline_is=baseline_is,
    )


def at_most(value: float, wanted: float, unit: str, *, baseline: float | None = None, baseline_is: str = "") -> Figure:
    """A figure that should be this small or smaller."""
    return Figure(
        value=rounded(value),
        unit=unit,
        wanted=wanted,
        met=value <= wanted,
        baseline=None if baseline is None else rounded(baseline),
        baseline_is=baseline_is,
    )


def told(value: float, unit: str, *, baseline: float | None = None, baseline_is: str = "") -> Figure:
    """A figure of which nothing is asked."""
    shown = None if baseline is None else rounded(baseline)
    return Figure(value=rounded(value), unit=unit, baseline=shown, baseline_is=baseline_is)


def rounded(value: float) -> float:
    """Digits that mean something: whole numbers when large, thousandths when small."""
    return round(value) if abs(value) >= 1000 else round(value, 1) if abs(value) >= 100 else round(value, 3)


class Rated(msgspec.Struct, frozen=True, kw_only=True):
    """So many right of so many; `rate` 1 of nothing."""

    right: int
    of: int
    rate: float
    wanted: float | None = None
    met: bool | None = None


def rate(right: int, of: int, wanted: float | None = None) -> Rated:
    """A share beside what is wanted of it."""
    share = right / of if of else 1.0
    return Rated(
        right=right, of=of, rate=round(share, 4), wanted=wanted, met=None if wanted is None else share >= wanted
    )

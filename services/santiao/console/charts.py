"""Pictures of counts as numbers for inline SVG: heights of columns, lengths of bars, marks of an axis. No library, no script.

The rule kept here: what is not told (too few to tell) is drawn as nothing and said in words, never as a guess.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 960, 240, 40, 26, 12
Count = int | None


class Column(msgspec.Struct, frozen=True):
    """One stretch of time: a column for the first measure, a point for the second. `label` stands below where there is room."""

    label: str
    title: str
    first: Count
    second: Count
    x: float
    width: float
    y: float
    height: float
    point_x: float
    point_y: float
    is_labelled: bool


class Columns(msgspec.Struct, frozen=True):
    """A picture over time. `marks` are (height, number) of the axis; `line` the second measure's path."""

    columns: tuple[Column, ...]
    marks: tuple[tuple[float, int], ...]
    line: str
    floor: float


class Bar(msgspec.Struct, frozen=True):
    """One line of a list: its code, two counts and their lengths in hundredths."""

    code: str
    first: Count
    second: Count
    first_length: float
    second_length: float


def draw_columns(first_day: date, last_day: date, counts: dict[str, tuple[Count, Count]]) -> Columns:
    """Columns by day; by week where there are more than two months of them, by month where there is more than a year."""
    stretches = _stretches(first_day, last_day)
    sums = [_sum(counts, start, end) for start, end in stretches]
    top = nice_top(max([number or 0 for pair in sums for number in pair], default=0))
    room = (WIDTH - LEFT) / max(1, len(stretches))
    floor = HEIGHT - BOTTOM
    every = -(-len(stretches) // 12)
    columns = []
    for place, ((start, end), (first, second)) in enumerate(zip(stretches, sums, strict=True)):
        height = (floor - TOP) * (first or 0) / top
        columns.append(
            Column(
                label=f"{start:%m-%d}",
                title=f"{start}" if start == end else f"{start} – {end}",
                first=first,
                second=second,
                x=round(LEFT + place * room + room * 0.16, 2),
                width=round(room * 0.68, 2),
                y=round(floor - height, 2),
                height=round(height, 2),
                point_x=round(LEFT + (place + 0.5) * room, 2),
                point_y=round(floor - (floor - TOP) * (second or 0) / top, 2),
                is_labelled=place % every == 0,
            )
        )
    steps = 4 if top % 4 == 0 else 5 if top % 5 == 0 else 2
    marks = tuple((round(floor - (floor - TOP) * part / steps, 2), top * part // steps) for part in range(steps + 1))
    line = " ".join(f"{'M' if not place else 'L'}{each.point_x} {each.point_y}" for place, each in enumerate(columns))
    return Columns(tuple(columns), marks, line, floor)


def draw_bars(rows: Sequence[tuple[str, Count, Count]], most: int = 10) -> tuple[Bar, ...]:
    """The longest bars first."""
    ordered = sorted(rows, key=lambda row: (-(row[1] or 0), row[0]))[:most]
    longest = max([max(row[1] or 0, row[2] or 0) for row in ordered], default=0) or 1
    return tuple(
        Bar(code, first, second, round(100 * (first or 0) / longest, 1), round(100 * (second or 0) / longest, 1))
        for code, first, second in ordered
    )


def nice_top(number: int) -> int:
    """The end of an axis: 1, 2 or 5 with noughts, and divisible into whole marks."""
    if number <= 4:
        return 4
    size = int(10 ** (len(str(number)) - 1))
    for step in (1, 2, 4, 5, 8, 10):
        top = step * size
        if top >= number and (top % 4 == 0 or top % 5 == 0):
            return top
    return 10 * size


def _stretches(first: date, last: date) -> list[tuple[date, date]]:
    days = (last - first).days + 1
    length = 1 if days <= 62 else 7 if days <= 400 else 30
    starts = [first + timedelta(days=place) for place in range(0, days, length)]
    return [(start, min(last, start + timedelta(days=length - 1))) for start in starts]


def _sum(counts: dict[str, tuple[Count, Count]], start: date, end: date) -> tuple[Count, Count]:
    """Sums of a stretch; one with a day that is not told is not told either."""
    firsts: list[Count] = []
    seconds: list[Count] = []
    for place in range((end - start).days + 1):
        first, second = counts.get((start + timedelta(days=place)).isoformat(), (0, 0))
        firsts.append(first)
        seconds.append(second)
    return _total(firsts), _total(seconds)


def _total(numbers: Sequence[Count]) -> Count:
    told = [number for number in numbers if number is not None]
    return sum(told) if len(told) == len(numbers) else None

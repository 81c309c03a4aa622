"""Which counts may be told without telling a small one, whatever else was told: suppression (小数隐去) of cells.

A count of one to four may point at somebody, so it is not told, and neither is anything from which it follows by adding and
subtracting. The method is that of official statistics: primary and complementary suppression, in tables fixed beforehand (L. H. Cox,
"Suppression Methodology and Statistical Disclosure Control", Journal of the American Statistical Association 75, 1980, 377-385;
A. Hundepool and others, "Handbook on Statistical Disclosure Control", ESSnet SDC, chapter 4). Here:

Time is cut into *spans*: runs of whole months, each as short as it can be with every count of it zero or five and more. In each span
there is one table for each single dimension. In a table the categories with a small count are hidden together in one *group*, with
further categories until no count of the group can be told apart. What is told is a sum over whole spans and whole groups, and nothing
else; so whatever is added and subtracted, the result is again such a sum: zero, or five and more. No two dimensions are crossed,
because tables that share more than their total could be held against each other.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

SMALL = 5
"""Fewer than this, and not none, may point at somebody."""

Counts = Sequence[int]
"""Counts of the same things, one for each measure of a family."""


def cut_spans(months: Sequence[Counts]) -> list[range]:
    """Runs of months, by place, whose counts are each zero or not small. Months at the end that do not fill one yet are in none.

    A span never changes when later months come: otherwise the difference between two answers would tell what came.
    """
    spans: list[range] = []
    start = 0
    for end in range(1, len(months) + 1):
        sums = [sum(column) for column in zip(*months[start:end], strict=True)]
        if not any(0 < number < SMALL for number in sums):
            spans.append(range(start, end))
            start = end
    return spans


def find_group(table: Mapping[str, Counts]) -> frozenset[str]:
    """The categories of a table that are hidden together; none when no count in it is small.

    In every measure the group holds no small count, or at least two categories and not few: then each of them can be several numbers.
    The table's own sums are zero or not small, so that the group of all categories always does.
    """
    group = {name for name, counts in table.items() if any(0 < number < SMALL for number in counts)}
    while open_measures := _open_measures(table, group):
        group.add(
            min(
                (name for name, counts in table.items() if name not in group and any(counts[m] for m in open_measures)),
                key=lambda name: (sum(table[name]), name),
            )
        )
    return frozenset(group)


def _open_measures(table: Mapping[str, Counts], group: AbstractSet[str]) -> list[int]:
    """Measures in which a count of the group would follow from what is told."""
    found = []
    for place, column in enumerate(zip(*(table[name] for name in group), strict=True)):
        numbers = [number for number in column if number]
        if any(number < SMALL for number in numbers) and (len(numbers) < 2 or sum(numbers) < SMALL):
            found.append(place)
    return found


def tell_sum(table: Mapping[str, Counts], group: AbstractSet[str], asked: AbstractSet[str]) -> list[int] | None:
    """The sums of the categories asked for; None when they take a part of the hidden group only."""
    if group & asked and not group <= asked:
        return None
    width = len(next(iter(table.values()), ()))
    return [sum(table[name][place] for name in asked if name in table) for place in range(width)]

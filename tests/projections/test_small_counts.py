"""No small count follows from what is told, however many questions are asked and whatever is added and subtracted."""

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from santiao.domain.errors import Rejection
from santiao.projections.protected_counts import last_month_over, read_protected
from santiao.projections.reading import Reading
from santiao.projections.small_counts import SMALL, cut_spans, find_group
from santiao.projections.statistics_queries import CountFilter, Dimension, Period, read_statistics
from tests.projections.counted import Atom, counted

REGIONS = ("340302", "340303", "340321")
TYPES = ("T01", "T05")
CHANNELS = ("court", "hotline-12345")
MONTHS = ("2026-01", "2026-02", "2026-03")
AFTER = Atom("2026-04-01", REGIONS[0], TYPES[0], CHANNELS[0], 9)
"""With it the months before are over."""
YEAR_TO_MARCH = Period(date(2026, 1, 1), date(2026, 3, 31))

atoms = st.dictionaries(
    st.tuples(
        st.sampled_from([f"{month}-{day}" for month in MONTHS for day in ("03", "17")]),
        st.sampled_from(REGIONS),
        st.sampled_from(TYPES),
        st.sampled_from(CHANNELS),
    ),
    st.integers(1, 12),
    min_size=2,
    max_size=14,
).map(lambda found: [Atom(*key, count) for key, count in sorted(found.items())])


def periods() -> Iterator[Period]:
    """Every run of the whole months."""
    starts = [date(2026, month, 1) for month in (1, 2, 3, 4)]
    for first, after in itertools.combinations(starts, 2):
        yield Period(first, after - timedelta(days=1))


def questions() -> Iterator[tuple[Period, tuple[Dimension, ...], CountFilter]]:
    """Everything that may be asked."""
    for period in periods():
        yield period, (), CountFilter()
        for dimension in Dimension:
            yield period, (dimension,), CountFilter()
        for region in (*REGIONS, "340300"):
            yield period, (Dimension.REGION,), CountFilter(region=region)
        for dispute_type in TYPES:
            yield period, (), CountFilter(dispute_type=dispute_type)
        for channel in CHANNELS:
            yield period, (Dimension.CHANNEL,), CountFilter(channel=channel)


def is_in(atom: Atom, period: Period, by: tuple[Dimension, ...], keys: tuple[str, ...], asked: CountFilter) -> bool:
    region = asked.region.removesuffix("00") if asked.region.endswith("00") else asked.region
    return (
        period.first.isoformat() <= atom.day <= period.last.isoformat()
        and atom.region.startswith(region)
        and asked.dispute_type in ("", atom.dispute_type)
        and asked.channel in ("", atom.channel)
        and all(getattr(atom, dimension.value) == key for dimension, key in zip(by, keys, strict=False))
    )


PRIME = (1 << 61) - 1
Row = list[int]
"""Whole numbers modulo a prime: a sum of unknowns, one for each cell that may hold something."""


def unknown_cells(known: list[Atom]) -> list[Atom]:
    """What one who reads every answer cannot rule out: in each span, whatever crosses days, regions, types and channels told of."""
    sums = [[sum(atom.number for atom in known if atom.day.startswith(month))] for month in MONTHS]
    started = next((place for place, counts in enumerate(sums) if any(counts)), 0)
    spans = [range(span.start + started, span.stop + started) for span in cut_spans(sums[started:])]
    found: list[Atom] = []
    for months in [*spans, range(spans[-1].stop if spans else started, len(MONTHS))]:
        here = [atom for atom in known if atom.day[:7] in {MONTHS[month] for month in months}]
        columns = [sorted({str(atom[place]) for atom in here}) for place in range(4)]
        found += [Atom(day, region, kind, channel, 0) for day, region, kind, channel in itertools.product(*columns)]
    return found


def equations(reading: Reading, known: list[Atom], cells: list[Atom]) -> list[Row]:
    """What everything told says of the cells: which of them each told number adds up."""
    found: list[Row] = []
    for period, by, asked in questions():
        answer = read_protected(reading, period, by, asked)
        for cell in (*answer.cells, answer.total):
            told = cell.counts["failed"]
            if told is not None:
                assert told == sum(atom.number for atom in known if is_in(atom, period, by, cell.keys, asked))
                assert not 0 < told < SMALL
                found.append([int(is_in(atom, period, by, cell.keys, asked)) for atom in cells])
    return found


def reduced(rows: list[Row]) -> dict[int, Row]:
    """An echelon form, by the place of each row's first one."""
    basis: dict[int, Row] = {}
    for row in rows:
        rest = against(basis, row)
        lead = next((place for place, value in enumerate(rest) if value), None)
        if lead is not None:
            inverse = pow(rest[lead], -1, PRIME)
            basis[lead] = [value * inverse % PRIME for value in rest]
    return basis


def against(basis: dict[int, Row], row: Row) -> Row:
    """What is left of a sum after taking away what is known; nothing is left of one that follows from it."""
    rest = row
    for lead in range(len(row)):
        if rest[lead] and lead in basis:
            factor = rest[lead]
            rest = [(value - factor * other) % PRIME for value, other in zip(rest, basis[lead], strict=True)]
    return rest


@settings(max_examples=25, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(known=atoms)
def test_no_small_count_is_a_sum_or_difference_of_what_is_told(known: list[Atom]) -> None:
    with TemporaryDirectory() as folder, counted(Path(folder), [*known, AFTER]) as reading:
        cells = unknown_cells(known)
        basis = reduced(equations(reading, known, cells))
        for period in periods():
            for by in ((), *((dimension,) for dimension in Dimension)):
                exact = read_statistics(reading, period, by)
                for cell in (*exact.cells, exact.total):
                    if 0 < (cell.counts["failed"] or 0) < SMALL:
                        row = [int(is_in(atom, period, by, cell.keys, CountFilter())) for atom in cells]
                        assert any(against(basis, row)), (period, by, cell.keys)


def test_a_total_less_the_other_parts_tells_nothing(tmp_path: Path) -> None:
    known = [
        Atom("2026-01-05", "340302", "T01", "court", 2),
        Atom("2026-01-06", "340303", "T01", "court", 30),
        Atom("2026-01-07", "340321", "T05", "court", 40),
    ]
    period = Period(date(2026, 1, 1), date(2026, 1, 31))
    with counted(tmp_path, [*known, AFTER]) as reading:
        by_region = read_protected(reading, period, (Dimension.REGION,))
        assert by_region.total.counts["failed"] == 72
        assert {cell.keys[0]: cell.counts["failed"] for cell in by_region.cells} == {
            "340302": None,
            "340303": None,
            "340321": 40,
        }
        for region, told in (("340302", None), ("340303", None), ("340321", 40), ("340300", 72)):
            answer = read_protected(reading, period, (), CountFilter(region=region))
            assert answer.total.counts["failed"] == told


def test_a_year_less_its_other_months_tells_nothing(tmp_path: Path) -> None:
    known = [
        Atom("2026-01-05", "340302", "T01", "court", 20),
        Atom("2026-02-06", "340302", "T01", "court", 3),
        Atom("2026-03-07", "340302", "T01", "court", 20),
    ]
    told = {}
    with counted(tmp_path, [*known, AFTER]) as reading:
        for period in periods():
            total = read_protected(reading, period).total.counts["failed"]
            told[period.first.month, period.last.month] = total
    assert told == {(1, 1): 20, (1, 2): None, (1, 3): 43, (2, 2): None, (2, 3): 23, (3, 3): None}


def test_of_files_reported_opened_and_linked_no_two_tell_the_third(tmp_path: Path) -> None:
    # Told 20 reported and 18 opened, one knows of the 2 that were linked.
    known = [Atom("2026-01-05", region, "T01", "court", 0) for region in REGIONS]
    numbers = {"340302": (20, 18, 2), "340303": (30, 20, 10), "340321": (40, 20, 20)}
    with counted(tmp_path, [*known, AFTER], numbers) as reading:
        answer = read_protected(reading, Period(date(2026, 1, 1), date(2026, 1, 31)), (Dimension.REGION,))
    told = {cell.keys[0]: [cell.counts[name] for name in ("reported", "opened", "linked")] for cell in answer.cells}
    assert told == {"340302": [None] * 3, "340303": [None] * 3, "340321": [40, 20, 20]}


def test_a_month_is_told_when_it_is_over_and_only_whole(tmp_path: Path) -> None:
    known = [Atom("2026-01-05", "340302", "T01", "court", 20), Atom("2026-02-06", "340302", "T01", "court", 30)]
    with counted(tmp_path, known) as reading:
        assert last_month_over(reading) == date(2026, 1, 31)
        assert read_protected(reading, Period(date(2026, 1, 1), date(2026, 1, 31))).total.counts["failed"] == 20
        for first, last in (
            (date(2026, 2, 1), date(2026, 2, 28)),
            (date(2026, 1, 1), date(2026, 1, 30)),
            (date(2026, 1, 2), date(2026, 1, 31)),
        ):
            with pytest.raises(Rejection, match="whole months"):
                read_protected(reading, Period(first, last))


def test_two_dimensions_are_never_crossed(tmp_path: Path) -> None:
    known = [Atom("2026-01-05", "340302", "T01", "court", 20), AFTER]
    period = Period(date(2026, 1, 1), date(2026, 1, 31))
    with counted(tmp_path, known) as reading:
        for by, asked in (
            ((Dimension.REGION, Dimension.TYPE), CountFilter()),
            ((Dimension.REGION,), CountFilter(dispute_type="T01")),
            ((), CountFilter(dispute_type="T01", channel="court")),
            ((Dimension.DAY,), CountFilter(region="340302")),
        ):
            with pytest.raises(Rejection, match="at a time"):
                read_protected(reading, period, by, asked)


@given(months=st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), max_size=14), more=st.integers(0, 5))
def test_spans_are_not_small_follow_each_other_and_never_change(months: list[list[int]], more: int) -> None:
    spans = cut_spans(months)
    assert [span.start for span in spans] == [0, *(span.stop for span in spans)][: len(spans)]
    for span in spans:
        for column in zip(*(months[month] for month in span), strict=True):
            assert not 0 < sum(column) < SMALL
    assert cut_spans([*months, *([[1, 6]] * more)])[: len(spans)] == spans


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1))
def test_a_hidden_group_hides_every_small_count_among_others(table: dict[str, list[int]]) -> None:
    sums = [sum(column) for column in zip(*table.values(), strict=True)]
    if any(0 < number < SMALL for number in sums):
        return
    group = find_group(table)
    for name, counts in table.items():
        if name not in group:
            assert not any(0 < number < SMALL for number in counts)
    for column in zip(*(table[name] for name in group), strict=True):
        if any(0 < number < SMALL for number in column):
            assert sum(number > 0 for number in column) > 1
            assert sum(column) >= SMALL

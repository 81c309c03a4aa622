"""No label can hold a person: whatever is handed in, what stands in the figures is a short plain word."""

import re

from hypothesis import given
from hypothesis import strategies as st

from santiao.domain.messages import Batch, Delivered, Receipt, ReceiptState
from santiao.telemetry.figures import Figures
from santiao.telemetry.labels import OTHER, label
from santiao.telemetry.standing import Part, PartitionStanding, Standing, Stuck
from tests.telemetry.telling import AT

NAME, NUMBER, NUMBER_X, PHONE, ADDRESS = (
    "樊标记",
    "340398199001010011",
    "34039819900101001X",
    "18899990123",
    "淮河路9号",
)
MARKS = (NAME, NUMBER, NUMBER_X, PHONE, ADDRESS)


def test_own_words_stand_as_they_are() -> None:
    for word in ("police-110", "case_overview", "/v1/cases/{id}", "santiao.records", "internal:ValueError@hub/x.py:12"):
        assert label(word) == word


@given(st.text() | st.sampled_from(MARKS).flatmap(lambda mark: st.text().map(lambda rest: rest[:3] + mark + rest[3:])))
def test_nothing_else_passes(value: str) -> None:
    told = label(value)
    assert told == OTHER or (told == value and not re.search(r"\d{7}|[^\x20-\x7e]", told) and len(told) <= 120)
    assert not [mark for mark in MARKS if mark in told]


def test_marks_in_every_place_a_figure_takes_a_word_are_told_as_other() -> None:
    figures = Figures(role=NAME, version=NUMBER)
    for mark in MARKS:
        item = Delivered(connector=mark, feed=mark, where=mark, received_at=AT, raw=mark.encode())
        receipt = Receipt(state=ReceiptState.ACCEPTED, receipt_id=mark, source_key=mark)
        figures.took(Batch(items=(item,)), [receipt], 0.1, 0.01)
        figures.observe_request(f"/v1/cases/{mark}", mark, 200, 0.1)
        figures.folded([mark], 3403, 0, 1, 0.1)
        figures.delivered(mark, [1], mark, 0.1)
        figures.disclosed(mark, mark, 1)
    stuck = tuple(Stuck(Part.PARTITION, mark, mark) for mark in MARKS)
    partitions = tuple(PartitionStanding(mark, 0, 1, 2) for mark in MARKS)
    figures.watch_standing(lambda: Standing(stuck=stuck, partitions=partitions[:1]))
    told = figures.render().decode()
    assert not [mark for mark in MARKS if mark in told]
    assert told.count(f'"{OTHER}"') > 10

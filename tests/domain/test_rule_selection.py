"""Which row of the law's clocks holds: by the day of the event, the place, the rank of its text, and the names it answers to."""

import datetime as dt

import pytest

from santiao.domain.deadlines import select_rule
from santiao.domain.errors import Rejection
from santiao.domain.rulebook import Rulebook
from santiao.domain.rules import Unit


def test_the_day_of_the_event_chooses_the_version(book: Rulebook) -> None:
    old = select_rule(book, "PO.CASE.30D", dt.date(2025, 12, 31))
    new = select_rule(book, "PO.CASE.30D", dt.date(2026, 1, 1))
    assert (old.clock_start_event, new.clock_start_event) == ("police_case.accepted", "police_case.filed")
    assert old.reference != new.reference
    assert new.extension is not None
    assert new.extension.max_times == 2
    assert select_rule(book, "LG.REVIEW.7D", dt.date(2021, 5, 1)).unit is Unit.WORKING_DAY
    assert select_rule(book, "LG.REVIEW.7D", dt.date(2026, 5, 1)).unit is Unit.CALENDAR_DAY


def test_a_rule_that_ended_is_refused_with_its_dates(book: Rulebook) -> None:
    assert select_rule(book, "CT.PREFILE.WP.30D", dt.date(2024, 12, 31)).length == 30
    with pytest.raises(Rejection, match="2024-12-31") as refused:
        select_rule(book, "CT.PREFILE.WP.30D", dt.date(2025, 1, 1))
    assert refused.value.code == "rule.not_in_force"


def test_an_unknown_rule_names_its_neighbours(book: Rulebook) -> None:
    with pytest.raises(Rejection, match=r"XF\.HANDLE\.60D") as refused:
        select_rule(book, "XF.HANDLE.60", dt.date(2026, 3, 2))
    assert refused.value.code == "rule.unknown"


def test_a_local_rule_is_refused_elsewhere_and_found_without_a_region(book: Rulebook) -> None:
    assert select_rule(book, "PM.MEDIATE.30D.SZ", dt.date(2026, 3, 2), "440305").length == 30
    assert select_rule(book, "PM.MEDIATE.30D.SZ", dt.date(2026, 3, 2)).length == 30
    with pytest.raises(Rejection, match="440300") as refused:
        select_rule(book, "PM.MEDIATE.30D.SZ", dt.date(2026, 3, 2), "340302")
    assert refused.value.code == "rule.not_in_region"


def test_a_local_row_comes_before_the_default_and_only_in_its_place(book: Rulebook) -> None:
    day = dt.date(2026, 3, 2)
    assert select_rule(book, "HL.RETURN.2WD", day, "370102").version == "1"
    assert select_rule(book, "HL.RETURN.2WD", day, "340302").version == "D1"
    assert select_rule(book, "HL.RETURN.2WD", day).version == "D1"


def test_a_superseding_local_row_wins_over_the_statute(book: Rulebook) -> None:
    day = dt.date(2026, 3, 2)
    assert select_rule(book, "LB.MED.15D", day, "330106").extension is not None
    assert select_rule(book, "LB.MED.15D", day, "340302").extension is None


@pytest.mark.parametrize(
    ("alias", "rule_id"),
    [("MD.ADM.ACCEPT", "MD.ADM.5WD"), ("XF.REVIEW.ASK.30D", "XF.REVIEW.30D"), ("LB.ARB.SERVE.5D", "LB.ARB.SERVE")],
)
def test_an_alias_answers_as_its_rule(book: Rulebook, alias: str, rule_id: str) -> None:
    assert select_rule(book, alias, dt.date(2026, 3, 2)).rule_id == rule_id

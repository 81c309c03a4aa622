"""After the second bounce a named person decides, and what she decided is how the next such dispute is routed."""

from pathlib import Path

import pytest

from santiao.bootstrap import Hub
from santiao.domain import commands
from santiao.domain.designations import Designation
from santiao.domain.errors import Rejection
from santiao.domain.events.referrals import CaseTriaged
from santiao.domain.files import CaseFile
from santiao.settings import Settings
from santiao.store.designations import read_designations
from tests.stories.telling import Story
from tests.stories.test_one_quarrel import POLICE, referred

NEXT = "34030220260310000088"
BODY = "lzh-governance"
"""Not where the city's own routes send a quarrel that the police bring."""


def bounced_twice(story: Story) -> CaseFile:
    case, referral = referred(story)
    story.act(commands.DeclineReferral(case=case, referral=referral, reason="OUT_OF_SCOPE"))
    story.act(commands.SendReferral(case=case))
    second = story.case_of("police-110", POLICE).referral
    assert second is not None
    assert second.body != BODY
    story.act(commands.DeclineReferral(case=case, referral=second.id, reason="OUT_OF_SCOPE"))
    return story.case_of("police-110", POLICE)


def designated(story: Story) -> CaseFile:
    case = bounced_twice(story)
    story.act(commands.DesignateBody(case=case.id, body=BODY, mode="GO", reason="属地负责"), who="p-supervisor")
    return story.case_of("police-110", POLICE)


def next_quarrel(story: Story, key: str = NEXT, *, on: str = "2026-03-10", kind: str = "D03") -> CaseFile:
    story.report("police-110", key, on=on, by=(f"甲{key[-2:]}", ""), against=(f"乙{key[-2:]}", ""), kind=kind)
    return story.case_of("police-110", key)


def test_the_next_dispute_of_the_kind_goes_to_the_designated_body(story: Story) -> None:
    case = designated(story)
    following = next_quarrel(story)
    assert following.triage is not None
    assert following.triage[2] == BODY
    assert _triages(story)[-1].rule == f"{case.routing_rule}@1"


def test_the_rule_tells_who_decided_when_and_on_which_case(story: Story) -> None:
    case = designated(story)
    (row,) = _rows(story)
    assert (row.rule, row.case_id, row.officer, row.reason) == (case.routing_rule, case.id, "p-supervisor", "属地负责")
    assert case.no in row.rule
    assert (row.route.dispute_types, row.route.regions, row.route.agencies) == (("D03",), ("340302",), ("police-110",))
    assert row.route.effective_from == row.decided_at.date()
    assert row.route.effective_to is None


@pytest.mark.parametrize("elsewhere", ["kind", "agency"])
def test_a_dispute_of_another_kind_or_from_another_agency_goes_its_own_way(story: Story, elsewhere: str) -> None:
    designated(story)
    if elsewhere == "kind":
        found = next_quarrel(story, kind="D11")
    else:
        story.report("court", "c-1", on="2026-03-10", by=("甲9", ""), against=("乙9", ""))
        found = story.case_of("court", "c-1")
    assert found.triage is not None
    assert found.triage[2] != BODY


def test_the_rule_outlives_the_process_and_a_fold_of_the_log_makes_it_again(story: Story) -> None:
    designated(story)
    home = story.hub.settings.home
    again = Story(home, hub=Hub(Settings(home=home, clock="follow")))
    again.now = story.now
    following = next_quarrel(again)
    assert following.triage is not None
    assert following.triage[2] == BODY
    with again.hub.database.writable() as connection:
        before = read_designations(connection)
        connection.exec_driver_sql("DELETE FROM designations")
    assert [each for each in again.hub.refolder.differences() if each.startswith("rule ")]
    with again.hub.database.writable() as connection:
        connection.exec_driver_sql("UPDATE case_files SET fingerprint = 'older'")
    assert again.hub.refolder.refold_stale() == 1
    with again.hub.database.readable() as connection:
        assert read_designations(connection) == before
    again.hub.close()


def test_a_named_person_ends_the_rule_and_what_it_routed_stays(story: Story) -> None:
    case = designated(story)
    first = next_quarrel(story)
    story.act(commands.EndDesignation(case=case.id, reason="已明确职责"), who="p-supervisor", on="2026-03-20")
    second = next_quarrel(story, "34030220260321000099", on="2026-03-21")
    assert first.triage is not None
    assert second.triage is not None
    assert second.triage[2] != BODY
    assert story.case_of("police-110", NEXT).triage == first.triage
    (row,) = _rows(story)
    assert (str(row.route.effective_to), row.ended_by, row.end_reason) == ("2026-03-19", "p-supervisor", "已明确职责")
    with pytest.raises(Rejection, match=r"case\.state"):
        story.act(commands.EndDesignation(case=case.id, reason="再次"), who="p-supervisor")


def test_a_kind_that_no_rule_may_route_is_designated_without_becoming_a_rule(story: Story) -> None:
    """Policy matters (D25): each is a person's decision."""
    case = bounced_twice(story)
    story.report("police-110", POLICE, on="2026-03-09", kind="D25", version=7)
    story.act(commands.DesignateBody(case=case.id, body=BODY, mode="GO", reason="属地负责"), who="p-supervisor")
    assert story.case_of("police-110", POLICE).routing_rule == ""
    assert _rows(story) == ()


def _rows(story: Story) -> tuple[Designation, ...]:
    with story.hub.database.readable() as connection:
        return read_designations(connection)


def _triages(story: Story) -> list[CaseTriaged]:
    with story.hub.database.readable() as connection:
        events = [event for _, event in story.hub.engine.log.stream(connection, 3403)]
    return [event for event in events if isinstance(event, CaseTriaged)]


def test_the_rule_is_kept_by_postgresql_as_well(tmp_path: Path, postgres_url: str) -> None:
    story = Story(tmp_path, settings=Settings(home=tmp_path / "home", store_url=postgres_url, clock="follow"))
    case = designated(story)
    following = next_quarrel(story)
    assert following.triage is not None
    assert following.triage[2] == BODY
    story.act(commands.EndDesignation(case=case.id, reason="已明确职责"), who="p-supervisor", on="2026-03-20")
    assert [row.ended_by for row in _rows(story)] == ["p-supervisor"]
    assert list(story.hub.refolder.differences()) == []
    story.hub.close()

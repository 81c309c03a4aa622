"""What a supervisor designates becomes a routing rule: seen on the page of rules and on the case, and ended there."""

import httpx
import pytest

from santiao.domain import commands
from santiao.domain.files import CaseFile
from tests.console import scenes
from tests.console.conftest import Stages
from tests.console.forms import open_form
from tests.console.home import ConsoleHome

BODY = "lzh-governance"


@pytest.fixture(scope="module")
def bounced(home: ConsoleHome, stages: Stages) -> CaseFile:
    """The case whose letter came back once, and then once more."""
    case, acting = stages["declined"], scenes.Acting(home, "again")
    acting.give(commands.SendReferral(case=case.id))
    referral = scenes.case_file(home, case.id).referral
    assert referral is not None
    acting.give(commands.DeclineReferral(case=case.id, referral=referral.id, reason="OUT_OF_SCOPE"))
    home.hub.catch_up()
    return scenes.case_file(home, case.id)


@pytest.fixture(scope="module")
def supervisor(home: ConsoleHome, stages: Stages) -> httpx.Client:
    return home.client("supervisor")


def test_a_designation_is_listed_with_its_source_and_ended_on_its_case(
    home: ConsoleHome, bounced: CaseFile, supervisor: httpx.Client
) -> None:
    assert "尚无指定规则" in supervisor.get("/designations").text
    form = {**open_form(supervisor, bounced.no, "designate"), "body": BODY, "mode": "GO", "reason": "属地负责"}
    assert "已完成：指定承办单位" in supervisor.post(f"/cases/{bounced.no}/designate", data=form).text
    rule = scenes.case_file(home, bounced.id).routing_rule
    listed = supervisor.get("/designations").text
    for told in (rule, bounced.no, "属地负责", "有效", home.person("supervisor").person_id):
        assert told in listed
    assert rule in supervisor.get(f"/cases/{bounced.no}").text.split('id="referral"')[1]
    end = {**open_form(supervisor, bounced.no, "end-designation"), "reason": "已明确职责"}
    assert "已完成：终止指定规则" in supervisor.post(f"/cases/{bounced.no}/end-designation", data=end).text
    assert "已终止" in supervisor.get("/designations").text
    assert scenes.case_file(home, bounced.id).routing_rule == ""


def test_a_dispatcher_sees_the_rules_and_cannot_end_them(dispatcher: httpx.Client) -> None:
    html = dispatcher.get("/designations").text
    assert "指定规则" in html
    assert "end-designation" not in html


def test_who_reaches_only_her_own_cases_is_not_shown_the_citys_rules(home: ConsoleHome) -> None:
    mediator = home.client("mediator", "lzh-legal-aid")
    assert mediator.get("/designations").status_code == 403
    assert "/designations" not in mediator.get("/worklist").text

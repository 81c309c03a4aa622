"""A case's page over a real hub: what it shows and keeps back, and what is done there."""

import re

import httpx
import msgspec

from santiao.console.casepage import keys_of
from santiao.domain import commands
from santiao.projections.timeline import whole_timeline_of
from tests.console import scenes
from tests.console.conftest import Stages
from tests.console.forms import form_of, looks_of, looks_since, open_form, rows_of
from tests.console.home import ConsoleHome

# --- a case ----------------------------------------------------------------------------------------------------------


def test_a_case_shows_what_is_known_of_it(dispatcher: httpx.Client, stages: Stages) -> None:
    html = dispatcher.get(f"/cases/{stages['agreed'].no}").text
    for word in ("来源", "当事人", "期限", "移送与调解", "办理过程", "谁查阅过本案", "司法确认", "right at risk"):
        assert word in html
    assert "人民调解法" in html
    for source in stages["agreed"].sources:
        assert source.partition(":")[2] in html


def test_a_case_tells_of_the_clock_it_is_listed_by(home: ConsoleHome, dispatcher: httpx.Client) -> None:
    """Also when that clock has passed and none runs any more: the list and the page must not contradict each other."""
    late = re.findall(
        r'<tr data-case="[0-9a-z]{26}".*?data-due="(\d+)".*?/cases/(SD\d+)"',
        dispatcher.get("/worklist?due=overdue").text,
        re.DOTALL,
    )
    assert late
    for due, no in late:
        line = dispatcher.get(f"/cases/{no}").text.split('class="case-line"')[1].split("</dl>")[0]
        assert f'data-due="{due}"' in line
        assert "超期" in line


def test_sources_are_named_as_their_agencies_do() -> None:
    own = {"source_id": "hotline-12345:BB2511070012#2025-11-07 11:07:03", "key": "BB2511070012"}
    other = {"source_id": "hotline-12345:BB2511080001#2025-11-08 10:00:00", "key": "BB2511080001|2025-11-15 18:00:00"}
    names = keys_of({"sources": [own], "cases": [{"a": own, "b": other}]})
    assert names == {own["source_id"]: own["key"], other["source_id"]: other["key"]}


def test_parties_are_masked_until_they_are_asked_for(
    home: ConsoleHome, dispatcher: httpx.Client, stages: Stages
) -> None:
    no, case_id = stages["agreed"].no, stages["agreed"].id
    before = looks_of(home, case_id)
    masked = dispatcher.get(f"/cases/{no}")
    assert "已遮蔽" in masked.text
    assert not re.search(r"\b1[3-9]\d{9}\b", masked.text)
    (first,) = looks_since(home, case_id, before)
    before = looks_of(home, case_id)
    assert first.purpose == "dispatch"
    assert any(field.endswith("name:masked") for field in first.fields)
    assert not any(field.endswith("phones") for field in first.fields)
    csrf = form_of(masked.text, "/parties")["csrf"]
    full = dispatcher.post(f"/cases/{no}/parties", data={"csrf": csrf})
    assert "显示完整信息，已记录" in full.text
    assert re.search(r"\b1[3-9]\d{9}\b", full.text)
    assert not re.search(r"\b340398\d{11}[\dX]\b", full.text)
    (second,) = looks_since(home, case_id, before)
    assert any(field.endswith("mentions.phones") for field in second.fields)


def test_what_was_erased_says_so(home: ConsoleHome, dispatcher: httpx.Client) -> None:
    case = scenes.ready_cases(home)[-1]
    source = case.sources[0]
    home.hub.eraser.erase([(source, 0)], reason="asked for by the person", actor="person/PTEST")
    home.hub.catch_up()
    html = dispatcher.get(f"/cases/{case.no}").text
    assert "已删除" in html.split('id="parties"')[1].split("</section>")[0]


def test_a_case_nobody_knows_and_one_beyond_reach_look_alike(home: ConsoleHome, stages: Stages) -> None:
    mediator = home.client("mediator", "lzh-legal-aid")
    own = mediator.get(f"/cases/{stages['referred'].no}")
    unknown = mediator.get("/cases/SD202501013403020000011")
    assert own.status_code == unknown.status_code == 404
    heading = re.compile(r"<h1>.*?</h1>", re.DOTALL)
    assert heading.findall(own.text) == heading.findall(unknown.text)


def test_a_mediator_sees_her_bodys_cases_only_and_answers_for_it(home: ConsoleHome, stages: Stages) -> None:
    referral = stages["referred2"].referral
    assert referral is not None
    mediator = home.client("mediator", referral.body)
    shown = rows_of(mediator.get("/worklist").text)
    assert stages["referred2"].id in shown
    bodies = {str(case.id): case.referral.body for case in scenes.case_files(home) if case.referral is not None}
    assert all(bodies.get(case_id) == referral.body for case_id in shown)
    form = open_form(mediator, stages["referred2"].no, "accept")
    answer = mediator.post(f"/cases/{stages['referred2'].no}/accept", data={**form, "mediator": "M-1"})
    assert "已完成：受理" in answer.text
    assert "已受理" in answer.text


def test_an_auditor_sees_what_was_done_and_nobodys_name(home: ConsoleHome, stages: Stages) -> None:
    html = home.client("auditor").get(f"/cases/{stages['agreed'].no}").text
    assert "办理过程" in html
    assert 'id="parties"' not in html
    assert "data-act=" not in html


# --- acting ----------------------------------------------------------------------------------------------------------


def test_what_was_just_done_is_shown(home: ConsoleHome, dispatcher: httpx.Client, stages: Stages) -> None:
    no = stages["referred3"].no
    form = open_form(dispatcher, no, "accept")
    answer = dispatcher.post(f"/cases/{no}/accept", data={**form, "mediator": "M-3"})
    assert answer.status_code == 200
    assert "已完成：受理" in answer.text
    assert "开始调解" in answer.text


def test_sending_a_form_twice_does_it_once(home: ConsoleHome, dispatcher: httpx.Client, stages: Stages) -> None:
    no = stages["mediating"].no
    form = {**open_form(dispatcher, no, "suspend"), "reason": "HEARING"}
    for _ in range(2):
        assert dispatcher.post(f"/cases/{no}/suspend", data=form).status_code == 200
    types = [each["type"] for each in _timeline(home, stages["mediating"].id)]
    assert types.count("MediationSuspended") == 1


def _timeline(home: ConsoleHome, case_id: str) -> list[dict[str, str]]:
    with home.services.views.reading() as reading:
        return [msgspec.structs.asdict(each) for each in whole_timeline_of(reading, [case_id])]


def test_a_form_with_something_missing_says_so_beside_the_field_and_keeps_the_rest(
    dispatcher: httpx.Client, stages: Stages
) -> None:
    no = stages["referred"].no
    form = open_form(dispatcher, no, "decline")
    answer = dispatcher.post(f"/cases/{no}/decline", data={**form, "text": "材料已退"})
    assert answer.status_code == 422
    assert "请填写“理由”" in answer.text
    assert "reason is required" in answer.text
    assert "材料已退</textarea>" in answer.text


def test_a_choice_that_is_none_is_refused(dispatcher: httpx.Client, stages: Stages) -> None:
    no = stages["referred"].no
    form = open_form(dispatcher, no, "decline")
    answer = dispatcher.post(f"/cases/{no}/decline", data={**form, "reason": "BECAUSE"})
    assert answer.status_code == 422
    assert "请从列表中选择" in answer.text


def test_an_answer_dated_in_the_future_is_told_beside_its_field(dispatcher: httpx.Client, stages: Stages) -> None:
    no = stages["referred"].no
    form = open_form(dispatcher, no, "accept")
    answer = dispatcher.post(f"/cases/{no}/accept", data={**form, "answered_at": "2031-01-01T08:00"})
    assert answer.status_code == 422
    assert 'id="error-answered_at"' in answer.text


def test_what_changed_meanwhile_is_shown_and_nothing_is_lost(
    home: ConsoleHome, dispatcher: httpx.Client, stages: Stages
) -> None:
    no, case_id = stages["referred"].no, stages["referred"].id
    form = open_form(dispatcher, no, "decline")
    referral = stages["referred"].referral
    assert referral is not None
    scenes.Acting(home, "meanwhile").give(
        commands.ReturnReferral(case=case_id, referral=referral.id, missing=("FACTS",))
    )
    home.hub.catch_up()
    told = {**form, "reason": "OTHER", "text": "另有安排"}
    answer = dispatcher.post(f"/cases/{no}/decline", data=told)
    assert answer.status_code == 409
    assert "您填写期间案件已有更新" in answer.text
    assert "退回补正" in answer.text.split('class="changes"')[1].split("</ul>")[0]
    assert "另有安排</textarea>" in answer.text
    again = {**form_of(answer.text, "/decline"), "reason": "OTHER", "text": "另有安排"}
    assert again["version"] != form["version"]
    assert "已完成：不予受理" in dispatcher.post(f"/cases/{no}/decline", data=again).text


def test_an_action_that_is_not_granted_is_refused(home: ConsoleHome, dispatcher: httpx.Client, stages: Stages) -> None:
    no = stages["consent"].no
    csrf = form_of(dispatcher.get("/search").text, "/search")["csrf"]
    answer = dispatcher.post(
        f"/cases/{no}/set-aside", data={"csrf": csrf, "key": "a" * 12, "version": "1", "reason": "x"}
    )
    assert answer.status_code == 403


def test_every_offered_action_has_a_form_that_opens(home: ConsoleHome, stages: Stages) -> None:
    opened = set()
    for role in ("dispatcher", "supervisor"):
        client = home.client(role)
        for case in stages.values():
            offered = re.findall(r'data-act="([a-z-]+)"', client.get(f"/cases/{case.no}").text)
            for action in offered:
                form = open_form(client, case.no, action)
                assert {"csrf", "key", "version"} <= set(form)
                opened.add(action)
    assert len(opened) >= 12
